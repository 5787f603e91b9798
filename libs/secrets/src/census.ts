import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { Clock, Reading } from '@tenantry/kernel';
import { EXPIRING_DAYS, type SecretState } from './secret.js';

/** Counting reads all that is due: once a minute is often enough. */
const FRESH_FOR_MS = 60_000;

// Each part is a stretch of one of the indexes of what has a date at all; the states are those of
// `stateOf`, of which one secret has but one.
const COUNT = `
  select 'expired' as state, count(*)::int as count from secrets where expires_at <= $1::timestamptz
  union all
  select 'rotation_due', count(*)::int from secrets
  where rotation_due_at <= $1::timestamptz
    and (expires_at is null or expires_at > $1::timestamptz)
  union all
  select 'expiring', count(*)::int from secrets
  where expires_at > $1::timestamptz
    and expires_at <= $1::timestamptz + interval '${EXPIRING_DAYS} days'
    and (rotation_due_at is null or rotation_due_at > $1::timestamptz)`;

/** How many secrets need something of their owners. */
export interface DueCount {
  readonly state: Exclude<SecretState, 'current'>;
  readonly count: number;
}

/** Counts what is due in all tenants: for the operator's eyes. */
@Injectable()
export class SecretCensus {
  readonly #counts: Reading<DueCount[]>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    this.#counts = new Reading(clock, FRESH_FOR_MS, () => this.#count());
  }

  /** At most a minute old; every state is named, if with none. */
  async due(): Promise<DueCount[]> {
    return this.#counts.get();
  }

  async #count(): Promise<DueCount[]> {
    const values = [this.clock.now()];
    return this.database.queryAcrossTenants<DueCount>('secret-census', COUNT, values);
  }
}
