import { limitStateOf, tightestFirst } from '../engine/limit-state.js';
import type { Decision, LimitState } from '../engine/quota-engine.js';
import type { AskedLimit } from './asked-limit.js';

const NUMBERS_EACH = 4;

/** What the script found at one limit. */
export interface Finding {
  readonly limit: AskedLimit;
  readonly units: number;
  /** Of a bucket: what it holds besides whole units. */
  readonly billionths: number;
  /** Until a window ends; of a bucket: how far its time is ahead of a clock that jumped back. */
  readonly waitMs: number;
  readonly lacks: boolean;
}

/** The numbers of a reply; throws where it is something else. */
export function numbersOf(text: string): number[] {
  const numbers = text === '' ? [] : text.split(' ').map(Number);
  if (!numbers.every(Number.isSafeInteger)) throw new Error('Redis replied something else.');
  return numbers;
}

/** Whether the demand is allowed, and what was found at each limit, by the numbers of a reply. */
export function findingsOf(
  asked: readonly AskedLimit[],
  [allowed, ...numbers]: readonly number[],
): { readonly allowed: boolean; readonly findings: Finding[] } {
  if (numbers.length !== asked.length * NUMBERS_EACH) throw new Error('Redis replied too little.');
  const findings = asked.map((limit, index) => {
    const [units = 0, billionths = 0, waitMs = 0, lacks = 0] = numbers.slice(index * NUMBERS_EACH);
    return { limit, units, billionths, waitMs, lacks: lacks === 1 };
  });
  return { allowed: allowed === 1, findings };
}

/** The decision by what was found. */
export function decisionOf(allowed: boolean, findings: readonly Finding[]): Decision {
  const lacking = findings.filter(({ lacks }) => lacks);
  const [longest] = lacking
    .filter(({ limit }) => limit.mode === 'enforce')
    .map((finding) => ({ finding, seconds: secondsUntil(finding.limit.amount, finding) }))
    .toSorted((one, other) => other.seconds - one.seconds);
  return {
    allowed,
    limits: tightestFirst(findings.map(stateOf)),
    refusedBy: allowed || !longest ? null : stateOf(longest.finding),
    retryAfterSeconds: allowed || !longest ? null : Math.max(1, longest.seconds),
    shadowed: lacking.filter(({ limit }) => limit.mode === 'shadow').map(stateOf),
  };
}

/** Where a limit stands. */
export function stateOf(finding: Finding): LimitState {
  const { limit, units: remaining } = finding;
  return limitStateOf(limit, { remaining, resetSeconds: secondsUntil(limit.quota, finding) });
}

/** Until a window ends; until a bucket holds so much. */
function secondsUntil(amount: number, { limit, units, billionths, waitMs }: Finding): number {
  const missing = limit.perSecond === null ? 0 : Math.max(0, amount - units - billionths / 1e9);
  return Math.ceil(waitMs / 1_000 + (missing === 0 ? 0 : missing / (limit.perSecond ?? 1)));
}
