import { Clock } from '@tenantry/kernel';

/** A clock that stands still until a test moves it. */
export class TestClock extends Clock {
  #now: number;
  #monotonicMs = 0;

  constructor(start = '2026-01-01T00:00:00.000Z') {
    super();
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Time passes. */
  advance(ms: number): void {
    this.#now += ms;
    this.#monotonicMs += ms;
  }

  /** Somebody sets the wall clock, and no time passes. */
  set(date: Date): void {
    this.#now = date.getTime();
  }

  /** The wall clock is set back, and no time passes. */
  jumpBack(ms: number): void {
    this.#now -= ms;
  }
}
