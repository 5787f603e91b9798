import { Injectable } from '@nestjs/common';

import {
  AddressThrottle,
  Authenticator,
  bearerTokenOf,
  MemberDirectory,
  PermissionMissing,
  platformPermissionsOf,
  type RequestOrigin,
  scopeOfOwnWork,
  TenantDirectory,
  TenantSuspended,
} from '@tenantry/access';
import { OAuthRefusal } from '@tenantry/http';
import { credentialOf } from '../client-authentication.js';
import type { TokenFormDto } from '../dto/token-form.dto.js';
import { ClientCredentials } from '../grants/client-credentials.js';

const PERMISSION = 'tokens:introspect';
const BEARER = /^bearer( |$)/i;

/** Whose tokens somebody may look into: those of one tenant, or all. */
export type Asker =
  { readonly sees: 'all' } | { readonly sees: 'tenant'; readonly tenantId: string };

const EVERYTHING: Asker = { sees: 'all' };

/** Finds out who asks about tokens: a service account of a tenant, or whom the platform lets. */
@Injectable()
export class Askers {
  constructor(
    private readonly clients: ClientCredentials,
    private readonly authenticator: Authenticator,
    private readonly tenants: TenantDirectory,
    private readonly members: MemberDirectory,
    // One more than the usual four: a bad token costs the address that shows it.
    private readonly throttle: AddressThrottle,
  ) {}

  /** Throws `OAuthRefusal`, `TokenInvalid`, `PermissionMissing`. */
  async identify(
    authorization: string | undefined,
    form: TokenFormDto,
    origin: RequestOrigin,
  ): Promise<Asker> {
    const isBearer = authorization !== undefined && BEARER.test(authorization);
    if (isBearer) return this.#byToken(bearerTokenOf(authorization), origin);
    const known = await this.clients.authenticate(credentialOf(authorization, form), origin);
    if (known.kind === 'tenant') {
      return this.#ofTenant(known.client.tenantId, known.client.memberId);
    }
    if (platformPermissionsOf(known.client.roles).has(PERMISSION)) return EVERYTHING;
    throw new PermissionMissing(PERMISSION);
  }

  /** The secret of a client says nothing yet of whether it may act at present. */
  async #ofTenant(tenantId: string, memberId: string): Promise<Asker> {
    const tenant = await this.tenants.find(tenantId);
    const member = await this.members.find(scopeOfOwnWork(tenantId), memberId, null);
    if (tenant && tenant.status !== 'suspended' && member) return { sees: 'tenant', tenantId };
    throw new OAuthRefusal('invalid_client', 'The client may not act at present.');
  }

  async #byToken(token: string, origin: RequestOrigin): Promise<Asker> {
    const { actor, tenant } = await this.throttle.attempt('token', origin.ip, () =>
      this.authenticator.inspect(token),
    );
    if (actor.isPlatform && actor.permissions.has(PERMISSION)) return EVERYTHING;
    if (actor.kind !== 'service' || !tenant) throw new PermissionMissing(PERMISSION);
    if (tenant.status === 'suspended') throw new TenantSuspended();
    return { sees: 'tenant', tenantId: tenant.id };
  }
}
