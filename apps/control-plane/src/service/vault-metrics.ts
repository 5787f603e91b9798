import { Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';

import { KeyService, RevealCounts, SecretCensus, VaultHealth } from '@tenantry/secrets';

const PROBE_TIMEOUT_MS = 1_000;

/** What is measured of the vault: never what is in it, nor whose it is. */
@Injectable()
export class VaultMetrics {
  constructor(
    private readonly census: SecretCensus,
    private readonly health: VaultHealth,
    private readonly reveals: RevealCounts,
    private readonly keys: KeyService,
  ) {}

  observe(registry: Registry): void {
    this.#observeState(registry);
    this.#observeWork(registry);
  }

  #observeState(registry: Registry): void {
    const { census, health } = this;
    new Gauge({
      name: 'tenantry_secrets_due',
      help: 'Secrets of all tenants that need a new value, or soon will, by state. At most a minute old.',
      labelNames: ['state'],
      registers: [registry],
      async collect() {
        for (const { state, count } of await census.due()) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'tenantry_vault_open',
      help: 'Whether values can be sealed and opened (1), or the key service is out of reach (0).',
      registers: [registry],
      async collect() {
        this.set((await health.state(PROBE_TIMEOUT_MS)) === 'open' ? 1 : 0);
      },
    });
  }

  #observeWork(registry: Registry): void {
    const { reveals, keys } = this;
    new Counter({
      name: 'tenantry_secret_reveals_total',
      help: 'Values that this node was asked to reveal since its start, by outcome.',
      labelNames: ['outcome'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [outcome, count] of reveals.byOutcome) this.inc({ outcome }, count);
      },
    });
    new Counter({
      name: 'tenantry_vault_unwraps_total',
      help: 'How often this node has had a data key unwrapped since its start.',
      registers: [registry],
      collect() {
        this.reset();
        this.inc(keys.unwraps);
      },
    });
  }
}
