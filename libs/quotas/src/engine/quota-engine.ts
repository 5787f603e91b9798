import type { TenantScope } from '@tenantry/kernel';
import type { LimitName } from '../limit.js';

/** So much of one kind that somebody wants to spend: a positive integer. */
export interface Demand {
  readonly kind: string;
  readonly amount: number;
}

/** Where one limit stands after a decision. */
export interface LimitState {
  readonly kind: string;
  readonly name: LimitName;
  /** What the window holds; of a bucket, its burst. */
  readonly quota: number;
  /** How long the window is; of a bucket, how long it takes to fill. */
  readonly windowSeconds: number;
  /** What is left, as far as this node knows. */
  readonly remaining: number;
  /** Until the window ends; of a bucket, until it is full. */
  readonly resetSeconds: number;
}

/** What was decided on all demands together. */
export interface Decision {
  readonly allowed: boolean;
  /** Every limit that was asked, the tightest of each kind first. */
  readonly limits: readonly LimitState[];
  /** The limit that refused; where several did, the one that lasts longest. */
  readonly refusedBy: LimitState | null;
  /** When the same demand may succeed: after so many seconds; null where it is allowed. */
  readonly retryAfterSeconds: number | null;
  /** Limits in shadow mode that would have refused. */
  readonly shadowed: readonly LimitState[];
}

/** A key that makes a demand, or a refund, count once. */
export interface OnceKey {
  /** Whose key it is: two callers never share one. */
  readonly actor: string;
  readonly key: string;
  /** Of what was asked: the same key with another question is refused. */
  readonly digest: Buffer;
}

export interface Refund extends Demand {
  readonly name: LimitName;
  /** What was given back: never more than was spent. */
  readonly refunded: number;
}

/** What there is of one limit. */
export interface RemainingQuota {
  readonly kind: string;
  readonly name: LimitName;
  /** Free for everybody. */
  readonly available: number;
  /** In the hands of nodes: spent perhaps, or given back within seconds. */
  readonly lent: number;
  readonly resetSeconds: number | null;
}

/**
 * Decides who may spend how much. What it admits in a window never exceeds the limit, on any number
 * of nodes; a kind without a limit is unmetered. Fails closed: `QuotasUnavailable` where the store
 * cannot be asked and must be.
 */
export abstract class QuotaEngine {
  /** How often the store was asked, since the start of this process. */
  abstract readonly storeCalls: number;

  /** Of how many tenants this node holds something. */
  abstract readonly tenantsHeld: number;

  /** Spends all demands or none. At once where this node holds a lease, else after asking. */
  abstract consume(scope: TenantScope, demands: readonly Demand[]): Decision | Promise<Decision>;

  /** Whether it would be allowed now; spends nothing. */
  abstract check(scope: TenantScope, demands: readonly Demand[]): Promise<Decision>;

  /** As `consume`, but once for each key: the repetition gets the first decision, after a crash too. */
  abstract consumeOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly Demand[],
  ): Promise<Decision>;

  /** Gives back what was spent at `spentAt` (default: now). A window that is over gets nothing. */
  abstract refund(
    scope: TenantScope,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<Refund[]>;

  /** As `refund`, but once for each key, after a crash too. Keys of demands are others. */
  abstract refundOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<Refund[]>;

  /** What there is of every limit of the tenant, but for concurrency. */
  abstract remaining(scope: TenantScope): Promise<RemainingQuota[]>;
}
