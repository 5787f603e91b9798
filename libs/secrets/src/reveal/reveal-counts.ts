import { Injectable } from '@nestjs/common';

/** How many values this process has revealed, and how many it has not. For the metrics. */
@Injectable()
export class RevealCounts {
  #revealed = 0;
  #refused = 0;

  revealed(count: number): void {
    this.#revealed += count;
  }

  refused(count: number): void {
    this.#refused += count;
  }

  get byOutcome(): ReadonlyMap<string, number> {
    return new Map([
      ['revealed', this.#revealed],
      ['refused', this.#refused],
    ]);
  }
}
