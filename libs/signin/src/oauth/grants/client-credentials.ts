import { Injectable } from '@nestjs/common';

import {
  AddressThrottle,
  MemberDirectory,
  type RequestOrigin,
  scopeOfOwnWork,
  type TenantClient,
  TenantClients,
  TenantDirectory,
} from '@tenantry/access';
import { OAuthRefusal } from '@tenantry/http';
import { DomainError } from '@tenantry/kernel';
import { PlatformAccounts, type PlatformClient } from '../../accounts/platform-accounts.js';
import { SuccessThrottle } from '../../login/success-throttle.js';
import { AccessTokens, type IssuedToken, type TokenSubject } from '../../tokens/access-tokens.js';
import { TokenRecords } from '../token-records.js';

/** What a client shows of itself. */
export interface ClientCredential {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A machine that has shown its secret: the platform's, or a tenant's. */
export type KnownClient =
  | { readonly kind: 'platform'; readonly client: PlatformClient }
  | { readonly kind: 'tenant'; readonly client: TenantClient };

/** No such client, or not its secret. */
class ClientUnknown extends DomainError {
  readonly code = 'oauth.invalid_client';
  readonly kind = 'unauthenticated';

  constructor() {
    super('Client id and secret do not belong together.');
  }
}

/** Machines get access tokens for what they are (RFC 6749 §4.4). */
@Injectable()
export class ClientCredentials {
  constructor(
    private readonly platform: PlatformAccounts,
    private readonly clients: TenantClients,
    private readonly tenants: TenantDirectory,
    private readonly members: MemberDirectory,
    // More than the usual four: whom to ask, and what to do then.
    private readonly tokens: AccessTokens,
    private readonly throttle: AddressThrottle,
    private readonly successes: SuccessThrottle,
    private readonly records: TokenRecords,
  ) {}

  async issue(credential: ClientCredential, origin: RequestOrigin): Promise<IssuedToken> {
    const known = await this.authenticate(credential, origin);
    await this.successes.count('client', known.client.clientId);
    const subject = await this.#subjectOf(known);
    if (!subject) throw new OAuthRefusal('invalid_client', 'The client may not act at present.');
    const issued = await this.tokens.sign(subject);
    await this.records.issued(subject, origin);
    return issued;
  }

  /** Who shows this credential; a guess costs the address that makes it. Throws `OAuthRefusal`. */
  async authenticate(
    { clientId, clientSecret }: ClientCredential,
    origin: RequestOrigin,
  ): Promise<KnownClient> {
    try {
      return await this.throttle.attempt('secret', origin.ip, async () => {
        // Both are asked, whatever the first says: the time tells nobody which kind there is.
        const [platform, tenant] = await Promise.all([
          this.platform.authenticate(clientId, clientSecret),
          this.clients.authenticate(clientId, clientSecret),
        ]);
        if (platform) return { kind: 'platform', client: platform } as const;
        if (tenant) return { kind: 'tenant', client: tenant } as const;
        throw new ClientUnknown();
      });
    } catch (error) {
      if (!(error instanceof ClientUnknown)) throw error;
      await this.records.refused(error);
      throw new OAuthRefusal('invalid_client', error.message, { status: 401 });
    }
  }

  async #subjectOf(known: KnownClient): Promise<TokenSubject | null> {
    const { clientId } = known.client;
    const common = { clientId, sessionId: null };
    if (known.kind === 'platform') {
      const { id, roles } = known.client;
      return { ...common, id, tenant: null, roles };
    }
    const { tenantId, memberId } = known.client;
    const tenant = await this.tenants.find(tenantId);
    const member = await this.members.find(scopeOfOwnWork(tenantId), memberId, null);
    if (tenant?.status !== 'active' || !member) return null;
    return { ...common, id: memberId, tenant, roles: member.roles };
  }
}
