import { Injectable } from '@nestjs/common';

import {
  Database,
  type PlatformTransaction,
  type TenantTransaction,
  violatedConstraint,
} from '@tenantry/database';
import type { TenantState } from '@tenantry/access';
import type { TenantScope } from '@tenantry/kernel';
import type { NewTenant, Tenant } from './tenant.js';
import { RouteTaken, SlugTaken } from './tenants.errors.js';

const COLUMNS = `
  t.id, t.slug, t.display_name as "displayName", t.status, t.health, t.region, t.plan, t.labels,
  t.suspended_reason as "suspendedReason", t.requires_second_factor as "requiresSecondFactor",
  t.revision,
  t.created_at as "createdAt", t.updated_at as "updatedAt",
  coalesce((select jsonb_agg(jsonb_build_object('host', r.host, 'pathPrefix', r.path_prefix)
                             order by r.host, r.path_prefix)
            from tenant_routes r where r.tenant_id = t.id), '[]') as routes`;

const LIST = `
  select ${COLUMNS} from tenants t
  where ($1::uuid is null or t.id > $1)
    and ($2::text is null or t.status = $2)
    and ($3::text is null or t.health = $3)
    and ($4::jsonb is null or t.labels @> $4)
    and ($5::text is null or t.labels ? $5)
    and ($6::text is null or t.slug ilike $6 or t.display_name ilike $6)
  order by t.id
  limit $7`;

const FIND = `select ${COLUMNS} from tenants t where t.id = $1`;

export interface TenantFilter {
  readonly after: string | null;
  readonly status: string | null;
  readonly health: string | null;
  /** Tenants that carry this label. */
  readonly label: Readonly<Record<string, string>> | null;
  /** Tenants that carry a label of this key, whatever its value. */
  readonly labelKey: string | null;
  /** Text that the slug or the display name contains. */
  readonly text: string | null;
  readonly limit: number;
}

/** A column and what it becomes. */
export type ColumnValues = Readonly<Record<string, unknown>>;

@Injectable()
export class TenantsRepository {
  constructor(private readonly database: Database) {}

  async insert(
    { query, tables }: PlatformTransaction,
    id: string,
    tenant: NewTenant,
  ): Promise<void> {
    const { slug, displayName, region = null, plan = null, labels = {}, routes = [] } = tenant;
    try {
      await query(
        `insert into tenants (id, slug, display_name, region, plan, labels)
         values ($1::uuid, $2, $3, $4, $5, $6::jsonb)`,
        [id, slug, displayName, region, plan, JSON.stringify(labels)],
      );
      await tables.tenantRoute.createMany({
        data: routes.map((route) => ({ tenantId: id, ...route })),
      });
    } catch (error) {
      const constraint = violatedConstraint(error);
      if (constraint === 'tenants_slug') throw new SlugTaken({ cause: error });
      if (constraint?.startsWith('tenant_routes')) throw new RouteTaken({ cause: error });
      throw error;
    }
  }

  async list(filter: TenantFilter): Promise<Tenant[]> {
    const { after, status, health, label, labelKey, text, limit } = filter;
    return this.database.queryAcrossTenants<Tenant>('tenants-list', LIST, [
      after,
      status,
      health,
      label && JSON.stringify(label),
      labelKey,
      text && `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
      limit,
    ]);
  }

  async findById(scope: TenantScope): Promise<Tenant | null> {
    const [row] = await this.database.query<Tenant>(scope, FIND, [scope.tenantId]);
    return row ?? null;
  }

  async findIn({ query }: PlatformTransaction, id: string): Promise<Tenant | null> {
    const [row] = await query<Tenant>(FIND.replace('$1', '$1::uuid'), [id]);
    return row ?? null;
  }

  /** The tenant as it is, and held so until the transaction ends. */
  async lock(tx: PlatformTransaction, id: string): Promise<Tenant | null> {
    // Any update of the row waits for this one; its own columns allow a tenant no more.
    await tx.query('update tenants set revision = revision where id = $1::uuid', [id]);
    return this.findIn(tx, id);
  }

  /** Names the columns one by one: the tenant role may write few of them, and must name no other. */
  async update(
    { query }: PlatformTransaction | TenantTransaction,
    id: string,
    values: ColumnValues,
  ): Promise<void> {
    const columns = Object.keys(values);
    const assignments = columns.map(
      (column, index) => `${column} = $${index + 2}${CASTS[column] ?? ''}`,
    );
    await query(
      `update tenants set ${['revision = revision + 1', 'updated_at = now()', ...assignments].join(', ')}
       where id = $1::uuid`,
      [id, ...columns.map((column) => values[column])],
    );
  }

  async findState(
    idOrSlug: { readonly id: string } | { readonly slug: string },
  ): Promise<TenantState | null> {
    const [column, value] = 'id' in idOrSlug ? ['id', idOrSlug.id] : ['slug', idOrSlug.slug];
    const [row] = await this.database.queryAcrossTenants<TenantState>(
      'tenant-of-request',
      `select id, slug, status, requires_second_factor as "requiresSecondFactor"
       from tenants where ${column} = $1`,
      [value],
    );
    return row ?? null;
  }
}

const CASTS: Readonly<Record<string, string>> = { labels: '::jsonb' };
