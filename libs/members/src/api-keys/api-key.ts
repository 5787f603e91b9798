/** A key of a service account, as people see it: never the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** The last characters of the key, to tell keys apart. */
  readonly hint: string;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
  readonly createdAt: Date;
}

/** What somebody asks for. */
export interface NewApiKey {
  readonly name: string;
  readonly expiresAt: Date | null;
}

const LIFE_DAYS_MAX = 731;
const DAY_MS = 86_400_000;

/** What is wrong with the end of a key that is to be made at `now`; null: nothing. */
export function flawOfExpiry(expiresAt: Date | null, now: Date): string | null {
  if (!expiresAt) return null;
  const lifeMs = expiresAt.getTime() - now.getTime();
  if (lifeMs <= 0) return 'must lie in the future';
  return lifeMs > LIFE_DAYS_MAX * DAY_MS ? 'must lie within two years' : null;
}
