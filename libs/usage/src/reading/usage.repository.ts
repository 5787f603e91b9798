import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { isUuid, type TenantScope } from '@tenantry/kernel';
import type { Granularity, Grouping, UsageQuery } from './usage-query.js';

/** What was used by one group in one period. */
export interface UsageRow {
  readonly period: Date;
  readonly tenantId: string;
  readonly tenant: string | null;
  readonly meter: string;
  readonly group: string | null;
  /** Exact, as text: sums have more digits than a number. */
  readonly value: string;
  readonly events: bigint;
  /** Where the row stands among those of its period, tenant and meter. */
  readonly place: string;
  readonly digest: string;
}

/** Where a row stands in the order of a list: what comes after it is read next. */
export interface UsagePosition {
  readonly period: number;
  readonly tenantId: string;
  readonly meter: string;
  readonly place: string;
  readonly digest: string;
}

/** So many rows of a query, behind one of them. */
export interface UsageStretch extends UsageQuery {
  readonly after: UsagePosition | null;
  readonly limit: number;
}

/** So much of a group's name orders it; a digest orders the rest, so that a cursor stays short. */
const PLACE_LENGTH = 32;

const FIRST = '00000000-0000-0000-0000-000000000000';

interface Source {
  readonly table: string;
  readonly at: string;
  readonly period: string;
}

const SOURCES: Readonly<Record<Granularity, Source>> = {
  hour: { table: 'usage_hourly', at: 'hour', period: 'hour' },
  day: { table: 'usage_daily', at: 'day', period: 'day' },
  month: { table: 'usage_daily', at: 'day', period: `date_trunc('month', day, 'UTC')` },
};

// A group stands behind a mark, so that none of it (an event that named no resource) differs from
// one whose name is empty (a label without a text).
const GROUP = `case $7
    when 'resource' then '=' || nullif(resource, '')
    when 'actor' then '=' || nullif(actor, '')
    when 'label' then '=' || (labels ->> $8)
  end`;

/** Whose sums are read: a tenant's by itself, or by the platform one tenant's or all of them. */
type Reach = 'own' | 'one' | 'all';

const SLUG = '(select slug from tenants where tenants.id = tenant_id)';

function statementOf(granularity: Granularity, reach: Reach): string {
  const { table, at, period } = SOURCES[granularity];
  // Of all, the value is null: it has to stand somewhere.
  const tenant = reach === 'all' ? '$1::uuid is null' : 'tenant_id = $1::uuid';
  return `
  select period, tenant_id::text as "tenantId", ${reach === 'own' ? 'null' : SLUG} as tenant,
    meter, name <> '' as "isGrouped", substr(name, 2) as "group",
    trim_scale(sum(value))::text as value, sum(events)::bigint as events,
    left(name, ${PLACE_LENGTH}) as place, md5(name) as digest
  from (
    select ${period} as period, tenant_id, meter, coalesce((${GROUP}) collate "C", '') as name,
      value, events
    from ${table}
    where ${tenant} and ${at} >= $2::timestamptz and ${at} < $3::timestamptz
      and ($4::text is null or meter = $4)
      and ($5::text is null or resource = $5)
      and ($6::text is null or actor = $6)
  ) as used
  where $9::timestamptz is null
    or (period, tenant_id, meter, left(name, ${PLACE_LENGTH}), md5(name))
      > ($9, $10::uuid, $11, $12, $13)
  group by period, tenant_id, meter, name
  order by period, tenant_id, meter, left(name, ${PLACE_LENGTH}), md5(name)
  limit $14`;
}

function statementsOf(reach: Reach): Readonly<Record<Granularity, string>> {
  return {
    hour: statementOf('hour', reach),
    day: statementOf('day', reach),
    month: statementOf('month', reach),
  };
}

const OF_ITSELF = statementsOf('own');
const OF_ONE = statementsOf('one');
const OF_ALL = statementsOf('all');

const TENANT = 'select id::text from tenants where id = $1::uuid or slug = $2';

const METERS = `
  select distinct meter from usage_daily
  where tenant_id = $1::uuid and day >= $2::timestamptz
  order by meter limit $3`;

const CHARGEBACK = 'usage-chargeback';

type FoundRow = UsageRow & { readonly isGrouped: boolean };

/** Reads the sums of the ledger. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: Database) {}

  /** By period, meter and group. */
  async list(scope: TenantScope, stretch: UsageStretch): Promise<UsageRow[]> {
    const values = [scope.tenantId, ...valuesOf(stretch)];
    const text = OF_ITSELF[stretch.granularity];
    return (await this.database.query<FoundRow>(scope, text, values)).map(rowOf);
  }

  /** By period, tenant, meter and group; of one tenant, or, where it is null, of all. */
  async listAcrossTenants(tenantId: string | null, stretch: UsageStretch): Promise<UsageRow[]> {
    const values = [tenantId, ...valuesOf(stretch)];
    const text = (tenantId === null ? OF_ALL : OF_ONE)[stretch.granularity];
    const rows = await this.database.queryAcrossTenants<FoundRow>(CHARGEBACK, text, values);
    return rows.map(rowOf);
  }

  /** The id of the tenant that has this id, or this slug; null where there is none. */
  async tenantIdOf(idOrSlug: string): Promise<string | null> {
    const values = isUuid(idOrSlug) ? [idOrSlug, null] : [null, idOrSlug];
    const [tenant] = await this.database.queryAcrossTenants<{ id: string }>(
      CHARGEBACK,
      TENANT,
      values,
    );
    return tenant?.id ?? null;
  }

  /** The meters that a tenant used since a day, so many at most. */
  async meters(scope: TenantScope, since: number, limit: number): Promise<string[]> {
    const values = [scope.tenantId, new Date(since).toISOString(), limit];
    const rows = await this.database.query<{ meter: string }>(scope, METERS, values);
    return rows.map(({ meter }) => meter);
  }
}

function rowOf({ isGrouped, ...row }: FoundRow): UsageRow {
  return isGrouped ? row : { ...row, group: null };
}

const FROM_THE_START = { period: null, tenantId: FIRST, meter: '', place: '', digest: '' };

function valuesOf({ grouping, after, limit, ...query }: UsageStretch): unknown[] {
  const { period, tenantId, meter, place, digest } = after ?? FROM_THE_START;
  // Whatever is of an earlier period need not be read again.
  const from = Math.max(query.from, period ?? 0);
  return [
    new Date(from).toISOString(),
    new Date(query.to).toISOString(),
    query.meter,
    query.resource,
    query.actor,
    grouping.by,
    keyOf(grouping),
    period === null ? null : new Date(period).toISOString(),
    tenantId,
    meter,
    place,
    digest,
    limit,
  ];
}

function keyOf(grouping: Grouping): string | null {
  return grouping.by === 'label' ? grouping.key : null;
}
