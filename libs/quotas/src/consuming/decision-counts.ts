import { Injectable } from '@nestjs/common';

import type { Decision } from '../engine/quota-engine.js';

/** What this process has decided since its start, for the metrics; never on what, nor for whom. */
@Injectable()
export class DecisionCounts {
  #allowed = 0;
  #refused = 0;
  #shadowed = 0;

  note({ allowed, shadowed }: Decision): void {
    if (!allowed) this.#refused += 1;
    else if (shadowed.length > 0) this.#shadowed += 1;
    else this.#allowed += 1;
  }

  get byOutcome(): ReadonlyMap<string, number> {
    return new Map([
      ['allowed', this.#allowed],
      ['refused', this.#refused],
      ['shadowed', this.#shadowed],
    ]);
  }
}
