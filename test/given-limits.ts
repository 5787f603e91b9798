import { newId, type TenantScope } from '@tenantry/kernel';
import { scopeOf } from '@tenantry/testing';
import type { Demand } from '../libs/quotas/src/engine/quota-engine.js';
import type { Limit, Period } from '../libs/quotas/src/limit.js';

/** So much of a kind in each calendar window; of `calls`, enforced, unless said otherwise. */
export const window = (name: Period, quota: number, given: Partial<Limit> = {}): Limit => ({
  ...{ kind: 'calls', name, quota, perSecond: null, mode: 'enforce', thresholds: [] },
  ...given,
});
/** A token bucket of that burst. */
export const bucket = (quota: number, perSecond: number, given: Partial<Limit> = {}): Limit => ({
  ...{ kind: 'calls', name: 'rate', quota, perSecond, mode: 'enforce', thresholds: [] },
  ...given,
});
export const calls = (amount: number): Demand[] => [{ kind: 'calls', amount }];

/** Stands in for the limit book: a tenant has the limits that a spec gives it. */
export class GivenLimits {
  readonly #ofTenant = new Map<string, Map<string, Limit[]>>();

  aTenant(...limits: readonly Limit[]): TenantScope {
    const scope = scopeOf(newId());
    this.change(scope, ...limits);
    return scope;
  }

  change({ tenantId }: TenantScope, ...limits: readonly Limit[]): void {
    const byKind = new Map<string, Limit[]>();
    for (const limit of limits) byKind.set(limit.kind, [...(byKind.get(limit.kind) ?? []), limit]);
    this.#ofTenant.set(tenantId, byKind);
  }

  known(): undefined {
    return undefined;
  }

  of({ tenantId }: TenantScope): Promise<Map<string, Limit[]>> {
    return Promise.resolve(this.#ofTenant.get(tenantId) ?? new Map<string, Limit[]>());
  }
}
