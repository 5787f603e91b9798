import { Injectable } from '@nestjs/common';
import { Counter, type Registry } from 'prom-client';

import { Decisions } from '@tenantry/audit';

/** What is measured of decisions: never whose. */
@Injectable()
export class DecisionMetrics {
  constructor(private readonly decisions: Decisions) {}

  observe(registry: Registry): void {
    const { decisions } = this;
    new Counter({
      name: 'tenantry_decision_receipts_dropped_total',
      help: 'Receipts of decisions that this node has not kept since its start, because there were too many.',
      registers: [registry],
      collect() {
        this.reset();
        this.inc(decisions.dropped);
      },
    });
  }
}
