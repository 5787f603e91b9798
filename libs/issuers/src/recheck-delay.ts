const HEALTHY_SECONDS = 600;
const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 3_600;
const DOUBLINGS_MAX = 7;
/** A check that somebody has just begun is made up for after this, where its node dies with it. */
const MADE_UP_FOR_SECONDS = 30;
/** A fifth more or less, so that the checks of a thousand issuers do not fall into step. */
const JITTER = 0.2;

/**
 * In how many seconds an issuer is to be looked at again: every ten minutes while it is well; after
 * a failure soon, and then ever later, up to an hour. `chance` is uniform in [0, 1).
 */
export function recheckDelaySeconds(failures: number, chance: number): number {
  const retry = FIRST_RETRY_SECONDS * 2 ** Math.min(failures - 1, DOUBLINGS_MAX);
  const base = failures === 0 ? HEALTHY_SECONDS : Math.min(retry, LONGEST_RETRY_SECONDS);
  return base * (1 - JITTER + 2 * JITTER * chance);
}

/** When an issuer is due that is being looked at for the first time at this moment. */
export function dueAfterFirstCheck(now: Date): Date {
  return new Date(now.getTime() + MADE_UP_FOR_SECONDS * 1_000);
}
