import { Injectable } from '@nestjs/common';

import { type TenantClient, TenantClients } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { ClientCredentials, isServiceClientId } from './client-credentials.js';

const NOTHING = Buffer.alloc(32);

/** One read over all tenants: which of them a client belongs to is only known then. */
const FIND = `
  select account.tenant_id as "tenantId", account.id, account.secret_digest as digest,
    account.previous_digest as "previousDigest", account.previous_until as "previousUntil"
  from service_accounts account
  join members member on member.tenant_id = account.tenant_id and member.id = account.id
  where account.client_id = $1 and member.status = 'active'`;

interface Row {
  readonly tenantId: string;
  readonly id: string;
  readonly digest: Uint8Array;
  readonly previousDigest: Uint8Array | null;
  readonly previousUntil: Date | null;
}

/** Checks what service accounts of tenants show for a token. */
@Injectable()
export class TenantClientCheck extends TenantClients {
  constructor(
    private readonly database: Database,
    private readonly credentials: ClientCredentials,
    private readonly clock: Clock,
  ) {
    super();
  }

  async authenticate(clientId: string, secret: string): Promise<TenantClient | null> {
    const row = isServiceClientId(clientId) ? await this.#find(clientId) : undefined;
    // Both are compared whatever comes of the first, and whether or not there is such a client.
    const isCurrent = this.credentials.matches(secret, row?.digest ?? NOTHING);
    const isPrevious = this.credentials.matches(secret, this.#previousOf(row) ?? NOTHING);
    if (!row || !(isCurrent || isPrevious)) return null;
    return { clientId, tenantId: row.tenantId, memberId: row.id };
  }

  #previousOf(row: Row | undefined): Uint8Array | null {
    const until = row?.previousUntil?.getTime() ?? Number.NEGATIVE_INFINITY;
    return row && until > this.clock.now().getTime() ? row.previousDigest : null;
  }

  async #find(clientId: string): Promise<Row | undefined> {
    const [row] = await this.database.queryAcrossTenants<Row>('client-check', FIND, [clientId]);
    return row;
  }
}
