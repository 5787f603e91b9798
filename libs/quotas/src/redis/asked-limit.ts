import type { Limit } from '../limit.js';
import type { LimitsByKind } from '../limit-book.js';
import { summed } from '../engine/claim.js';
import type { Demand } from '../engine/quota-engine.js';

/** What flows in faster is counted as this: all that is computed from it stays below 2^53. */
const PER_SECOND_MAX = 1_000_000_000;
const MILLIONTHS = 1_000_000;

/** A limit, and how much is asked of it. */
export interface AskedLimit extends Limit {
  readonly amount: number;
}

/** The limits that the demands meet, kind by kind; a kind that is asked for twice is asked for the sum. */
export function askedOf(limits: LimitsByKind, demands: readonly Demand[]): AskedLimit[] {
  return summed(demands).flatMap(({ kind, amount }) =>
    (limits.get(kind) ?? []).map((limit) => ({ ...limit, amount })),
  );
}

/** Where the counter of a limit is. The braces keep all keys of a tenant in one slot of a cluster. */
export function keyOf(tenantId: string, { kind, name }: Limit): string {
  return `tenantry:quota:{${tenantId}}:${kind}:${name}`;
}

/** A limit as the scripts read it. */
export function argumentsOf({
  name,
  quota,
  perSecond,
  amount,
  mode,
}: AskedLimit): (string | number)[] {
  const rate = Math.round(Math.min(perSecond ?? 0, PER_SECOND_MAX) * MILLIONTHS);
  return [name, quota, rate, amount, mode === 'shadow' ? 1 : 0];
}
