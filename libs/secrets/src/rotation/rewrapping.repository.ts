import { Injectable } from '@nestjs/common';

import { Database, type PlatformTransaction } from '@tenantry/database';
import { KEK_COLUMNS, type KekRow } from '../keys/kek-book.js';

const REASON = 'vault-rotation';

const UNDER_WAY = `
  select ${KEK_COLUMNS} from key_encryption_keys
  where state in ('active', 'retiring') order by created_at, id`;

const UNDER = `
  select tenant_id as "tenantId", id, wrapped from data_keys
  where kek_id = $1::uuid and wrapped is not null
    and ($2::uuid is null or (tenant_id, id) > ($2::uuid, $3::uuid))
  order by tenant_id, id limit $4`;

// Only where the key is still wrapped as it was, and under a key that still takes what is new. Rows
// that somebody holds are left for later: a save is not to wait, and two nodes not for each other.
const REPLACE = `
  with taking as (
    select 1 from key_encryption_keys where id = $2::uuid and state = 'active' for share),
  anew as (
    select d.tenant_id, d.id, given.wrapped
    from unnest($3::uuid[], $4::uuid[], $5::bytea[], $6::bytea[])
      as given(tenant_id, id, was, wrapped)
    join data_keys d on d.tenant_id = given.tenant_id and d.id = given.id
      and d.kek_id = $1::uuid and d.wrapped = given.was
    where exists (select from taking)
    order by d.tenant_id, d.id for no key update of d skip locked),
  replaced as (
    update data_keys d set kek_id = $2::uuid, wrapped = anew.wrapped
    from anew where d.tenant_id = anew.tenant_id and d.id = anew.id
    returning 1)
  select count(*)::int as count from replaced`;

const RETIRE = `
  update key_encryption_keys set state = 'retired', material = null, retired_at = $2
  where id = $1::uuid and state = 'retiring'
    and not exists (select from data_keys where kek_id = $1::uuid and wrapped is not null)
  returning 1`;

/** A data key, wrapped. */
export interface WrappedKey {
  readonly tenantId: string;
  readonly id: string;
  readonly wrapped: Uint8Array;
}

/** The same data key, wrapped by another key-encryption key. */
export interface KeyWrappedAnew extends WrappedKey {
  /** As it was before. */
  readonly was: Uint8Array;
}

/** The rows that rotation of key-encryption keys is about. */
@Injectable()
export class RewrappingRepository {
  constructor(private readonly database: Database) {}

  /** The active one, and those that are to end: the oldest first. */
  async underWay(): Promise<KekRow[]> {
    return this.database.queryAcrossTenants<KekRow>(REASON, UNDER_WAY);
  }

  /** Data keys that this key wraps, over all tenants, in their order. */
  async under(kekId: string, after: WrappedKey | null, limit: number): Promise<WrappedKey[]> {
    const values = [kekId, after?.tenantId ?? null, after?.id ?? null, limit];
    return this.database.queryAcrossTenants<WrappedKey>(REASON, UNDER, values);
  }

  /** How many were replaced. */
  async replace(from: string, to: string, keys: readonly KeyWrappedAnew[]): Promise<number> {
    const [row] = await this.database.queryAcrossTenants<{ count: number }>(REASON, REPLACE, [
      from,
      to,
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ id }) => id),
      keys.map(({ was }) => was),
      keys.map(({ wrapped }) => wrapped),
    ]);
    return row?.count ?? 0;
  }

  /** Ends the key, unless it still wraps something. */
  async retire({ query }: PlatformTransaction, id: string, now: Date): Promise<boolean> {
    return (await query(RETIRE, [id, now])).length > 0;
  }
}
