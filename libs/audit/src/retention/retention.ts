import { Injectable, Logger } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock, PLATFORM_ID } from '@tenantry/kernel';
import { sha256, textOfStatement, type TombstoneStatement } from '@tenantry/verify-audit';
import { AuditTrail } from '../audit-trail.js';
import { AuditKeys } from '../chain/audit-keys.js';
import { CHECKPOINT, type CheckpointRow, checkpointOf } from '../chain/checkpoint.js';
import { ChainBroken } from '../chain/chain.errors.js';
import { sealOf } from '../chain/segment.js';
import { TENANTRY } from '../deed.js';
import { type AuditRow, ROW } from '../event.js';
import type { Trail } from '../trails.js';

const REASON = 'audit-retention';

const GET = 'select retention_days as days from audit_heads where tenant_id = $1';

/** The oldest segment goes when its last record is that old. */
const SET = `
  update audit_heads head set retention_days = $2::integer,
    purge_at = (
      select kept.ended_at + $2::integer * interval '1 day' from audit_checkpoints kept
      where kept.tenant_id = $1 and kept.tombstone is null order by kept.number limit 1)
  from (select retention_days from audit_heads where tenant_id = $1 for update) before
  where tenant_id = $1
  returning before.retention_days as days`;

/** Whoever takes them holds them for a while: a node that dies leaves nothing behind. */
const TAKE_DUE = `
  update audit_heads set purge_at = now() + interval '5 minutes' where tenant_id in (
    select tenant_id from audit_heads where purge_at <= now()
    order by purge_at limit $1 for update skip locked)
  returning tenant_id as id`;

/** By the clock of the database, as records have it. Under the lock of the head: its days are not changed meanwhile, and two nodes do not meet. */
const OLDEST = `
  select ${CHECKPOINT},
    -- By what is signed too: the column beside it may be anybody's.
    kept.due and (point.statement::jsonb ->> 'at')::timestamptz
      + kept.days * interval '1 day' <= now() as due
  from audit_checkpoints point
  join (
    select head.tenant_id, first.number, first.ended_at + head.retention_days * interval '1 day' <= now() as due, head.retention_days as days
    from audit_heads head
    cross join lateral (
      select number, ended_at from audit_checkpoints
      where tenant_id = head.tenant_id and tombstone is null order by number limit 1) first
    where head.tenant_id = $1 for update of head) kept using (tenant_id, number)`;

const BURY = `
  update audit_checkpoints set tombstone = $3, tombstone_signature = $4, tombstone_jwk = $5::jsonb
  where tenant_id = $1 and number = $2`;

const REMOVE = `
  delete from audit_records where tenant_id = $1 and sequence between $2 and $3`;

/** What is broken is looked at again the next day. */
const LATER = `update audit_heads set purge_at = now() + interval '1 day' where tenant_id = $1`;

const RECORDS = `
  select ${ROW} from audit_records
  where tenant_id = $1 and sequence between $2 and $3 order by sequence`;

const NEXT = `
  update audit_heads head set purge_at = (
    select kept.ended_at + head.retention_days * interval '1 day' from audit_checkpoints kept
    where kept.tenant_id = $1 and kept.tombstone is null order by kept.number limit 1)
  where tenant_id = $1`;

/** Removes what has been kept for long enough: whole segments, each leaving a signed tombstone. */
@Injectable()
export class AuditRetention {
  readonly #logger = new Logger(AuditRetention.name);

  constructor(
    private readonly database: Database,
    private readonly trail: AuditTrail,
    private readonly keys: AuditKeys,
    private readonly clock: Clock,
  ) {}

  /** In days; null: records are kept for ever. */
  async get(trail: Trail): Promise<number | null> {
    const [row] = await trail.query<{ readonly days: number | null }>(GET);
    return row?.days ?? null;
  }

  /** For the caller's tenant, or for the platform's own trail. */
  async set(caller: Caller, trailId: string, days: number | null): Promise<void> {
    await this.database.acrossTenants(REASON, async (tx) => {
      // A trail that has no head yet gets one: retention may be said before anything is done.
      await tx.query('insert into audit_heads (tenant_id) values ($1) on conflict do nothing', [
        trailId,
      ]);
      const [before] = await tx.query<{ readonly days: number | null }>(SET, [trailId, days]);
      this.trail.recordUpon(tx, caller, caller.tenant?.id ?? null, {
        deed: 'audit.retention_changed',
        target: { kind: 'audit', id: trailId },
        changes: { days: { before: before?.days ?? null, after: days } },
      });
    });
  }

  /** Removes what is due on some trails; answers how many trails that were. */
  async work(stopping: AbortSignal, trails = 10): Promise<number> {
    const due = await this.database.queryAcrossTenants<{ readonly id: string }>(REASON, TAKE_DUE, [
      trails,
    ]);
    // Not within a transaction: it would wait for a connection while it holds one.
    if (due.length > 0) await this.keys.current();
    for (const { id } of due) {
      while (!stopping.aborted && (await this.#removeOldest(id)));
    }
    return due.length;
  }

  /** One segment, with its tombstone, in one transaction; answers whether there was one. */
  async #removeOldest(trailId: string): Promise<boolean> {
    return this.database.acrossTenants(REASON, async (tx) => {
      const [oldest] = await tx.query<CheckpointRow & { readonly due: boolean | null }>(OLDEST, [
        trailId,
      ]);
      const isDue = oldest?.due === true && (await this.#isWhole(tx, oldest));
      if (isDue) await this.#remove(tx, oldest);
      await tx.query(oldest?.due === true && !isDue ? LATER : NEXT, [trailId]);
      return isDue;
    });
  }

  /** Whether the records are what was signed: evidence of tampering is not buried under a tombstone. */
  async #isWhole(tx: PlatformTransaction, row: CheckpointRow): Promise<boolean> {
    const { trail, from, to, headHash, root } = checkpointOf(row);
    const rows = await tx.query<AuditRow>(RECORDS, [trail, from, to]);
    const [first] = rows;
    if (rows.length !== to - from + 1 || !first) return this.#broken(trail, from);
    try {
      const previousHash = Buffer.from(first.previousHash).toString('hex');
      const seal = sealOf({ trail, from, previousHash }, rows);
      return (seal.headHash === headHash && seal.root === root) || this.#broken(trail, from);
    } catch (error) {
      if (error instanceof ChainBroken) return this.#broken(trail, error.sequence);
      throw error;
    }
  }

  #broken(trail: string, sequence: number): false {
    this.#logger.error({ trail, sequence }, 'A broken audit trail is kept beyond its time.');
    return false;
  }

  async #remove(tx: PlatformTransaction, row: CheckpointRow): Promise<void> {
    const { trail, number, from, to, headHash, hash } = checkpointOf(row);
    const key = await this.keys.current();
    const at = this.clock.now().toISOString();
    const statement: TombstoneStatement = {
      ...{ v: 1, kind: 'tombstone', trail, checkpoint: number, from, to, headHash },
      ...{ checkpointHash: hash, reason: 'retention', at, keyId: key.kid },
    };
    const text = textOfStatement(statement);
    const publicKey = JSON.stringify(key.publicKey);
    await tx.query(BURY, [trail, number, text, key.sign(text), publicKey]);
    await tx.query(REMOVE, [trail, from, to]);
    this.trail.recordUpon(tx, TENANTRY, trail === PLATFORM_ID ? null : trail, {
      deed: 'audit.segment_removed',
      target: { kind: 'checkpoint', id: String(number) },
      changes: {
        records: { before: { from, to } },
        tombstone: { after: sha256(text).toString('hex') },
      },
      reason: 'retention',
    });
  }
}
