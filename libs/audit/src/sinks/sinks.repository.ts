import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { NewSink, Receiver, Signing, Sink, SinkChanges } from './sink.js';
import type { MadeSecrets } from './sink-secrets.js';

interface SinkRow extends Omit<Sink, 'delivered'> {
  readonly delivered: bigint | string;
}

/** A sink and all that it takes to send something to it. */
export interface KeptSink extends Sink {
  readonly receiver: Receiver;
}

const SINKS = `
  select id, name, url, signing, public_key as "publicKey", status, reason, delivered, attempts,
    last_success_at as "lastSuccessAt", last_failure_at as "lastFailureAt", revision,
    created_at as "createdAt", updated_at as "updatedAt", secrets
  from audit_sinks where tenant_id = $1::uuid`;

const FIND = `${SINKS} and id = $2::uuid`;
const LIST = `${SINKS} and ($2::uuid is null or id > $2::uuid) order by id limit $3`;

const COUNT = 'select count(*)::int as count from audit_sinks where tenant_id = $1::uuid';

/** It is due at once: its own beginning stands on the trail. */
const INSERT = `
  insert into audit_sinks
    (tenant_id, id, name, url, signing, public_key, secrets, delivered, checkpoints_delivered, due_at)
  select $1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::bytea,
    case when $8::boolean then coalesce(head.sequence, 0) else 0 end,
    case when $8::boolean then coalesce(head.checkpoints, 0) else 0 end, now()
  from (select 1) one left join audit_heads head on head.tenant_id = $1::uuid`;

/** Whoever is enabled, or moves, begins anew, and at once; whoever is disabled is left alone. */
const UPDATE = `
  update audit_sinks set
    name = coalesce($3::text, name), url = coalesce($4::text, url),
    status = coalesce($5::text, status),
    reason = case when $6::boolean then null else reason end,
    attempts = case when $6::boolean then 0 else attempts end,
    due_at = case
      when coalesce($5::text, status) = 'disabled' then null
      when $6::boolean then now() else due_at end,
    revision = revision + 1, updated_at = now()
  where tenant_id = $1::uuid and id = $2::uuid`;

const ROTATE = `
  update audit_sinks set secrets = $3::bytea, public_key = $4::text,
    revision = revision + 1, updated_at = now()
  where tenant_id = $1::uuid and id = $2::uuid`;

const DELETE = 'delete from audit_sinks where tenant_id = $1::uuid and id = $2::uuid';

@Injectable()
export class SinksRepository {
  constructor(private readonly database: Database) {}

  async list(scope: TenantScope, after: string | null, limit: number): Promise<KeptSink[]> {
    const { tenantId } = scope;
    const rows = await this.database.query<Row>(scope, LIST, [tenantId, after, limit]);
    return rows.map((row) => keptOf(tenantId, row));
  }

  async find(scope: TenantScope, id: string): Promise<KeptSink | null> {
    const { tenantId } = scope;
    const [row] = await this.database.query<Row>(scope, FIND, [tenantId, id]);
    return row ? keptOf(tenantId, row) : null;
  }

  /** The sink, for this transaction alone. */
  async lock({ query, tenantId }: TenantTransaction, id: string): Promise<KeptSink | null> {
    const [row] = await query<Row>(`${FIND} for update`, [tenantId, id]);
    return row ? keptOf(tenantId, row) : null;
  }

  /** Has other new sinks wait, so that none is one too many. */
  async count({ query, tenantId }: TenantTransaction): Promise<number> {
    await query('select from tenants where id = $1::uuid for no key update', [tenantId]);
    const [row] = await query<{ count: number }>(COUNT, [tenantId]);
    return row?.count ?? 0;
  }

  async insert(
    { query, tenantId }: TenantTransaction,
    id: string,
    { name, url, signing, from }: Required<NewSink>,
    { publicKey, sealed }: MadeSecrets,
  ): Promise<void> {
    const given = [name, url, signing, publicKey, sealed, from === 'now'];
    await query(INSERT, [tenantId, id, ...given]);
  }

  async update(
    { query, tenantId }: TenantTransaction,
    { id, url: present, status: was }: Sink,
    { name = null, url = null, status = null }: Nullable<SinkChanges>,
  ): Promise<void> {
    const isMoved = url !== null && url !== present;
    const isAnew = isMoved || (status === 'enabled' && was === 'disabled');
    await query(UPDATE, [tenantId, id, name, url, status, isAnew]);
  }

  async rotate(
    { query, tenantId }: TenantTransaction,
    id: string,
    { sealed, publicKey }: MadeSecrets,
  ): Promise<void> {
    await query(ROTATE, [tenantId, id, sealed, publicKey]);
  }

  async delete({ query, tenantId }: TenantTransaction, id: string): Promise<void> {
    await query(DELETE, [tenantId, id]);
  }
}

type Row = SinkRow & { readonly secrets: Uint8Array; readonly signing: Signing };
type Nullable<Given> = { readonly [Name in keyof Given]: Given[Name] | null };

function keptOf(tenantId: string, { secrets, ...row }: Row): KeptSink {
  const receiver = { tenantId, sinkId: row.id, url: row.url, secrets };
  return { ...row, delivered: Number(row.delivered), receiver };
}
