import { RequestInvalid } from '@tenantry/http';
import { beginOf, DAY_MS, endOf } from '../calendar.js';

export type Granularity = 'hour' | 'day' | 'month';

/** What a row is told apart by, beside its period and its meter. */
export type Grouping =
  { readonly by: 'meter' | 'resource' | 'actor' } | { readonly by: 'label'; readonly key: string };

/** What a reader of the ledger has asked for; what is absent is for us to choose. */
export interface AskedUsage {
  readonly meter?: string;
  readonly resource?: string;
  readonly actor?: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly granularity: Granularity;
  /** `meter`, `resource`, `actor`, or `label:` and a key. */
  readonly groupBy: string;
}

/** What is read: whole hours or days from one moment on, before another, in milliseconds. */
export interface UsageQuery {
  readonly meter: string | null;
  readonly resource: string | null;
  readonly actor: string | null;
  readonly from: number;
  readonly to: number;
  readonly granularity: Granularity;
  readonly grouping: Grouping;
}

const DEFAULT_DAYS = 30;

/** So many days may be asked for at once: some thousands of periods. */
const DAYS_MAX: Readonly<Record<Granularity, number>> = { hour: 31, day: 400, month: 3_700 };

const LABEL = 'label:';

/**
 * Makes a query of what was asked at this moment. Throws `RequestInvalid`.
 *
 * What was asked for is widened to whole hours, or whole days: the sums know nothing finer.
 */
export function usageQueryOf(asked: AskedUsage, now: number): UsageQuery {
  const { meter = null, resource = null, actor = null, granularity, groupBy } = asked;
  const span = spanOf(asked, now);
  return { meter, resource, actor, ...span, granularity, grouping: groupingOf(groupBy) };
}

function spanOf(
  { from, to, granularity }: AskedUsage,
  now: number,
): Pick<UsageQuery, 'from' | 'to'> {
  const until = to?.getTime() ?? now;
  const since = from?.getTime() ?? until - DEFAULT_DAYS * DAY_MS;
  if (since >= until) refuse('must lie before the end, which is now where none is given');
  const daysMax = DAYS_MAX[granularity];
  if (until - since > daysMax * DAY_MS) {
    refuse(`must lie at most ${daysMax} days before the end, by the ${granularity}`);
  }
  const unit = granularity === 'hour' ? 'hour' : 'day';
  return { from: beginOf(unit, since), to: endOf(unit, until) };
}

function refuse(message: string): never {
  throw new RequestInvalid([{ pointer: '/from', message }]);
}

function groupingOf(groupBy: string): Grouping {
  if (groupBy === 'resource' || groupBy === 'actor') return { by: groupBy };
  if (groupBy.startsWith(LABEL)) return { by: 'label', key: groupBy.slice(LABEL.length) };
  return { by: 'meter' };
}
