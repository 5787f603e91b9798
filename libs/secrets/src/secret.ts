/** What a value was saved as, and is answered as. */
export type Encoding = 'text' | 'base64';

/** A secret as people see it: everything but its values. */
export interface Secret {
  readonly id: string;
  readonly name: string;
  /** The current version, and the newest. */
  readonly version: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly rotateAfterDays: number | null;
  readonly rotationDueAt: Date | null;
  /** When the current version expires. */
  readonly expiresAt: Date | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One version of a secret as people see it. */
export interface SecretVersion {
  readonly version: number;
  readonly keyId: string;
  readonly encoding: Encoding;
  readonly expiresAt: Date | null;
  readonly restoredFrom: number | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly destroyedAt: Date | null;
}

/** What one secret needs of its owner: nothing, a look soon, a new value. */
export type SecretState = 'current' | 'expiring' | 'rotation_due' | 'expired';

export const SECRET_STATES: readonly SecretState[] = [
  'current',
  'expiring',
  'rotation_due',
  'expired',
];

/** What changes but for the value; a field that is not named stays. */
export interface SecretChanges {
  readonly labels?: Readonly<Record<string, string>>;
  /** `null`: no reminder. */
  readonly rotateAfterDays?: number | null;
  /** Of the current version; `null`: it does not expire. */
  readonly expiresAt?: Date | null;
}

/** So long before its end a value counts as expiring. */
export const EXPIRING_DAYS = 14;
const DAY_MS = 86_400_000;

/** The worst that holds of it at `now`. */
export function stateOf(
  { expiresAt, rotationDueAt }: Pick<Secret, 'expiresAt' | 'rotationDueAt'>,
  now: Date,
): SecretState {
  if (expiresAt && expiresAt <= now) return 'expired';
  if (rotationDueAt && rotationDueAt <= now) return 'rotation_due';
  const soon = new Date(now.getTime() + EXPIRING_DAYS * DAY_MS);
  return expiresAt && expiresAt <= soon ? 'expiring' : 'current';
}

/** When a value that was saved at `savedAt` is to be replaced; null: nobody asked for it. */
export function rotationDue(savedAt: Date, rotateAfterDays: number | null): Date | null {
  return rotateAfterDays === null ? null : new Date(savedAt.getTime() + rotateAfterDays * DAY_MS);
}
