import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import {
  type Encoding,
  EXPIRING_DAYS,
  type Secret,
  type SecretState,
  type SecretVersion,
} from './secret.js';

/** So many versions of a secret are kept; saving another one destroys the oldest. */
export const VERSIONS_MAX = 100;

const COLUMNS = `
  s.id, s.name, s.version, s.labels, s.rotate_after_days as "rotateAfterDays",
  s.rotation_due_at as "rotationDueAt", s.expires_at as "expiresAt", s.revision,
  s.created_at as "createdAt", s.updated_at as "updatedAt"`;

// The tilde stands behind everything that a name may hold: a prefix is a range of the index.
const LIST = `
  select ${COLUMNS} from secrets s
  where s.tenant_id = $1::uuid
    and ($2::text is null or s.name > $2)
    and ($3::text is null or (s.name >= $3 and s.name < $3 || '~'))
    and ($4::jsonb is null or s.labels @> $4)
    and ($5::text is null or s.labels ? $5)
    and ($6::text is null or $6 = case
      when s.expires_at <= $7 then 'expired'
      when s.rotation_due_at <= $7 then 'rotation_due'
      when s.expires_at <= $7 + interval '${EXPIRING_DAYS} days' then 'expiring'
      else 'current' end)
  order by s.name limit $8`;

const GET = `select ${COLUMNS} from secrets s where s.tenant_id = $1::uuid and s.name = $2`;

// A version whose key was shredded is as good as destroyed, though its row is still there.
const VERSIONS = `
  select v.version, v.data_key_id as "keyId", v.encoding, v.expires_at as "expiresAt",
    v.restored_from as "restoredFrom", v.created_by as "createdBy", v.created_at as "createdAt",
    coalesce(v.destroyed_at, case when k.wrapped is null then k.ended_at end) as "destroyedAt"
  from secret_versions v
  join data_keys k on k.tenant_id = v.tenant_id and k.id = v.data_key_id
  where v.tenant_id = $1::uuid and v.secret_id = $2::uuid
  order by v.version desc`;

// The key is held too: until the transaction ends, it stays the one that new values are sealed under.
const LOCK = `
  with held as (
    select 1 from data_keys
    where tenant_id = $1::uuid and id = $3::uuid and state = 'active' for share)
  select (select count(*) from held) > 0 as "isHeld", s.*
  from (select 1) one left join (
    select ${COLUMNS} from secrets s
    where s.tenant_id = $1::uuid and s.name = $2 for update) s on true`;

const ROOM = `
  select count(*)::int as count from (
    select 1 from secrets where tenant_id = $1::uuid limit $2) known`;

const SAVE = `
  with head as (
    insert into secrets as s (tenant_id, id, name, version, labels, rotate_after_days,
      rotation_due_at, expires_at)
    values ($1::uuid, $2::uuid, $3, $4, $5::jsonb, $6, $7, $8)
    on conflict (tenant_id, name) do update set
      version = excluded.version, labels = excluded.labels,
      rotate_after_days = excluded.rotate_after_days, rotation_due_at = excluded.rotation_due_at,
      expires_at = excluded.expires_at, revision = s.revision + 1, updated_at = now()
    where s.id = excluded.id
    returning ${COLUMNS}),
  made as (
    insert into secret_versions (tenant_id, secret_id, version, data_key_id, sealed, encoding,
      expires_at, restored_from, created_by)
    select $1::uuid, id, version, $9::uuid, $10, $11, $8, $12, $13 from head),
  pruned as (
    delete from secret_versions
    where tenant_id = $1::uuid and secret_id = $2::uuid and version <= $4 - ${VERSIONS_MAX}
    returning version)
  select *, (select max(version) from pruned) as "prunedVersion" from head`;

const FIND_VALUE = `
  select v.version, v.encoding, v.sealed, v.expires_at as "expiresAt",
    v.data_key_id as "keyId", k.kek_id as "kekId", k.wrapped
  from secret_versions v
  join data_keys k on k.tenant_id = v.tenant_id and k.id = v.data_key_id
  where v.tenant_id = $1::uuid and v.secret_id = $2::uuid and v.version = $3`;

/** Which secrets are asked for. */
export interface SecretFilter {
  readonly after: string | null;
  readonly prefix: string | null;
  /** Secrets that carry this label. */
  readonly label: Readonly<Record<string, string>> | null;
  /** Secrets that carry a label of this key, whatever its value. */
  readonly labelKey: string | null;
  readonly state: SecretState | null;
  readonly limit: number;
}

/** The head of a secret and a version, to be written together. */
export interface SecretWrite extends Pick<
  Secret,
  'id' | 'name' | 'version' | 'labels' | 'rotateAfterDays' | 'rotationDueAt' | 'expiresAt'
> {
  readonly keyId: string;
  readonly sealed: Buffer;
  readonly encoding: Encoding;
  readonly restoredFrom: number | null;
  readonly createdBy: string;
}

/** A secret after a version was written, and the one that had to make room for it. */
export interface Written extends Secret {
  readonly prunedVersion: number | null;
}

/** A sealed value, and the key that opens it; null once either is gone. */
export interface SealedVersion {
  readonly version: number;
  readonly encoding: Encoding;
  readonly sealed: Uint8Array | null;
  readonly expiresAt: Date | null;
  readonly keyId: string;
  readonly kekId: string;
  readonly wrapped: Uint8Array | null;
}

@Injectable()
export class SecretsRepository {
  constructor(private readonly database: Database) {}

  async list(scope: TenantScope, filter: SecretFilter, now: Date): Promise<Secret[]> {
    const { after, prefix, label, labelKey, state, limit } = filter;
    const labels = label && JSON.stringify(label);
    const values = [scope.tenantId, after, prefix, labels, labelKey, state, now, limit];
    return this.database.query<Secret>(scope, LIST, values);
  }

  async get(scope: TenantScope, name: string): Promise<Secret | null> {
    const [row] = await this.database.query<Secret>(scope, GET, [scope.tenantId, name]);
    return row ?? null;
  }

  /** The newest first. */
  async versions(scope: TenantScope, secretId: string): Promise<SecretVersion[]> {
    return this.database.query<SecretVersion>(scope, VERSIONS, [scope.tenantId, secretId]);
  }

  /** The secret, locked; and whether the key still seals what is new. */
  async lock(
    { query, tenantId }: TenantTransaction,
    name: string,
    keyId: string,
  ): Promise<{ readonly secret: Secret | null; readonly isHeld: boolean }> {
    const [row] = await query<Secret & { readonly isHeld: boolean }>(LOCK, [tenantId, name, keyId]);
    if (!row) throw new Error('A statement that always answers has not.');
    const { isHeld, ...secret } = row;
    // Of no secret every column is null, whatever its type says.
    return { isHeld, secret: (secret.id as string | null) === null ? null : secret };
  }

  /** The secret, locked. */
  async find({ query, tenantId }: TenantTransaction, name: string): Promise<Secret | null> {
    const [row] = await query<Secret>(`${GET} for update`, [tenantId, name]);
    return row ?? null;
  }

  /** How many there are, counted no further than `max`. */
  async count({ query, tenantId }: TenantTransaction, max: number): Promise<number> {
    const [row] = await query<{ count: number }>(ROOM, [tenantId, max]);
    return row?.count ?? 0;
  }

  /** Null where another secret has come to have that name meanwhile. */
  async save({ query, tenantId }: TenantTransaction, write: SecretWrite): Promise<Written | null> {
    const [row] = await query<Written>(SAVE, [
      tenantId,
      write.id,
      write.name,
      write.version,
      JSON.stringify(write.labels),
      write.rotateAfterDays,
      write.rotationDueAt,
      write.expiresAt,
      write.keyId,
      write.sealed,
      write.encoding,
      write.restoredFrom,
      write.createdBy,
    ]);
    return row ?? null;
  }

  /** As it is outside any transaction; null where there is no such version. */
  async peekVersion(
    scope: TenantScope,
    name: string,
    version: number,
  ): Promise<SealedVersion | null> {
    const secret = await this.get(scope, name);
    if (!secret) return null;
    const values = [scope.tenantId, secret.id, version];
    const [row] = await this.database.query<SealedVersion>(scope, FIND_VALUE, values);
    return row ?? null;
  }

  async findVersion(
    { query, tenantId }: TenantTransaction,
    secretId: string,
    version: number,
  ): Promise<SealedVersion | null> {
    const [row] = await query<SealedVersion>(FIND_VALUE, [tenantId, secretId, version]);
    return row ?? null;
  }

  /** When the current value was saved. */
  async savedAt({ tables }: TenantTransaction, { id, version, updatedAt }: Secret): Promise<Date> {
    const row = await tables.secretVersion.findFirst({
      where: { secretId: id, version },
      select: { createdAt: true },
    });
    return row?.createdAt ?? updatedAt;
  }

  async update(
    { tables }: TenantTransaction,
    { id, revision, version }: Secret,
    data: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly rotateAfterDays?: number | null;
      readonly rotationDueAt?: Date | null;
      readonly expiresAt?: Date | null;
    },
    now: Date,
  ): Promise<void> {
    await tables.secret.updateMany({
      where: { id },
      data: { ...data, revision: revision + 1, updatedAt: now },
    });
    if (data.expiresAt === undefined) return;
    await tables.secretVersion.updateMany({
      where: { secretId: id, version },
      data: { expiresAt: data.expiresAt },
    });
  }

  /** Whether there was something to destroy. */
  async destroyVersion(
    { tables }: TenantTransaction,
    { id, revision }: Secret,
    version: number,
    now: Date,
  ): Promise<boolean> {
    const { count } = await tables.secretVersion.updateMany({
      where: { secretId: id, version, destroyedAt: null },
      data: { sealed: null, destroyedAt: now },
    });
    if (count === 0) return false;
    await tables.secret.updateMany({
      where: { id },
      data: { revision: revision + 1, updatedAt: now },
    });
    return true;
  }

  async delete({ tables }: TenantTransaction, id: string): Promise<void> {
    await tables.secret.deleteMany({ where: { id } });
  }
}
