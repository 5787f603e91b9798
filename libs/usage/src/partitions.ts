import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { monthOf } from './calendar.js';

const CHECK_VIOLATION = '23514';
const ENSURE = 'select ensure_usage_month($1::date)';

/**
 * The months that the ledger has partitions for, made as they are needed.
 *
 * Outside the transaction that writes: a statement that waits for a month, while it holds rows that
 * others wait for, would be one half of a deadlock.
 */
@Injectable()
export class Partitions {
  readonly #known = new Set<number>();

  constructor(private readonly database: Database) {}

  /** Makes the months of these moments, where they are missing. */
  async ensure(moments: Iterable<number>): Promise<void> {
    for (const month of new Set([...moments].map((moment) => monthOf(moment)))) {
      if (this.#known.has(month)) continue;
      const date = new Date(month).toISOString().slice(0, 10);
      await this.database.queryAcrossTenants('usage-partitions', ENSURE, [date]);
      this.#known.add(month);
    }
  }

  /** Runs what writes at these moments. A month that was dropped since it was made is made again. */
  async during<Result>(moments: readonly number[], write: () => Promise<Result>): Promise<Result> {
    await this.ensure(moments);
    try {
      return await write();
    } catch (error) {
      if (!isOfNoPartition(error)) throw error;
      this.#known.clear();
      await this.ensure(moments);
      return write();
    }
  }
}

/** PostgreSQL calls it a violated check; those of a table have a name. */
function isOfNoPartition(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return error.code === CHECK_VIOLATION && !('constraint' in error && error.constraint);
}
