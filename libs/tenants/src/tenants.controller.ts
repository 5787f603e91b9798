import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ApiTenant, type ExpectedRevision, IfMatch } from '@tenantry/http';
import { ChangeTenantDto } from './dto/change-tenant.dto.js';
import { CreateTenantDto } from './dto/create-tenant.dto.js';
import { ListTenantsDto } from './dto/list-tenants.dto.js';
import { SuspendTenantDto } from './dto/suspend-tenant.dto.js';
import { TenantDto, TenantsPageDto } from './dto/tenant.dto.js';
import { TenantsService } from './tenants.service.js';

@ApiTags('Tenants')
@Controller('v1/tenants')
export class TenantsController {
  constructor(private readonly tenants: TenantsService) {}

  /** Create a tenant. */
  @Post()
  @ApiOperation({ operationId: 'tenants_create' })
  @ApiRefusals({ 409: ['tenants.slug_taken', 'tenants.route_taken'] })
  @RequiresPlatform('platform:write')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateTenantDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TenantDto> {
    const tenant = await this.tenants.create(caller, body);
    reply.header('Location', `/v1/tenants/${tenant.id}`);
    return new TenantDto(tenant);
  }

  /** List tenants, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'tenants_list' })
  @RequiresPlatform('platform:read')
  async list(@Query() query: ListTenantsDto): Promise<TenantsPageDto> {
    const { items, nextCursor } = await this.tenants.list(query);
    return new TenantsPageDto({ items: items.map((tenant) => new TenantDto(tenant)), nextCursor });
  }

  /** Read a tenant. */
  @Get(':tenant')
  @ApiOperation({ operationId: 'tenants_get' })
  @ApiTenant()
  @Requires('tenant:read')
  async get(@CurrentCaller() caller: Caller): Promise<TenantDto> {
    return new TenantDto(await this.tenants.get(caller));
  }

  /** Change a tenant; a tenant admin may change the display name of the own one. */
  @Patch(':tenant')
  @ApiOperation({ operationId: 'tenants_change' })
  @ApiTenant()
  @ApiRefusals({ 412: ['request.revision_stale'] })
  @Requires('tenant:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Body() body: ChangeTenantDto,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<TenantDto> {
    return new TenantDto(await this.tenants.change(caller, body, expected));
  }

  /** Close a tenant at once, on every path and every node. */
  @Post(':tenant/suspend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'tenants_suspend' })
  @ApiTenant()
  @ApiRefusals({ 409: ['tenants.transition_impossible'] })
  @RequiresPlatform('platform:write')
  async suspend(
    @CurrentCaller() caller: Caller,
    @Body() { reason }: SuspendTenantDto,
  ): Promise<TenantDto> {
    return new TenantDto(await this.tenants.move(caller, 'suspend', reason));
  }

  /** Open a tenant again that was suspended, or that was leaving. */
  @Post(':tenant/resume')
  @HttpCode(200)
  @ApiOperation({ operationId: 'tenants_resume' })
  @ApiTenant()
  @RequiresPlatform('platform:write')
  async resume(@CurrentCaller() caller: Caller): Promise<TenantDto> {
    return new TenantDto(await this.tenants.move(caller, 'resume', null));
  }

  /** Begin a tenant's leaving; it can still be read, and resumed, for a time. */
  @Delete(':tenant')
  @HttpCode(202)
  @ApiOperation({ operationId: 'tenants_terminate' })
  @ApiTenant()
  @RequiresPlatform('platform:write')
  async terminate(@CurrentCaller() caller: Caller): Promise<TenantDto> {
    return new TenantDto(await this.tenants.move(caller, 'terminate', null));
  }
}
