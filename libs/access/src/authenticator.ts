import { type ExecutionContext, Injectable } from '@nestjs/common';

import { ChangeFeed } from '@tenantry/database';
import { Clock, TenantScope } from '@tenantry/kernel';
import { MembershipMissing, TenantMissing, TokenInvalid } from './access.errors.js';
import { type Actor } from './actor.js';
import { AddressThrottle } from './address-throttle.js';
import { API_KEY_PREFIX } from './api-key-directory.js';
import { type Credential, fingerprintOf, readUnverified } from './bearer-token.js';
import { BearerGuard } from './bearer.strategy.js';
import { Directories } from './directories.js';
import { evidenceOf, evidenceOfSession } from './evidence-of.js';
import { identityOf, tenantNameOf } from './identity.js';
import type { MemberDirectory, Membership } from './member-directory.js';
import {
  type Authenticated,
  platformActor,
  registrationTags,
  type Resolved,
  validUntilMs,
  vouchedBy,
  type Vouched,
  withTags,
} from './resolved.js';
import type { LiveSession } from './session-directory.js';
import type { TenantState } from './tenant-directory.js';
import { tag, TrustedCache } from './trusted-cache.js';
import { type Trust, type VerifiedToken, verifyToken } from './verify-token.js';

const CACHED_CREDENTIALS_MAX = 20_000;
const CACHED_FOR_MS = 60_000;

/**
 * Turns a credential into an actor and its tenant.
 *
 * What was found is remembered under the credential's SHA-256 until the earliest of: its end, a
 * minute, the end of its issuer or of that issuer's keys, or a change of anything it rests on.
 */
@Injectable()
export class Authenticator {
  readonly #known: TrustedCache<Resolved>;

  constructor(
    private readonly directories: Directories,
    private readonly bearer: BearerGuard,
    private readonly throttle: AddressThrottle,
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
  ) {
    this.#known = new TrustedCache(feed, clock, CACHED_CREDENTIALS_MAX);
  }

  /** Throws `TokenInvalid`, or says why a good token opens no tenant. */
  async authenticate(
    context: ExecutionContext,
    credential: Credential,
    ip: string,
  ): Promise<Authenticated> {
    const fingerprint = fingerprintOf(`${credential.kind}:${credential.text}`);
    const known = this.#known.get(fingerprint);
    const resolved =
      known && this.#now() < known.validUntilMs
        ? known
        : // Before a signature is verified or a key fetched: whoever guesses pays for it.
          await this.throttle.attempt('token', ip, () =>
            this.#resolveAndKeep(context, credential, fingerprint),
          );
    if (resolved.apiKey) this.directories.apiKeys.used(resolved.apiKey, ip);
    return resolved;
  }

  /**
   * Who a credential stands for, for somebody else who asks; until when in ms of wall-clock time. Nobody
   * becomes a member by being asked about.
   */
  async inspect(
    text: string,
    kind: Credential['kind'] = 'token',
  ): Promise<Authenticated & { readonly validUntilMs: number }> {
    const verify = (token: string): Promise<VerifiedToken> => this.verify(token);
    return this.#resolve({ kind, text }, verify, (...who) => this.#recognise(...who));
  }

  /** A JWT of a trusted issuer, held to that issuer's rules. Throws `TokenInvalid`. */
  async verify(token: string): Promise<VerifiedToken> {
    return verifyToken(token, await this.#trustOf(token));
  }

  async #resolveAndKeep(
    context: ExecutionContext,
    credential: Credential,
    fingerprint: string,
  ): Promise<Resolved> {
    const asOf = this.feed.revision;
    const resolved = await this.#resolve(credential, () =>
      this.bearer.verify(context, (token) => this.#trustOf(token)),
    );
    const { validUntilMs, tags } = resolved;
    const ttlMs = Math.min(CACHED_FOR_MS, validUntilMs - this.#now());
    this.#known.set(fingerprint, resolved, { asOf, ttlMs, tags });
    return resolved;
  }

  async #resolve(
    { kind, text }: Credential,
    verify: (token: string) => Promise<VerifiedToken>,
    enter: MemberDirectory['admit'] = (...who) => this.directories.members.admit(...who),
  ): Promise<Resolved> {
    if (kind === 'cookie') return this.#byCookie(text);
    if (text.startsWith(API_KEY_PREFIX)) return this.#byApiKey(text);
    const verified = await verify(text);
    const resolved =
      verified.issuer.tenancy.kind === 'none'
        ? await this.#byOwnToken(verified)
        : await this.#byExternalToken(verified, enter);
    return { ...resolved, validUntilMs: Math.min(resolved.validUntilMs, validUntilMs(verified)) };
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

  async #byExternalToken(
    verified: VerifiedToken,
    enter: MemberDirectory['admit'],
  ): Promise<Resolved> {
    const tenant = await this.#tenant(tenantNameOf(verified));
    const scope = TenantScope.admit(tenant.id);
    const { admission, id } = verified.issuer;
    const member = await enter(scope, identityOf(verified), admission);
    const vouched = { ...vouchedBy(verified), by: 'token' } as const;
    const evidence = evidenceOf(verified);
    if (!member) throw new MembershipMissing({ tenant, vouched, evidence });
    const resolved = await this.#memberOf(tenant, member, vouched);
    return { ...withTags(resolved, [tag('issuer', id)]), evidence };
  }

  /** Who is a member already, as `admit` would answer it; an admission would write somebody down. */
  async #recognise(
    ...[scope, identity, rules]: Parameters<MemberDirectory['admit']>
  ): Promise<Membership | null> {
    const { members } = this.directories;
    const { outcome } = await members.preview(scope, identity, rules);
    return outcome === 'member' ? members.admit(scope, identity, rules) : null;
  }

  /** A token of ours: of a session, of a tenant's service account, or of one of the platform's. */
  async #byOwnToken(verified: VerifiedToken): Promise<Resolved> {
    const { sessions, members, platform } = this.directories;
    const { tid, jti, sid } = verified.claims;
    if (typeof jti === 'string' && (await sessions.isRevoked(jti))) {
      throw new TokenInvalid('revoked');
    }
    const vouched = { ...vouchedBy(verified), by: 'token' } as const;
    const tags = ['signing_keys', ...(typeof jti === 'string' ? [tag('token', jti)] : [])];
    if (typeof sid === 'string') {
      const session = await sessions.find(sid);
      if (!session) throw new TokenInvalid('session_ended');
      return withTags(await this.#bySession(session, vouched), tags);
    }
    if (typeof tid !== 'string') {
      const account = await platform.find(verified.subject);
      if (!account) throw new TokenInvalid('unknown_account');
      return withTags(platformActor(account, vouched), tags);
    }
    const tenant = await this.#tenant(tid);
    const scope = TenantScope.admit(tenant.id);
    const member = await members.find(scope, verified.subject, null);
    if (member?.kind !== 'service') {
      throw new MembershipMissing({ tenant, vouched, evidence: null });
    }
    return withTags(await this.#memberOf(tenant, member, vouched), tags);
  }

  async #byCookie(secret: string): Promise<Resolved> {
    const session = await this.directories.sessions.byCookie(secret);
    if (!session) throw new TokenInvalid('session_ended');
    const { issuer } = this.directories.builtIn;
    const subject = session.memberId ?? session.personId ?? session.id;
    return this.#bySession(session, {
      issuer,
      subject,
      keyId: null,
      sessionId: session.id,
      by: 'cookie',
      hasSecondFactor: session.hasSecondFactor,
    });
  }

  async #byApiKey(text: string): Promise<Resolved> {
    const { apiKeys, members, builtIn } = this.directories;
    const key = await apiKeys.find(text);
    if (!key || (key.expiresAt && key.expiresAt.getTime() <= this.#now())) {
      throw new TokenInvalid('unknown_api_key');
    }
    const tenant = await this.#tenant(key.tenantId);
    const member = await members.find(TenantScope.admit(tenant.id), key.memberId, null);
    const vouched = {
      issuer: builtIn.issuer,
      subject: key.memberId,
      keyId: key.id,
      sessionId: null,
      by: 'api_key',
      hasSecondFactor: false,
    } as const;
    if (!member) throw new MembershipMissing({ tenant, vouched, evidence: null });
    const resolved = await this.#memberOf(tenant, member, vouched);
    const endsAtMs = key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    return {
      ...withTags(resolved, [tag('api_key', key.id)]),
      validUntilMs: Math.min(resolved.validUntilMs, endsAtMs),
      apiKey: key,
    };
  }

  async #bySession(session: LiveSession, given: Vouched): Promise<Resolved> {
    const { platform, members } = this.directories;
    const { id, personId, tenantId, memberId } = session;
    const vouched = { ...given, sessionId: id, hasSecondFactor: session.hasSecondFactor };
    const sessionTag = tag('session', id);
    const endsAtMs = session.expiresAt.getTime();
    if (tenantId === null || memberId === null) {
      const account = personId === null ? null : await platform.findPerson(personId);
      if (!account) throw new TokenInvalid('unknown_account');
      const resolved = withTags(platformActor(account, vouched), [sessionTag]);
      return { ...resolved, validUntilMs: endsAtMs };
    }
    const tenant = await this.#tenant(tenantId);
    const vouching = await this.#vouching(session);
    const member = await members.find(
      TenantScope.admit(tenant.id),
      memberId,
      vouching && { groups: session.registration?.groups ?? [], rules: vouching.rules },
    );
    const evidence =
      session.registration && vouching && evidenceOfSession(session.registration, vouching.rules);
    if (member?.personId !== personId) throw new MembershipMissing({ tenant, vouched, evidence });
    const resolved = await this.#memberOf(tenant, member, vouched);
    return {
      ...withTags(resolved, [sessionTag, ...registrationTags(session)]),
      evidence,
      validUntilMs: Math.min(
        resolved.validUntilMs,
        endsAtMs,
        vouching?.trustedUntil?.getTime() ?? Number.POSITIVE_INFINITY,
      ),
    };
  }

  /** What vouches for a session of somebody external; null for everybody else. */
  async #vouching({
    registration,
  }: LiveSession): ReturnType<typeof this.directories.issuers.stillVouching> {
    if (!registration) return null;
    const vouching = await this.directories.issuers.stillVouching(registration);
    if (!vouching) throw new TokenInvalid('issuer_disabled');
    return vouching;
  }

  async #tenant(name: string | null): Promise<TenantState> {
    const tenant = name === null ? null : await this.directories.tenants.find(name);
    if (!tenant) throw new TenantMissing();
    return tenant;
  }

  async #memberOf(tenant: TenantState, member: Membership, vouched: Vouched): Promise<Resolved> {
    const { roles } = this.directories;
    const scope = TenantScope.admit(tenant.id);
    const grants = await Promise.all(
      member.grants.map(async ({ role, resource }) => ({
        role,
        resource,
        permissions: await roles.permissionsOf(scope, [role]),
      })),
    );
    const actor: Actor = {
      ...vouched,
      ...member,
      isPlatform: false,
      isEngine: false,
      permissions: await roles.permissionsOf(scope, member.roles),
      grants,
    };
    const ends = member.grants.flatMap(({ expiresAt }) =>
      expiresAt ? [Date.parse(expiresAt)] : [],
    );
    return {
      actor,
      tenant,
      validUntilMs: Math.min(...ends, Number.POSITIVE_INFINITY),
      tags: [
        tag('tenant', tenant.id),
        tag('member', member.id),
        tag('role', tenant.id),
        'permissions',
      ],
    };
  }

  #now(): number {
    return this.clock.now().getTime();
  }
}
