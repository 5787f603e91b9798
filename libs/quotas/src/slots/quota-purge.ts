import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';

const BATCH = 1_000;

// Its holder may be about to renew it: that decides, not this.
const SLOTS = `
  delete from quota_slots where (tenant_id, id) in (
    select tenant_id, id from quota_slots where expires_at <= clock_timestamp()
    order by expires_at limit ${BATCH} for update skip locked)
  returning 1`;

// No window lasts so long. A bucket may take longer to fill: while it is in force, it is kept, or it
// would be full at once.
const COUNTERS = `
  delete from quota_counters where (tenant_id, kind, name) in (
    select tenant_id, kind, name from quota_counters counter
    where updated_at < now() - interval '62 days'
      and (name <> 'rate' or not exists (
        select from effective_limits limits
        where limits.tenant_id = counter.tenant_id and limits.kind = counter.kind
          and limits.name = 'rate'))
    order by updated_at limit ${BATCH} for update of counter skip locked)
  returning 1`;

const RECEIPTS = `
  delete from quota_receipts where (tenant_id, actor, key) in (
    select tenant_id, actor, key from quota_receipts
    where created_at < now() - interval '25 hours'
    order by created_at limit ${BATCH} for update skip locked)
  returning 1`;

/** Forgets what counts no more: expired slots, counters of windows long over, and old receipts. */
@Injectable()
export class QuotaPurge {
  constructor(private readonly database: Database) {}

  /** A batch of each; answers whether there may be more. */
  async once(): Promise<boolean> {
    let hasMore = false;
    for (const statement of [SLOTS, COUNTERS, RECEIPTS]) {
      const gone = await this.database.queryAcrossTenants('quotas-purge', statement);
      hasMore ||= gone.length === BATCH;
    }
    return hasMore;
  }
}
