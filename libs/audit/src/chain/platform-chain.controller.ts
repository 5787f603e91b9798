import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ListQueryDto } from '@tenantry/http';
import { Trails } from '../trails.js';
import { CheckpointDto, CheckpointsPageDto, ProofDto, VerdictDto } from './chain.dto.js';
import { NothingToSign } from './chain.errors.js';
import { ChainReading } from './chain-reading.js';
import { checkpointOf } from './checkpoint.js';
import { Proving } from './proving.js';
import { Verifying } from './verifying.js';

@ApiTags('Audit')
@Controller('v1/platform/audit')
export class PlatformChainController {
  constructor(
    private readonly reading: ChainReading,
    private readonly proving: Proving,
    private readonly verifying: Verifying,
    private readonly trails: Trails,
  ) {}

  /** List what is signed of the platform’s trail, the newest first. */
  @Get('checkpoints')
  @ApiOperation({ operationId: 'audit_platform_checkpoints' })
  @RequiresPlatform('platform:read')
  async checkpoints(@Query() query: ListQueryDto): Promise<CheckpointsPageDto> {
    const { items, nextCursor } = await this.reading.checkpoints(this.trails.ofPlatform(), query);
    return new CheckpointsPageDto({
      items: items.map((item) => new CheckpointDto(item)),
      nextCursor,
    });
  }

  /**
   * Sign the platform’s trail as it stands now, without waiting for the next checkpoint.
   *
   * Take what you get to where nobody of the platform can write: it shows later that what came before
   * is still what it was.
   */
  @Post('checkpoints')
  @HttpCode(200)
  @ApiOperation({ operationId: 'audit_platform_sign' })
  @ApiOkResponse({ type: CheckpointDto })
  @ApiRefusals({ 409: ['audit.unsigned', 'audit.nothing_to_sign'] })
  @RequiresPlatform('platform:read')
  async sign(): Promise<CheckpointDto> {
    const last = await this.proving.signNow(this.trails.ofPlatform());
    if (!last) throw new NothingToSign();
    return new CheckpointDto(checkpointOf(last));
  }

  /**
   * Recompute the platform’s trail from its first record to its last, and say where it breaks.
   *
   * It takes about as long as an export. What the platform says of itself is worth what the platform is
   * trusted: an export and the offline verifier say it without.
   */
  @Get('verify')
  @ApiOperation({ operationId: 'audit_platform_verify' })
  @ApiRefusals({ 409: ['audit.retention_running'], 429: ['audit.verification_running'] })
  @RequiresPlatform('platform:read')
  async verify(): Promise<VerdictDto> {
    return new VerdictDto(await this.verifying.verify(this.trails.ofPlatform()));
  }

  /** Prove one event of the platform’s trail without the others; signs the trail where that is still to come. */
  @Get('events/:event/proof')
  @ApiOperation({ operationId: 'audit_platform_proof' })
  @ApiParam({
    name: 'event',
    description: 'Id of the event.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  })
  @ApiRefusals({ 404: ['audit.event_not_found'], 409: ['audit.unsigned'] })
  @RequiresPlatform('platform:read')
  async proof(@Param('event') id: string): Promise<ProofDto> {
    return new ProofDto(await this.proving.proofOf(this.trails.ofPlatform(), id));
  }
}
