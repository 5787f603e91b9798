import { createHash } from 'node:crypto';

import { type OnModuleDestroy } from '@nestjs/common';

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
import type { LimitBook, LimitsByKind } from '../limit-book.js';
import { UNMETERED } from '../engine/decision.js';
import type { ThresholdTelling } from '../thresholds/threshold-telling.js';
import { argumentsOf, type AskedLimit, askedOf, keyOf } from './asked-limit.js';
import { reachedBy } from './crossings.js';
import { decisionOf, type Finding, findingsOf, numbersOf, stateOf } from './decision.js';
import { RedisScripts } from './redis-scripts.js';
import { DECIDE, REFUND } from './scripts.js';

const RECEIPT_SECONDS = 86_400;

interface RedisQuotasOptions {
  /** Told of what the demands have crossed. */
  readonly thresholds?: Pick<ThresholdTelling, 'tell' | 'quiet'>;
  /** Stands in for the clock of Redis, in milliseconds: for specs alone. */
  readonly now?: () => number;
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
export class RedisQuotas extends QuotaEngine implements OnModuleDestroy {
  readonly #scripts: RedisScripts;

  constructor(
    redisUrl: string,
    private readonly limits: Pick<LimitBook, 'known' | 'of'>,
    private readonly options: RedisQuotasOptions = {},
  ) {
    super();
    this.#scripts = new RedisScripts(redisUrl);
  }

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
    const asked = askedOf(await this.#limitsOf(scope), demands);
    if (asked.length === 0) return [];
    const keys = asked.map((limit) => keyOf(scope.tenantId, limit));
    const args = [this.#now, spentAt?.getTime() ?? '', ...asked.flatMap(argumentsOf)];
    return this.#scripts.run(REFUND, keys, args, (reply) => {
      const numbers = numbersOf(String(reply));
      if (numbers.length !== asked.length) throw new Error('Redis replied too little.');
      return asked.flatMap(({ kind, name, amount }, index) => {
        const refunded = numbers[index] ?? -1;
        return refunded < 0 ? [] : [{ kind, name, amount, refunded }];
      });
    });
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

  async onModuleDestroy(): Promise<void> {
    this.#scripts.close();
    await this.options.thresholds?.quiet();
  }

  async #decide(scope: TenantScope, demands: readonly Demand[], deed: Deed): Promise<Decision> {
    const asked = askedOf(await this.#limitsOf(scope), demands);
    if (asked.length === 0) return UNMETERED;
    const { allowed, findings } = await this.#ask(scope, asked, deed);
    if (allowed && deed.spends) this.#tell(scope, findings);
    return decisionOf(allowed, findings);
  }

  /** A repetition by the same key tells again what is told once. */
  #tell(scope: TenantScope, findings: readonly Finding[]): void {
    for (const finding of findings) {
      const reached = reachedBy(finding, this.options.now?.() ?? Date.now());
      if (reached) this.options.thresholds?.tell(scope, reached);
    }
  }

  async #ask(
    { tenantId }: TenantScope,
    asked: readonly AskedLimit[],
    { spends, once }: Deed,
  ): Promise<{ readonly allowed: boolean; readonly findings: readonly Finding[] }> {
    const keys = asked.map((limit) => keyOf(tenantId, limit));
    if (once) keys.push(receiptKeyOf(tenantId, once));
    const args = [
      this.#now,
      spends ? 1 : 0,
      once?.digest.toString('hex') ?? '',
      once ? JSON.stringify(asked) : '',
      RECEIPT_SECONDS,
      ...asked.flatMap(argumentsOf),
    ];
    const found = await this.#scripts.run(DECIDE, keys, args, (reply) => parsed(reply, asked));
    if (!found) throw new IdempotencyMismatch();
    return found;
  }

  async #limitsOf(scope: TenantScope): Promise<LimitsByKind> {
    return this.limits.known(scope) ?? (await this.limits.of(scope));
  }

  get #now(): number | '' {
    return this.options.now?.() ?? '';
  }
}

function receiptKeyOf(tenantId: string, { actor, key }: OnceKey): string {
  const digest = createHash('sha256').update(`${actor}\0${key}`).digest('hex');
  return `tenantry:quota:{${tenantId}}:once:${digest}`;
}

/** What was decided now, or when the key was used first; null where it was used for something else. */
function parsed(
  reply: unknown,
  asked: readonly AskedLimit[],
): ReturnType<typeof findingsOf> | null {
  const [state, limits, numbers] = Array.isArray(reply) ? reply.map(String) : [];
  if (state === 'mismatch') return null;
  if (numbers === undefined) throw new Error('Redis replied something else.');
  if (state !== 'repeated') return findingsOf(asked, numbersOf(numbers));
  return findingsOf(JSON.parse(limits ?? '') as readonly AskedLimit[], numbersOf(numbers));
}
