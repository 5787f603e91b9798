import { type ExecutionContext, Injectable } from '@nestjs/common';

import { ChangeFeed } from '@tenantry/database';
import { Clock, TenantScope } from '@tenantry/kernel';
import { MembershipMissing, TenantMissing, TokenInvalid } from './access.errors.js';
import { type Actor } from './actor.js';
import { AddressThrottle } from './address-throttle.js';
import { fingerprintOf, readUnverified } from './bearer-token.js';
import { BearerGuard } from './bearer.strategy.js';
import { identityOf, tenantNameOf } from './identity.js';
import { BuiltInIssuer, IssuerDirectory } from './issuer-directory.js';
import { MemberDirectory, type PlatformAccount, PlatformDirectory } from './member-directory.js';
import { permissionsOf, platformPermissionsOf } from './permission.js';
import { TenantDirectory, type TenantState } from './tenant-directory.js';
import { tag, TrustedCache } from './trusted-cache.js';
import type { Trust, VerifiedToken } from './verify-token.js';

const CACHED_TOKENS_MAX = 20_000;
const CACHED_FOR_MS = 60_000;

/** An actor, and the tenant that its token belongs to; none for the platform's. */
export interface Authenticated {
  readonly actor: Actor;
  readonly tenant: TenantState | null;
}

interface CachedToken extends Authenticated {
  readonly expiresAtMs: number;
}

/** Everything that the guard must find out; each provided by the feature that knows it. */
@Injectable()
export class Directories {
  constructor(
    readonly issuers: IssuerDirectory,
    readonly builtIn: BuiltInIssuer,
    readonly members: MemberDirectory,
    readonly platform: PlatformDirectory,
    // One more than the usual four: these five are one thing, what the guard asks.
    readonly tenants: TenantDirectory,
  ) {}
}

/**
 * Turns a bearer token into an actor and its tenant.
 *
 * A verified token is remembered under its SHA-256 until the earliest of: its `exp`, a minute, the
 * end of its issuer or of that issuer's keys, its age limit, or a change of anything it rests on.
 */
@Injectable()
export class Authenticator {
  readonly #tokens: TrustedCache<CachedToken>;

  constructor(
    private readonly directories: Directories,
    private readonly bearer: BearerGuard,
    private readonly throttle: AddressThrottle,
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
  ) {
    this.#tokens = new TrustedCache(feed, clock, CACHED_TOKENS_MAX);
  }

  async authenticate(context: ExecutionContext, token: string, ip: string): Promise<Authenticated> {
    const fingerprint = fingerprintOf(token);
    const known = this.#tokens.get(fingerprint);
    if (known && this.clock.now().getTime() < known.expiresAtMs) return known;

    // Before a signature is verified or a key fetched: whoever guesses pays for it.
    return this.throttle.attempt('token', ip, () => this.#verify(context, fingerprint));
  }

  async #verify(context: ExecutionContext, fingerprint: string): Promise<Authenticated> {
    const asOf = this.feed.revision;
    const verified = await this.bearer.verify(context, (token) => this.#trustOf(token));
    const authenticated =
      verified.issuer.tenancy.kind === 'none'
        ? await this.#platformActor(verified)
        : await this.#tenantActor(verified);

    const expiresAtMs = trustedUntilMs(verified);
    this.#tokens.set(
      fingerprint,
      { ...authenticated, expiresAtMs },
      {
        asOf,
        ttlMs: Math.min(CACHED_FOR_MS, expiresAtMs - this.clock.now().getTime()),
        tags: tagsOf(verified, authenticated),
      },
    );
    return authenticated;
  }

  async #trustOf(token: string): Promise<Trust> {
    const unverified = readUnverified(token);
    const { issuers, builtIn } = this.directories;
    const issuer =
      unverified.claims['iss'] === builtIn.issuer
        ? await builtIn.trust()
        : await issuers.find(unverified);
    if (!issuer) throw new TokenInvalid('unknown_issuer');
    const key = await issuer.keyFor(unverified);
    if (!key) throw new TokenInvalid('unknown_key');
    return { issuer, key, clock: this.clock };
  }

  async #tenantActor(verified: VerifiedToken): Promise<Authenticated> {
    const name = tenantNameOf(verified);
    const tenant = name === null ? null : await this.directories.tenants.find(name);
    if (!tenant) throw new TenantMissing();
    const scope = TenantScope.admit(tenant.id);
    const { admission } = verified.issuer;
    const member = await this.directories.members.admit(scope, identityOf(verified), admission);
    if (!member) throw new MembershipMissing();
    const actor: Actor = {
      ...member,
      ...vouchedBy(verified),
      isPlatform: false,
      isEngine: false,
      permissions: permissionsOf(member.roles),
    };
    return { actor, tenant };
  }

  async #platformActor(verified: VerifiedToken): Promise<Authenticated> {
    const account = await this.directories.platform.find(verified.subject);
    if (!account) throw new TokenInvalid('unknown_account');
    return { actor: platformActor(verified, account), tenant: null };
  }
}

function platformActor(verified: VerifiedToken, account: PlatformAccount): Actor {
  return {
    ...account,
    ...vouchedBy(verified),
    email: null,
    isPlatform: true,
    isEngine: account.roles.length === 1 && account.roles[0] === 'engine',
    permissions: platformPermissionsOf(account.roles),
  };
}

function vouchedBy({
  issuer,
  key,
  subject,
  claims,
}: VerifiedToken): Pick<Actor, 'issuer' | 'subject' | 'keyId' | 'sessionId'> {
  const session = claims['sid'];
  return {
    issuer: issuer.rules.issuer,
    subject,
    keyId: key.kid,
    sessionId: typeof session === 'string' ? session : null,
  };
}

/** The earliest moment at which any ground for believing the token ends, in ms of wall-clock time. */
function trustedUntilMs({ issuer, key, claims }: VerifiedToken): number {
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

function tagsOf({ issuer }: VerifiedToken, { actor, tenant }: Authenticated): string[] {
  if (!tenant) return [tag('platform_account', actor.id), 'signing_keys'];
  return [tag('issuer', issuer.id), tag('tenant', tenant.id), tag('member', actor.id)];
}
