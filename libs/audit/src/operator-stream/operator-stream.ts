import { Injectable } from '@nestjs/common';

import { Database, type PlatformTransaction } from '@tenantry/database';
import { AuditRepository } from '../audit.repository.js';
import { eventOf } from '../event.js';
import { Trails } from '../trails.js';
import type { LineTarget } from './line-target.js';

const REASON = 'audit-operator-stream';
const TRAILS_MAX = 20;
const EVENTS_MAX = 200;

interface Cursor {
  readonly trail: string;
  readonly delivered: bigint;
}

/**
 * Every trail, from its beginning. Those that have been begun are marked by whoever wakes them, here
 * or elsewhere; in one order with that, so that neither waits for the other in a circle.
 */
const BEGIN = `
  insert into audit_stream_cursors (tenant_id)
  select tenant_id from audit_heads order by tenant_id
  on conflict do nothing`;

const TAKE = `
  select tenant_id::text as trail, delivered from audit_stream_cursors
  where is_due limit ${TRAILS_MAX} for update skip locked`;

const MOVE_ON = `
  update audit_stream_cursors stream set delivered = moved.delivered, is_due = moved.is_due
  from unnest($1::uuid[], $2::bigint[], $3::boolean[]) as moved(tenant_id, delivered, is_due)
  where stream.tenant_id = moved.tenant_id`;

/** How far a trail is written once these lines are. */
interface Moved {
  readonly trail: string;
  readonly delivered: number;
  readonly isDue: boolean;
}

/** Writes every trail to the operator's own stream: at least once, and each in its order. */
@Injectable()
export class OperatorStream {
  constructor(
    private readonly database: Database,
    private readonly trails: Trails,
    private readonly records: AuditRepository,
  ) {}

  /** Has every trail begun on which something stood before there was a stream. */
  async begin(): Promise<void> {
    await this.database.queryAcrossTenants(REASON, BEGIN);
  }

  /**
   * Writes some of what is due; answers whether there may be more.
   *
   * A trail is in one node's hands until its lines are there: whoever dies before the cursor has
   * moved leaves them to be written again.
   */
  async writeSome(target: LineTarget): Promise<boolean> {
    return this.database.acrossTenants(REASON, async (tx) => {
      const cursors = await tx.query<Cursor>(TAKE);
      if (cursors.length === 0) return false;
      const moved: Moved[] = [];
      const lines: string[] = [];
      for (const cursor of cursors) moved.push(await this.#read(cursor, lines));
      if (lines.length > 0) await target.write(lines.join(''));
      await moveOn(tx, moved);
      return cursors.length === TRAILS_MAX || moved.some(({ isDue }) => isDue);
    });
  }

  async #read({ trail, delivered }: Cursor, lines: string[]): Promise<Moved> {
    const place = { beyond: Number(delivered), limit: EVENTS_MAX };
    const rows = await this.records.oldest(this.trails.ofAny(trail, REASON), {}, place);
    for (const row of rows) lines.push(`${JSON.stringify(eventOf(row))}\n`);
    const last = Number(rows.at(-1)?.sequence ?? delivered);
    return { trail, delivered: last, isDue: rows.length === EVENTS_MAX };
  }
}

async function moveOn({ query }: PlatformTransaction, moved: readonly Moved[]): Promise<void> {
  await query(MOVE_ON, [
    moved.map(({ trail }) => trail),
    moved.map(({ delivered }) => delivered),
    moved.map(({ isDue }) => isDue),
  ]);
}
