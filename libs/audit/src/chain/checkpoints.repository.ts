import { Injectable } from '@nestjs/common';

import { Database, type PlatformTransaction } from '@tenantry/database';
import type { Trail } from '../trails.js';
import { CHECKPOINT, type CheckpointRow } from './checkpoint.js';

const REASON = 'audit-checkpoints';

/** Up to where a trail has come, and up to where it is signed. */
export interface Head {
  readonly sequence: number;
  readonly checkpointed: number;
  readonly checkpoints: number;
}

interface HeadRow {
  readonly sequence: string;
  readonly checkpointed: string;
  readonly checkpoints: string;
}

/** A checkpoint that was just signed. */
export interface SignedCheckpoint {
  readonly trail: string;
  readonly number: number;
  readonly from: number;
  readonly to: number;
  readonly endedAt: Date;
  readonly statement: string;
  readonly hash: Buffer;
  readonly signature: Buffer;
  readonly publicKey: object;
}

const HEAD = `
  select sequence, checkpointed, checkpoints from audit_heads where tenant_id = $1`;

const NEWEST = `
  select ${CHECKPOINT} from audit_checkpoints point
  where tenant_id = $1 and ($2::bigint is null or number < $2)
  order by number desc limit $3`;

const AFTER = `
  select ${CHECKPOINT} from audit_checkpoints point
  where tenant_id = $1 and number > $2 order by number limit $3`;

const COVERING = `
  select ${CHECKPOINT} from audit_checkpoints point
  where tenant_id = $1 and to_sequence >= $2 order by to_sequence limit 1`;

const FIRST_KEPT = `
  select number from audit_checkpoints
  where tenant_id = $1 and tombstone is null order by number limit 1`;

/** Where retention has removed the last record, the last checkpoint has a tombstone for it. */
const HEAD_HOLDS = `
  select head.sequence = 0
    or exists (select from audit_records record
      where record.tenant_id = $1 and record.sequence = head.sequence and record.hash = head.hash)
    or exists (select from audit_checkpoints point
      where point.tenant_id = $1 and point.to_sequence = head.sequence and tombstone is not null) as holds
  from audit_heads head where head.tenant_id = $1`;

/** In one moment, which neither appending nor signing divides. */
const HAS_OUTSIDE = `
  with head as (
    select coalesce(max(sequence), 0) as sequence, coalesce(max(checkpoints), 0) as checkpoints
    from audit_heads where tenant_id = $1)
  select exists (select from audit_records, head
      where tenant_id = $1 and audit_records.sequence > head.sequence)
    or exists (select from audit_records where tenant_id = $1 and sequence <= $2)
    or exists (select from audit_checkpoints, head
      where tenant_id = $1 and number > head.checkpoints) as "hasOutside"`;

/** Whoever takes them holds them until they are due again: a node that dies leaves nothing behind. */
const TAKE_DUE = `
  update audit_heads set pending_since = clock_timestamp() where tenant_id in (
    select tenant_id from audit_heads
    where pending_since <= clock_timestamp() - $1 * interval '1 second'
    order by pending_since limit $2 for update skip locked)
  returning tenant_id as id`;

const INSERT = `
  insert into audit_checkpoints (tenant_id, number, from_sequence, to_sequence, ended_at, statement,
    hash, signature, public_jwk)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)
  on conflict do nothing returning number`;

/** What has come meanwhile waits for the next checkpoint; sinks are to have this one. */
const ADVANCE = `
  update audit_heads head set checkpointed = $2, checkpoints = $3, woken = true,
    pending_since = case
      when sequence - $2 >= 1000 then '-infinity'
      when sequence > $2 then clock_timestamp() end,
    purge_at = (
      select kept.ended_at + head.retention_days * interval '1 day' from audit_checkpoints kept
      where kept.tenant_id = $1 and kept.tombstone is null order by kept.number limit 1)
  where tenant_id = $1`;

/** What is signed of trails. */
@Injectable()
export class CheckpointsRepository {
  constructor(private readonly database: Database) {}

  /** Null for a trail on which nothing stands. */
  async head(trail: Trail): Promise<Head | null> {
    const [row] = await trail.query<HeadRow>(HEAD);
    return row
      ? {
          sequence: Number(row.sequence),
          checkpointed: Number(row.checkpointed),
          checkpoints: Number(row.checkpoints),
        }
      : null;
  }

  /** The newest first. */
  async newest(trail: Trail, before: number | null, limit: number): Promise<CheckpointRow[]> {
    return trail.query<CheckpointRow>(NEWEST, [before, limit]);
  }

  /** Those that follow a number, in their order. */
  async after(trail: Trail, number: number, limit: number): Promise<CheckpointRow[]> {
    return trail.query<CheckpointRow>(AFTER, [number, limit]);
  }

  /** The one in whose segment a record is. */
  async covering(trail: Trail, sequence: number): Promise<CheckpointRow | null> {
    const [row] = await trail.query<CheckpointRow>(COVERING, [sequence]);
    return row ?? null;
  }

  /** The number of the first whose records are kept; null where there is none. */
  async firstKept(trail: Trail): Promise<string | null> {
    const [row] = await trail.query<{ readonly number: string }>(FIRST_KEPT);
    return row?.number ?? null;
  }

  /** Whether something lies beyond the end, or where retention has removed everything. */
  async hasOutside(trail: Trail, removedTo: number): Promise<boolean> {
    const [row] = await trail.query<{ readonly hasOutside: boolean }>(HAS_OUTSIDE, [removedTo]);
    return row?.hasOutside ?? false;
  }

  /** Whether the last record is the one that the head knows. */
  async headHolds(trail: Trail): Promise<boolean> {
    const [row] = await trail.query<{ readonly holds: boolean }>(HEAD_HOLDS);
    return row?.holds ?? true;
  }

  /** The trails of which something has waited for so long. */
  async takeDue(afterSeconds: number, limit: number): Promise<string[]> {
    const rows = await this.database.queryAcrossTenants<{ id: string }>(REASON, TAKE_DUE, [
      afterSeconds,
      limit,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Nothing where another node was first. */
  async save(made: SignedCheckpoint): Promise<void> {
    await this.database.acrossTenants(REASON, async (tx) => {
      if (await this.#insert(tx, made)) {
        await tx.query(ADVANCE, [made.trail, made.to, made.number]);
      }
    });
  }

  async #insert(tx: PlatformTransaction, made: SignedCheckpoint): Promise<boolean> {
    const { trail, number, from, to, endedAt, statement, hash, signature, publicKey } = made;
    const rows = await tx.query(INSERT, [
      ...[trail, number, from, to, endedAt, statement, hash, signature],
      JSON.stringify(publicKey),
    ]);
    return rows.length > 0;
  }
}
