import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';

const BATCH = 1_000;

// Its holder may be about to renew it: that decides, not this.
const SLOTS = `
  delete from quota_slots where (tenant_id, id) in (
    select tenant_id, id from quota_slots where expires_at <= clock_timestamp()
    order by expires_at limit ${BATCH} for update skip locked)
  returning 1`;

// A walk over all counters, by their key: an index on when they were drawn from last would have to be
// written with every draw. No window lasts so long; a bucket may take longer to fill: while it is in
// force, it is kept, or it would be full at once.
const COUNTERS = `
  with looked_at as materialized (
    select tenant_id, kind, name from quota_counters
    where (tenant_id, kind, name) > ($1::uuid, $2, $3)
    order by tenant_id, kind, name limit ${BATCH}),
  idle as (
    select tenant_id, kind, name
    from looked_at join quota_counters counter using (tenant_id, kind, name)
    where counter.updated_at < now() - interval '62 days'
      and (name <> 'rate' or not exists (
        select from effective_limits limits
        where limits.tenant_id = counter.tenant_id and limits.kind = counter.kind
          and limits.name = 'rate'))
    for update of counter skip locked),
  gone as (
    delete from quota_counters
    where (tenant_id, kind, name) in (select tenant_id, kind, name from idle))
  select tenant_id::text as "tenantId", kind, name from looked_at
  order by looked_at.tenant_id desc, kind desc, name desc limit 1`;

const THRESHOLDS = `
  delete from quota_thresholds where (tenant_id, kind, name) in (
    select tenant_id, kind, name from quota_thresholds
    where window_start < now() - interval '62 days'
    order by window_start limit ${BATCH} for update skip locked)
  returning 1`;

const RECEIPTS = `
  delete from quota_receipts where (tenant_id, deed, key) in (
    select tenant_id, deed, key from quota_receipts
    where created_at < now() - interval '25 hours'
    order by created_at limit ${BATCH} for update skip locked)
  returning 1`;

/** The last counter that was looked at. */
interface Place {
  readonly tenantId: string;
  readonly kind: string;
  readonly name: string;
}

const BEGINNING: Place = { tenantId: '00000000-0000-0000-0000-000000000000', kind: '', name: '' };
const WALK_EVERY_MS = 86_400_000;

/** Forgets what counts no more: expired slots, counters of windows long over, and old receipts. */
@Injectable()
export class QuotaPurge {
  #place = BEGINNING;
  #walkFromMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** A batch of each; answers whether there may be more that expired. */
  async once(): Promise<boolean> {
    let hasMore = false;
    for (const statement of [SLOTS, THRESHOLDS, RECEIPTS]) {
      const gone = await this.database.queryAcrossTenants('quotas-purge', statement);
      hasMore ||= gone.length === BATCH;
    }
    await this.#walk();
    return hasMore;
  }

  /** On by a batch of counters; at the end it begins anew a day later. */
  async #walk(): Promise<void> {
    const now = this.clock.monotonicMs();
    if (now < this.#walkFromMs) return;
    const { tenantId, kind, name } = this.#place;
    const values = [tenantId, kind, name];
    const [last] = await this.database.queryAcrossTenants<Place>('quotas-purge', COUNTERS, values);
    this.#place = last ?? BEGINNING;
    if (!last) this.#walkFromMs = now + WALK_EVERY_MS;
  }
}
