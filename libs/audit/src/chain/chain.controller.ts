import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, ListQueryDto } from '@tenantry/http';
import { Trails } from '../trails.js';
import { CheckpointDto, CheckpointsPageDto, ProofDto, VerdictDto } from './chain.dto.js';
import { NothingToSign } from './chain.errors.js';
import { ChainReading } from './chain-reading.js';
import { checkpointOf } from './checkpoint.js';
import { Proving } from './proving.js';
import { Verifying } from './verifying.js';

@ApiTags('Audit')
@ApiTenant()
@Controller('v1/tenants/:tenant/audit')
export class ChainController {
  constructor(
    private readonly reading: ChainReading,
    private readonly proving: Proving,
    private readonly verifying: Verifying,
    private readonly trails: Trails,
  ) {}

  /** List what is signed of a tenant’s trail, the newest first. */
  @Get('checkpoints')
  @ApiOperation({ operationId: 'audit_checkpoints' })
  @Requires('audit:read')
  async checkpoints(
    @CurrentCaller() { scope }: Caller,
    @Query() query: ListQueryDto,
  ): Promise<CheckpointsPageDto> {
    const { items, nextCursor } = await this.reading.checkpoints(this.trails.of(scope), query);
    return new CheckpointsPageDto({
      items: items.map((item) => new CheckpointDto(item)),
      nextCursor,
    });
  }

  /**
   * Sign a tenant’s trail as it stands now, without waiting for the next checkpoint.
   *
   * Take what you get to where nobody of the platform can write: it shows later that what came before
   * is still what it was.
   */
  @Post('checkpoints')
  @HttpCode(200)
  @ApiOperation({ operationId: 'audit_sign' })
  @ApiOkResponse({ type: CheckpointDto })
  @ApiRefusals({ 409: ['audit.unsigned', 'audit.nothing_to_sign'] })
  @Requires('audit:export')
  async sign(@CurrentCaller() { scope }: Caller): Promise<CheckpointDto> {
    const last = await this.proving.signNow(this.trails.of(scope));
    if (!last) throw new NothingToSign();
    return new CheckpointDto(checkpointOf(last));
  }

  /**
   * Recompute a tenant’s trail from its first record to its last, and say where it breaks.
   *
   * It takes about as long as an export. What the platform says of itself is worth what the platform is
   * trusted: an export and the offline verifier say it without.
   */
  @Get('verify')
  @ApiOperation({ operationId: 'audit_verify' })
  @ApiRefusals({ 409: ['audit.retention_running'], 429: ['audit.verification_running'] })
  @Requires('audit:read')
  async verify(@CurrentCaller() { scope }: Caller): Promise<VerdictDto> {
    return new VerdictDto(await this.verifying.verify(this.trails.of(scope)));
  }

  /** Prove one event of a tenant’s trail without the others; signs the trail where that is still to come. */
  @Get('events/:event/proof')
  @ApiOperation({ operationId: 'audit_proof' })
  @ApiParam({
    name: 'event',
    description: 'Id of the event.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  })
  @ApiRefusals({ 404: ['audit.event_not_found'], 409: ['audit.unsigned'] })
  @Requires('audit:read')
  async proof(@CurrentCaller() { scope }: Caller, @Param('event') id: string): Promise<ProofDto> {
    return new ProofDto(await this.proving.proofOf(this.trails.of(scope), id));
  }
}
