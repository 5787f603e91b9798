import { Injectable } from '@nestjs/common';

import { type AuditRow, ROW } from './event.js';
import type { Trail } from './trails.js';

/** Which records are meant. */
export interface AuditFilter {
  readonly deed?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly outcome?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Where in a trail, and how many at most. */
export interface Place {
  /** Beyond this sequence, in the direction of reading. */
  readonly beyond?: number | undefined;
  readonly limit: number;
}

const MATCHING = `
  tenant_id = $1
    and ($3::text is null or deed = $3)
    and ($4::text is null or actor_id = $4)
    and ($5::text is null or target_id = $5)
    and ($6::text is null or outcome = $6)
    and ($7::timestamptz is null or at >= $7)
    and ($8::timestamptz is null or at < $8)`;

const NEWEST = `
  select ${ROW} from audit_records
  where ${MATCHING} and ($2::bigint is null or sequence < $2)
  order by sequence desc limit $9`;

const OLDEST = `
  select ${ROW} from audit_records
  where ${MATCHING} and ($2::bigint is null or sequence > $2)
  order by sequence limit $9`;

const FIND = `select ${ROW} from audit_records where tenant_id = $1 and id = $2`;

/** Reads trails; they are written by the transactions that they tell of. */
@Injectable()
export class AuditRepository {
  /** Newest first: a page read twice is the same, because the past does not change. */
  async newest(trail: Trail, filter: AuditFilter, place: Place): Promise<AuditRow[]> {
    return trail.query<AuditRow>(NEWEST, valuesOf(filter, place));
  }

  /** Oldest first, in the order of the chain. */
  async oldest(trail: Trail, filter: AuditFilter, place: Place): Promise<AuditRow[]> {
    return trail.query<AuditRow>(OLDEST, valuesOf(filter, place));
  }

  async findById(trail: Trail, id: string): Promise<AuditRow | null> {
    const [row] = await trail.query<AuditRow>(FIND, [id]);
    return row ?? null;
  }
}

function valuesOf(filter: AuditFilter, { beyond, limit }: Place): unknown[] {
  const { deed, actor, target, outcome, from, to } = filter;
  return [beyond, deed, actor, target, outcome, from, to, limit].map((value) => value ?? null);
}
