import type { KeyObject } from 'node:crypto';

/** EdDSA (RFC 8037): small, fast to sign with, and deterministic. */
export const SIGNING_ALGORITHM = 'EdDSA';

const DAY_MS = 86_400_000;
/** How long a key signs. */
export const SIGNS_FOR_MS = 30 * DAY_MS;
/** How long before its time a key is published: no verifier caches a key set for longer. */
export const PUBLISHED_AHEAD_MS = DAY_MS;
/** How long after its time a key is published: longer than any token that it signed lives. */
export const PUBLISHED_AFTER_MS = 3_600_000;

/** A key of the built-in issuer, by its times: published, then signing, then only verifying. */
export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly publicKey: KeyObject;
  readonly signsFrom: Date;
  readonly signsUntil: Date;
  readonly publishedTill: Date;
}

/** The key that signs now: the newest whose time has come. */
export function signingKeyAt<Key extends SigningKey>(keys: readonly Key[], now: Date): Key | null {
  const [newest = null] = keys
    .filter(({ signsFrom, signsUntil }) => signsFrom <= now && now < signsUntil)
    .toSorted((one, other) => other.signsFrom.getTime() - one.signsFrom.getTime());
  return newest;
}

/** When the next key has to begin to sign; null while its turn is not near. */
export function nextKeyDue(keys: readonly SigningKey[], now: Date): Date | null {
  const lasts = Math.max(...keys.map(({ signsUntil }) => signsUntil.getTime()), 0);
  if (lasts <= now.getTime()) return now;
  return lasts - now.getTime() <= PUBLISHED_AHEAD_MS ? new Date(lasts) : null;
}
