import { applyDecorators, Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ApiTenant } from '@tenantry/http';
import { Trails } from '../trails.js';
import { DecisionsService } from './decisions.service.js';
import { DecisionDto } from './dto/decision.dto.js';

const ApiDecision = (): MethodDecorator =>
  applyDecorators(
    ApiParam({
      name: 'requestId',
      description: 'The `X-Request-Id` of the answer.',
      example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
    }),
    ApiRefusals({ 404: ['decisions.not_found'] }),
  );

@ApiTags('Audit')
@Controller('v1')
export class DecisionsController {
  constructor(
    private readonly decisions: DecisionsService,
    private readonly trails: Trails,
  ) {}

  /**
   * See why a request of somebody in the tenant was let in or refused, step by step.
   *
   * Refusals have a receipt always, what was let by only where that is configured; on another node
   * half a second later, and of a flood only the first of each minute.
   */
  @Get('tenants/:tenant/decisions/:requestId')
  @ApiOperation({ operationId: 'decisions_get' })
  @ApiTenant()
  @ApiDecision()
  @Requires('audit:read')
  async get(
    @CurrentCaller() caller: Caller,
    @Param('requestId') requestId: string,
  ): Promise<DecisionDto> {
    const trail = this.trails.of(caller.scope);
    return new DecisionDto(await this.decisions.find(trail, requestId));
  }

  /** See the same of a request outside every tenant, or of nobody known. */
  @Get('platform/decisions/:requestId')
  @ApiOperation({ operationId: 'decisions_getPlatform' })
  @ApiDecision()
  @RequiresPlatform('platform:read')
  async getPlatform(@Param('requestId') requestId: string): Promise<DecisionDto> {
    const trail = this.trails.ofPlatform();
    return new DecisionDto(await this.decisions.find(trail, requestId));
  }
}
