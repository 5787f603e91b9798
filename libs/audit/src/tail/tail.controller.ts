import { Controller, Get, Headers, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ApiTenant } from '@tenantry/http';
import { Trails } from '../trails.js';
import { TailEvents, type WantedTail } from './tail-events.js';
import { placeOf, TailQueryDto } from './tail-query.dto.js';

const EVENT_STREAM = 'text/event-stream';

@ApiTags('Audit')
@ApiHeader({
  name: 'Last-Event-ID',
  required: false,
  description: 'The id of the last event that was received: begins with what follows it.',
  schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
})
@ApiOkResponse({
  description:
    'Server-sent events: `audit` with the sequence as its id and the event as its data; at last `end`, whose data says why: `{ "end": code }`.',
  content: { [EVENT_STREAM]: { schema: { type: 'string' } } },
})
@ApiRefusals({ 429: ['audit.too_many_streams'] })
@Controller('v1')
export class AuditTailController {
  constructor(
    private readonly events: TailEvents,
    private readonly trails: Trails,
  ) {}

  /**
   * Follow a tenant's trail as it is written.
   *
   * It begins with what comes next, or with what follows `Last-Event-ID` or `after`. It lasts fifteen
   * minutes at most and ends when the caller would be refused; a trail has twenty tails on a node.
   */
  @Get('tenants/:tenant/audit/tail')
  @ApiOperation({ operationId: 'audit_tail' })
  @ApiTenant()
  @Requires('audit:read')
  async tail(
    @CurrentCaller() caller: Caller,
    @Query() query: TailQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const trail = this.trails.of(caller.scope);
    const after = placeOf(lastEventId, query.after);
    return this.#stream(caller, { trail, after, filter: query, permission: 'audit:read' }, reply);
  }

  /** Follow the trail of deeds outside every tenant as it is written. */
  @Get('platform/audit/tail')
  @ApiOperation({ operationId: 'audit_tailPlatform' })
  @RequiresPlatform('platform:read')
  async tailPlatform(
    @CurrentCaller() caller: Caller,
    @Query() query: TailQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const trail = this.trails.ofPlatform();
    const after = placeOf(lastEventId, query.after);
    return this.#stream(
      caller,
      { trail, after, filter: query, permission: 'platform:read' },
      reply,
    );
  }

  async #stream(caller: Caller, wanted: WantedTail, reply: FastifyReply): Promise<StreamableFile> {
    const events = await this.events.tail(caller, wanted, reply);
    void reply
      .header('cache-control', 'no-store')
      // No proxy keeps it back until it is whole.
      .header('x-accel-buffering', 'no')
      // A server that stops would wait for what is idle by then only because its tail has ended.
      .header('connection', 'close');
    return new StreamableFile(events, { type: EVENT_STREAM });
  }
}
