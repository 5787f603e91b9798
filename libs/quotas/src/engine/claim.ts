import type { Lease } from './lease.js';
import type { Demand } from './quota-engine.js';

/** What one demand wants of one limit. */
export interface Claim {
  readonly lease: Lease;
  readonly amount: number;
}

/** The demands with each kind once. */
export function summed(demands: readonly Demand[]): readonly Demand[] {
  if (demands.length < 2) return demands;
  const amounts = new Map<string, number>();
  for (const { kind, amount } of demands) amounts.set(kind, (amounts.get(kind) ?? 0) + amount);
  return [...amounts].map(([kind, amount]) => ({ kind, amount }));
}
