const HOUR_MS = 3_600_000;

export const DAY_MS = 24 * HOUR_MS;

/** The first moment, in UTC, of the month that lies so many months after that of `moment`. */
export function monthOf(moment: number, later = 0): number {
  const date = new Date(moment);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1);
}

/** The last moment at or before this one at which an hour, or a day, begins in UTC. */
export function beginOf(unit: 'hour' | 'day', moment: number): number {
  const length = unit === 'hour' ? HOUR_MS : DAY_MS;
  return Math.floor(moment / length) * length;
}

/** The first moment at or after this one at which an hour, or a day, begins in UTC. */
export function endOf(unit: 'hour' | 'day', moment: number): number {
  const length = unit === 'hour' ? HOUR_MS : DAY_MS;
  return Math.ceil(moment / length) * length;
}
