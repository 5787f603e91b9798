import type { Caller } from '@tenantry/access';

/** What was acted upon. A name is personal: it enters the record as a commitment. */
export interface Target {
  readonly kind: string;
  readonly id: string;
  readonly name?: string;
}

/** What a field was, and what it is now. */
export interface FieldChange {
  readonly before?: unknown;
  readonly after?: unknown;
}

/** An audited act, in the past tense: `issuer.registered`. */
export interface Deed {
  readonly deed: `${string}.${string}`;
  readonly target: Target;
  /** Secrets never. Fields named in `PERSONAL_FIELDS` enter as commitments. */
  readonly changes?: Readonly<Record<string, FieldChange>>;
  readonly reason?: string;
}

export type Outcome = 'done' | 'refused' | 'failed';

/** Whose doing it was: a caller, or Tenantry itself. */
export type Doer = Pick<Caller, 'actor' | 'origin'> | typeof TENANTRY;

/** What happens without anybody's request: a verdict on an issuer, the first start. */
export const TENANTRY = Symbol('tenantry');
