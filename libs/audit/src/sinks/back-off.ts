/** As Standard Webhooks recommends: over three days, so that a weekend is survived. */
const DELAYS_SECONDS = [5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** So much longer at random, that many sinks of one receiver do not come back at once. */
const JITTER = 0.2;
const RETRY_AFTER_MAX_SECONDS = 3_600;

/**
 * After how many seconds a message is sent again that was sent so many times; null: not any more.
 * What the receiver asks for is honoured up to an hour.
 */
export function delayAfter(
  attempts: number,
  retryAfterSeconds: number | null,
  random = Math.random,
): number | null {
  const delay = DELAYS_SECONDS[attempts - 1];
  if (delay === undefined) return null;
  const asked = Math.min(retryAfterSeconds ?? 0, RETRY_AFTER_MAX_SECONDS);
  return Math.max(delay, asked) * (1 + random() * JITTER);
}
