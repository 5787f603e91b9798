import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { UsageMeter } from '@tenantry/usage';

/** How many values this process has revealed, and how many it has not: for the metrics, and for the tenant's usage. */
@Injectable()
export class RevealCounts {
  #revealed = 0;
  #refused = 0;

  constructor(private readonly meter: UsageMeter) {}

  revealed({ scope, actor }: Caller, count: number): void {
    this.#revealed += count;
    this.meter.count(scope.tenantId, 'secret_reveals', count, actor.id);
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
