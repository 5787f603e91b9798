import { Injectable } from '@nestjs/common';

import { scopeOfOwnWork } from '@tenantry/access';
import { Database, type TenantTransaction } from '@tenantry/database';
import type { StoredDataKey } from '../keys/data-keys.js';
import type { Encoding } from '../secret.js';

const REASON = 'vault-rotation';
/** So much is read, opened and sealed at a time: what a batch holds in memory. */
const BATCH_ROWS = 200;
const BATCH_BYTES = 4 * 1024 * 1024;

const RETIRING = `
  select tenant_id as "tenantId", id from data_keys
  where state = 'retiring' and ($1::uuid is null or (tenant_id, id) > ($1::uuid, $2::uuid))
  order by tenant_id, id limit $3`;

const PAIR = `
  select id, kek_id as "kekId", wrapped, state from data_keys
  where tenant_id = $1::uuid and (state = 'active' or (id = $2::uuid and state = 'retiring'))`;

// Both are held, so that neither is destroyed while values are between them: what was shredded under
// the old one must not come back under another. In order of their ids, as everybody locks them.
const HOLD = `
  select id from data_keys
  where tenant_id = $1::uuid
    and ((id = $2::uuid and state = 'retiring') or (id = $3::uuid and state = 'active'))
  order by id for share`;

const PICK = `
  select secret_id as "secretId", version, octet_length(sealed) as bytes from secret_versions
  where tenant_id = $1::uuid and data_key_id = $2::uuid and sealed is not null
    and ($3::uuid is null or (secret_id, version) > ($3::uuid, $4::int))
  order by secret_id, version limit $5 for update skip locked`;

// A statement of its own: it sees what was committed before the rows were locked.
const READ = `
  select v.secret_id as "secretId", v.version, v.encoding, v.sealed, s.name
  from unnest($3::uuid[], $4::int[]) as picked(secret_id, version)
  join secret_versions v on v.tenant_id = $1::uuid and v.secret_id = picked.secret_id
    and v.version = picked.version
  join secrets s on s.tenant_id = $1::uuid and s.id = v.secret_id
  where v.data_key_id = $2::uuid and v.sealed is not null`;

const WRITE = `
  with written as (
    update secret_versions v set sealed = anew.sealed, data_key_id = $3::uuid
    from unnest($4::uuid[], $5::int[], $6::bytea[]) as anew(secret_id, version, sealed)
    where v.tenant_id = $1::uuid and v.secret_id = anew.secret_id and v.version = anew.version
      and v.data_key_id = $2::uuid and v.sealed is not null
    returning 1)
  select count(*)::int as count from written`;

const RETIRE = `
  update data_keys set wrapped = null, state = 'retired', ended_at = $3
  where tenant_id = $1::uuid and id = $2::uuid and state = 'retiring'
    and not exists (
      select from secret_versions v
      where v.tenant_id = $1::uuid and v.data_key_id = $2::uuid and v.sealed is not null)
  returning 1`;

/** A data key whose values are to be sealed under another. */
export interface RetiringKey {
  readonly tenantId: string;
  readonly id: string;
}

/** The key that values are sealed under, and the one that they are to be sealed under. */
export interface KeyPair {
  readonly tenantId: string;
  readonly old: StoredDataKey;
  readonly active: StoredDataKey;
}

/** Which version of which secret. */
export interface VersionPlace {
  readonly secretId: string;
  readonly version: number;
}

/** A sealed value with what it is bound to. */
export interface SealedValue extends VersionPlace {
  readonly name: string;
  readonly encoding: Encoding;
  readonly sealed: Uint8Array;
}

/** Versions that this transaction has locked, and whether there were no others behind them. */
interface Picked {
  readonly places: readonly VersionPlace[];
  readonly isLast: boolean;
}

type Wrapped = StoredDataKey & { readonly state: 'active' | 'retiring' };

/** The rows that rotation of data keys is about. */
@Injectable()
export class ResealingRepository {
  constructor(private readonly database: Database) {}

  /** Over all tenants, in their order. */
  async retiring(after: RetiringKey | null, limit: number): Promise<RetiringKey[]> {
    const values = [after?.tenantId ?? null, after?.id ?? null, limit];
    return this.database.queryAcrossTenants<RetiringKey>(REASON, RETIRING, values);
  }

  /** Null where there is nothing to do any more. */
  async pair({ tenantId, id }: RetiringKey): Promise<KeyPair | null> {
    const scope = scopeOfOwnWork(tenantId);
    const rows = await this.database.query<Wrapped>(scope, PAIR, [tenantId, id]);
    const old = rows.find(({ state }) => state === 'retiring');
    const active = rows.find(({ state }) => state === 'active');
    return old && active ? { tenantId, old, active } : null;
  }

  /** Whether both are what they were; until the transaction ends, they stay so. */
  async hold({ query, tenantId }: TenantTransaction, { old, active }: KeyPair): Promise<boolean> {
    return (await query(HOLD, [tenantId, old.id, active.id])).length === 2;
  }

  /** The next ones behind `after` that nobody else is at, as many as fit into a batch. */
  async pick(
    { query, tenantId }: TenantTransaction,
    keyId: string,
    after: VersionPlace | null,
  ): Promise<Picked> {
    const values = [tenantId, keyId, after?.secretId ?? null, after?.version ?? null, BATCH_ROWS];
    const rows = await query<VersionPlace & { readonly bytes: number }>(PICK, values);
    let bytes = 0;
    const places = rows.filter((row, index) => {
      bytes += row.bytes;
      return index === 0 || bytes <= BATCH_BYTES;
    });
    return { places, isLast: rows.length < BATCH_ROWS && places.length === rows.length };
  }

  async read(
    { query, tenantId }: TenantTransaction,
    keyId: string,
    places: readonly VersionPlace[],
  ): Promise<SealedValue[]> {
    return query<SealedValue>(READ, [tenantId, keyId, ...columnsOf(places)]);
  }

  /** How many were written. */
  async write(
    { query, tenantId }: TenantTransaction,
    { old, active }: KeyPair,
    values: readonly (VersionPlace & { readonly sealed: Uint8Array })[],
  ): Promise<number> {
    const sealed = values.map((value) => value.sealed);
    const parameters = [tenantId, old.id, active.id, ...columnsOf(values), sealed];
    const [row] = await query<{ count: number }>(WRITE, parameters);
    return row?.count ?? 0;
  }

  /** Destroys the key, unless something is still sealed under it. */
  async retire({ query, tenantId }: TenantTransaction, id: string, now: Date): Promise<boolean> {
    return (await query(RETIRE, [tenantId, id, now])).length > 0;
  }
}

function columnsOf(places: readonly VersionPlace[]): [string[], number[]] {
  return [places.map(({ secretId }) => secretId), places.map(({ version }) => version)];
}
