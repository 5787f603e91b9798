import { Body, Controller, Get, HttpCode, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant } from '@tenantry/http';
import { Erasure } from '../erasure/erasure.js';
import { Trails } from '../trails.js';
import { EraseDto, ErasedDto, RetentionDto, TrailRetentionDto } from './keeping.dto.js';
import { AuditRetention } from './retention.js';

@ApiTags('Audit')
@ApiTenant()
@Controller('v1/tenants/:tenant/audit')
export class KeepingController {
  constructor(
    private readonly retention: AuditRetention,
    private readonly erasure: Erasure,
    private readonly trails: Trails,
  ) {}

  /** See for how long a tenant’s trail is kept. */
  @Get('retention')
  @ApiOperation({ operationId: 'audit_retention_get' })
  @Requires('audit:read')
  async get(@CurrentCaller() caller: Caller): Promise<TrailRetentionDto> {
    const days = await this.retention.get(this.trails.of(caller.scope));
    return new TrailRetentionDto({ trail: caller.scope.tenantId, days });
  }

  /**
   * Say for how long a tenant’s trail is kept.
   *
   * What is older goes, a signed segment at a time; each leaves a signed tombstone, so that what remains
   * can still be verified.
   */
  @Put('retention')
  @ApiOperation({ operationId: 'audit_retention_set' })
  @Requires('audit:write')
  async set(
    @CurrentCaller() caller: Caller,
    @Body() { days }: RetentionDto,
  ): Promise<TrailRetentionDto> {
    await this.retention.set(caller, caller.scope.tenantId, days);
    return new TrailRetentionDto({ trail: caller.scope.tenantId, days });
  }

  /**
   * Erase what a tenant’s trail tells of a person: name, addresses, subject and program, as actor and as target.
   *
   * With `email`, that address goes wherever it stands: on invitations, for one.
   *
   * The records stand, with a commitment in place of each value and without its salt, so that the trail
   * can still be verified. Exports, sinks and backups have what they had; what the person does from now
   * on is told again.
   */
  @Post('erasures')
  @HttpCode(200)
  @ApiOperation({ operationId: 'audit_erase' })
  @ApiRefusals({ 422: ['audit.person_unknown'] })
  @Requires('audit:write')
  async erase(@CurrentCaller() caller: Caller, @Body() person: EraseDto): Promise<ErasedDto> {
    return new ErasedDto(await this.erasure.erase(caller, caller.scope.tenantId, person));
  }
}
