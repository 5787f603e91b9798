import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import { Clock, type TenantScope } from '@tenantry/kernel';
import { storedGrants } from '../members.repository.js';
import type {
  NewServiceAccount,
  ServiceAccount,
  ServiceAccountChanges,
} from './service-account.js';

const ACCOUNTS = `
  select member.id, member.display_name as name, account.client_id as "clientId", member.roles,
    member.grants, member.status, account.rotated_at as "rotatedAt",
    account.previous_until as "previousUntil", member.revision,
    member.created_at as "createdAt", member.updated_at as "updatedAt"
  from service_accounts account
  join members member on member.tenant_id = account.tenant_id and member.id = account.id
  where account.tenant_id = $1::uuid`;

const FIND = `${ACCOUNTS} and account.id = $2::uuid`;

const LIST = `
  ${ACCOUNTS} and ($2::uuid is null or account.id > $2::uuid) order by account.id limit $3`;

const ROTATE = `
  update service_accounts set
    previous_digest = case when $4::timestamptz is null then null else secret_digest end,
    previous_until = $4::timestamptz, secret_digest = $3::bytea, rotated_at = $5::timestamptz
  where tenant_id = $1::uuid and id = $2::uuid`;

/** What `insert` needs beside what somebody chose. */
export interface Credential {
  readonly id: string;
  readonly clientId: string;
  readonly digest: Uint8Array<ArrayBuffer>;
}

type MemberUpdate = ServiceAccountChanges & { readonly status?: ServiceAccount['status'] };

@Injectable()
export class ServiceAccountsRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async find({ query, tenantId }: TenantTransaction, id: string): Promise<ServiceAccount | null> {
    const [row] = await query<ServiceAccount>(FIND, [tenantId, id]);
    return row ?? null;
  }

  async get(scope: TenantScope, id: string): Promise<ServiceAccount | null> {
    const [row] = await this.database.query<ServiceAccount>(scope, FIND, [scope.tenantId, id]);
    return row ?? null;
  }

  async list(scope: TenantScope, after: string | null, limit: number): Promise<ServiceAccount[]> {
    return this.database.query<ServiceAccount>(scope, LIST, [scope.tenantId, after, limit]);
  }

  async count({ tables }: TenantTransaction): Promise<number> {
    return tables.serviceAccount.count();
  }

  async insert(
    { tables }: TenantTransaction,
    { id, clientId, digest }: Credential,
    { name, roles, grants }: NewServiceAccount,
  ): Promise<void> {
    await tables.member.create({
      data: {
        id,
        kind: 'service',
        displayName: name,
        roles: [...roles],
        grants: storedGrants(grants),
      },
    });
    await tables.serviceAccount.create({ data: { id, clientId, secretDigest: digest } });
  }

  async update(
    { tables }: TenantTransaction,
    id: string,
    { name, roles, grants, status }: MemberUpdate,
  ): Promise<void> {
    await tables.member.updateMany({
      where: { id },
      data: {
        ...(name === undefined ? {} : { displayName: name }),
        ...(roles ? { roles: [...roles] } : {}),
        ...(grants ? { grants: storedGrants(grants) } : {}),
        ...(status ? { status } : {}),
        revision: { increment: 1 },
        updatedAt: this.clock.now(),
      },
    });
  }

  /** Answers until when the secret that is replaced stays good; null: it is not. */
  async rotate(
    { query, tenantId }: TenantTransaction,
    id: string,
    digest: Uint8Array<ArrayBuffer>,
    overlapSeconds: number,
  ): Promise<Date | null> {
    const now = this.clock.now();
    const until = overlapSeconds === 0 ? null : new Date(now.getTime() + overlapSeconds * 1_000);
    await query(ROTATE, [tenantId, id, digest, until, now]);
    return until;
  }

  /** Ends what was given out beside the present secret: every key, and the secret before it. */
  async endKeys({ tables }: TenantTransaction, id: string): Promise<number> {
    await tables.serviceAccount.updateMany({
      where: { id },
      data: { previousDigest: null, previousUntil: null },
    });
    const { count } = await tables.apiKey.deleteMany({ where: { memberId: id } });
    return count;
  }

  /** The member's row, and with it all that hangs on it. */
  async delete({ tables }: TenantTransaction, id: string): Promise<void> {
    await tables.member.deleteMany({ where: { id } });
  }
}
