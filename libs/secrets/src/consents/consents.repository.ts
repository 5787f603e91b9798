import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { Consent, GivenConsent } from './consent.js';

const LIST = `
  select account_id::text as "accountId", client_id as "clientId", name_prefix as "namePrefix",
    given_by as "givenBy", created_at as "createdAt"
  from secret_consents where tenant_id = $1::uuid
  order by client_id collate "C", name_prefix collate "C", account_id`;

// Two who replace all of them at once would otherwise end with what neither has asked for.
const LOCK = "select pg_advisory_xact_lock(hashtextextended('secret_consents:' || $1, 0))::text";

const DELETE = `
  delete from secret_consents
  using unnest($2::uuid[], $3::text[]) as gone(account_id, name_prefix)
  where tenant_id = $1::uuid and secret_consents.account_id = gone.account_id
    and secret_consents.name_prefix = gone.name_prefix`;

const INSERT = `
  insert into secret_consents (tenant_id, account_id, client_id, name_prefix, given_by, created_at)
  select $1::uuid, given.*, $5, $6::timestamptz
  from unnest($2::uuid[], $3::text[], $4::text[]) as given(account_id, client_id, name_prefix)`;

/** Who gave them, and when. */
export interface Giving {
  readonly givenBy: string;
  readonly createdAt: Date;
}

@Injectable()
export class ConsentsRepository {
  constructor(private readonly database: Database) {}

  /** By client id and prefix. */
  async list(scope: TenantScope): Promise<GivenConsent[]> {
    return this.database.query<GivenConsent>(scope, LIST, [scope.tenantId]);
  }

  /** The same, and nobody else replaces any of them until the transaction ends. */
  async lock({ query, tenantId }: TenantTransaction): Promise<GivenConsent[]> {
    await query(LOCK, [tenantId]);
    return query<GivenConsent>(LIST, [tenantId]);
  }

  async delete(
    { query, tenantId }: TenantTransaction,
    consents: readonly Consent[],
  ): Promise<void> {
    await query(DELETE, [
      tenantId,
      consents.map(({ accountId }) => accountId),
      consents.map(({ namePrefix }) => namePrefix),
    ]);
  }

  async insert(
    { query, tenantId }: TenantTransaction,
    consents: readonly Consent[],
    { givenBy, createdAt }: Giving,
  ): Promise<void> {
    await query(INSERT, [
      tenantId,
      consents.map(({ accountId }) => accountId),
      consents.map(({ clientId }) => clientId),
      consents.map(({ namePrefix }) => namePrefix),
      givenBy,
      createdAt.toISOString(),
    ]);
  }
}
