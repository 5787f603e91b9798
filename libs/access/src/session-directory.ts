import type { TenantTransaction } from '@tenantry/database';

/** A sign-in that has not ended. */
export interface LiveSession {
  readonly id: string;
  readonly personId: string | null;
  /** Null outside every tenant. */
  readonly tenantId: string | null;
  readonly memberId: string | null;
  /** How somebody external came in; null for a person with an account of their own. */
  readonly registration: SessionRegistration | null;
  readonly hasSecondFactor: boolean;
  readonly expiresAt: Date;
}

/** The registration that vouches for a session. */
export interface SessionRegistration {
  readonly id: string;
  /** Whose it is: the tenant's, or `PLATFORM_ID`. */
  readonly ownerId: string;
  /** RFC 7638 thumbprint of the key that signed for it: distrusted, the session is over. */
  readonly keyThumbprint: string | null;
  readonly subject: string;
  readonly email: string | null;
  readonly groups: readonly string[];
}

/** Finds sessions for the guard, and ends them for whoever must. The sign-in feature provides it. */
export abstract class SessionDirectory {
  /** Null where there is none, or where it has ended. */
  abstract find(sessionId: string): Promise<LiveSession | null>;

  /** The session of a browser, by the secret of its cookie. */
  abstract byCookie(secret: string): Promise<LiveSession | null>;

  /** Whether an access token was taken back before its time, by its `jti`. */
  abstract isRevoked(jti: string): Promise<boolean>;

  /** Ends every session, and with it every refresh token, that this member has, in the same transaction. */
  abstract endOfMember(tx: TenantTransaction, memberId: string, reason: string): Promise<void>;

  /**
   * Ends every session, in whatever tenant, that this registration of the transaction's tenant
   * vouches for. The caller announces the registration, which has every node look at them again.
   */
  abstract endOfRegistration(
    tx: TenantTransaction,
    registrationId: string,
    reason: string,
  ): Promise<void>;
}
