import type { AdmissionRules } from './issuer-directory.js';

/**
 * What an issuer's word came down to, found once when a credential is resolved and kept with it.
 *
 * Names of claims, groups and roles: never an address, never the credential itself.
 */
export interface Evidence {
  /** The registration that vouches. */
  readonly registration: string;
  /** The names of the claims that were read; null where a session had kept what they said. */
  readonly names: {
    readonly subject: string;
    readonly email: string;
    readonly groups: string;
    /** Of an issuer of the platform: the one that names the tenant. */
    readonly tenant: string | null;
  } | null;
  /** Whether there is an address that the issuer has verified: by it a membership may be bound. */
  readonly isEmailVerified: boolean;
  /** The first fifty. */
  readonly groups: readonly string[];
  /** The roles that those groups are mapped to. */
  readonly mappedRoles: readonly { readonly group: string; readonly role: string }[];
  /** Who gets in by this issuer, and as what without being a member. */
  readonly admission: AdmissionRules['admission'];
  readonly admissionRoles: readonly string[];
  /** Of a guest's issuer: what everything that it gives holds for. */
  readonly resource: string | null;
  /** Whether the registration asks for a condition; one that does not hold lets nobody by. */
  readonly condition: 'held' | null;
}
