import type { Examination, Held } from '../examination.js';
import { failed, type Finding, passed, skipped, UNREADABLE } from './finding.js';

/** What a registration that says nothing else allows: for tokens that none comes near. */
const SKEW_SECONDS_DEFAULT = 30;

const CLOCK = 'set the clocks right, or raise clockSkewSeconds of the registration';

interface Times {
  readonly nowSeconds: number;
  readonly skewSeconds: number;
  readonly maxAgeSeconds: number | null;
}

/** Whether the token has not expired. */
export function checkExpiry(exam: Examination): Finding {
  return check(exam, 'exp', (exp, { nowSeconds, skewSeconds }) => {
    if (exp === undefined) return 'Have the provider give its tokens an end in exp.';
    return exp <= Math.floor(nowSeconds) - skewSeconds
      ? `Get a new token: this one has expired; if it is fresh, ${CLOCK}.`
      : null;
  });
}

/** Whether the token is valid yet. */
export function checkNotBefore(exam: Examination): Finding {
  return check(exam, 'nbf', (nbf, { nowSeconds, skewSeconds }) =>
    nbf !== undefined && nbf > Math.floor(nowSeconds) + skewSeconds
      ? `Wait until the token is valid; if it should be by now, ${CLOCK}.`
      : null,
  );
}

/** Whether the token was issued before now, and not too long ago. */
export function checkIssuedAt(exam: Examination): Finding {
  return check(exam, 'iat', (iat, { nowSeconds, skewSeconds, maxAgeSeconds }) => {
    if (iat !== undefined && iat > nowSeconds + skewSeconds) {
      return `Send a token that was issued already; if this one was, ${CLOCK}.`;
    }
    if (maxAgeSeconds === null) return null;
    if (iat === undefined) {
      return 'Have the provider say in iat when it issued the token: the registration has maxTokenAgeSeconds.';
    }
    return nowSeconds - iat > maxAgeSeconds + skewSeconds
      ? 'Get a new token, or raise maxTokenAgeSeconds of the registration.'
      : null;
  });
}

function check(
  { read, held, now }: Examination,
  claim: 'exp' | 'nbf' | 'iat',
  remedyOf: (value: number | undefined, times: Times) => string | null,
): Finding {
  if (!read) return UNREADABLE;
  const value = read.claims[claim];
  const times = timesOf(held, now);
  const evidence = { found: foundOf(value, times), expected: expectedOf(claim, times) };
  const remedy = isTime(value)
    ? remedyOf(value, times)
    : `Have the provider write ${claim} as a number: seconds since 1970 (RFC 7519 §2).`;
  if (remedy !== null) return failed({ ...evidence, remedy });
  return value === undefined
    ? skipped(`The token has no ${claim}, and needs none.`, evidence)
    : passed(evidence);
}

function timesOf(held: Held | null, now: Date): Times {
  return {
    nowSeconds: now.getTime() / 1_000,
    skewSeconds: held?.issuer.clockSkewSeconds ?? SKEW_SECONDS_DEFAULT,
    maxAgeSeconds: held?.issuer.maxTokenAgeSeconds ?? null,
  };
}

function isTime(value: unknown): value is number | undefined {
  if (value === undefined) return true;
  return typeof value === 'number' && Number.isSafeInteger(Math.trunc(value));
}

/** The claim, the moment that it means, and how far that is ahead of our clock. */
function foundOf(value: unknown, { nowSeconds }: Times): unknown {
  if (typeof value !== 'number') return value;
  const moment = new Date(value * 1_000);
  return {
    value,
    at: Number.isNaN(moment.getTime()) ? null : moment,
    secondsFromNow: Math.round(value - nowSeconds),
  };
}

function expectedOf(claim: string, { nowSeconds, skewSeconds, maxAgeSeconds }: Times): unknown {
  return {
    now: Math.floor(nowSeconds),
    clockSkewSeconds: skewSeconds,
    ...(claim === 'iat' ? { maxTokenAgeSeconds: maxAgeSeconds } : {}),
  };
}
