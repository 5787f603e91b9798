import { SystemClock } from '@tenantry/kernel';

/** The system's clock, which a spec sets ahead: what is measured runs on by itself, unless told. */
export class SteppedClock extends SystemClock {
  #aheadMs = 0;
  #monotonicAheadMs = 0;

  override now(): Date {
    return new Date(super.now().getTime() + this.#aheadMs);
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.#monotonicAheadMs;
  }

  /** For what is measured: it cannot be set back. */
  advanceMonotonic(seconds: number): void {
    this.#monotonicAheadMs += seconds * 1_000;
  }

  advanceSeconds(seconds: number): void {
    this.#aheadMs += seconds * 1_000;
  }

  /** Sets it right again: whatever ends with time is good again. */
  reset(): void {
    this.#aheadMs = 0;
  }
}
