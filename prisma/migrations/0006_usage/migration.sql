-- The usage ledger: events as they were reported, and what they come to by the hour and by the day.

-- An id counts once, whatever its month: no unique key can span partitions without their column.
-- Once for each reporter: nobody of a tenant can take an id from an engine of the platform.
create table usage_ids (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  reporter text collate "C" not null,
  id text collate "C" not null,
  -- When the event was: what is too old to be reported again need not be remembered.
  at timestamptz not null,

  constraint usage_ids_pkey primary key (tenant_id, reporter, id),
  constraint usage_ids_reporter check (reporter in ('platform', 'tenant'))
);

create table usage_events (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  reporter text collate "C" not null,
  id text collate "C" not null,
  meter text collate "C" not null,
  value numeric(24, 6) not null,
  at timestamptz not null,
  resource text collate "C",
  actor text collate "C",
  labels jsonb not null default '{}',
  recorded_at timestamptz not null default now(),

  constraint usage_events_pkey primary key (tenant_id, at, reporter, id),
  constraint usage_events_reporter check (reporter in ('platform', 'tenant')),
  constraint usage_events_value_counts check (value >= 0)
) partition by range (at);

-- Sums are wider than what they sum up: a month of the largest values overflows nothing.
create table usage_hourly (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  hour timestamptz not null,
  meter text collate "C" not null,
  resource text collate "C" not null default '',
  actor text collate "C" not null default '',
  labels jsonb not null default '{}',
  -- Of the labels: a key takes no jsonb of any size.
  labels_digest uuid not null,
  value numeric(38, 6) not null,
  events bigint not null,

  constraint usage_hourly_pkey primary key (tenant_id, hour, meter, resource, actor, labels_digest)
) partition by range (hour);

create table usage_daily (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  -- Midnight in UTC.
  day timestamptz not null,
  meter text collate "C" not null,
  resource text collate "C" not null default '',
  actor text collate "C" not null default '',
  labels jsonb not null default '{}',
  labels_digest uuid not null,
  value numeric(38, 6) not null,
  events bigint not null,

  constraint usage_daily_pkey primary key (tenant_id, day, meter, resource, actor, labels_digest)
) partition by range (day);

create index usage_ids_at on usage_ids (at);

do $$
declare
  name text;
begin
  foreach name in array array['usage_ids', 'usage_events', 'usage_hourly', 'usage_daily'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy %I on %I to tenantry_platform using (true) with check (true)',
      name || '_platform', name);
    execute format(
      'create policy %I on %I to tenantry_tenant
         using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
         with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))',
      name || '_tenant', name);
    -- What was reported stays reported: nobody changes an event, and a tenant deletes nothing.
    execute format('grant select, insert on %I to tenantry_tenant', name);
    execute format('grant select, insert, delete on %I to tenantry_platform', name);
  end loop;
  grant update on usage_hourly, usage_daily to tenantry_tenant, tenantry_platform;
  -- To lock what it purges.
  grant update on usage_ids to tenantry_platform;
end $$;

-- Makes a month's partitions where they are missing. Safe for any number at once, and beside
-- statements that write: a partition is attached, which locks out neither reading nor writing. On a
-- partition itself nothing is granted to anybody: rows are reached through their table alone, and
-- its policies.
create function ensure_usage_month(month date) returns void language plpgsql security definer as $$
declare
  began timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
  ended timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
  parent text;
  name text;
begin
  if began not between now() - interval '122 months' and now() + interval '2 months' then
    raise 'No usage is kept of %.', month using errcode = 'datetime_field_overflow';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('usage_partitions', 0));
  foreach parent in array array['usage_events', 'usage_hourly', 'usage_daily'] loop
    name := parent || to_char(month, '_YYYY_MM');
    continue when to_regclass(name) is not null;
    -- A sum is written anew with each batch: it keeps room beside itself.
    execute format('create table %I (like %I including all) with (fillfactor = %s)',
      name, parent, case parent when 'usage_events' then 100 else 70 end);
    execute format('alter table %I enable row level security, force row level security', name);
    execute format('alter table %I attach partition %I for values from (%L) to (%L)',
      parent, name, began, ended);
  end loop;
end $$;

-- Drops what is older than a month: `events`, `hourly` or `daily`. Never the last two months,
-- whatever the clock of the caller says; and rather not now than after a long wait, in which
-- everybody else would wait behind it.
create function drop_usage_before(kind text, month date) returns integer
language plpgsql security definer set lock_timeout = '1s' as $$
declare
  parent text;
  name text;
  dropped integer := 0;
begin
  if kind is null or kind not in ('events', 'hourly', 'daily') then
    raise 'There is no usage of kind %.', kind using errcode = 'invalid_parameter_value';
  end if;
  if month is null or month > date_trunc('month', now() at time zone 'UTC') - interval '1 month' then
    raise 'Usage since % is not to be dropped.', month using errcode = 'datetime_field_overflow';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('usage_partitions', 0));
  parent := 'usage_' || kind;
  for name in
    select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = parent::regclass and relname < parent || to_char(month, '_YYYY_MM')
    order by relname collate "C"
  loop
    -- The table before its partition, as every statement locks them.
    execute format('lock table only %I in access exclusive mode', parent);
    execute format('drop table %I', name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['ensure_usage_month(date)', 'drop_usage_before(text, date)'] loop
    execute format('alter function %s set search_path = %I, pg_temp', name, current_schema());
    execute format('revoke execute on function %s from public', name);
    execute format('grant execute on function %s to tenantry_platform', name);
  end loop;
  grant execute on function ensure_usage_month(date) to tenantry_tenant;
end $$;

-- The first two: a node makes those that follow, ahead of their time.
select ensure_usage_month(now()::date), ensure_usage_month((now() + interval '1 month')::date);
