import { Readable } from 'node:stream';

import { Body, Controller, Headers, HttpCode, Post, Res, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, NDJSON, TakesNdjson } from '@tenantry/http';
import { QuotaExhausted } from '../quotas.errors.js';
import { ConsumedDto, ConsumeDto, RefundDto, RefundedListDto } from './consume.dto.js';
import { Consuming } from './consuming.js';
import { type Consumption, ConsumptionBody, type GivenBack, RefundBody } from './demands-body.js';
import { DecisionLines } from './decision-lines.js';
import { setRateLimitHeaders } from './rate-limit-headers.js';

const UNAVAILABLE = { 503: ['quotas.unavailable'] };

@ApiTags('Quotas')
@ApiTenant()
@ApiRefusals(UNAVAILABLE)
@Controller('v1/tenants/:tenant/quotas')
export class ConsumeController {
  constructor(
    private readonly consuming: Consuming,
    private readonly lines: DecisionLines,
  ) {}

  /**
   * Spend from limits: all of it or nothing.
   *
   * As `application/x-ndjson` it takes many demands on one connection, one a line, each with an `id`
   * for its answer and a `key` where it is to count once; each is answered by a line as soon as it is
   * decided, in order. Such a request may last 30 seconds,
   * and a tenant have a hundred of them open on a node; the last line says why it ended: `{ "end": code }`.
   */
  @Post('consume')
  @HttpCode(200)
  @ApiOperation({ operationId: 'quotas_consume' })
  @ApiBody({ type: ConsumeDto })
  @ApiOkResponse({ type: ConsumedDto })
  @TakesNdjson()
  @ApiRefusals({ 429: ['quotas.exhausted', 'quotas.too_many_streams'] })
  @Requires('quotas:consume')
  async consume(
    @CurrentCaller() caller: Caller,
    @Body(new ConsumptionBody()) consumption: Consumption | Readable,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConsumedDto | StreamableFile> {
    if (consumption instanceof Readable) {
      const answers = this.lines.answer(caller, consumption, reply);
      return new StreamableFile(Readable.from(answers), { type: NDJSON });
    }
    const decided = this.consuming.decide(caller, consumption, key ?? null);
    // Most are decided already: to wait for those would cost a turn of the loop for nothing.
    const decision = decided instanceof Promise ? await decided : decided;
    setRateLimitHeaders(reply, decision);
    if (!decision.allowed && !consumption.check && decision.refusedBy) {
      throw new QuotaExhausted(decision.refusedBy, decision.retryAfterSeconds ?? 1);
    }
    return new ConsumedDto(decision);
  }

  /** Give back what was spent and is not needed after all. */
  @Post('refund')
  @HttpCode(200)
  @ApiOperation({ operationId: 'quotas_refund' })
  @ApiBody({ type: RefundDto })
  @Requires('quotas:consume')
  async refund(
    @CurrentCaller() caller: Caller,
    @Body(new RefundBody()) given: GivenBack,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<RefundedListDto> {
    return new RefundedListDto(await this.consuming.refund(caller, given, key ?? null));
  }
}
