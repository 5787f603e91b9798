import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { ChangeFeed } from '@tenantry/database';
import { IdempotencyMismatch } from '@tenantry/http';
import { Clock, DomainError, type TenantScope } from '@tenantry/kernel';
import type { Limit, LimitName } from '../limit.js';
import { LimitBook, type LimitsByKind } from '../limit-book.js';
import { QuotasUnavailable } from '../quotas.errors.js';
import { ThresholdTelling } from '../thresholds/threshold-telling.js';
import { type Claim, summed } from './claim.js';
import { allowed, refused, UNMETERED } from './decision.js';
import { Lease, type Moment } from './lease.js';
import {
  type Decision,
  type Demand,
  type OnceKey,
  QuotaEngine,
  type Refund,
  type RemainingQuota,
} from './quota-engine.js';
import { type Drawn, type Gone, QuotaStore, type StoredQuota } from './quota-store.js';
import { type BudgetWorld, TenantBudget } from './tenant-budget.js';

const SETTLE_EVERY_MS = 250;
/** So many tenants are remembered at once; those that were asked for longest ago make room. */
const TENANTS_MAX = 20_000;
const RECALL_CHANNEL = 'tenantry_quotas';
/** How often a keyed demand asks again for what nodes hold. */
const ONCE_ATTEMPTS = 6;
const ONCE_PAUSE_MS = 40;

/**
 * Quotas in PostgreSQL, by leased sub-budgets: a node draws a lease in one atomic statement, and
 * serves demands from memory until it is used up, ends, or is asked for (ADR 19).
 */
@Injectable()
export class LeasedQuotas extends QuotaEngine implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(LeasedQuotas.name);
  readonly #budgets = new Map<string, TenantBudget>();
  readonly #world: BudgetWorld;
  readonly #node = randomUUID().slice(0, 13);
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly book: LimitBook,
    private readonly store: QuotaStore,
    private readonly clock: Clock,
    private readonly feed: ChangeFeed,
    private readonly thresholds: ThresholdTelling,
    pause: (ms: number) => Promise<void> = sleep,
  ) {
    super();
    this.#world = {
      now: () => this.#now(),
      draw: (scope, wants) => this.store.draw(scope, wants),
      pause,
      newHolder: () => `${this.#node}.${(this.#holders += 1)}`,
      onDrawn: (scope, drawn) => {
        this.#tellThresholds(scope, drawn);
      },
    };
  }

  onModuleInit(): void {
    this.feed.hear(RECALL_CHANNEL, (payload) => {
      this.#yield(payload);
    });
    this.#timer = setInterval(() => void this.settle(), SETTLE_EVERY_MS);
    this.#timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.release();
    await this.thresholds.quiet();
  }

  consume(scope: TenantScope, demands: readonly Demand[]): Decision | Promise<Decision> {
    const limits = this.book.known(scope);
    return limits
      ? this.#budget(scope, limits).consume(demands)
      : this.#consumeUnknown(scope, demands);
  }

  async check(scope: TenantScope, demands: readonly Demand[]): Promise<Decision> {
    const limits = await this.#limitsOf(scope);
    const covered = this.#budget(scope, limits).covers(demands);
    if (covered) return covered;
    const stored = await this.#ask(() =>
      this.store.read(
        scope,
        demands.map(({ kind }) => kind),
      ),
    );
    return this.#judge(scope, demands, limits, stored);
  }

  async consumeOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly Demand[],
  ): Promise<Decision> {
    const limits = await this.#limitsOf(scope);
    const claims = this.#strangeClaims(demands, limits);
    if (claims.length === 0) return UNMETERED;
    const budget = this.#budget(scope, limits);
    for (let attempt = 1; ; attempt += 1) {
      const sent = this.#now();
      const wanted = claims.map(({ lease, amount }) => ({ ...lease.limit, amount }));
      const answer = await this.#ask(() => this.store.spendOnce(scope, once, wanted));
      if (answer.state === 'mismatch') throw new IdempotencyMismatch();
      budget.forget();
      const drawn = answer.results.flatMap((result) => ('gone' in result ? [] : [result]));
      if (
        answer.state === 'refused' &&
        attempt < ONCE_ATTEMPTS &&
        drawn.some(({ asked }) => asked)
      ) {
        // This node may hold it as well as others.
        await budget.release();
        await this.#world.pause(ONCE_PAUSE_MS);
        continue;
      }
      if (answer.state === 'spent') for (const one of drawn) this.#tellThresholds(scope, one);
      return decisionOf(claims, answer.results, answer.state === 'refused', {
        sent,
        received: this.#now(),
      });
    }
  }

  async refund(
    scope: TenantScope,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<Refund[]> {
    const all = summed(demands);
    const refunded = await this.#ask(() => this.store.refund(scope, all, spentAt));
    this.#budgets.get(scope.tenantId)?.forget();
    return refunded.map((one) => ({
      ...one,
      amount: all.find(({ kind }) => kind === one.kind)?.amount ?? 0,
    }));
  }

  async remaining(scope: TenantScope): Promise<RemainingQuota[]> {
    const stored = await this.#ask(() => this.store.read(scope, null));
    const budget = this.#budgets.get(scope.tenantId);
    return stored.flatMap((quota) =>
      quota.name === 'concurrency' ? [] : [remainingOf(quota, quota.name, budget)],
    );
  }

  /** Gives back what lies about, and forgets the tenants that hold nothing. */
  async settle(): Promise<void> {
    const budgets = [...this.#budgets];
    await Promise.allSettled(budgets.map(([, budget]) => budget.settle()));
    for (const [tenantId, budget] of budgets) if (budget.isIdle) this.#budgets.delete(tenantId);
  }

  /** Gives back everything. */
  async release(): Promise<void> {
    await Promise.allSettled([...this.#budgets.values()].map((budget) => budget.release()));
  }

  async #consumeUnknown(scope: TenantScope, demands: readonly Demand[]): Promise<Decision> {
    return this.#budget(scope, await this.#limitsOf(scope)).consume(demands);
  }

  async #limitsOf(scope: TenantScope): Promise<LimitsByKind> {
    return this.book.known(scope) ?? (await this.#ask(() => this.book.of(scope)));
  }

  #budget(scope: TenantScope, limits: LimitsByKind): TenantBudget {
    let budget = this.#budgets.get(scope.tenantId);
    if (!budget) {
      this.#makeRoom();
      budget = new TenantBudget(scope, this.#world);
      this.#budgets.set(scope.tenantId, budget);
    }
    budget.adopt(limits);
    return budget;
  }

  #makeRoom(): void {
    if (this.#budgets.size < TENANTS_MAX) return;
    const [oldest] = this.#budgets;
    if (!oldest) return;
    this.#budgets.delete(oldest[0]);
    // What it holds is given back on its own time; until then it counts as spent.
    void oldest[1].release();
  }

  /** Claims on leases that nobody draws from: what the store says is read off them. */
  #strangeClaims(demands: readonly Demand[], limits: LimitsByKind): Claim[] {
    return summed(demands).flatMap(({ kind, amount }) =>
      (limits.get(kind) ?? []).map((limit) => ({ lease: this.#strange(limit), amount })),
    );
  }

  #strange(limit: Limit): Lease {
    return new Lease(limit, this.#world.newHolder);
  }

  #judge(
    scope: TenantScope,
    demands: readonly Demand[],
    limits: LimitsByKind,
    stored: readonly StoredQuota[],
  ): Decision {
    const now = this.#now();
    const budget = this.#budgets.get(scope.tenantId);
    const claims = this.#strangeClaims(demands, limits);
    for (const { lease } of claims) {
      const { kind, name } = lease.limit;
      const quota = stored.find((one) => one.kind === kind && one.name === name);
      if (quota) lease.look(remainingOf(quota, lease.limit.name, budget), quota.resetsInMs, now);
    }
    if (claims.length === 0) return UNMETERED;
    const short = claims.filter(({ lease, amount }) => lease.isKnownToLack(amount, now));
    const isRefused = short.some(({ lease }) => lease.limit.mode === 'enforce');
    return isRefused ? refused(claims, short, now) : allowed(claims, short, now);
  }

  #tellThresholds(scope: TenantScope, { kind, name, window, crossed }: Drawn): void {
    if (crossed.length > 0 && window !== null) {
      this.thresholds.tell(scope, { kind, name, window, crossed });
    }
  }

  /** `<tenant>/<kind>/<limit>`: another node needs what this one may hold of it. */
  #yield(payload: string): void {
    const [tenantId = '', kind = '', name = ''] = payload.split('/');
    void this.#budgets.get(tenantId)?.yield(kind, name);
  }

  async #ask<Result>(question: () => Promise<Result>): Promise<Result> {
    try {
      return await question();
    } catch (error) {
      if (error instanceof DomainError && error.kind !== 'unavailable') throw error;
      this.#logger.warn({ err: error }, 'The store of quotas could not be asked.');
      throw new QuotasUnavailable({ cause: error });
    }
  }

  #now(): Moment {
    return { monotonicMs: this.clock.monotonicMs(), wallMs: this.clock.now().getTime() };
  }
}

function remainingOf(
  { kind, available, leases, resetsInMs }: StoredQuota,
  name: LimitName,
  budget: TenantBudget | undefined,
): RemainingQuota {
  const own = budget?.heldOf(kind, name);
  const lent = Object.entries(leases).reduce(
    (sum, [holder, left]) => (holder === own?.holder ? sum : sum + left),
    0,
  );
  return {
    kind,
    name,
    available: available + (own?.left ?? 0),
    lent,
    resetSeconds: resetsInMs === null ? null : Math.max(0, Math.ceil(resetsInMs / 1_000)),
  };
}

function decisionOf(
  claims: readonly Claim[],
  results: readonly (Drawn | Gone)[],
  isRefused: boolean,
  exchange: { readonly sent: Moment; readonly received: Moment },
): Decision {
  const asked: Claim[] = [];
  const short: Claim[] = [];
  for (const claim of claims) {
    const { kind, name } = claim.lease.limit;
    const drawn = results.find((one) => one.kind === kind && one.name === name);
    if (!drawn || 'gone' in drawn) continue;
    claim.lease.read(drawn, exchange);
    asked.push(claim);
    if (drawn.refused) short.push(claim);
  }
  if (asked.length === 0) return UNMETERED;
  return isRefused
    ? refused(asked, short, exchange.received)
    : allowed(asked, short, exchange.received);
}
