import { LRUCache } from 'lru-cache';

import type { Clock } from '@tenantry/kernel';

const BURST = 3;
const REFILL_MS = 20_000;
const ISSUERS_MAX = 20_000;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/**
 * How often strangers may make us fetch an issuer's keys: a few times at once, then now and then.
 * A token names any key it likes; without a budget each would cost its issuer a request.
 */
export class RefetchBudget {
  readonly #buckets = new LRUCache<string, Bucket>({ max: ISSUERS_MAX });

  constructor(private readonly clock: Clock) {}

  /** Takes one fetch from the issuer's budget; false where it is spent. */
  take(issuerId: string): boolean {
    const now = this.clock.monotonicMs();
    const { tokens, filledAtMs } = this.#buckets.get(issuerId) ?? {
      tokens: BURST,
      filledAtMs: now,
    };
    const refills = Math.floor((now - filledAtMs) / REFILL_MS);
    const available = Math.min(BURST, tokens + refills);
    const isGranted = available > 0;
    this.#buckets.set(issuerId, {
      tokens: isGranted ? available - 1 : 0,
      filledAtMs: available >= BURST ? now : filledAtMs + refills * REFILL_MS,
    });
    return isGranted;
  }
}
