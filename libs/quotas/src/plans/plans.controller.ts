import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, type ExpectedRevision, IfMatch, ListQueryDto } from '@tenantry/http';
import type { SetPlanLimitDto } from '../limits/dto/set-quota.dto.js';
import { wantedQuota } from '../limits/wanted-quota.js';
import { PlanDto, PlansPageDto } from './dto/plan.dto.js';
import { ChangePlanDto, CreatePlanDto } from './dto/save-plan.dto.js';
import type { PlanLimit } from './plan.js';
import { PlansService } from './plans.service.js';

const NOT_FOUND = { 404: ['quotas.plan_not_found'] };
const STALE = { 412: ['request.revision_stale'] };

const ApiPlan = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'plan', description: 'Id or slug of the plan.', example: 'team' });

@ApiTags('Plans')
@Controller('v1/plans')
export class PlansController {
  constructor(private readonly plans: PlansService) {}

  /** Create a plan. */
  @Post()
  @ApiOperation({ operationId: 'plans_create' })
  @ApiRefusals({ 409: ['quotas.plan_slug_taken'] })
  @RequiresPlatform('platform:write')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() { slug, displayName, limits }: CreatePlanDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanDto> {
    const given = { slug, displayName, limits: wantedLimits(limits) };
    const plan = await this.plans.create(caller, given);
    reply.header('Location', `/v1/plans/${plan.id}`);
    return new PlanDto(plan);
  }

  /** List plans, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'plans_list' })
  @RequiresPlatform('platform:read')
  async list(@Query() query: ListQueryDto): Promise<PlansPageDto> {
    const { items, nextCursor } = await this.plans.list(query);
    return new PlansPageDto({ items: items.map((plan) => new PlanDto(plan)), nextCursor });
  }

  /** Read a plan. */
  @Get(':plan')
  @ApiOperation({ operationId: 'plans_get' })
  @ApiPlan()
  @ApiRefusals(NOT_FOUND)
  @RequiresPlatform('platform:read')
  async get(@Param('plan') idOrSlug: string): Promise<PlanDto> {
    return new PlanDto(await this.plans.get(idOrSlug));
  }

  /** Say anew what a plan allows, to every tenant on it, at once. */
  @Put(':plan')
  @ApiOperation({ operationId: 'plans_change' })
  @ApiPlan()
  @ApiRefusals({ ...NOT_FOUND, ...STALE })
  @RequiresPlatform('platform:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('plan') idOrSlug: string,
    @Body() { displayName, limits }: ChangePlanDto,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<PlanDto> {
    const content = { displayName, limits: wantedLimits(limits) };
    return new PlanDto(await this.plans.change(caller, idOrSlug, { content, expected }));
  }

  /** Remove a plan that no tenant is on. */
  @Delete(':plan')
  @HttpCode(204)
  @ApiOperation({ operationId: 'plans_remove' })
  @ApiPlan()
  @ApiRefusals({ ...NOT_FOUND, ...STALE, 409: ['quotas.plan_in_use'] })
  @RequiresPlatform('platform:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('plan') idOrSlug: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.plans.remove(caller, idOrSlug, expected);
  }
}

function wantedLimits(limits: readonly SetPlanLimitDto[]): PlanLimit[] {
  return limits.map((limit, place) => {
    const { fixed = false, ...spec } = wantedQuota(limit, `/limits/${place}`);
    return { kind: limit.kind, fixed, ...spec };
  });
}
