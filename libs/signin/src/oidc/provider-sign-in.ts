import { Injectable } from '@nestjs/common';

import {
  AddressThrottle,
  Caller,
  identityOf,
  IssuerDirectory,
  MemberDirectory,
  MembershipMissing,
  type RequestOrigin,
  scopeOfOwnWork,
  type SignInClient,
  TenantDirectory,
  type TenantState,
  type VerifiedToken,
} from '@tenantry/access';
import { PreviousSessions } from '../login/previous-sessions.js';
import { callerOf, registrationOf } from '../oauth/exchange/external-exchange.js';
import { TokenRecords } from '../oauth/token-records.js';
import type { OpenedSession } from '../sessions/sessions.js';
import { SignInUnknown, TransactionInvalid } from './oidc.errors.js';
import { type Arrival, ProviderSessions } from './provider-sessions.js';
import { Providers } from './providers.js';
import { Transactions } from './transactions.js';

/** Where somebody wants to sign in, and to go to then. */
export interface WantedSignIn {
  /** Id or slug. */
  readonly tenant: string;
  readonly registrationId: string;
  readonly returnTo: string;
  /** The secret of the session cookie that came along, if any. */
  readonly cookie: string | null;
}

/** What a browser comes back with. */
export interface Return {
  /** Whose callback it is. */
  readonly registrationId: string;
  readonly sealed: string | null;
  /** The query, as the provider wrote it. */
  readonly search: string;
  /** The secret of the session cookie that came along, if any. */
  readonly cookie: string | null;
}

/** A provider of a tenant at which people can sign in. */
interface Door {
  readonly tenant: TenantState;
  readonly client: SignInClient;
}

/**
 * Signs people in at the OpenID provider of their tenant. Whom it vouches for lives in that tenant
 * alone: its word never reaches an account, or another tenant.
 */
@Injectable()
export class ProviderSignIn {
  constructor(
    private readonly tenants: TenantDirectory,
    private readonly issuers: IssuerDirectory,
    private readonly members: MemberDirectory,
    private readonly providers: Providers,
    // More than the usual four: who, where, and what is made of it.
    private readonly transactions: Transactions,
    private readonly sessions: ProviderSessions,
    private readonly previous: PreviousSessions,
    private readonly records: TokenRecords,
    private readonly throttle: AddressThrottle,
  ) {}

  /** Where to send the browser, and what it keeps meanwhile. Throws `SignInUnknown`. */
  async begin({ tenant: name, registrationId: id, returnTo, cookie }: WantedSignIn): Promise<{
    readonly location: string;
    readonly transaction: string;
  }> {
    const { tenant, client } = await this.#doorOf(name, id);
    const checks = this.providers.newChecks();
    const location = await this.providers.authorizationUrl(client, checks);
    const previous = await this.previous.by(cookie);
    const transaction = this.transactions.seal({
      tenantId: tenant.id,
      registrationId: client.trusted.id,
      returnTo,
      previousSessionId: previous?.id ?? null,
      ...checks,
    });
    return { location, transaction };
  }

  /** Lets in whom the provider has sent back to the browser that began. */
  async finish(
    { registrationId: named, sealed, search, cookie }: Return,
    origin: RequestOrigin,
  ): Promise<{ readonly session: OpenedSession; readonly returnTo: string }> {
    // A wrong code costs a request to the provider: whoever guesses has few.
    return this.throttle.attempt('secret', origin.ip, async () => {
      const transaction = this.transactions.open(sealed);
      const { tenantId, registrationId, returnTo } = transaction;
      // Before anything is sent anywhere: this code is another provider's (RFC 9700 §4.4.2.2).
      if (named !== registrationId) throw new TransactionInvalid();
      const { tenant, client } = await this.#doorOf(tenantId, registrationId);
      const verified = await this.providers.redeem(client, transaction, search);
      const arrival = await this.#arrivalOf(tenant, verified, origin);
      const previous = await this.previous.by(cookie, transaction.previousSessionId);
      return { session: await this.sessions.open(arrival, { origin, previous }), returnTo };
    });
  }

  /** One refusal for whatever is missing. */
  async #doorOf(name: string, registrationId: string): Promise<Door> {
    const tenant = await this.tenants.find(name);
    if (tenant?.status !== 'active') throw new SignInUnknown();
    const client = await this.issuers.signInClient(tenant.id, registrationId);
    if (!client) throw new SignInUnknown();
    return { tenant, client };
  }

  async #arrivalOf(
    tenant: TenantState,
    verified: VerifiedToken,
    origin: RequestOrigin,
  ): Promise<Arrival> {
    const identity = identityOf(verified);
    const { admission } = verified.issuer;
    const member = await this.members.admit(scopeOfOwnWork(tenant.id), identity, admission);
    if (!member) throw await this.#turnedAway(callerOf(verified, tenant, origin));
    const registration = registrationOf(identity, verified);
    return { tenantId: tenant.id, memberId: member.id, registration };
  }

  async #turnedAway(caller: Caller): Promise<MembershipMissing> {
    const refusal = new MembershipMissing();
    await this.records.refused(refusal, caller, 'GET /v1/signin/oidc/callback/:registration');
    return refusal;
  }
}
