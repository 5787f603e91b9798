import { Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';

import { DecisionCounts, QuotaEngine } from '@tenantry/quotas';

/** What is measured of quotas: never of which kind, nor whose. */
@Injectable()
export class QuotaMetrics {
  constructor(
    private readonly decisions: DecisionCounts,
    private readonly engine: QuotaEngine,
  ) {}

  observe(registry: Registry): void {
    const { decisions, engine } = this;
    new Counter({
      name: 'tenantry_quota_decisions_total',
      help: 'Demands on quotas that this node has decided since its start, by outcome.',
      labelNames: ['outcome'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [outcome, count] of decisions.byOutcome) this.inc({ outcome }, count);
      },
    });
    new Counter({
      name: 'tenantry_quota_store_calls_total',
      help: 'How often this node has asked the store of quotas since its start: far less than once a demand.',
      registers: [registry],
      collect() {
        this.reset();
        this.inc(engine.storeCalls);
      },
    });
    new Gauge({
      name: 'tenantry_quota_tenants_held',
      help: 'Tenants of whose quotas this node holds a part.',
      registers: [registry],
      collect() {
        this.set(engine.tenantsHeld);
      },
    });
  }
}
