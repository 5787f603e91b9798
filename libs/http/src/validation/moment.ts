const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** The moment that a text of ISO 8601 names, in milliseconds; null where it names none, or leaves its zone open. */
export function momentOf(text: string): number | null {
  const [, year, month, day] = MOMENT.exec(text) ?? [];
  // JavaScript takes the 30th of February for the 2nd of March.
  if (day === undefined || Number(day) > daysIn(Number(year), Number(month))) return null;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? null : moment;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
