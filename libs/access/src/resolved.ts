import type { Actor } from './actor.js';
import type { KnownApiKey } from './api-key-directory.js';
import type { Evidence } from './evidence.js';
import type { PlatformAccount } from './member-directory.js';
import { platformPermissionsOf } from './permission.js';
import type { LiveSession } from './session-directory.js';
import type { TenantState } from './tenant-directory.js';
import { tag } from './trusted-cache.js';
import type { VerifiedToken } from './verify-token.js';

/** An actor, and the tenant that its credential belongs to; none for the platform's. */
export interface Authenticated {
  readonly actor: Actor;
  readonly tenant: TenantState | null;
  /** Where an external issuer vouches. */
  readonly evidence?: Evidence | null;
}

/** An actor, and on what it rests. */
export interface Resolved extends Authenticated {
  /** The earliest moment at which any ground for believing it ends, in ms of wall-clock time. */
  readonly validUntilMs: number;
  /** The changes that end it. */
  readonly tags: readonly string[];
  readonly apiKey?: KnownApiKey;
}

/** How the actor came to be known. */
export type Vouched = Pick<
  Actor,
  'issuer' | 'subject' | 'keyId' | 'sessionId' | 'by' | 'hasSecondFactor'
>;

/** Somebody outside every tenant. */
export function platformActor(account: PlatformAccount, vouched: Vouched): Resolved {
  const { id, kind, roles } = account;
  const actor: Actor = {
    ...vouched,
    ...account,
    personId: kind === 'person' ? id : null,
    // A person without a role there is nobody to the platform: only their own account is theirs.
    isPlatform: roles.length > 0,
    isEngine: roles.length === 1 && roles[0] === 'engine',
    permissions: platformPermissionsOf(roles),
    grants: [],
  };
  return {
    actor,
    tenant: null,
    validUntilMs: Number.POSITIVE_INFINITY,
    tags: [tag('platform_account', id)],
  };
}

/** The session is set where it was looked up: a `sid` of a foreign issuer names none of ours. */
export function vouchedBy({ issuer, key, subject }: VerifiedToken): Omit<Vouched, 'by'> {
  return {
    issuer: issuer.rules.issuer,
    subject,
    keyId: key.kid,
    sessionId: null,
    hasSecondFactor: false,
  };
}

/** The same, ended by these changes too. */
export function withTags(resolved: Resolved, tags: readonly string[]): Resolved {
  return { ...resolved, tags: [...resolved.tags, ...tags] };
}

/** The changes that end a session because of whoever vouches for it. */
export function registrationTags({ registration }: LiveSession): string[] {
  return registration ? [tag('issuer', registration.id)] : [];
}

/** The earliest moment at which any ground for believing the token ends, in ms of wall-clock time. */
export function validUntilMs({ issuer, key, claims }: VerifiedToken): number {
  const { clockSkewSeconds, maxTokenAgeSeconds, notAfter } = issuer.rules;
  const ageEnd =
    maxTokenAgeSeconds === null || claims.iat === undefined
      ? Number.POSITIVE_INFINITY
      : claims.iat + maxTokenAgeSeconds + clockSkewSeconds;
  return Math.min(
    (claims.exp + clockSkewSeconds) * 1_000,
    ageEnd * 1_000,
    notAfter?.getTime() ?? Number.POSITIVE_INFINITY,
    key.trustedUntil?.getTime() ?? Number.POSITIVE_INFINITY,
  );
}
