import type { LimitName, QuotaSpec } from '../limit.js';

export const LIMIT_SOURCES = ['tenant', 'plan'] as const;

/** Whether a limit is the tenant's own, or its plan's. */
export type LimitSource = (typeof LIMIT_SOURCES)[number];

/** What there is of one limit. */
export interface Remaining {
  readonly limit: LimitName | 'concurrency';
  readonly quota: number;
  /** Free for everybody; null: nobody can say right now. */
  readonly remaining: number | null;
  /** In the hands of nodes. */
  readonly lent: number;
  readonly resetSeconds: number | null;
}

/** A limit of one kind that is in force, and what remains of it. */
export interface Quota extends QuotaSpec {
  readonly kind: string;
  readonly source: LimitSource;
  readonly remaining: readonly Remaining[];
  /** Null of a plan's, which has its own. */
  readonly revision: number | null;
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}
