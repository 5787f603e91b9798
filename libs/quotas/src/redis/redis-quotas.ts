import { type OnApplicationShutdown } from '@nestjs/common';

import { IdempotencyMismatch } from '@tenantry/http';
import type { TenantScope } from '@tenantry/kernel';
import {
  type Decision,
  type Demand,
  type OnceKey,
  QuotaEngine,
  type Refund,
  type RemainingQuota,
} from '../engine/quota-engine.js';
import { receiptKeyOf } from '../engine/receipt-key.js';
import type { LimitBook, LimitsByKind } from '../limit-book.js';
import { UNMETERED } from '../engine/decision.js';
import type { ThresholdTelling } from '../thresholds/threshold-telling.js';
import { argumentsOf, type AskedLimit, askedOf, keyOf } from './asked-limit.js';
import { reachedBy } from './crossings.js';
import { decisionOf, type Finding, findingsOf, stateOf } from './decision.js';
import { RedisScripts } from './redis-scripts.js';
import { type Reply, replyOf } from './reply.js';
import { DECIDE, REFUND } from './scripts.js';

const RECEIPT_SECONDS = 86_400;

interface RedisQuotasOptions {
  /** Told of what the demands have crossed. */
  readonly thresholds?: Pick<ThresholdTelling, 'tell' | 'quiet'>;
  /** Stands in for the clock of Redis, in milliseconds: for specs alone. */
  readonly now?: () => number;
}

/** What a demand got, now or when its key was used first. */
interface Found {
  readonly allowed: boolean;
  readonly findings: readonly Finding[];
  readonly isRepeated: boolean;
}

/** What is to be given back. */
interface Return {
  readonly spentAt: Date | null;
  readonly once?: OnceKey;
}

/** What is to be done with a demand. */
interface Deed {
  readonly spends: boolean;
  readonly once?: OnceKey;
}

/**
 * Counts in Redis or Valkey: each demand is one script and one round trip, over all limits of a
 * tenant that it meets, by the clock of Redis.
 *
 * It is as exact as Redis is durable: a counter that Redis loses (no append-only file, an eviction,
 * a failover to a replica that lags) begins anew.
 */
export class RedisQuotas extends QuotaEngine implements OnApplicationShutdown {
  readonly #scripts: RedisScripts;

  constructor(
    redisUrl: string,
    private readonly limits: Pick<LimitBook, 'known' | 'of'>,
    private readonly options: RedisQuotasOptions = {},
  ) {
    super();
    this.#scripts = new RedisScripts(redisUrl);
  }

  override get storeCalls(): number {
    return this.#scripts.calls;
  }

  /** Everything is in Redis. */
  override readonly tenantsHeld = 0;

  override async consume(scope: TenantScope, demands: readonly Demand[]): Promise<Decision> {
    return this.#decide(scope, demands, { spends: true });
  }

  override async check(scope: TenantScope, demands: readonly Demand[]): Promise<Decision> {
    return this.#decide(scope, demands, { spends: false });
  }

  override async consumeOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly Demand[],
  ): Promise<Decision> {
    return this.#decide(scope, demands, { spends: true, once });
  }

  override async refund(
    scope: TenantScope,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<Refund[]> {
    return this.#refund(scope, demands, { spentAt });
  }

  override async refundOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<Refund[]> {
    return this.#refund(scope, demands, { spentAt, once });
  }

  override async remaining(scope: TenantScope): Promise<RemainingQuota[]> {
    const limits = await this.#limitsOf(scope);
    const asked = [...limits.values()].flat().map((limit) => ({ ...limit, amount: 0 }));
    if (asked.length === 0) return [];
    const { findings } = await this.#ask(scope, asked, { spends: false });
    return findings.map((finding) => {
      const { kind, name, remaining, resetSeconds } = stateOf(finding);
      return {
        kind,
        name,
        available: remaining,
        lent: 0,
        resetSeconds: name === 'rate' ? null : resetSeconds,
      };
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#scripts.close();
    await this.options.thresholds?.quiet();
  }

  async #decide(scope: TenantScope, demands: readonly Demand[], deed: Deed): Promise<Decision> {
    const asked = askedOf(await this.#limitsOf(scope), demands);
    if (asked.length === 0) return UNMETERED;
    const { allowed, findings, isRepeated } = await this.#ask(scope, asked, deed);
    if (allowed && deed.spends && !isRepeated) this.#tell(scope, findings);
    return decisionOf(allowed, findings);
  }

  async #refund(
    scope: TenantScope,
    demands: readonly Demand[],
    { spentAt, once }: Return,
  ): Promise<Refund[]> {
    const asked = askedOf(await this.#limitsOf(scope), demands);
    if (asked.length === 0) return [];
    const keys = keysOf(scope, asked, once && receiptOf(scope, 'refunded', once));
    const args = this.#arguments(spentAt?.getTime() ?? '', asked, once);
    const refunds = await this.#scripts.run(REFUND, keys, args, (given) => {
      const reply = replyOf(given, asked);
      return reply && refundsOf(reply);
    });
    if (!refunds) throw new IdempotencyMismatch();
    return refunds;
  }

  #tell(scope: TenantScope, findings: readonly Finding[]): void {
    for (const finding of findings) {
      const reached = reachedBy(finding, this.options.now?.() ?? Date.now());
      if (reached) this.options.thresholds?.tell(scope, reached);
    }
  }

  async #ask(
    scope: TenantScope,
    asked: readonly AskedLimit[],
    { spends, once }: Deed,
  ): Promise<Found> {
    const keys = keysOf(scope, asked, once && receiptOf(scope, 'once', once));
    const args = this.#arguments(spends ? 1 : 0, asked, once);
    const found = await this.#scripts.run(DECIDE, keys, args, (given) => {
      const reply = replyOf(given, asked);
      return reply && { ...findingsOf(reply.limits, reply.numbers), isRepeated: reply.isRepeated };
    });
    if (!found) throw new IdempotencyMismatch();
    return found;
  }

  /** As both scripts take them; the second is their own. */
  #arguments(
    second: string | number,
    asked: readonly AskedLimit[],
    once: OnceKey | undefined,
  ): (string | number)[] {
    return [
      this.options.now?.() ?? '',
      second,
      once?.digest.toString('hex') ?? '',
      once ? JSON.stringify(asked) : '',
      RECEIPT_SECONDS,
      ...asked.flatMap(argumentsOf),
    ];
  }

  async #limitsOf(scope: TenantScope): Promise<LimitsByKind> {
    return this.limits.known(scope) ?? (await this.limits.of(scope));
  }
}

function keysOf(
  { tenantId }: TenantScope,
  asked: readonly AskedLimit[],
  receipt: string | undefined,
): string[] {
  const keys = asked.map((limit) => keyOf(tenantId, limit));
  return receipt === undefined ? keys : [...keys, receipt];
}

/** Where the receipt is: a demand and a refund under the same key have one each. */
function receiptOf({ tenantId }: TenantScope, what: 'once' | 'refunded', once: OnceKey): string {
  return `tenantry:quota:{${tenantId}}:${what}:${receiptKeyOf(once).toString('hex')}`;
}

function refundsOf({ limits, numbers }: Reply): Refund[] {
  if (numbers.length !== limits.length) throw new Error('Redis replied too little.');
  return limits.flatMap(({ kind, name, amount }, index) => {
    const refunded = numbers[index] ?? -1;
    return refunded < 0 ? [] : [{ kind, name, amount, refunded }];
  });
}
