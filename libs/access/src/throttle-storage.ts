import { Injectable } from '@nestjs/common';
import { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';

import { Clock } from '@tenantry/kernel';

const WINDOWS_MAX = 100_000;

interface Window {
  hits: number;
  endsAtMs: number;
}

/** How a storage counts one hit; the names are those of `@nestjs/throttler`. */
export interface ThrottleRecord {
  readonly totalHits: number;
  readonly timeToExpire: number;
  readonly isBlocked: boolean;
  readonly timeToBlockExpire: number;
}

/** Counts hits in fixed windows. `forgive` takes one back: the attempt turned out honest. */
export abstract class ThrottleStorage implements ThrottlerStorage {
  abstract increment(key: string, ttlMs: number, limit: number): Promise<ThrottleRecord>;
  abstract forgive(key: string): Promise<void>;
}

export function recordOf(hits: number, limit: number, msLeft: number): ThrottleRecord {
  const secondsLeft = Math.max(1, Math.ceil(msLeft / 1_000));
  return {
    totalHits: hits,
    timeToExpire: secondsLeft,
    isBlocked: hits > limit,
    timeToBlockExpire: secondsLeft,
  };
}

/**
 * Counts on this node alone. The package's own storage keeps a timer for every hit; this one
 * keeps a number for every window, and a bounded number of windows.
 */
@Injectable()
export class MemoryThrottleStorage extends ThrottleStorage {
  readonly #windows = new LRUCache<string, Window>({ max: WINDOWS_MAX });

  constructor(private readonly clock: Clock) {
    super();
  }

  increment(key: string, ttlMs: number, limit: number): Promise<ThrottleRecord> {
    const now = this.clock.monotonicMs();
    const open = this.#windows.get(key);
    const window = open && now < open.endsAtMs ? open : { hits: 0, endsAtMs: now + ttlMs };
    window.hits += 1;
    if (window !== open) this.#windows.set(key, window);
    return Promise.resolve(recordOf(window.hits, limit, window.endsAtMs - now));
  }

  forgive(key: string): Promise<void> {
    const window = this.#windows.get(key);
    if (window && window.hits > 0) window.hits -= 1;
    return Promise.resolve();
  }
}
