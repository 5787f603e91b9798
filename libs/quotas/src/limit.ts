/** The calendar windows, in UTC. */
export const PERIODS = ['minute', 'hour', 'day', 'month'] as const;

export type Period = (typeof PERIODS)[number];

/** What a demand can meet: a token bucket, or a calendar window. */
export type LimitName = 'rate' | Period;

/** Refuse, or let by and count what would have been refused. */
export const MODES = ['enforce', 'shadow'] as const;

export type Mode = (typeof MODES)[number];

/** Percent of a day or a month at which the tenant is told, unless the quota says otherwise. */
export const DEFAULT_THRESHOLDS: readonly number[] = [50, 80, 90, 100];

export interface TokenBucket {
  /** So many units flow in each second; at most six decimals. */
  readonly perSecond: number;
  /** So many fit in. */
  readonly burst: number;
}

/** What is allowed of one kind. */
export interface QuotaSpec {
  readonly rate: TokenBucket | null;
  readonly windows: readonly { readonly period: Period; readonly limit: number }[];
  readonly concurrency: { readonly limit: number } | null;
  readonly mode: Mode;
  /** Percent, ascending. */
  readonly thresholds: readonly number[];
  /** Whether the platform alone may change or override it. */
  readonly fixed: boolean;
}

/** One limit in force. */
export interface Limit {
  readonly kind: string;
  readonly name: LimitName;
  /** What the window holds; of a bucket, its burst. */
  readonly quota: number;
  /** Of a bucket; else null. */
  readonly perSecond: number | null;
  readonly mode: Mode;
  /** Percent of a window at which the tenant is told. */
  readonly thresholds: readonly number[];
}

/** The columns in which `quotas` and `plan_limits` keep a `QuotaSpec`. */
export interface QuotaColumns {
  readonly mode: string;
  readonly fixed: boolean;
  readonly thresholds: readonly number[];
  readonly rateMicros: bigint | null;
  readonly burst: bigint | null;
  readonly perMinute: bigint | null;
  readonly perHour: bigint | null;
  readonly perDay: bigint | null;
  readonly perMonth: bigint | null;
  readonly concurrency: bigint | null;
}
