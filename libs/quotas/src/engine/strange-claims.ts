import type { Limit, LimitName } from '../limit.js';
import type { LimitsByKind } from '../limit-book.js';
import { type Claim, summed } from './claim.js';
import { allowed, refused, UNMETERED } from './decision.js';
import { type Exchange, Lease, type Moment } from './lease.js';
import type { Decision, Demand, RemainingQuota } from './quota-engine.js';
import type { OnceDecision, StoredQuota } from './quota-store.js';
import type { TenantBudget } from './tenant-budget.js';

const NOBODY = (): string => '';

/**
 * What is demanded past the leases of this node: by a check, which spends nothing, and by a demand
 * with a key, which the store spends itself. What the store says of each limit is read off a lease
 * that holds nothing.
 */
export class StrangeClaims {
  readonly #claims: readonly Claim[];

  constructor(demands: readonly Demand[], limits: LimitsByKind) {
    this.#claims = summed(demands).flatMap(({ kind, amount }) =>
      (limits.get(kind) ?? []).map((limit) => ({ lease: new Lease(limit, NOBODY), amount })),
    );
  }

  get isEmpty(): boolean {
    return this.#claims.length === 0;
  }

  /** As the store takes it. */
  get wanted(): (Limit & { readonly amount: number })[] {
    return this.#claims.map(({ lease, amount }) => ({ ...lease.limit, amount }));
  }

  /** What a demand would get, by what is in the store and what this node holds. */
  judge(stored: readonly StoredQuota[], budget: TenantBudget, now: Moment): Decision {
    if (this.isEmpty) return UNMETERED;
    for (const { lease } of this.#claims) {
      const { kind, name } = lease.limit;
      const quota = stored.find((one) => one.kind === kind && one.name === name);
      if (quota) lease.look(remainingOf(quota, name, budget), quota.resetsInMs, now);
    }
    const short = this.#claims.filter(({ lease, amount }) => lease.isKnownToLack(amount, now));
    return short.some(({ lease }) => lease.limit.mode === 'enforce')
      ? refused(this.#claims, short, now)
      : allowed(this.#claims, short, now);
  }

  /** What the store has decided. */
  decide({ state, results }: OnceDecision, exchange: Exchange): Decision {
    const asked: Claim[] = [];
    const short: Claim[] = [];
    for (const claim of this.#claims) {
      const { kind, name } = claim.lease.limit;
      const drawn = results.find((one) => one.kind === kind && one.name === name);
      if (!drawn || 'gone' in drawn) continue;
      claim.lease.read(drawn, exchange);
      asked.push(claim);
      if (drawn.refused) short.push(claim);
    }
    if (asked.length === 0) return UNMETERED;
    const { received } = exchange;
    return state === 'refused' ? refused(asked, short, received) : allowed(asked, short, received);
  }
}

/** Whether it was refused for what nodes hold, and were asked to give back. */
export function isWorthAskingAgain({ state, results }: OnceDecision): boolean {
  return state === 'refused' && results.some((one) => !('gone' in one) && one.asked);
}

/** One limit as it stands, with what this node holds of it counted as available. */
export function remainingOf(
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
