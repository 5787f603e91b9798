import { SystemClock } from '@tenantry/kernel';

/** The system's clock, which a spec sets ahead: what is measured runs on as it does. */
export class SteppedClock extends SystemClock {
  #aheadMs = 0;

  override now(): Date {
    return new Date(super.now().getTime() + this.#aheadMs);
  }

  advanceSeconds(seconds: number): void {
    this.#aheadMs += seconds * 1_000;
  }

  /** Sets it right again: whatever ends with time is good again. */
  reset(): void {
    this.#aheadMs = 0;
  }
}
