import type { AdmissionRules, ClaimNames } from '@tenantry/access';
import type { HealthState } from './health.js';

export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

export const DEFAULT_ALGORITHMS: readonly Algorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];
export const DEFAULT_CLAIM_NAMES: ClaimNames = {
  subject: 'sub',
  email: 'email',
  name: 'name',
  groups: 'groups',
};

/** A set of public keys as it is published (RFC 7517 §5). */
export interface PublishedKeys {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** Where an issuer's keys come from. */
export type KeySource =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'jwksUri'; readonly jwksUri: string }
  | { readonly kind: 'inline'; readonly jwks: PublishedKeys };

/** Only tokens that carry this claim with this value belong to the registration. */
export interface Match {
  readonly claim: string;
  readonly value: string;
}

/** What a caller registers. */
export interface Registration extends AdmissionRules {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly keySource: KeySource;
  readonly algorithms: readonly Algorithm[];
  readonly match: Match | null;
  readonly claims: ClaimNames;
  readonly clockSkewSeconds: number;
  readonly maxTokenAgeSeconds: number | null;
  readonly notAfter: Date | null;
}

/** A token issuer that one tenant has chosen to trust. */
export interface Issuer extends Registration {
  readonly id: string;
  readonly tenantId: string;
  readonly status: 'enabled' | 'disabled';
  readonly healthState: HealthState;
  readonly healthReason: string | null;
  readonly healthSince: Date;
  readonly lastCheckedAt: Date | null;
  readonly nextCheckAt: Date | null;
  readonly ownershipProvenAt: Date | null;
  readonly epoch: number;
  /** The last good set. */
  readonly keySet: PublishedKeys | null;
  readonly keySetConfirmedAt: Date | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Whose tokens a registration claims. */
export type TokenClaim = Pick<Registration, 'issuer' | 'audiences' | 'match'>;

/**
 * Whether no token can belong to both: another issuer, no audience in common, or the same
 * discriminator with different values. Different discriminators do not do: one token may carry both.
 */
export function areDisjoint(one: TokenClaim, other: TokenClaim): boolean {
  if (one.issuer !== other.issuer) return true;
  if (!one.audiences.some((audience) => other.audiences.includes(audience))) return true;
  if (!one.match || !other.match) return false;
  return one.match.claim === other.match.claim && one.match.value !== other.match.value;
}
