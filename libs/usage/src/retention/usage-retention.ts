import { Injectable } from '@nestjs/common';

import { AppConfig } from '@tenantry/config';
import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { DAY_MS, monthOf } from '../calendar.js';
import { Partitions } from '../partitions.js';

const REASON = 'usage-retention';
const PURGED_AT_ONCE_MAX = 5_000;

const DROP = 'select drop_usage_before($1, $2::date) as dropped';

// Nodes that purge at the same time take different rows.
const PURGE = `
  delete from usage_ids where (tenant_id, reporter, id) in (
    select tenant_id, reporter, id from usage_ids where at < $1::timestamptz
    limit ${PURGED_AT_ONCE_MAX} for update skip locked
  ) returning 1`;

/** Keeps the ledger as long as the settings say: whole months, made ahead and dropped whole. */
@Injectable()
export class UsageRetention {
  readonly #usage: AppConfig['usage'];

  constructor(
    private readonly database: Database,
    private readonly partitions: Partitions,
    private readonly clock: Clock,
    { usage }: AppConfig,
  ) {
    this.#usage = usage;
  }

  /** Makes the partitions of this month and the next, and drops those past retention. */
  async work(signal: AbortSignal): Promise<void> {
    const now = this.clock.now().getTime();
    await this.partitions.ensure([now, monthOf(now, 1)]);
    const raw = monthOf(now, -this.#usage.retentionMonths);
    await this.#drop('events', raw);
    await this.#drop('hourly', raw);
    await this.#drop('daily', monthOf(now, -this.#usage.rollupRetentionMonths));
    // A day later, for the clock of another node may be behind: what it still takes is still known.
    await this.#purgeIds(raw - DAY_MS, signal);
  }

  async #drop(kind: 'events' | 'hourly' | 'daily', month: number): Promise<void> {
    const date = new Date(month).toISOString().slice(0, 10);
    await this.database.queryAcrossTenants(REASON, DROP, [kind, date]);
  }

  async #purgeIds(before: number, signal: AbortSignal): Promise<void> {
    const moment = new Date(before).toISOString();
    let purged: number;
    do {
      const gone = await this.database.queryAcrossTenants(REASON, PURGE, [moment]);
      purged = gone.length;
    } while (purged === PURGED_AT_ONCE_MAX && !signal.aborted);
  }
}
