import type { PersonMembership } from '@tenantry/access';
import type { SignedIn } from '../logins.js';

/** A tenant that somebody is signed in to. */
export class SignedInTenantDto {
  /**
   * Its id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Its short name.
   * @example acme
   */
  readonly slug: string;

  /**
   * Its name for people.
   * @example Acme Corporation
   */
  readonly displayName: string;

  constructor({ tenant }: PersonMembership) {
    this.id = tenant.id;
    this.slug = tenant.slug;
    this.displayName = tenant.displayName;
  }
}

/** A tenant that somebody may sign in to. */
export class OwnMembershipDto extends SignedInTenantDto {
  /**
   * The roles there.
   * @example ["operator"]
   */
  readonly roles: string[];

  constructor(membership: PersonMembership) {
    super(membership);
    this.roles = [...membership.roles];
  }
}

/** A sign-in that succeeded: with tokens, or, for a browser, with a cookie. */
export class SignedInDto {
  /**
   * The token to send with requests: a JWT, good for ten minutes. Not for a browser.
   * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln
   */
  readonly accessToken?: string;

  /**
   * The token that gets the next access token at `POST /oauth/token`, once. Not for a browser.
   * @example tnr_4bJ2xkQ0dN9rVtW7yZcE1fGhI3jKlMaB5CdEf6
   */
  readonly refreshToken?: string;

  /**
   * What a browser sends as `X-CSRF-Token` with every request that changes something.
   * @example 3q2-7wAAyVQ1m8Yl0eXQbq0v4yV0l3pYJm9yqf0aBcD
   */
  readonly csrfToken?: string;

  /**
   * For how many seconds the access token, or a browser's session, is good.
   * @example 600
   */
  readonly expiresIn: number;

  /** The tenant that the session belongs to; null outside every tenant. */
  readonly tenant: SignedInTenantDto | null;

  /** Every tenant that this person may sign in to. */
  readonly tenants: OwnMembershipDto[];

  constructor({ held, expiresInSeconds, chosen, memberships }: SignedIn) {
    if (held.by === 'cookie') {
      this.csrfToken = held.csrfToken;
    } else {
      this.accessToken = held.accessToken;
      this.refreshToken = held.refreshToken;
    }
    this.expiresIn = expiresInSeconds;
    this.tenant = chosen && new SignedInTenantDto(chosen);
    this.tenants = memberships.map((membership) => new OwnMembershipDto(membership));
  }
}
