import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { Clock, Reading } from '@tenantry/kernel';

/** Counting reads an index from end to end: once a minute is often enough. */
const FRESH_FOR_MS = 60_000;

/** How many issuers are in one state. */
export interface IssuerCount {
  readonly state: string;
  readonly count: number;
}

/** Counts the issuers of all tenants by their state: for the operator's eyes, not for the guard's. */
@Injectable()
export class IssuerCensus {
  readonly #counts: Reading<IssuerCount[]>;

  constructor(
    private readonly database: Database,
    clock: Clock,
  ) {
    this.#counts = new Reading(clock, FRESH_FOR_MS, () => this.#count());
  }

  /** At most a minute old. What is switched off counts as `off`, whatever its health. */
  async byState(): Promise<IssuerCount[]> {
    return this.#counts.get();
  }

  async #count(): Promise<IssuerCount[]> {
    return this.database.queryAcrossTenants<IssuerCount>(
      'issuer-census',
      `select case status when 'enabled' then health_state else 'off' end as state,
         count(*)::int as count
       from issuers group by 1`,
    );
  }
}
