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
import { ApiRefusals, type ExpectedRevision, IfMatch, ListQueryDto } from '@tenantry/http';
import { AddMemberDto } from './dto/add-member.dto.js';
import { ChangeMemberDto } from './dto/change-member.dto.js';
import { MemberDto, MembersPageDto } from './dto/member.dto.js';
import { MembersService } from './members.service.js';

const NOT_FOUND = { 404: ['members.not_found'] };
const LAST_ADMIN = { ...NOT_FOUND, 409: ['members.last_admin'] };

const ApiMember = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'member',
    description: 'Id of the member.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

@ApiTags('Members')
@ApiParam({ name: 'tenant', description: 'Id or slug of the tenant.', example: 'acme' })
@Controller('v1/tenants/:tenant/members')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  /** Add a member. */
  @Post()
  @ApiOperation({ operationId: 'members_add' })
  @ApiRefusals({
    403: ['members.escalation'],
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
    @Query() query: ListQueryDto,
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

  /** Change a member's name or roles. */
  @Patch(':member')
  @ApiOperation({ operationId: 'members_change' })
  @ApiMember()
  @ApiRefusals({
    ...LAST_ADMIN,
    403: ['members.escalation'],
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

  /** Shut a member out at once, on every node, until it is reactivated. */
  @Post(':member/suspend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'members_suspend' })
  @ApiMember()
  @ApiRefusals(LAST_ADMIN)
  @Requires('members:write')
  async suspend(@CurrentCaller() caller: Caller, @Param('member') id: string): Promise<MemberDto> {
    return new MemberDto(await this.members.suspend(caller, id));
  }

  /** Let a suspended member in again. */
  @Post(':member/reactivate')
  @HttpCode(200)
  @ApiOperation({ operationId: 'members_reactivate' })
  @ApiMember()
  @ApiRefusals(NOT_FOUND)
  @Requires('members:write')
  async reactivate(
    @CurrentCaller() caller: Caller,
    @Param('member') id: string,
  ): Promise<MemberDto> {
    return new MemberDto(await this.members.reactivate(caller, id));
  }

  /** Remove a member; the subject stays out even where its issuer admits anyone. */
  @Delete(':member')
  @HttpCode(204)
  @ApiOperation({ operationId: 'members_remove' })
  @ApiMember()
  @ApiRefusals(LAST_ADMIN)
  @Requires('members:write')
  async remove(@CurrentCaller() caller: Caller, @Param('member') id: string): Promise<void> {
    await this.members.remove(caller, id);
  }
}
