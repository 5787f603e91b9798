import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, type ExpectedRevision, IfMatch } from '@tenantry/http';
import { AddMemberDto } from './dto/add-member.dto.js';
import { ChangeMemberDto } from './dto/change-member.dto.js';
import { ListMembersDto } from './dto/list-members.dto.js';
import { MemberDto, MembersPageDto } from './dto/member.dto.js';
import { MemberStanding } from './member-standing.js';
import { MembersService } from './members.service.js';

const NOT_FOUND = { 404: ['members.not_found'] };
const CLAIMED = { 403: ['access.tenant_claimed'] };
const BEYOND_OWN = { 403: ['members.escalation', 'access.tenant_claimed'] };
const LAST_ADMIN = { ...NOT_FOUND, 409: ['members.last_admin'] };
const MOVED = { ...NOT_FOUND, 409: ['members.last_admin', 'members.invited'] };

const ApiMember = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'member',
    description: 'Id of the member.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

@ApiTags('Members')
@ApiTenant()
@Controller('v1/tenants/:tenant/members')
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly standing: MemberStanding,
  ) {}

  /** Add a member. */
  @Post()
  @ApiOperation({ operationId: 'members_add' })
  @ApiRefusals({
    ...BEYOND_OWN,
    409: ['members.exists'],
    422: ['members.issuer_unknown', 'roles.unknown'],
  })
  @Requires('members:write')
  async add(
    @CurrentCaller() caller: Caller,
    @Body() body: AddMemberDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberDto> {
    const member = await this.members.add(caller, body);
    reply.header('Location', `/v1/tenants/${caller.scope.tenantId}/members/${member.id}`);
    return new MemberDto(member);
  }

  /** List members, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'members_list' })
  @Requires('members:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListMembersDto,
  ): Promise<MembersPageDto> {
    const { items, nextCursor } = await this.members.list(caller, query);
    return new MembersPageDto({ items: items.map((member) => new MemberDto(member)), nextCursor });
  }

  /** Read a member. */
  @Get(':member')
  @ApiOperation({ operationId: 'members_get' })
  @ApiMember()
  @ApiRefusals(NOT_FOUND)
  @Requires('members:read')
  async get(@CurrentCaller() caller: Caller, @Param('member') id: string): Promise<MemberDto> {
    return new MemberDto(await this.members.get(caller, id));
  }

  /** Change a member's name, roles or grants. */
  @Patch(':member')
  @ApiOperation({ operationId: 'members_change' })
  @ApiMember()
  @ApiRefusals({
    ...LAST_ADMIN,
    ...BEYOND_OWN,
    412: ['request.revision_stale'],
    422: ['roles.unknown'],
  })
  @Requires('members:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('member') id: string,
    @Body() changes: ChangeMemberDto,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<MemberDto> {
    return new MemberDto(await this.members.change(caller, id, { changes, expected }));
  }

  /** Shut a member out at once, on every node, until it is reactivated; its sessions and API keys end. */
  @Post(':member/suspend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'members_suspend' })
  @ApiMember()
  @ApiRefusals({ ...MOVED, ...CLAIMED })
  @Requires('members:write')
  async suspend(@CurrentCaller() caller: Caller, @Param('member') id: string): Promise<MemberDto> {
    return new MemberDto(await this.standing.suspend(caller, id));
  }

  /** Let a suspended member in again. */
  @Post(':member/reactivate')
  @HttpCode(200)
  @ApiOperation({ operationId: 'members_reactivate' })
  @ApiMember()
  @ApiRefusals({ ...NOT_FOUND, ...BEYOND_OWN, 409: ['members.invited'] })
  @Requires('members:write')
  async reactivate(
    @CurrentCaller() caller: Caller,
    @Param('member') id: string,
  ): Promise<MemberDto> {
    return new MemberDto(await this.standing.reactivate(caller, id));
  }

  /** Remove a member; the subject stays out even where its issuer admits anyone. */
  @Delete(':member')
  @HttpCode(204)
  @ApiOperation({ operationId: 'members_remove' })
  @ApiMember()
  @ApiRefusals({ ...LAST_ADMIN, ...CLAIMED, 412: ['request.revision_stale'] })
  @Requires('members:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('member') id: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.standing.remove(caller, id, expected);
  }
}
