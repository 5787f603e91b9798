import { LRUCache } from 'lru-cache';

import type { Clock } from '@tenantry/kernel';

const KNOWN_MAX = 20_000;

/** How much at once, and how long until one more. */
export interface BudgetSize {
  readonly burst: number;
  readonly refillMs: number;
}

const KEY_FETCHES: BudgetSize = { burst: 3, refillMs: 20_000 };

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/**
 * How often somebody may make us ask a foreign server: a few times at once, then now and then. By
 * default, for keys: a token names any key it likes; without a budget each would cost its issuer a
 * request.
 */
export class FetchBudget {
  readonly #buckets = new LRUCache<string, Bucket>({ max: KNOWN_MAX });

  constructor(
    private readonly clock: Clock,
    private readonly size: BudgetSize = KEY_FETCHES,
  ) {}

  /** Takes one from the budget of that id; false where it is spent. */
  take(id: string): boolean {
    const { burst, refillMs } = this.size;
    const now = this.clock.monotonicMs();
    const { tokens, filledAtMs } = this.#buckets.get(id) ?? {
      tokens: burst,
      filledAtMs: now,
    };
    const refills = Math.floor((now - filledAtMs) / refillMs);
    const available = Math.min(burst, tokens + refills);
    const isGranted = available > 0;
    this.#buckets.set(id, {
      tokens: isGranted ? available - 1 : 0,
      filledAtMs: available >= burst ? now : filledAtMs + refills * refillMs,
    });
    return isGranted;
  }
}
