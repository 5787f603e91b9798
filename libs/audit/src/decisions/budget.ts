import { LRUCache } from 'lru-cache';

import type { Clock } from '@tenantry/kernel';

const NAMES_MAX = 20_000;

interface Window {
  readonly startedAtMs: number;
  taken: number;
}

/** So many of each name, in a time; those that nothing was taken of for long are forgotten. */
export class Budget {
  readonly #windows = new LRUCache<string, Window>({ max: NAMES_MAX });

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly lastsMs: number,
  ) {}

  /** Whether there is one left; it is gone then. */
  take(name: string, max: number): boolean {
    const now = this.clock.monotonicMs();
    const known = this.#windows.get(name);
    if (!known || now - known.startedAtMs >= this.lastsMs) {
      this.#windows.set(name, { startedAtMs: now, taken: 1 });
      return true;
    }
    known.taken += 1;
    return known.taken <= max;
  }
}
