// A process of the quota race on Redis: it spends one at a time, over many lanes, until it is refused.
// Its first argument is a `RaceOrder` in JSON.
import { Logger } from '@nestjs/common';

import { newId, TenantScope } from '@tenantry/kernel';
import type { Decision } from '../libs/quotas/src/engine/quota-engine.js';
import { window } from './given-limits.js';
import type { Limit } from '../libs/quotas/src/limit.js';
import { RedisQuotas } from '../libs/quotas/src/redis/redis-quotas.js';
import { eventually } from './eventually.js';

export interface RaceOrder {
  readonly redisUrl: string;
  readonly lanes: number;
}

/** What the parent asks: to spend of this tenant's cap until it is refused. */
export interface Heat {
  readonly tenantId: string;
  readonly cap: number;
}

/** What it hears: that the process is there, how many more were admitted, that it was refused. */
export type RaceNews = 'ready' | 'refused' | { readonly admitted: number };

const TOLD_EVERY = 25;

// Until it is connected it complains.
Logger.overrideLogger(false);

const { redisUrl, lanes } = JSON.parse(process.argv[2] ?? '{}') as RaceOrder;
let cap = 0;
const limitsNow = (): Map<string, Limit[]> => new Map([['calls', [window('month', cap)]]]);
const quotas = new RedisQuotas(redisUrl, {
  known: limitsNow,
  of: () => Promise.resolve(limitsNow()),
});

const tell = (news: RaceNews): void => {
  process.send?.(news);
};

async function spend(tenantId: string): Promise<Decision> {
  return quotas.consume(TenantScope.admit(tenantId), [{ kind: 'calls', amount: 1 }]);
}

async function lane(tenantId: string): Promise<void> {
  let untold = 0;
  while ((await spend(tenantId)).allowed) {
    untold += 1;
    if (untold < TOLD_EVERY) continue;
    tell({ admitted: untold });
    untold = 0;
  }
  tell({ admitted: untold });
}

process.on('message', (heat: Heat) => {
  cap = heat.cap;
  const all = Array.from({ length: lanes }, () => lane(heat.tenantId));
  void Promise.all(all).then(() => {
    tell('refused');
  });
});
process.on('disconnect', () => {
  process.exit();
});

// A cap of nothing refuses, once there is a connection to ask by; until then the question fails.
await eventually(
  () =>
    spend(newId()).then(
      () => true,
      () => false,
    ),
  (isThere) => isThere,
);
tell('ready');
