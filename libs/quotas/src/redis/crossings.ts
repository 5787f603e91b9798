import type { Reached } from '../thresholds/reached.js';
import type { Finding } from './decision.js';

const HOUR_MS = 3_600_000;
const LENGTH_MS = { minute: 60_000, hour: HOUR_MS, day: 24 * HOUR_MS, month: 30 * 24 * HOUR_MS };

/**
 * The thresholds of a window that are reached; null where there are none. Also those that were before:
 * whoever told of them may not have come to it.
 */
export function reachedBy({ limit, units, waitMs, lacks }: Finding, nowMs: number): Reached | null {
  const { kind, name, quota, thresholds } = limit;
  if (name === 'rate' || lacks || quota === 0) return null;
  const after = quota - units;
  const crossed = thresholds.filter((percent) => after * 100 >= percent * quota);
  if (crossed.length === 0) return null;
  // From the middle of it, so that two clocks that differ a little name the same window.
  const within = new Date(nowMs + waitMs - LENGTH_MS[name] / 2);
  return { kind, name, window: startOf(name, within), crossed };
}

function startOf(period: keyof typeof LENGTH_MS, within: Date): number {
  if (period === 'month') return Date.UTC(within.getUTCFullYear(), within.getUTCMonth());
  return Math.floor(within.getTime() / LENGTH_MS[period]) * LENGTH_MS[period];
}
