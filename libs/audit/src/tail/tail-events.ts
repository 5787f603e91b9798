import { Readable } from 'node:stream';

import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

import {
  type Caller,
  type Permission,
  type PlatformPermission,
  Readmission,
} from '@tenantry/access';
import { type AuditFilter, AuditRepository } from '../audit.repository.js';
import { type AuditRow, eventOf } from '../event.js';
import { TrailHeads } from '../exporting/trail-heads.js';
import type { Trail } from '../trails.js';
import type { Tail } from './tail.js';
import { Tails } from './tails.js';

const PAGE_ROWS = 100;
const RETRY = 'retry: 2000\n\n';
const SIGN_OF_LIFE = ': still here\n\n';

/** What somebody wants to hear of a trail as it is written, and by which permission. */
export interface WantedTail {
  readonly trail: Trail;
  readonly filter: AuditFilter;
  /** What follows this sequence; null: what comes next. */
  readonly after: number | null;
  readonly permission: Permission | PlatformPermission;
}

/** Tells the events of a trail as server-sent events, as they are written. */
@Injectable()
export class TailEvents {
  constructor(
    private readonly records: AuditRepository,
    private readonly readmission: Readmission,
    private readonly heads: TrailHeads,
    private readonly tails: Tails,
  ) {}

  /** Read only as fast as it is taken; the last one says why there are no more. Throws `TooManyStreams`. */
  async tail(
    caller: Caller,
    wanted: WantedTail,
    { raw, request }: FastifyReply,
  ): Promise<Readable> {
    const { trail, permission, after } = wanted;
    this.tails.assertRoom(trail.id);
    const seen = after ?? (await this.heads.of(trail));
    const tail = this.tails.open(trail.id, raw, () =>
      this.readmission.assert(caller, request.headers, { permission, method: request.method }),
    );
    return Readable.from(this.#told(tail, wanted, seen), { objectMode: false });
  }

  async *#told(tail: Tail, wanted: WantedTail, from: number): AsyncGenerator<string, void> {
    yield RETRY;
    let seen = from;
    let news = await tail.news(seen);
    while (news === null || 'head' in news) {
      const page = news ? await this.#page(wanted, seen, news.head) : { seen, text: SIGN_OF_LIFE };
      ({ seen } = page);
      if (page.text !== '') yield tail.spoken(page.text);
      news = await tail.news(seen);
    }
    yield `event: end\ndata: ${JSON.stringify(news)}\n\n`;
  }

  /** What of these events was asked for, and how far they are looked through then. */
  async #page(
    { trail, filter }: WantedTail,
    seen: number,
    head: number,
  ): Promise<{ readonly seen: number; readonly text: string }> {
    const rows = await this.records.oldest(trail, filter, { beyond: seen, limit: PAGE_ROWS });
    return { seen: seenBy(rows, head), text: rows.map(told).join('') };
  }
}

/** A full page is followed by more; after any other, nothing up to the head is left that was asked for. */
function seenBy(rows: readonly AuditRow[], head: number): number {
  const last = Number(rows.at(-1)?.sequence ?? 0);
  return rows.length === PAGE_ROWS ? last : Math.max(last, head);
}

function told(row: AuditRow): string {
  const event = eventOf(row);
  return `id: ${event.sequence}\nevent: audit\ndata: ${JSON.stringify(event)}\n\n`;
}
