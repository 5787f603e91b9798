import { LRUCache } from 'lru-cache';

import type { Clock } from '@tenantry/kernel';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
const RESTING_MAX = 10_000;

interface Rest {
  readonly untilMs: number;
  readonly lengthMs: number;
}

/** Has what could not be done left alone for a while, each time for longer. */
export class Rests {
  readonly #rests = new LRUCache<string, Rest>({ max: RESTING_MAX });

  constructor(private readonly clock: Clock) {}

  has(id: string): boolean {
    const rest = this.#rests.get(id);
    return rest !== undefined && this.clock.monotonicMs() < rest.untilMs;
  }

  begin(id: string): void {
    const before = this.#rests.get(id);
    const lengthMs = before ? Math.min(LONGEST_MS, before.lengthMs * 2) : FIRST_MS;
    this.#rests.set(id, { untilMs: this.clock.monotonicMs() + lengthMs, lengthMs });
  }

  /** The next one is a short one again. */
  end(id: string): void {
    this.#rests.delete(id);
  }
}
