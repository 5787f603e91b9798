import { Injectable } from '@nestjs/common';

import { scopeOfOwnWork } from '@tenantry/access';
import { Database, type TenantTransaction } from '@tenantry/database';
import { newId } from '@tenantry/kernel';
import { AuditTrail } from '../audit-trail.js';
import { TENANTRY } from '../deed.js';
import type { Message } from './message.js';
import type { Receiver } from './sink.js';

const REASON = 'audit-sinks';
/** Longer than an attempt can take: the sinks of a node that dies are taken over after that. */
const LEASE_SECONDS = 60;

/** A sink that this node delivers to, and no other for as long as the lease lasts. */
export interface Claim extends Receiver {
  readonly delivered: number;
  readonly checkpointsDelivered: number;
  /** Up to where the message goes that was begun; null: none was. */
  readonly tryingTo: number | null;
  readonly attempts: number;
  /** Until when it is held, as PostgreSQL says it: whoever lost it can change nothing any more. */
  readonly lease: string;
}

interface ClaimRow extends Receiver {
  readonly delivered: string;
  readonly checkpointsDelivered: string;
  readonly tryingTo: string | null;
  readonly attempts: number;
  readonly lease: string;
}

const TAKE = `
  with due as (
    select tenant_id, id from audit_sinks
    where due_at <= now() and status = 'enabled'
    order by due_at limit $1 for update skip locked)
  update audit_sinks sink set due_at = now() + make_interval(secs => ${LEASE_SECONDS})
  from due where sink.tenant_id = due.tenant_id and sink.id = due.id
  returning sink.tenant_id as "tenantId", sink.id as "sinkId", sink.url, sink.secrets,
    sink.delivered, sink.checkpoints_delivered as "checkpointsDelivered",
    sink.trying_to as "tryingTo", sink.attempts, sink.due_at::text as lease`;

/** Nobody else has it meanwhile: the lease is the very one. */
const HELD = 'tenant_id = $1::uuid and id = $2::uuid and due_at = $3::timestamptz';

const PIN = `update audit_sinks set trying_to = $4 where ${HELD} returning id`;

const MOVE_ON = `
  delivered = $4, checkpoints_delivered = $5, trying_to = null, attempts = 0,
  due_at = now() + make_interval(secs => ${LEASE_SECONDS})`;

const ADVANCE = `
  update audit_sinks set ${MOVE_ON}, reason = null, last_success_at = now()
  where ${HELD} returning due_at::text as lease`;

const BURY = `
  with buried as (
    update audit_sinks set ${MOVE_ON}, reason = $11::text, last_failure_at = now()
    where ${HELD} returning due_at::text as lease),
  letter as (
    insert into audit_dead_letters
      (tenant_id, id, sink_id, message_id, from_sequence, to_sequence, attempts, reason)
    select $1::uuid, $6::uuid, $2::uuid, $7::text, $8::bigint, $9::bigint, $10::integer, $11::text
    from buried)
  select lease from buried`;

const RETRY = `
  update audit_sinks set attempts = attempts + 1, reason = $4, last_failure_at = now(),
    due_at = now() + make_interval(secs => $5)
  where ${HELD}`;

const RELEASE = `update audit_sinks set due_at = now() where ${HELD}`;

const LOCK = `select id from audit_sinks where ${HELD} for update`;

/** What came while it was held woke nobody. */
const REST = `
  update audit_sinks sink set due_at = case when exists (
    select from audit_heads head where head.tenant_id = $1::uuid
      and (head.sequence > sink.delivered or head.checkpoints > sink.checkpoints_delivered)
  ) then now() end
  where ${HELD}`;

const DISABLE = `
  update audit_sinks set status = 'disabled', due_at = null, reason = $4, last_failure_at = now(),
    revision = revision + 1, updated_at = now()
  where ${HELD} returning id`;

/** Who delivers what is due, among all nodes. What is done with a claim is void once it is lost. */
@Injectable()
export class SinkQueue {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditTrail,
  ) {}

  async take(limit: number): Promise<Claim[]> {
    const rows = await this.database.queryAcrossTenants<ClaimRow>(REASON, TAKE, [limit]);
    return rows.map((row) => ({
      ...row,
      delivered: Number(row.delivered),
      checkpointsDelivered: Number(row.checkpointsDelivered),
      tryingTo: row.tryingTo === null ? null : Number(row.tryingTo),
    }));
  }

  /** Writes down which message is begun, before anybody can hear of it; false: the claim is lost. */
  async pin(claim: Claim, { checkpoint, to }: Message): Promise<boolean> {
    const tryingTo = checkpoint === null ? to : null;
    if (tryingTo === claim.tryingTo) return true;
    return (await this.#update(claim, PIN, [tryingTo])).length > 0;
  }

  /** It was taken: the claim for what follows, or null where it is lost. */
  async advance(claim: Claim, message: Message): Promise<Claim | null> {
    return this.#moveOn(claim, message, ADVANCE);
  }

  /** It is put aside: the claim for what follows, or null where it is lost. */
  async bury(claim: Claim, message: Message, reason: string): Promise<Claim | null> {
    const { id, from, to } = message;
    return this.#moveOn(claim, message, BURY, [newId(), id, from, to, claim.attempts + 1, reason]);
  }

  async retry(claim: Claim, reason: string, afterSeconds: number): Promise<void> {
    await this.#update(claim, RETRY, [reason, afterSeconds]);
  }

  /** For whoever comes next, at once. */
  async release(claim: Claim): Promise<void> {
    await this.#update(claim, RELEASE);
  }

  /**
   * Until something new comes. In two statements: whoever wakes trails passes a sink by that is
   * locked, and comes back; what came before that is seen by the second.
   */
  async rest(claim: Claim): Promise<void> {
    await this.database.within(scopeOf(claim), async ({ query }) => {
      await query(LOCK, placeOf(claim));
      await query(REST, placeOf(claim));
    });
  }

  /** Its receiver wants nothing more: that is on record, too. */
  async disable(claim: Claim, reason: string): Promise<void> {
    await this.database.within(scopeOf(claim), async (tx: TenantTransaction) => {
      const rows = await tx.query(DISABLE, [...placeOf(claim), reason]);
      if (rows.length === 0) return;
      this.audit.record(tx, TENANTRY, {
        deed: 'audit_sink.changed',
        target: { kind: 'audit_sink', id: claim.sinkId },
        changes: { status: { before: 'enabled', after: 'disabled' } },
        reason,
      });
    });
  }

  async #moveOn(
    claim: Claim,
    { to, checkpoint }: Message,
    statement: string,
    values: readonly unknown[] = [],
  ): Promise<Claim | null> {
    const delivered = Math.max(claim.delivered, to);
    const checkpointsDelivered = checkpoint ?? claim.checkpointsDelivered;
    const given = [delivered, checkpointsDelivered, ...values];
    const [row] = await this.#update<{ lease: string }>(claim, statement, given);
    if (!row) return null;
    return { ...claim, ...row, delivered, checkpointsDelivered, tryingTo: null, attempts: 0 };
  }

  async #update<Row>(
    claim: Claim,
    statement: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.database.query<Row>(scopeOf(claim), statement, [...placeOf(claim), ...values]);
  }
}

function scopeOf({ tenantId }: Claim): ReturnType<typeof scopeOfOwnWork> {
  return scopeOfOwnWork(tenantId);
}

function placeOf({ tenantId, sinkId, lease }: Claim): readonly unknown[] {
  return [tenantId, sinkId, lease];
}
