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

/** Somebody else's people, who are let in to one resource alone. */
export interface Guest {
  /** The member who answers for them. */
  readonly sponsor: string;
  /** `workflow/po-1234`. */
  readonly resource: string;
  /** An exact subject, or a pattern with `*`. */
  readonly subject: string;
}

/** What a caller registers. */
export interface Registration extends Omit<AdmissionRules, 'resource'> {
  readonly issuer: string;
  /** Other exact `iss` of the same provider, with the same keys. */
  readonly issuerAliases: readonly string[];
  readonly audiences: readonly string[];
  readonly keySource: KeySource;
  readonly algorithms: readonly Algorithm[];
  readonly match: Match | null;
  readonly claims: ClaimNames;
  /** CEL over `claims`, which a token must fulfil besides. */
  readonly condition: string | null;
  /** Of an issuer of the platform: the claim that names the tenant, by id or slug. */
  readonly tenantClaim: string | null;
  readonly clockSkewSeconds: number;
  readonly maxTokenAgeSeconds: number | null;
  readonly notAfter: Date | null;
  /** Null for a provider of the tenant's own. */
  readonly guest: Guest | null;
}

/** How a tenant's ownership of an issuer became known. */
export type OwnershipMethod = 'platform' | 'dns' | 'approval';

/** A key that is refused whatever its issuer publishes. */
export interface DistrustedKey {
  /** RFC 7638: of the key itself, so that the same key under another `kid` is refused too. */
  readonly thumbprint: string;
  readonly kid: string | null;
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string | null;
}

/** A token issuer that one tenant, or the platform, has chosen to trust. */
export interface Issuer extends Registration {
  readonly id: string;
  /** `PLATFORM_ID` for an issuer of the platform. */
  readonly tenantId: string;
  readonly status: 'enabled' | 'disabled';
  readonly healthState: HealthState;
  readonly healthReason: string | null;
  readonly healthSince: Date;
  readonly lastCheckedAt: Date | null;
  readonly nextCheckAt: Date | null;
  readonly ownershipProvenAt: Date | null;
  readonly ownershipMethod: OwnershipMethod | null;
  readonly ownershipChallenge: string;
  readonly epoch: number;
  /** The number of the last check that spoke. */
  readonly checkSettled: number;
  readonly checksFailed: number;
  /** The last good set. */
  readonly keySet: PublishedKeys | null;
  readonly keySetConfirmedAt: Date | null;
  readonly distrustedKeys: readonly DistrustedKey[];
  /** Who has made it what it is, of a guest's: somebody else approves it. */
  readonly registeredBy: string | null;
  readonly signInClientId: string | null;
  /** Sealed. */
  readonly signInClientSecret: Uint8Array | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Whether its tokens open anything: switched on, vouched for, its keys known, its time not over. */
export function isServing(issuer: Issuer, now: Date): boolean {
  const { status, healthState, ownershipProvenAt, notAfter } = issuer;
  const isHealthy = healthState === 'healthy' || healthState === 'unverified';
  const isOver = notAfter !== null && now >= notAfter;
  return status === 'enabled' && ownershipProvenAt !== null && isHealthy && !isOver;
}

/** Every exact `iss` by which the provider is known. */
export function urlsOf({
  issuer,
  issuerAliases,
}: Pick<Registration, 'issuer' | 'issuerAliases'>): string[] {
  return [issuer, ...issuerAliases];
}
