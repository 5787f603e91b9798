import type { Claim } from './claim.js';
import type { Moment } from './lease.js';
import { tightestFirst } from './limit-state.js';
import type { Decision, LimitState } from './quota-engine.js';

/** Nothing that was demanded has a limit. */
export const UNMETERED: Decision = {
  allowed: true,
  limits: [],
  refusedBy: null,
  retryAfterSeconds: null,
  shadowed: [],
};

const NONE: readonly LimitState[] = [];

export function allowed(
  claims: readonly Claim[],
  shadowed: readonly Claim[],
  now: Moment,
): Decision {
  return {
    allowed: true,
    limits: statesOf(claims, now),
    refusedBy: null,
    retryAfterSeconds: null,
    shadowed: shadowed.length === 0 ? NONE : statesOf(shadowed, now),
  };
}

/** `lacking` are the claims that could not be met; one at least is enforced. */
export function refused(
  claims: readonly Claim[],
  lacking: readonly Claim[],
  now: Moment,
): Decision {
  let retryAfterSeconds = 0;
  let refusedBy: LimitState | null = null;
  for (const { lease, amount } of lacking) {
    if (lease.limit.mode === 'shadow') continue;
    const seconds = lease.retryAfterSeconds(amount, now);
    if (seconds <= retryAfterSeconds) continue;
    retryAfterSeconds = seconds;
    refusedBy = lease.stateAt(now);
  }
  return {
    allowed: false,
    limits: statesOf(claims, now),
    refusedBy,
    retryAfterSeconds,
    shadowed: NONE,
  };
}

function statesOf(claims: readonly Claim[], now: Moment): readonly LimitState[] {
  return tightestFirst(claims.map(({ lease }) => lease.stateAt(now)));
}
