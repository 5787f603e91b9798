import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import { Partitions } from './partitions.js';
import type { Reporter, TenantUsageEvent, UsageEvent } from './usage-event.js';

/** How many of what was reported were new, and how many the ledger had already. */
export interface Recorded {
  readonly accepted: number;
  readonly duplicates: number;
}

const COLUMNS = 'id, meter, value, at, resource, actor, labels';
const ARRAYS =
  '$3::text[], $4::text[], $5::numeric[], $6::timestamptz[], $7::text[], $8::text[], $9::jsonb[]';

/** Of one tenant, whose id is the first value; the second one is whose word it is. */
const RECORD = statementOf(
  `select $1::uuid as tenant_id, event.* from unnest(${ARRAYS}) as event(${COLUMNS})`,
);

/** Of many, whose ids are the first value. */
const RECORD_OF_MANY = statementOf(
  `select event.* from unnest($1::uuid[], ${ARRAYS}) as event(tenant_id, ${COLUMNS})`,
);

/**
 * Everything in one statement, and so in one transaction: who counts an id counts it in the sums.
 *
 * Each part writes in the order of its key, and the parts follow each other in one order: of two
 * statements with ids or sums in common one waits for the other, never both.
 */
function statementOf(given: string): string {
  return `
  with given as materialized (${given}),
  fresh as (
    insert into usage_ids (tenant_id, reporter, id, at)
    select tenant_id, $2, id, at from given order by tenant_id, id collate "C"
    on conflict do nothing
    returning tenant_id, id
  ),
  counted as materialized (
    select given.tenant_id, given.id, meter, value, at, resource, actor,
      coalesce(labels, '{}') as labels
    from given join fresh on fresh.tenant_id = given.tenant_id and fresh.id = given.id collate "C"
  ),
  events as (
    insert into usage_events (tenant_id, reporter, ${COLUMNS})
    select tenant_id, $2, ${COLUMNS} from counted order by tenant_id, at, id collate "C"
  ),
  sums as materialized (
    select tenant_id, date_trunc('hour', at, 'UTC') as hour, meter, coalesce(resource, '') as resource,
      coalesce(actor, '') as actor, labels, sum(value) as value, count(*) as events
    from counted group by 1, 2, 3, 4, 5, 6
  ),
  ${sumOf('hour')},
  ${sumOf('day')}
  select count(*)::int as accepted from fresh`;
}

function sumOf(unit: 'hour' | 'day'): string {
  const [name, table] = unit === 'hour' ? ['hourly', 'usage_hourly'] : ['daily', 'usage_daily'];
  return `${name} as (
    insert into ${table} as kept
      (tenant_id, ${unit}, meter, resource, actor, labels, labels_digest, value, events)
    select tenant_id, date_trunc('${unit}', hour, 'UTC'), meter collate "C", resource collate "C",
      actor collate "C", labels, md5(labels::text)::uuid, sum(value), sum(events)
    from sums
    group by 1, 2, 3, 4, 5, 6
    order by 1, 2, 3, 4, 5, 7
    on conflict (tenant_id, ${unit}, meter, resource, actor, labels_digest) do update
      set value = kept.value + excluded.value, events = kept.events + excluded.events
  )`;
}

/** Puts events on the ledger, each id of a tenant and reporter once, and keeps its sums by the hour and the day. */
@Injectable()
export class UsageLedger {
  constructor(
    private readonly database: Database,
    private readonly partitions: Partitions,
  ) {}

  /** Of one tenant. Of an id that is given twice the first counts. */
  async record(
    scope: TenantScope,
    reporter: Reporter,
    given: readonly UsageEvent[],
  ): Promise<Recorded> {
    const events = eachOnce(given);
    const values = [scope.tenantId, reporter, ...columnsOf(events)];
    const rows = await this.#writing(events, () =>
      this.database.query<{ accepted: number }>(scope, RECORD, values),
    );
    return recordedOf(given, rows);
  }

  /** Of many tenants, by the control plane itself. */
  async recordOfMany(events: readonly TenantUsageEvent[]): Promise<Recorded> {
    const reporter: Reporter = 'platform';
    const values = [events.map(({ tenantId }) => tenantId), reporter, ...columnsOf(events)];
    const rows = await this.#writing(events, () =>
      this.database.queryAcrossTenants<{ accepted: number }>(
        'usage-self-metering',
        RECORD_OF_MANY,
        values,
      ),
    );
    return recordedOf(events, rows);
  }

  async #writing<Result>(
    events: readonly UsageEvent[],
    write: () => Promise<Result>,
  ): Promise<Result> {
    return this.partitions.during(
      events.map(({ at }) => at),
      write,
    );
  }
}

function recordedOf(
  given: readonly UsageEvent[],
  [row]: readonly { readonly accepted: number }[],
): Recorded {
  const accepted = row?.accepted ?? 0;
  return { accepted, duplicates: given.length - accepted };
}

function eachOnce(events: readonly UsageEvent[]): UsageEvent[] {
  const seen = new Set<string>();
  // `add` answers the set: what was in it before is what leaves its size as it was.
  return events.filter(({ id }) => seen.size < seen.add(id).size);
}

function columnsOf(events: readonly UsageEvent[]): unknown[] {
  return [
    events.map(({ id }) => id),
    events.map(({ meter }) => meter),
    events.map(({ value }) => value),
    events.map(({ at }) => new Date(at).toISOString()),
    events.map(({ resource }) => resource),
    events.map(({ actor }) => actor),
    events.map(({ labels }) => (labels === null ? null : JSON.stringify(labels))),
  ];
}
