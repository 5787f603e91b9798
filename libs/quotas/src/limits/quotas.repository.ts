import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { QuotaColumns } from '../limit.js';
import type { Quota } from './quota.js';

/** A kind that is limited, whoever says so. */
export interface EffectiveRow
  extends QuotaColumns, Pick<Quota, 'kind' | 'source' | 'revision' | 'createdAt' | 'updatedAt'> {
  /** What is under way; null where that is not limited. */
  readonly slotsInUse: number | null;
}

/** A tenant's own quota of a kind. */
export type OwnRow = QuotaColumns & { readonly revision: number };

/** Which kinds are asked for. */
export interface KindFilter {
  readonly after: string | null;
  /** This one alone. */
  readonly kind: string | null;
  readonly limit: number;
}

const EFFECTIVE = `
  with limited as (
    select kind, mode, fixed, thresholds, source,
      max(rate_micros) filter (where name = 'rate') as "rateMicros",
      max(quota) filter (where name = 'rate') as burst,
      max(quota) filter (where name = 'minute') as "perMinute",
      max(quota) filter (where name = 'hour') as "perHour",
      max(quota) filter (where name = 'day') as "perDay",
      max(quota) filter (where name = 'month') as "perMonth",
      max(quota) filter (where name = 'concurrency') as concurrency
    from effective_limits
    where tenant_id = $1::uuid and ($2::text is null or kind > $2) and ($3::text is null or kind = $3)
    group by kind, mode, fixed, thresholds, source
    order by kind collate "C" limit $4)
  select limited.*, own.revision, own.created_at as "createdAt", own.updated_at as "updatedAt",
    case when limited.concurrency is not null then (
      select count(*)::int from quota_slots slot
      where slot.tenant_id = $1::uuid and slot.kind = limited.kind
        and slot.expires_at > clock_timestamp()) end as "slotsInUse"
  from limited
  left join quotas own
    on limited.source = 'tenant' and own.tenant_id = $1::uuid and own.kind = limited.kind
  order by limited.kind collate "C"`;

// Two who define quotas of one tenant at once would otherwise both be the last that fits.
const LOCK = "select pg_advisory_xact_lock(hashtextextended('quotas:' || $1, 0))::text";

const OWN = `
  select mode, fixed, thresholds, rate_micros as "rateMicros", burst, per_minute as "perMinute",
    per_hour as "perHour", per_day as "perDay", per_month as "perMonth", concurrency, revision
  from quotas where tenant_id = $1::uuid and kind = $2`;

const IS_FIXED_BY_PLAN = `
  select exists (
    select from tenants t
    join plans p on p.slug = t.plan
    join plan_limits planned on planned.plan_id = p.id
    where t.id = $1::uuid and planned.kind = $2 and planned.fixed) as "isFixed"`;

const SAVE = `
  insert into quotas as own (tenant_id, kind, mode, fixed, thresholds, rate_micros, burst,
    per_minute, per_hour, per_day, per_month, concurrency)
  values ($1::uuid, $2, $3, $4::boolean, $5::integer[], $6::bigint, $7::bigint, $8::bigint,
    $9::bigint, $10::bigint, $11::bigint, $12::bigint)
  on conflict (tenant_id, kind) do update set mode = excluded.mode, fixed = excluded.fixed,
    thresholds = excluded.thresholds, rate_micros = excluded.rate_micros, burst = excluded.burst,
    per_minute = excluded.per_minute, per_hour = excluded.per_hour, per_day = excluded.per_day,
    per_month = excluded.per_month, concurrency = excluded.concurrency,
    revision = own.revision + 1, updated_at = now()`;

@Injectable()
export class QuotasRepository {
  constructor(private readonly database: Database) {}

  /** By kind: a tenant's own, and those of its plan. */
  async effective(scope: TenantScope, { after, kind, limit }: KindFilter): Promise<EffectiveRow[]> {
    const values = [scope.tenantId, after, kind, limit];
    return this.database.query<EffectiveRow>(scope, EFFECTIVE, values);
  }

  /** The tenant's own quota; nobody else defines or removes any of them until the transaction ends. */
  async lock({ query, tenantId }: TenantTransaction, kind: string): Promise<OwnRow | null> {
    await query(LOCK, [tenantId]);
    const [row] = await query<OwnRow>(OWN, [tenantId, kind]);
    return row ?? null;
  }

  async isFixedByPlan({ query, tenantId }: TenantTransaction, kind: string): Promise<boolean> {
    const [row] = await query<{ isFixed: boolean }>(IS_FIXED_BY_PLAN, [tenantId, kind]);
    return row?.isFixed ?? false;
  }

  async count({ tables }: TenantTransaction): Promise<number> {
    return tables.quota.count();
  }

  async save(
    { query, tenantId }: TenantTransaction,
    kind: string,
    columns: QuotaColumns,
  ): Promise<void> {
    const { mode, fixed, thresholds, rateMicros, burst, concurrency } = columns;
    const { perMinute, perHour, perDay, perMonth } = columns;
    const amounts = [rateMicros, burst, perMinute, perHour, perDay, perMonth, concurrency];
    await query(SAVE, [tenantId, kind, mode, fixed, thresholds, ...amounts]);
  }

  async delete({ tables }: TenantTransaction, kind: string): Promise<void> {
    await tables.quota.deleteMany({ where: { kind } });
  }
}
