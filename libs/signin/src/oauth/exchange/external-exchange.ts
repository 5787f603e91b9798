import { Injectable } from '@nestjs/common';

import {
  Authenticator,
  Caller,
  type ExternalIdentity,
  identityOf,
  IssuerDirectory,
  MemberDirectory,
  readUnverified,
  type RequestOrigin,
  scopeOfOwnWork,
  TenantDirectory,
  tenantNameOf,
  type TenantState,
  TokenInvalid,
  type VerifiedToken,
  verifyToken,
} from '@tenantry/access';
import { actorOf } from '@tenantry/audit';
import { Clock } from '@tenantry/kernel';
import type { ExchangeGround } from './exchanged-sessions.js';
import type { ExchangeRequest } from './exchange-request.js';
import { TargetRefused } from './exchange.errors.js';
import { groundsEnd } from './grounds-end.js';

/** What the token of an external issuer is good for, without making anything of it yet. */
@Injectable()
export class ExternalExchange {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly issuers: IssuerDirectory,
    private readonly members: MemberDirectory,
    private readonly tenants: TenantDirectory,
    // One more than the usual four: it is what a guard does, by other rules.
    private readonly clock: Clock,
  ) {}

  /** Throws `TokenInvalid`, `TargetRefused`, `IssuerPending`. */
  async groundOf(request: ExchangeRequest, origin: RequestOrigin): Promise<ExchangeGround> {
    const { audience, subjectToken } = request;
    const verified =
      (await this.#asGuest(request)) ?? (await this.authenticator.verify(subjectToken));
    const identity = identityOf(verified);
    const tenant = await this.#tenantOf(verified);
    const refused = new TargetRefused(callerOf(verified, tenant, origin));
    if (!tenant || !isOpen(tenant, audience)) throw refused;
    const endsBy = groundsEnd(verified);
    // Within the clock skew it is still believed; nothing can be made of it any more.
    if (endsBy <= this.clock.now()) throw new TokenInvalid('expired');
    const { admission } = verified.issuer;
    const member = await this.members.admit(scopeOfOwnWork(tenant.id), identity, admission);
    if (!member) throw refused;
    return {
      personId: null,
      tenantId: tenant.id,
      memberId: member.id,
      registration: registrationOf(identity, verified),
      hasSecondFactor: false,
      endsBy,
    };
  }

  /** By the rules of a guest's issuer in the tenant that is named; null where it has none for this token. */
  async #asGuest({ subjectToken, audience }: ExchangeRequest): Promise<VerifiedToken | null> {
    const unverified = readUnverified(subjectToken);
    const tenant = audience === null ? null : await this.tenants.find(audience);
    const issuer = tenant && (await this.issuers.findGuest(unverified, tenant.id));
    if (!issuer) return null;
    const key = await issuer.keyFor(unverified);
    if (!key) throw new TokenInvalid('unknown_key');
    return verifyToken(subjectToken, { issuer, key, clock: this.clock });
  }

  async #tenantOf(verified: VerifiedToken): Promise<TenantState | null> {
    const name = tenantNameOf(verified);
    return name === null ? null : this.tenants.find(name);
  }
}

/** Whether it is the tenant that is wanted, and can be entered at all. */
function isOpen({ id, slug, status }: TenantState, audience: string | null): boolean {
  const isWanted = audience === null || audience === id || audience === slug;
  return isWanted && status === 'active';
}

/** What vouches for a session that rests on this token. */
export function registrationOf(
  { issuerId, issuerOwnerId, subject, email, groups }: ExternalIdentity,
  { key }: VerifiedToken,
): NonNullable<ExchangeGround['registration']> {
  const { thumbprint: keyThumbprint } = key;
  return { id: issuerId, ownerId: issuerOwnerId, keyThumbprint, subject, email, groups };
}

/** Whose refusal it is: known by the token alone, for no membership was looked at. */
export function callerOf(
  { issuer, subject, key }: VerifiedToken,
  tenant: TenantState | null,
  origin: RequestOrigin,
): Caller {
  const known = { kind: 'external', id: subject, issuer: issuer.rules.issuer, subject } as const;
  return new Caller(actorOf({ ...known, keyId: key.kid }), tenant, origin);
}
