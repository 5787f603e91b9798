import { Body, Controller, Get, HttpCode, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals } from '@tenantry/http';
import { PLATFORM_ID } from '@tenantry/kernel';
import { Erasure } from '../erasure/erasure.js';
import { Trails } from '../trails.js';
import { EraseDto, ErasedDto, RetentionDto, TrailRetentionDto } from './keeping.dto.js';
import { AuditRetention } from './retention.js';

@ApiTags('Audit')
@Controller('v1/platform/audit')
export class PlatformKeepingController {
  constructor(
    private readonly retention: AuditRetention,
    private readonly erasure: Erasure,
    private readonly trails: Trails,
  ) {}

  /** See for how long the platform’s trail is kept. */
  @Get('retention')
  @ApiOperation({ operationId: 'audit_platform_retention_get' })
  @RequiresPlatform('platform:read')
  async get(): Promise<TrailRetentionDto> {
    const days = await this.retention.get(this.trails.ofPlatform());
    return new TrailRetentionDto({ trail: PLATFORM_ID, days });
  }

  /**
   * Say for how long the platform’s trail is kept.
   *
   * What is older goes, a signed segment at a time; each leaves a signed tombstone, so that what remains
   * can still be verified.
   */
  @Put('retention')
  @ApiOperation({ operationId: 'audit_platform_retention_set' })
  @RequiresPlatform('platform:write')
  async set(
    @CurrentCaller() caller: Caller,
    @Body() { days }: RetentionDto,
  ): Promise<TrailRetentionDto> {
    await this.retention.set(caller, PLATFORM_ID, days);
    return new TrailRetentionDto({ trail: PLATFORM_ID, days });
  }

  /**
   * Erase what the platform’s trail tells of a person: name, addresses, subject and program, as actor and as target.
   *
   * With `email`, that address goes wherever it stands: on invitations, for one.
   *
   * The records stand, with a commitment in place of each value and without its salt, so that the trail
   * can still be verified. Exports, sinks and backups have what they had; what the person does from now
   * on is told again.
   */
  @Post('erasures')
  @HttpCode(200)
  @ApiOperation({ operationId: 'audit_platform_erase' })
  @ApiRefusals({ 422: ['audit.person_unknown'] })
  @RequiresPlatform('platform:write')
  async erase(@CurrentCaller() caller: Caller, @Body() person: EraseDto): Promise<ErasedDto> {
    return new ErasedDto(await this.erasure.erase(caller, PLATFORM_ID, person));
  }
}
