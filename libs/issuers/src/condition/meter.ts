import { LIMITS } from './limits.js';

/** The evaluation was ended for its cost; unlike a failed operand, no `||` absorbs it. */
export class CostExceeded extends Error {
  constructor() {
    super('the condition costs too much for these claims');
  }
}

/** Counts what one evaluation spends, and ends it when the budget is gone. */
export class Meter {
  #left: number = LIMITS.units;

  charge(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new CostExceeded();
  }

  /** Copying or scanning text is far cheaper than a step of the evaluation. */
  chargeText(length: number): void {
    this.charge(1 + (length >> 3));
  }
}
