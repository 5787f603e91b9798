import type { Mode, Period, QuotaColumns, QuotaSpec } from '../limit.js';

const MICROS = 1_000_000;

/** How a quota is kept. */
export function columnsOf(spec: QuotaSpec): QuotaColumns {
  const { rate, windows, concurrency, mode, thresholds, fixed } = spec;
  const within = (period: Period): bigint | null =>
    bigOf(windows.find((window) => window.period === period)?.limit);
  return {
    ...{ mode, fixed, thresholds },
    // Rounded: a tenth has no exact binary form, but a whole number of millionths.
    rateMicros: rate && BigInt(Math.round(rate.perSecond * MICROS)),
    burst: bigOf(rate?.burst),
    perMinute: within('minute'),
    perHour: within('hour'),
    perDay: within('day'),
    perMonth: within('month'),
    concurrency: bigOf(concurrency?.limit),
  };
}

/** What is kept, as it was wanted; windows from the shortest to the longest. */
export function specOf(columns: QuotaColumns): QuotaSpec {
  const { mode, fixed, thresholds, rateMicros, burst, concurrency } = columns;
  const { perMinute: minute, perHour: hour, perDay: day, perMonth: month } = columns;
  const windows = Object.entries({ minute, hour, day, month }) as [Period, bigint | null][];
  return {
    rate:
      rateMicros === null || burst === null
        ? null
        : { perSecond: Number(rateMicros) / MICROS, burst: Number(burst) },
    windows: windows.flatMap(([period, limit]) =>
      limit === null ? [] : { period, limit: Number(limit) },
    ),
    concurrency: concurrency === null ? null : { limit: Number(concurrency) },
    mode: mode as Mode,
    thresholds,
    fixed,
  };
}

function bigOf(value: number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
}
