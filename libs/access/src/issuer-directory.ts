import type { KeyObject } from 'node:crypto';

import type { SessionRegistration } from './session-directory.js';

/** What a token says of itself before anything was verified. Good for looking things up only. */
export interface UnverifiedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** How one issuer's tokens are to be verified. */
export interface TrustRules {
  /** Compared with `iss` byte for byte, as each of the aliases is. */
  readonly issuer: string;
  readonly issuerAliases: readonly string[];
  readonly audiences: readonly string[];
  readonly clockSkewSeconds: number;
  readonly maxTokenAgeSeconds: number | null;
  /** From then on nothing of this issuer is believed. */
  readonly notAfter: Date | null;
  /** What the claims must fulfil besides. */
  readonly condition: ClaimCondition | null;
}

/** A condition on the claims of a token whose signature holds. */
export interface ClaimCondition {
  /** False for whatever cannot be decided too. */
  admits(claims: Readonly<Record<string, unknown>>): boolean;
}

/** Names of the claims that say who the subject is; one that begins with `/` is a JSON pointer. */
export interface ClaimNames {
  readonly subject: string;
  readonly email: string;
  readonly name: string;
  readonly groups: string;
}

/** Who gets in by an issuer, and as what. */
export interface AdmissionRules {
  readonly admission: 'members' | 'anyone';
  readonly roles: readonly string[];
  readonly roleMapping: readonly { readonly group: string; readonly role: string }[];
  /** Of a guest's issuer: everything that it gives holds for this resource alone. */
  readonly resource: string | null;
}

/** A key that verifies, and the algorithms that its own type allows, whatever a header says. */
export interface TrustedKey {
  readonly kid: string | null;
  /** RFC 7638: what the key is, whatever it is called. */
  readonly thumbprint: string;
  readonly key: KeyObject;
  readonly algorithms: readonly string[];
  /** Until when this key is believed without being confirmed by its issuer again. */
  readonly trustedUntil: Date | null;
}

/** Which tenant the tokens of an issuer belong to. */
export type Tenancy =
  | { readonly kind: 'owner'; readonly tenantId: string }
  /** The tenant whose id or slug the claim holds: an issuer of the platform. */
  | { readonly kind: 'claim'; readonly claim: string }
  /** None: the built-in issuer's belong to the platform itself. */
  | { readonly kind: 'none' };

/** One registration, and everything that its tokens are held to. */
export interface TrustedIssuer {
  readonly id: string;
  readonly tenancy: Tenancy;
  readonly rules: TrustRules;
  readonly claimNames: ClaimNames;
  readonly admission: AdmissionRules;
  /** The key that this token must be signed with; null where the issuer has no such key. */
  keyFor(token: UnverifiedToken): Promise<TrustedKey | null>;
}

/** Finds the one registration that a token can belong to. */
export abstract class IssuerDirectory {
  /**
   * Null where nobody registered such an issuer, or where a token matches two registrations.
   * Throws `IssuerPending` where the registration cannot be judged yet.
   */
  abstract find(token: UnverifiedToken): Promise<TrustedIssuer | null>;

  /** The guest issuer of one tenant that a token belongs to: found only where the tenant is named. */
  abstract findGuest(token: UnverifiedToken, tenantId: string): Promise<TrustedIssuer | null>;

  /** The registration behind a session, while it is still trusted, and the key that signed too. */
  abstract stillVouching(registration: SessionRegistration): Promise<Vouching | null>;

  /** What signing in through a tenant's own provider needs; null where that is not set up. */
  abstract signInClient(tenantId: string, registrationId: string): Promise<SignInClient | null>;
}

/** What a registration gives to those whom it vouches for, and until when. */
export interface Vouching {
  readonly rules: AdmissionRules;
  readonly trustedUntil: Date | null;
}

/** The client that Tenantry is at a tenant's OpenID provider. */
export interface SignInClient {
  readonly issuer: string;
  readonly clientId: string;
  /** Null for a public client, which PKCE alone protects. */
  readonly clientSecret: string | null;
  /** How the provider's ID tokens are verified: by the registration's rules, for this client. */
  readonly trusted: TrustedIssuer;
}

/** The issuer that Tenantry itself is. The sign-in feature provides it. */
export abstract class BuiltInIssuer {
  abstract readonly issuer: string;
  abstract trust(): Promise<TrustedIssuer>;
}
