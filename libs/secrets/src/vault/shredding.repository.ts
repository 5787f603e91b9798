import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';

/** A data key as it is stored: wrapped, or destroyed. */
export interface ShreddableKey {
  readonly id: string;
  readonly kekId: string;
  readonly wrapped: Uint8Array | null;
  readonly canary: Uint8Array;
  readonly createdAt: Date;
}

/** A certificate as it is kept. */
export interface ShredCertificate {
  readonly id: string;
  readonly issuedAt: Date;
  /** JWS, compact. */
  readonly certificate: string;
}

const KEY = 'id::text, kek_id::text as "kekId", wrapped, canary, created_at as "createdAt"';

const KEYS = `
  select ${KEY} from data_keys
  where tenant_id = $1::uuid and state in ('active', 'retiring') order by id`;
const LOCK = `${KEYS} for update`;
const READ = `
  select ${KEY} from data_keys
  where tenant_id = $1::uuid and id = any($2::uuid[]) order by id`;
const DESTROY = `
  update data_keys set wrapped = null, state = 'shredded', ended_at = $3::timestamptz
  where tenant_id = $1::uuid and id = any($2::uuid[])`;
const COUNT = `
  select count(*)::int as count from secret_versions
  where tenant_id = $1::uuid and data_key_id = any($2::uuid[]) and sealed is not null`;
const KEEP = `
  insert into shred_certificates (tenant_id, id, certificate, issued_at)
  values ($1::uuid, $2::uuid, $3, $4::timestamptz)`;
const LIST = `
  select id::text, issued_at as "issuedAt", certificate from shred_certificates
  where tenant_id = $1::uuid and ($2::uuid is null or id < $2) order by id desc limit $3`;

@Injectable()
export class ShreddingRepository {
  constructor(private readonly database: Database) {}

  /** Every key of the tenant that opens anything. */
  async keys(scope: TenantScope): Promise<ShreddableKey[]> {
    return this.database.query<ShreddableKey>(scope, KEYS, [scope.tenantId]);
  }

  /** The same, locked. */
  async lockKeys({ query, tenantId }: TenantTransaction): Promise<ShreddableKey[]> {
    let locked = await query<ShreddableKey>(LOCK, [tenantId]);
    for (;;) {
      // Whoever was waited for may have put another key in the place of one of these. It would live
      // on; but while all that were found are held, there comes no more than that.
      const found = await query<ShreddableKey>(LOCK, [tenantId]);
      if (found.length === locked.length) return found;
      locked = found;
    }
  }

  /** These keys as they are stored now. */
  async readKeys(
    { query, tenantId }: TenantTransaction,
    ids: readonly string[],
  ): Promise<ShreddableKey[]> {
    return query<ShreddableKey>(READ, [tenantId, ids]);
  }

  async destroyKeys(
    { query, tenantId }: TenantTransaction,
    ids: readonly string[],
    at: Date,
  ): Promise<void> {
    await query(DESTROY, [tenantId, ids, at.toISOString()]);
  }

  /** How many values are sealed under these keys. */
  async countValues(
    { query, tenantId }: TenantTransaction,
    ids: readonly string[],
  ): Promise<number> {
    const [row] = await query<{ count: number }>(COUNT, [tenantId, ids]);
    return row?.count ?? 0;
  }

  async keep(
    { query, tenantId }: TenantTransaction,
    { id, certificate, issuedAt }: ShredCertificate,
  ): Promise<void> {
    await query(KEEP, [tenantId, id, certificate, issuedAt.toISOString()]);
  }

  /** The newest first. */
  async certificates(
    scope: TenantScope,
    before: string | null,
    limit: number,
  ): Promise<ShredCertificate[]> {
    const values = [scope.tenantId, before, limit];
    return this.database.query<ShredCertificate>(scope, LIST, values);
  }
}
