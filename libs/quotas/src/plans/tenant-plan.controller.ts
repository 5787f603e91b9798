import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ApiTenant } from '@tenantry/http';
import { TenantPlanDto } from './dto/plan.dto.js';
import { AssignPlanDto } from './dto/save-plan.dto.js';
import { PlanAssignment } from './plan-assignment.js';

@ApiTags('Plans')
@ApiTenant()
@Controller('v1/tenants/:tenant/plan')
export class TenantPlanController {
  constructor(private readonly assignment: PlanAssignment) {}

  /** See which plan the tenant is on. */
  @Get()
  @ApiOperation({ operationId: 'tenant_plan_get' })
  @Requires('quotas:read')
  async get(@CurrentCaller() caller: Caller): Promise<TenantPlanDto> {
    return new TenantPlanDto(caller.scope.tenantId, await this.assignment.get(caller));
  }

  /** Put the tenant on a plan, or on none, on every node at once. */
  @Put()
  @ApiOperation({ operationId: 'tenant_plan_assign' })
  @ApiRefusals({ 422: ['quotas.plan_unknown'] })
  @RequiresPlatform('platform:write')
  async assign(
    @CurrentCaller() caller: Caller,
    @Body() { plan }: AssignPlanDto,
  ): Promise<TenantPlanDto> {
    return new TenantPlanDto(caller.scope.tenantId, await this.assignment.assign(caller, plan));
  }
}
