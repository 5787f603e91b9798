import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { ChangeFeed } from '@tenantry/database';
import { IdempotencyMismatch } from '@tenantry/http';
import { Clock, DomainError, type TenantScope } from '@tenantry/kernel';
import { LimitBook, type LimitsByKind } from '../limit-book.js';
import { QuotasUnavailable } from '../quotas.errors.js';
import { ThresholdTelling } from '../thresholds/threshold-telling.js';
import { summed } from './claim.js';
import { UNMETERED } from './decision.js';
import type { Moment } from './lease.js';
import {
  type Decision,
  type Demand,
  type OnceKey,
  QuotaEngine,
  type Refund,
  type RemainingQuota,
} from './quota-engine.js';
import { type Drawn, type OnceDecision, QuotaStore, type Refunded } from './quota-store.js';
import { isWorthAskingAgain, remainingOf, StrangeClaims } from './strange-claims.js';
import { type BudgetWorld, TenantBudget } from './tenant-budget.js';

const SETTLE_EVERY_MS = 250;
/** So many tenants are remembered at once; one of the first that came makes room, an idle one if it can. */
const TENANTS_MAX = 20_000;
const LOOKED_AT = 50;
const RECALL_CHANNEL = 'tenantry_quotas';
/** How often a keyed demand asks again for what nodes hold. */
const ONCE_ATTEMPTS = 6;
const ONCE_PAUSE_MS = 40;

/**
 * Quotas in PostgreSQL, by leased sub-budgets: a node draws a lease in one atomic statement, and
 * serves demands from memory until it is used up, ends, or is asked for (ADR 21).
 */
@Injectable()
export class LeasedQuotas extends QuotaEngine implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(LeasedQuotas.name);
  readonly #budgets = new Map<string, TenantBudget>();
  readonly #world: BudgetWorld;
  readonly #node = randomUUID().slice(0, 13);
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;
  #settling: Promise<void> | null = null;

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
    this.#timer = setInterval(() => {
      // One at a time, however slow the store is.
      this.#settling ??= this.settle().finally(() => (this.#settling = null));
    }, SETTLE_EVERY_MS);
    this.#timer.unref();
  }

  /** When no request comes in any more: what is drawn until then is given back as well. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.release();
    await this.thresholds.quiet();
  }

  get storeCalls(): number {
    return this.store.calls;
  }

  get tenantsHeld(): number {
    return this.#budgets.size;
  }

  consume(scope: TenantScope, demands: readonly Demand[]): Decision | Promise<Decision> {
    const limits = this.book.known(scope);
    return limits
      ? this.#budget(scope, limits).consume(demands)
      : this.#consumeUnknown(scope, demands);
  }

  async check(scope: TenantScope, demands: readonly Demand[]): Promise<Decision> {
    const limits = await this.#limitsOf(scope);
    const budget = this.#budget(scope, limits);
    const covered = budget.covers(demands);
    if (covered) return covered;
    const kinds = demands.map(({ kind }) => kind);
    const stored = await this.#ask(() => this.store.read(scope, kinds));
    return new StrangeClaims(demands, limits).judge(stored, budget, this.#now());
  }

  async consumeOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly Demand[],
  ): Promise<Decision> {
    const limits = await this.#limitsOf(scope);
    const budget = this.#budget(scope, limits);
    const claims = new StrangeClaims(demands, limits);
    if (claims.isEmpty) return UNMETERED;
    for (let attempt = 1; ; attempt += 1) {
      const sent = this.#now();
      const answer = await this.#ask(() => this.store.spendOnce(scope, once, claims.wanted));
      if (answer.state === 'mismatch') throw new IdempotencyMismatch();
      budget.forget();
      if (attempt < ONCE_ATTEMPTS && isWorthAskingAgain(answer)) {
        // This node may hold it as well as others.
        await budget.release();
        await this.#world.pause(ONCE_PAUSE_MS);
        continue;
      }
      this.#tellAll(scope, answer);
      return claims.decide(answer, { sent, received: this.#now() });
    }
  }

  async refund(
    scope: TenantScope,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<Refund[]> {
    const all = summed(demands);
    // Or what this node has spent of its leases would still count as lent, and not as spent.
    await this.#settleKinds(scope, all);
    const refunded = await this.#ask(() => this.store.refund(scope, all, spentAt));
    this.#budgets.get(scope.tenantId)?.forget();
    return refundsOf(all, refunded);
  }

  async refundOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<Refund[]> {
    const all = summed(demands);
    await this.#settleKinds(scope, all);
    const answer = await this.#ask(() => this.store.refundOnce(scope, once, all, spentAt));
    if (answer.state === 'mismatch') throw new IdempotencyMismatch();
    this.#budgets.get(scope.tenantId)?.forget();
    return refundsOf(all, answer.results);
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
    for (const [tenantId, budget] of budgets) {
      const isCurrent = this.#budgets.get(tenantId) === budget;
      if (isCurrent && budget.isIdle) this.#budgets.delete(tenantId);
    }
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
    const oldest = firstOf(this.#budgets, LOOKED_AT);
    const leaving = oldest.find(([, budget]) => budget.isIdle) ?? oldest[0];
    if (!leaving) return;
    this.#budgets.delete(leaving[0]);
    // What it holds is given back on its own time; until then it counts as spent.
    void leaving[1].release();
  }

  /** What was refused, or told before, crosses nothing. */
  #tellAll(scope: TenantScope, { state, results }: OnceDecision): void {
    if (state !== 'spent') return;
    for (const one of results) if (!('gone' in one)) this.#tellThresholds(scope, one);
  }

  #tellThresholds(scope: TenantScope, { kind, name, window, crossed }: Drawn): void {
    if (crossed.length > 0 && window !== null) {
      this.thresholds.tell(scope, { kind, name, window, crossed });
    }
  }

  async #settleKinds({ tenantId }: TenantScope, demands: readonly Demand[]): Promise<void> {
    await this.#budgets.get(tenantId)?.release(demands.map(({ kind }) => kind));
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

function refundsOf(demands: readonly Demand[], refunded: readonly Refunded[]): Refund[] {
  return refunded.map((one) => ({
    ...one,
    amount: demands.find(({ kind }) => kind === one.kind)?.amount ?? 0,
  }));
}

function firstOf<Entry>(entries: Iterable<Entry>, max: number): Entry[] {
  const first: Entry[] = [];
  for (const entry of entries) if (first.push(entry) === max) break;
  return first;
}
