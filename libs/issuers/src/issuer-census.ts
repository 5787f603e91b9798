import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';

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
  #counts: Promise<IssuerCount[]> | undefined;
  #countedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** At most a minute old. What is switched off counts as `off`, whatever its health. */
  async byState(): Promise<IssuerCount[]> {
    const now = this.clock.monotonicMs();
    if (!this.#counts || now - this.#countedAtMs > FRESH_FOR_MS) {
      this.#countedAtMs = now;
      this.#counts = this.#count().catch((error: unknown) => {
        this.#counts = undefined;
        throw error;
      });
    }
    return this.#counts;
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
