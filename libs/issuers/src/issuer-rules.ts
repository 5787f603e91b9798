import {
  type AdmissionRules,
  claimAt,
  type ClaimCondition,
  type Tenancy,
  type TrustedIssuer,
  type TrustedKey,
  type UnverifiedToken,
} from '@tenantry/access';
import { PLATFORM_ID } from '@tenantry/kernel';
import { Condition, ConditionInvalid } from './condition/condition.js';
import { fitOf } from './doctor/registration-choice.js';
import { subjectMatches } from './guests/subject-pattern.js';
import type { Issuer } from './issuer.js';
import type { KeySet, UsableKey } from './keys/key-set.js';
import { keysTrustedUntil } from './validator.js';

type Claims = UnverifiedToken['claims'];

/** A registration with its keys parsed and its condition compiled: both cost more than verifying. */
export interface LoadedIssuer {
  readonly issuer: Issuer;
  readonly keySet: KeySet | null;
  readonly condition: ClaimCondition | null;
}

/** What was saved by another version may not compile in this one: then it admits nobody. */
const NOBODY_FITS: ClaimCondition = { admits: () => false };

export function conditionOf({ condition }: Pick<Issuer, 'condition'>): ClaimCondition | null {
  if (condition === null) return null;
  try {
    return Condition.compile(condition);
  } catch (error) {
    if (error instanceof ConditionInvalid) return NOBODY_FITS;
    throw error;
  }
}

/** What a registration says of its tokens, apart from their keys. */
export function trustedBy({
  issuer,
  condition,
}: Pick<LoadedIssuer, 'issuer' | 'condition'>): Omit<TrustedIssuer, 'keyFor'> {
  return {
    id: issuer.id,
    tenancy: tenancyOf(issuer),
    rules: {
      issuer: issuer.issuer,
      issuerAliases: issuer.issuerAliases,
      audiences: issuer.audiences,
      clockSkewSeconds: issuer.clockSkewSeconds,
      maxTokenAgeSeconds: issuer.maxTokenAgeSeconds,
      notAfter: issuer.notAfter,
      condition,
    },
    claimNames: issuer.claims,
    admission: admissionBy(issuer),
  };
}

/** What a registration gives to those whom it lets in, and, to guests, on what. */
export function admissionBy({ admission, roles, roleMapping, guest }: Issuer): AdmissionRules {
  return { admission, roles, roleMapping, resource: guest?.resource ?? null };
}

/**
 * The condition of a registration, and whatever else tells its tokens from others of its issuer:
 * for tokens that were not found by the registry of whose tokens are whose.
 */
export function wholeCondition({
  issuer,
  condition,
}: Pick<LoadedIssuer, 'issuer' | 'condition'>): ClaimCondition {
  return {
    admits: (claims) =>
      fitOf(issuer, claims).match &&
      isInvited(issuer, claims) &&
      (condition?.admits(claims) ?? true),
  };
}

/** Whether a guest's registration is meant for the subject of these claims; any other one is. */
export function isInvited({ guest, claims: names }: Issuer, claims: Claims): boolean {
  if (!guest) return true;
  const subject = claimAt(claims, names.subject);
  return typeof subject === 'string' && subjectMatches(guest.subject, subject);
}

/** The key as the registration lets it be used. */
export function trustedKey(issuer: Issuer, key: UsableKey): TrustedKey {
  const allowed: readonly string[] = issuer.algorithms;
  const algorithms = key.algorithms.filter((algorithm) => allowed.includes(algorithm));
  return { ...key, algorithms, trustedUntil: keysTrustedUntil(issuer) };
}

export function isDistrusted(
  { distrustedKeys }: Issuer,
  { thumbprint }: Pick<UsableKey, 'thumbprint'>,
): boolean {
  return distrustedKeys.some((distrusted) => distrusted.thumbprint === thumbprint);
}

function tenancyOf({ tenantId, tenantClaim }: Issuer): Tenancy {
  if (tenantId !== PLATFORM_ID) return { kind: 'owner', tenantId };
  if (tenantClaim === null) throw new Error('An issuer of the platform names no tenant claim.');
  return { kind: 'claim', claim: tenantClaim };
}

/** By `kid`; a token without one is held to the only key that it can mean. */
export function pickKey(
  { keys }: KeySet,
  header: UnverifiedToken['header'],
): KeySet['keys'][number] | null {
  const { kid, alg } = header;
  if (kid !== undefined) {
    return typeof kid === 'string' ? (keys.find((key) => key.kid === kid) ?? null) : null;
  }
  const fitting = keys.filter(({ algorithms }) => algorithms.includes(String(alg)));
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}
