import type { ResourceGrant } from '@tenantry/access';

/** An open invitation, as the people of its tenant see it: never its token. */
export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly displayName: string | null;
  readonly roles: readonly string[];
  readonly grants: readonly ResourceGrant[];
  /** The membership that waits for it. */
  readonly memberId: string;
  /** The id of whoever invited. */
  readonly invitedBy: string;
  readonly expiresAt: Date;
  readonly createdAt: Date;
}

/** Whom somebody invites, and as what. */
export interface NewInvitation {
  readonly email: string;
  readonly displayName: string | null;
  readonly roles: readonly string[];
  readonly grants: readonly ResourceGrant[];
}

/** An invitation that can be accepted at this moment. */
export interface OpenInvitation {
  /** `PLATFORM_ID`: an invitation to run the platform. */
  readonly tenantId: string;
  readonly id: string;
  readonly memberId: string;
  readonly email: string;
  /** Null where it is the platform's. */
  readonly slug: string | null;
}

/** Where somebody came in, and as what. */
export interface Accepted {
  readonly tenant: { readonly id: string; readonly slug: string } | null;
  readonly memberId: string;
  readonly email: string;
  readonly roles: readonly string[];
}
