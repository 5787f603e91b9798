import { Injectable } from '@nestjs/common';

import {
  IssuerDirectory,
  type LiveSession,
  MemberDirectory,
  PlatformDirectory,
  scopeOfOwnWork,
  TenantDirectory,
} from '@tenantry/access';
import { AccessTokens, type IssuedToken } from './access-tokens.js';

/** The client that people of an account sign in with: the API itself. */
const OWN_CLIENT = 'tenantry';

/** Issues the access tokens of sessions. */
@Injectable()
export class SessionTokens {
  constructor(
    private readonly tenants: TenantDirectory,
    private readonly members: MemberDirectory,
    private readonly issuers: IssuerDirectory,
    private readonly platform: PlatformDirectory,
    private readonly tokens: AccessTokens,
  ) {}

  /** Null where nobody stands behind the session any more: the member, the person or the issuer is gone. */
  async accessTokenOf(session: LiveSession, endsBy?: Date): Promise<IssuedToken | null> {
    const { id: sessionId, tenantId, memberId, personId, expiresAt } = session;
    const ends = new Date(Math.min(expiresAt.getTime(), endsBy?.getTime() ?? Infinity));
    const common = { clientId: OWN_CLIENT, sessionId, endsBy: ends };
    if (tenantId === null || memberId === null) {
      const account = personId === null ? null : await this.platform.findPerson(personId);
      return (
        account &&
        this.tokens.sign({ ...common, id: account.id, tenant: null, roles: account.roles })
      );
    }
    const tenant = await this.tenants.find(tenantId);
    const roles = await this.#rolesOf(session, tenantId, memberId);
    if (!tenant || !roles) return null;
    const { registration } = session;
    return this.tokens.sign({
      ...common,
      id: memberId,
      tenant,
      roles,
      ...(registration ? { registrationId: registration.id } : {}),
    });
  }

  async #rolesOf(
    { registration }: LiveSession,
    tenantId: string,
    memberId: string,
  ): Promise<readonly string[] | null> {
    const scope = scopeOfOwnWork(tenantId);
    if (!registration) return (await this.members.find(scope, memberId, null))?.roles ?? null;
    const vouching = await this.issuers.stillVouching(registration);
    if (!vouching) return null;
    const { groups } = registration;
    const member = await this.members.find(scope, memberId, { groups, rules: vouching.rules });
    return member?.roles ?? null;
  }
}
