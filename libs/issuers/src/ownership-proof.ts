import { Injectable } from '@nestjs/common';

import { Throttled } from '@tenantry/access';
import { Clock } from '@tenantry/kernel';
import { TxtLookupFailed, TxtResolver } from '@tenantry/outbound';
import type { Issuer } from './issuer.js';
import { OwnershipLookupFailed, OwnershipUnproven } from './issuers.errors.js';
import { FetchBudget } from './keys/fetch-budget.js';
import { ownershipRecords } from './ownership.js';

/** Enough for whoever waits for a record to spread, and no way to make us ask name servers for long. */
const LOOKUPS = { burst: 5, refillMs: 10_000 };

/** Looks whether a tenant has published what shows that it owns an issuer. */
@Injectable()
export class OwnershipProof {
  readonly #budget: FetchBudget;

  constructor(
    private readonly txt: TxtResolver,
    clock: Clock,
  ) {
    this.#budget = new FetchBudget(clock, LOOKUPS);
  }

  /** Throws `OwnershipUnproven`, naming what is missing, or `OwnershipLookupFailed`. */
  async assertShown(issuer: Issuer): Promise<void> {
    const { names, value } = ownershipRecords(issuer);
    if (names.length === 0) throw OwnershipUnproven.byRecord();
    if (!this.#budget.take(issuer.id)) throw new Throttled(LOOKUPS.refillMs / 1_000);
    const shown = await Promise.all(names.map((name) => this.#holds(name, value)));
    const missing = names.filter((_, index) => !shown[index]);
    if (missing.length > 0) throw OwnershipUnproven.missing(missing, value);
  }

  async #holds(name: string, value: string): Promise<boolean> {
    try {
      return (await this.txt.resolve(name)).some((record) => record.trim() === value);
    } catch (error) {
      if (error instanceof TxtLookupFailed) throw new OwnershipLookupFailed(name, { cause: error });
      throw error;
    }
  }
}
