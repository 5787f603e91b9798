const HOUR_MS = 3_600_000;

export const DAY_MS = 24 * HOUR_MS;

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** The moment that a text of ISO 8601 names, in milliseconds; null where it names none, or leaves its zone open. */
export function momentOf(text: string): number | null {
  const [, year, month, day] = MOMENT.exec(text) ?? [];
  // JavaScript takes the 30th of February for the 2nd of March.
  if (day === undefined || Number(day) > daysIn(Number(year), Number(month))) return null;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? null : moment;
}

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

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
