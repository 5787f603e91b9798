import type { QuotaSpec } from '../limit.js';

/** What a plan allows of one kind. */
export interface PlanLimit extends QuotaSpec {
  readonly kind: string;
}

/** Limits that tenants are sold together. */
export interface Plan {
  readonly id: string;
  readonly slug: string;
  readonly displayName: string;
  /** By kind. */
  readonly limits: readonly PlanLimit[];
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a plan is made of. */
export type NewPlan = Pick<Plan, 'slug' | 'displayName' | 'limits'>;

/** What may change of a plan: all but its slug. */
export type PlanContent = Omit<NewPlan, 'slug'>;
