import { Injectable } from '@nestjs/common';

import {
  Authenticator,
  Caller,
  MemberDirectory,
  type RequestOrigin,
  TenantDirectory,
  TokenInvalid,
} from '@tenantry/access';
import { OAuthRefusal } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { Sessions } from '../../sessions/sessions.js';
import type { ExchangeGround } from './exchanged-sessions.js';
import type { ExchangeRequest } from './exchange-request.js';
import { NotSwitchable, SwitchNeedsSecondFactor, TargetRefused } from './exchange.errors.js';

/**
 * As long as an access token: whoever got hold of one gets nothing by it that outlives it for long,
 * and the client, which keeps its own refresh token, exchanges anew.
 */
const SWITCHED_LASTS_MS = 600_000;

/** What lets a person with an account of their own go over to another of their tenants. */
@Injectable()
export class TenantSwitch {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly members: MemberDirectory,
    private readonly tenants: TenantDirectory,
    private readonly sessions: Sessions,
    // One more than the usual four: what is switched to does not last.
    private readonly clock: Clock,
  ) {}

  /** Throws `TokenInvalid` and `ExchangeRefused`; what the guard would throw as well. */
  async groundOf(
    { subjectToken, audience }: ExchangeRequest,
    origin: RequestOrigin,
  ): Promise<ExchangeGround> {
    const { actor, tenant } = await this.authenticator.inspect(subjectToken);
    const caller = new Caller(actor, tenant, origin);
    const { personId, sessionId } = signedInPerson(caller);
    const { hasSecondFactor } = actor;
    if (audience === null) {
      throw new OAuthRefusal('invalid_request', 'audience must name the tenant to go to.');
    }
    const target = await this.#membershipIn(audience, personId);
    if (!target || target.tenant.id === tenant?.id) throw new TargetRefused(caller);
    if (target.requiresSecondFactor && !hasSecondFactor) throw new SwitchNeedsSecondFactor(caller);
    const source = await this.sessions.find(sessionId);
    if (!source) throw new TokenInvalid('session_ended');
    return {
      personId,
      tenantId: target.tenant.id,
      memberId: target.memberId,
      registration: null,
      hasSecondFactor,
      // Nobody stays signed in for longer by going to and fro.
      endsBy: earlier(source.expiresAt, this.clock.now().getTime() + SWITCHED_LASTS_MS),
      sourceId: source.id,
    };
  }

  async #membershipIn(
    name: string,
    personId: string,
  ): Promise<Awaited<ReturnType<MemberDirectory['ofPerson']>>[number] | null> {
    const memberships = await this.members.ofPerson(personId);
    const named = memberships.find(({ tenant: { id, slug } }) => name === id || name === slug);
    const state = named && (await this.tenants.find(named.tenant.id));
    return named && state?.status === 'active' ? named : null;
  }
}

function earlier(end: Date, otherMs: number): Date {
  return new Date(Math.min(end.getTime(), otherMs));
}

/** Throws `NotSwitchable` for whoever has no account of their own, or shows no session of it. */
function signedInPerson(caller: Caller): {
  readonly personId: string;
  readonly sessionId: string;
} {
  const { kind, personId, sessionId } = caller.actor;
  if (kind !== 'person' || personId === null || sessionId === null) throw new NotSwitchable(caller);
  return { personId, sessionId };
}
