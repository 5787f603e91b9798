import type { Limit } from '../limit.js';
import type { LimitState } from './quota-engine.js';

const WINDOW_SECONDS = { minute: 60, hour: 3_600, day: 86_400, month: 2_592_000 };

/** Where a limit stands with so much left. */
export function limitStateOf(
  { kind, name, quota, perSecond }: Limit,
  { remaining, resetSeconds }: Pick<LimitState, 'remaining' | 'resetSeconds'>,
): LimitState {
  const windowSeconds =
    name === 'rate' ? Math.max(1, Math.ceil(quota / (perSecond ?? quota))) : WINDOW_SECONDS[name];
  return { kind, name, quota, windowSeconds, remaining, resetSeconds };
}

/** By kind, the tightest of each first: whoever reads one, reads that. */
export function tightestFirst(states: readonly LimitState[]): readonly LimitState[] {
  return states.length < 2 ? states : states.toSorted(byKindAndTightness);
}

function byKindAndTightness(one: LimitState, other: LimitState): number {
  if (one.kind !== other.kind) return one.kind < other.kind ? -1 : 1;
  return one.remaining - other.remaining;
}
