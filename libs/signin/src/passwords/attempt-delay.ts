const PAIR_FREE_FAILURES = 3;
const PAIR_FIRST_DELAY_SECONDS = 1;
const PAIR_LONGEST_DELAY_SECONDS = 900;
const ACCOUNT_FREE_FAILURES = 50;
const ACCOUNT_DELAY_SECONDS = 5;

/** What is remembered of the failed sign-ins to one account. */
export interface FailedAttempts {
  /** Since the last success, of this account from this address. */
  readonly byPair: number;
  readonly pairLastFailedAt: Date | null;
  /**
   * Within the last hour, of this account from all addresses that never signed in to it: none for an
   * address that did, so that a stranger's guesses do not slow its owner down.
   */
  readonly byStrangers: number;
  /** When the last attempt of any such address was let through. */
  readonly strangerLastTriedAt: Date | null;
}

/**
 * For how many whole seconds the next attempt has to wait; 0 lets it through.
 *
 * Whoever guesses waits ever longer, up to a quarter of an hour. An account under attack from many
 * addresses takes one attempt of a stranger every five seconds, and never fewer: nobody can lock its
 * owner out.
 */
export function attemptDelaySeconds(attempts: FailedAttempts, now: Date): number {
  return Math.max(
    remaining(pairDelaySeconds(attempts.byPair), attempts.pairLastFailedAt, now),
    remaining(accountDelaySeconds(attempts.byStrangers), attempts.strangerLastTriedAt, now),
  );
}

/** None up to three failures in a row, then one second, doubling up to 900. */
export function pairDelaySeconds(failures: number): number {
  if (failures <= PAIR_FREE_FAILURES) return 0;
  const doubled = PAIR_FIRST_DELAY_SECONDS * 2 ** (failures - PAIR_FREE_FAILURES - 1);
  return Math.min(doubled, PAIR_LONGEST_DELAY_SECONDS);
}

/** None up to 50 failures within an hour, then five seconds, however many more there are. */
export function accountDelaySeconds(failures: number): number {
  return failures <= ACCOUNT_FREE_FAILURES ? 0 : ACCOUNT_DELAY_SECONDS;
}

function remaining(delaySeconds: number, since: Date | null, now: Date): number {
  if (since === null) return 0;
  const passed = (now.getTime() - since.getTime()) / 1_000;
  // Another node's clock may be ahead: even then nobody waits longer than the whole delay.
  return Math.ceil(Math.min(Math.max(delaySeconds - passed, 0), delaySeconds));
}
