import type { PlatformTransaction, TenantTransaction } from '@tenantry/database';

/** What somebody shows or chooses when they accept an invitation. */
export interface Enrolment {
  readonly email: string;
  /** The password of the account that there is, or of the one that is made. */
  readonly password: string | undefined;
  /** The code of the second factor, where the account has one. */
  readonly code: string | undefined;
  readonly displayName: string | undefined;
  /** Where the attempt comes from: a guess costs the guesser. */
  readonly ip: string;
}

/** A person, as far as other features need to know. */
export interface KnownPerson {
  readonly id: string;
  readonly email: string;
  readonly displayName: string | null;
}

/** The people with accounts of their own. The sign-in feature provides it. */
export abstract class PersonRegistry {
  /**
   * Says that whoever shows these may act for the address, before anything is changed. An account
   * that there is wants its password (and second factor); a new one is to have a good password.
   * Throws what signing in throws, and `signin.password_refused`.
   */
  abstract check(enrolment: Enrolment): Promise<CheckedEnrolment>;

  /** Makes the account, or finds it, in the transaction that accepts the invitation. */
  abstract enrol(
    tx: TenantTransaction | PlatformTransaction,
    enrolment: CheckedEnrolment,
  ): Promise<KnownPerson>;

  /** By id, for those whose memberships are shown. */
  abstract find(id: string): Promise<KnownPerson | null>;
}

/** An enrolment that holds: the password is checked, or hashed. */
export interface CheckedEnrolment {
  readonly email: string;
  readonly displayName: string | null;
  /** Null where the account is there, and its password was shown. */
  readonly passwordHash: string | null;
}
