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
import {
  ApiRefusals,
  ApiTenant,
  type ExpectedRevision,
  IfMatch,
  ListQueryDto,
  RequiredIfMatch,
} from '@tenantry/http';
import { ChangeRoleDto } from './dto/change-role.dto.js';
import { CreateRoleDto } from './dto/create-role.dto.js';
import { RoleDto, RolesPageDto } from './dto/role.dto.js';
import { RolesService } from './roles.service.js';

const NOT_FOUND = { 404: ['roles.not_found'] };
const STALE = { 412: ['request.revision_stale'] };

const ApiRole = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'role', description: 'Name of the role.', example: 'deployer' });

@ApiTags('Roles')
@ApiTenant()
@Controller('v1/tenants/:tenant/roles')
export class RolesController {
  constructor(private readonly roles: RolesService) {}

  /** Define a role; nobody puts a permission into it that they lack themselves. */
  @Post()
  @ApiOperation({ operationId: 'roles_create' })
  @ApiRefusals({
    403: ['members.escalation', 'access.tenant_claimed'],
    409: ['roles.exists', 'roles.limit_reached'],
    422: ['roles.permission_unknown'],
  })
  @Requires('roles:write')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateRoleDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleDto> {
    const role = await this.roles.create(caller, body);
    reply.header('Location', `/v1/tenants/${caller.scope.tenantId}/roles/${role.name}`);
    return new RoleDto(role);
  }

  /** List roles: the built-in ones, then the tenant's own. */
  @Get()
  @ApiOperation({ operationId: 'roles_list' })
  @Requires('roles:read')
  async list(@CurrentCaller() caller: Caller, @Query() query: ListQueryDto): Promise<RolesPageDto> {
    const { items, nextCursor } = await this.roles.list(caller, query);
    return new RolesPageDto({ items: items.map((role) => new RoleDto(role)), nextCursor });
  }

  /** Read a role. */
  @Get(':role')
  @ApiOperation({ operationId: 'roles_get' })
  @ApiRole()
  @ApiRefusals(NOT_FOUND)
  @Requires('roles:read')
  async get(@CurrentCaller() caller: Caller, @Param('role') name: string): Promise<RoleDto> {
    return new RoleDto(await this.roles.get(caller, name));
  }

  /** Change what a role holds, for all who have it, at once. */
  @Patch(':role')
  @ApiOperation({ operationId: 'roles_change' })
  @ApiRole()
  @ApiRefusals({
    ...NOT_FOUND,
    ...STALE,
    403: ['members.escalation', 'access.tenant_claimed'],
    409: ['roles.built_in'],
    422: ['roles.permission_unknown'],
    428: ['request.precondition_required'],
  })
  @Requires('roles:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('role') name: string,
    @Body() changes: ChangeRoleDto,
    @RequiredIfMatch() expected: ExpectedRevision,
  ): Promise<RoleDto> {
    return new RoleDto(await this.roles.change(caller, name, { changes, expected }));
  }

  /** Remove a role that nobody has. */
  @Delete(':role')
  @HttpCode(204)
  @ApiOperation({ operationId: 'roles_remove' })
  @ApiRole()
  @ApiRefusals({
    ...NOT_FOUND,
    ...STALE,
    403: ['access.tenant_claimed'],
    409: ['roles.built_in', 'roles.in_use'],
  })
  @Requires('roles:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('role') name: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.roles.remove(caller, name, expected);
  }
}
