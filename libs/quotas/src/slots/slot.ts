/** One of so many things of a kind that may be under way at once, until it is given back or expires. */
export interface Slot {
  readonly id: string;
  readonly kind: string;
  /** Id of the actor who took it. */
  readonly holder: string;
  readonly ttlSeconds: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** By the clock of the database, whose alone decides. */
  readonly expiresInSeconds: number;
}

/** A slot that was just taken. */
export interface TakenSlot extends Slot {
  /** How many are left; null: the kind is not limited. */
  readonly remaining: number | null;
  /** Whether it was given beyond a limit that only counts. */
  readonly shadow: boolean;
}

/** Which slot is meant, and who asks. */
export interface NamedSlot {
  readonly id: string;
  /** Whose it must be; null: anybody's. */
  readonly holder: string | null;
}
