-- Quotas: plans and limits of tenants, the counters they are counted on, slots of concurrency, and
-- what was answered to a demand that carried a key.

create table plans (
  id uuid not null,
  slug text not null,
  display_name text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint plans_pkey primary key (id)
);

create table plan_limits (
  plan_id uuid not null,
  kind text collate "C" not null,
  mode text not null default 'enforce',
  fixed boolean not null default false,
  thresholds integer[] not null default '{50,80,90,100}',
  -- Millionths of a unit a second, so that a bucket is filled without rounding.
  rate_micros bigint,
  burst bigint,
  per_minute bigint,
  per_hour bigint,
  per_day bigint,
  per_month bigint,
  concurrency bigint,

  constraint plan_limits_pkey primary key (plan_id, kind)
);

create table quotas (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  kind text collate "C" not null,
  mode text not null default 'enforce',
  fixed boolean not null default false,
  thresholds integer[] not null default '{50,80,90,100}',
  rate_micros bigint,
  burst bigint,
  per_minute bigint,
  per_hour bigint,
  per_day bigint,
  per_month bigint,
  concurrency bigint,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint quotas_pkey primary key (tenant_id, kind)
);

-- One row a limit, whatever the window: it is written anew all day, and so keeps room beside itself.
create table quota_counters (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  kind text collate "C" not null,
  name text collate "C" not null,
  -- Of a window: when it began, and what was drawn from it.
  window_start timestamptz,
  drawn bigint not null default 0,
  -- Of a bucket: what is in it, in millionths, and when that was so.
  level bigint,
  filled_at timestamptz,
  -- What nodes hold of it: {"<holder>": [units left, until when in milliseconds]}.
  leases jsonb not null default '{}',
  updated_at timestamptz not null default now(),

  constraint quota_counters_pkey primary key (tenant_id, kind, name)
) with (fillfactor = 50);

-- Apart from the counters: whoever tells waits for the trail, and would keep the draws waiting.
create table quota_thresholds (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  kind text collate "C" not null,
  name text collate "C" not null,
  window_start timestamptz not null,
  -- Up to which percent of that window was told.
  told integer not null,

  constraint quota_thresholds_pkey primary key (tenant_id, kind, name)
);

create table quota_slots (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  kind text collate "C" not null,
  holder text not null,
  ttl_seconds integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,

  constraint quota_slots_pkey primary key (tenant_id, id)
);

create table quota_receipts (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  deed text not null,
  -- A digest of whose key it is, and of the key.
  key bytea not null,
  body_digest bytea not null,
  answer jsonb,
  created_at timestamptz not null default now(),

  constraint quota_receipts_pkey primary key (tenant_id, deed, key)
);

create unique index plans_slug on plans(slug);
-- A tenant is on the plan whose slug its `plan` names, if there is one.
create index tenants_on_plan on tenants(plan) where plan is not null;
create index quota_slots_of_kind on quota_slots(tenant_id, kind, expires_at);
create index quota_slots_expired on quota_slots(expires_at);
create index quota_thresholds_window on quota_thresholds(window_start);
create index quota_receipts_created on quota_receipts(created_at);

alter table plan_limits
  add constraint plan_limits_plan foreign key (plan_id) references plans(id) on delete cascade on update cascade;
alter table quota_receipts
  add constraint quota_receipts_deed_known check (deed in ('spend', 'refund'));

do $$
declare
  name text;
begin
  foreach name in array array['plan_limits', 'quotas'] loop
    execute format('alter table %I add constraint %I check (mode in (''enforce'', ''shadow''))',
      name, name || '_mode_known');
    execute format('alter table %I add constraint %I check (
      (rate_micros is null) = (burst is null)
      and coalesce(rate_micros, 1) > 0 and coalesce(burst, 1) > 0
      and coalesce(burst, 1) <= 1000000000000
      and coalesce(least(per_minute, per_hour, per_day, per_month, concurrency), 0) >= 0
      and coalesce(greatest(per_minute, per_hour, per_day, per_month, concurrency), 0) <= 999999999999999)',
      name, name || '_amounts');
    execute format('alter table %I add constraint %I check (
      num_nonnulls(burst, per_minute, per_hour, per_day, per_month, concurrency) > 0)',
      name, name || '_limits_something');
  end loop;
  foreach name in array array[
    'plans', 'plan_limits', 'quotas', 'quota_counters', 'quota_thresholds', 'quota_slots', 'quota_receipts'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy %I on %I to tenantry_platform using (true) with check (true)',
      name || '_platform', name);
    execute format('grant select, insert, update, delete on %I to tenantry_platform', name);
  end loop;
  foreach name in array array[
    'quotas', 'quota_counters', 'quota_thresholds', 'quota_slots', 'quota_receipts'
  ] loop
    execute format(
      'create policy %I on %I to tenantry_tenant
         using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
         with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))',
      name || '_tenant', name);
    execute format('grant select, insert, update, delete on %I to tenantry_tenant', name);
  end loop;
end $$;

-- The plan that a tenant is on is the only one that it sees, and never to change. Of tenants it sees
-- its own row alone, so that each of these is one value, by which an index finds the other.
create policy plans_tenant on plans for select to tenantry_tenant
  using (slug = (select plan from tenants));
create policy plan_limits_tenant on plan_limits for select to tenantry_tenant
  using (plan_id = (select id from plans));
grant select on plans, plan_limits to tenantry_tenant;

-- Every limit in force, one row each: a tenant's own ones stand before its plan's, unless the plan's
-- is fixed and the platform has not overridden it.
create view effective_limits with (security_invoker = true) as
with settings as (
  select own.tenant_id, own.kind, own.mode, own.fixed, own.thresholds, 'tenant' as source,
    own.rate_micros, own.burst, own.per_minute, own.per_hour, own.per_day, own.per_month, own.concurrency
  from quotas own
  where own.fixed or not exists (
    select from tenants t
    join plans p on p.slug = t.plan
    join plan_limits planned on planned.plan_id = p.id
    where t.id = own.tenant_id and planned.kind = own.kind and planned.fixed)
  union all
  select t.id, planned.kind, planned.mode, planned.fixed, planned.thresholds, 'plan',
    planned.rate_micros, planned.burst, planned.per_minute, planned.per_hour, planned.per_day,
    planned.per_month, planned.concurrency
  from tenants t
  join plans p on p.slug = t.plan
  join plan_limits planned on planned.plan_id = p.id
  where not exists (
    select from quotas own
    where own.tenant_id = t.id and own.kind = planned.kind
      and (own.fixed or not planned.fixed))
)
select settings.tenant_id, settings.kind, part.name, part.quota, settings.rate_micros,
  settings.mode, settings.fixed, settings.thresholds, settings.source
from settings cross join lateral (values
  ('rate', settings.burst), ('minute', settings.per_minute), ('hour', settings.per_hour),
  ('day', settings.per_day), ('month', settings.per_month), ('concurrency', settings.concurrency)
) as part (name, quota)
where part.quota is not null;

grant select on effective_limits to tenantry_tenant, tenantry_platform;

create function epoch_ms(moment timestamptz) returns bigint language sql immutable
return floor(extract(epoch from moment) * 1000)::bigint;

create function window_of(period text, moment timestamptz) returns timestamptz language sql immutable
return date_trunc(period, moment at time zone 'UTC') at time zone 'UTC';

create function window_end(period text, began timestamptz) returns timestamptz language sql immutable
return (began at time zone 'UTC' + ('1 ' || period)::interval) at time zone 'UTC';

-- What a bucket holds at a moment, in millionths: filled since, but never beyond what is not lent.
-- After a clock jumped back it fills nothing until that clock has caught up: no second flows in twice.
create function bucket_level(
  level bigint, filled_at timestamptz, moment timestamptz, rate_micros bigint, room bigint
) returns bigint language sql immutable
return case when level is null then room else greatest(0, least(room, level + floor(
  greatest(0, extract(epoch from (moment - filled_at))) * rate_micros)))::bigint end;

-- Until when a bucket is filled after that: by the time that what flowed in took, so that a slow one
-- that is looked at often fills all the same.
create function bucket_filled_at(
  before bigint, level bigint, filled_at timestamptz, moment timestamptz, rate_micros bigint, room bigint
) returns timestamptz language sql immutable
return case when before is null or level >= room then greatest(filled_at, moment)
  else filled_at + make_interval(secs =>
    (ceil(greatest(0, level - before) * 1000000.0 / rate_micros) / 1000000)::double precision) end;

-- Moves budget of a tenant's limits into the hands of a node, or back, in one step for all.
--
-- Each of `wants` names a limit (kind, name) and its holder; `left` is what that holder has unspent
-- of the lease that it took in `window`; with `back` it gives that back. `head` is what somebody waits
-- for: it is granted whole or refused; with `outright` it is spent as soon as it is granted. `want` is
-- what the holder would like, of which it gets a share that shrinks with what is there. What a lease
-- holds is drawn from its window already, so that a lease that never comes back is spent; a bucket fills
-- only as far as nothing is lent. `spend` takes every `head` outright, for all wants or for none.
--
-- The clock is this server's, read under the lock. A window never goes back to an earlier one.
create function draw_quota(
  tenant uuid, wants jsonb, lease_ms integer, spend boolean, given timestamptz default null
) returns jsonb language plpgsql as $$
declare
  item jsonb;
  part record;
  counter quota_counters;
  moment timestamptz;
  now_ms bigint;
  ends_ms bigint;
  kept jsonb;
  lent bigint;
  others integer;
  own bigint;
  own_before bigint;
  level_before bigint;
  available bigint;
  granted bigint;
  head bigint;
  refused boolean;
  asked boolean;
  crossed integer[];
  consumed bigint;
  any_refused boolean := false;
  results jsonb := '[]';
begin
  begin
    for item in
      select value from jsonb_array_elements(wants)
      order by value ->> 'kind' collate "C", value ->> 'name' collate "C"
    loop
      select * into counter from quota_counters
      where tenant_id = tenant and kind = item ->> 'kind' and name = item ->> 'name' for update;
      if not found then
        -- Of a limit that there is: nobody makes rows by naming things.
        insert into quota_counters (tenant_id, kind, name)
        select limits.tenant_id, limits.kind, limits.name from effective_limits limits
        where limits.tenant_id = tenant and limits.kind = item ->> 'kind' and limits.name = item ->> 'name'
        on conflict do nothing;
        select * into counter from quota_counters
        where tenant_id = tenant and kind = item ->> 'kind' and name = item ->> 'name' for update;
      end if;
      -- Under the lock: it may have been waited for while another limit was set.
      select * into part from effective_limits limits
      where limits.tenant_id = tenant and limits.kind = item ->> 'kind' and limits.name = item ->> 'name';
      if not found then
        results := results || jsonb_build_object('kind', item ->> 'kind', 'name', item ->> 'name', 'gone', true);
        continue;
      end if;
      moment := coalesce(given, clock_timestamp());
      now_ms := epoch_ms(moment);
      head := (item ->> 'head')::bigint;
      ends_ms := null;

      if part.name <> 'rate' and counter.window_start is distinct from
        greatest(counter.window_start, window_of(part.name, moment))
      then
        counter.window_start := window_of(part.name, moment);
        counter.drawn := 0;
        counter.leases := '{}';
      end if;

      -- A bucket is filled first: until now all of this was lent.
      if part.name = 'rate' then
        select coalesce(sum((value ->> 0)::bigint), 0) into lent from jsonb_each(counter.leases);
        level_before := counter.level;
        counter.level := bucket_level(counter.level, counter.filled_at, moment, part.rate_micros,
          (part.quota - lent) * 1000000);
        counter.filled_at := bucket_filled_at(level_before, counter.level, counter.filled_at, moment,
          part.rate_micros, (part.quota - lent) * 1000000);
      end if;

      select coalesce(jsonb_object_agg(key, value), '{}'),
        coalesce(sum((value ->> 0)::bigint), 0), count(*)
      into kept, lent, others
      from jsonb_each(counter.leases)
      where (value ->> 1)::bigint > now_ms and key is distinct from item ->> 'holder';

      -- Of a lease that ran out, or of another window, nothing is left, whatever its holder says.
      own := counter.leases -> (item ->> 'holder') ->> 0;
      if own is null or (counter.leases -> (item ->> 'holder') ->> 1)::bigint <= now_ms
        or (part.name <> 'rate' and (item ->> 'window')::bigint is distinct from epoch_ms(counter.window_start))
      then
        own := 0;
      else
        own := greatest(0, least(own, (item ->> 'left')::bigint));
      end if;
      if (item ->> 'back')::boolean then
        if part.name = 'rate' then
          counter.level := greatest(counter.level,
            least((part.quota - lent) * 1000000, counter.level + own * 1000000));
        else
          counter.drawn := greatest(0, counter.drawn - own);
        end if;
        own := 0;
      end if;
      own_before := own;

      if part.name = 'rate' then
        available := greatest(0, counter.level / 1000000);
      else
        available := greatest(0, part.quota - counter.drawn);
      end if;

      refused := head > available;
      granted := case
        when refused then 0
        when spend then head
        else greatest(head, least((item ->> 'want')::bigint, available / (2 * (others + 1))))
      end;
      available := available - granted;
      if part.name = 'rate' then
        counter.level := counter.level - granted * 1000000;
      else
        counter.drawn := counter.drawn + granted;
        ends_ms := epoch_ms(window_end(part.name, counter.window_start)) - now_ms;
      end if;

      own := own + granted - case
        when not refused and (spend or (item ->> 'outright')::boolean) then head else 0 end;
      if own > 0 then
        kept := kept || jsonb_build_object(item ->> 'holder', jsonb_build_array(own, now_ms + lease_ms));
      end if;
      -- Others hold what would do: they are asked for it, unless a bucket has it within a second.
      asked := refused and available + lent >= head
        and (part.name <> 'rate' or head * 1000000 - counter.level > part.rate_micros);
      if asked then
        perform pg_notify('tenantry_quotas', tenant || '/' || part.kind || '/' || part.name);
      end if;

      crossed := '{}';
      if part.name <> 'rate' and part.quota > 0 then
        consumed := counter.drawn - lent - own;
        select coalesce(array_agg(threshold order by threshold), '{}') into crossed
        from unnest(part.thresholds) as threshold
        where consumed * 100 >= threshold * part.quota;
      end if;

      update quota_counters set window_start = counter.window_start, drawn = counter.drawn,
        level = counter.level, filled_at = counter.filled_at, leases = kept, updated_at = now()
      where tenant_id = tenant and kind = part.kind and name = part.name;

      any_refused := any_refused or (refused and part.mode = 'enforce');
      results := results || jsonb_build_object(
        'kind', part.kind, 'name', part.name, 'quota', part.quota, 'mode', part.mode,
        'granted', granted, 'kept', own_before,
        'window', epoch_ms(counter.window_start), 'endsInMs', ends_ms,
        'available', available, 'lent', lent, 'refused', refused,
        'asked', asked, 'crossed', to_jsonb(crossed));
    end loop;
    if spend and any_refused then
      raise exception using errcode = 'TQ001';
    end if;
  exception when sqlstate 'TQ001' then
    -- All or nothing: what was taken from the others is back, what was found stays told. Only the
    -- hint to those who hold something went with it.
    for item in select value from jsonb_array_elements(results) loop
      if (item ->> 'asked')::boolean then
        perform pg_notify('tenantry_quotas', tenant || '/' || (item ->> 'kind') || '/' || (item ->> 'name'));
      end if;
    end loop;
  end;
  return results;
end $$;

-- Takes a key: null where it is free, else what is to be answered instead. Whoever repeats a key while
-- the first is under way waits for it.
create function take_quota_receipt(
  tenant uuid, what text, once_key bytea, digest bytea
) returns jsonb language plpgsql as $$
declare
  receipt quota_receipts;
begin
  insert into quota_receipts (tenant_id, deed, key, body_digest)
  values (tenant, what, once_key, digest) on conflict do nothing;
  if found then
    return null;
  end if;
  select * into receipt from quota_receipts
  where tenant_id = tenant and deed = what and key = once_key;
  if receipt.body_digest is distinct from digest then
    return jsonb_build_object('state', 'mismatch');
  end if;
  return jsonb_build_object('state', 'repeated', 'results', receipt.answer);
end $$;

-- Spends once for each key. The receipt and what it is for commit together; a refusal leaves the key free.
create function spend_quota_once(
  tenant uuid, once_key bytea, digest bytea, wants jsonb, given timestamptz default null
) returns jsonb language plpgsql as $$
declare
  known jsonb;
  results jsonb;
begin
  known := take_quota_receipt(tenant, 'spend', once_key, digest);
  if known is not null then
    return known;
  end if;
  results := draw_quota(tenant, wants, 0, true, given);
  if exists (select from jsonb_array_elements(results) result
             where (result ->> 'refused')::boolean and result ->> 'mode' = 'enforce') then
    delete from quota_receipts where tenant_id = tenant and deed = 'spend' and key = once_key;
    return jsonb_build_object('state', 'refused', 'results', results);
  end if;
  -- No more than it takes to answer again.
  update quota_receipts set answer = (
    select coalesce(jsonb_agg(jsonb_build_object(
      'kind', result -> 'kind', 'name', result -> 'name', 'mode', result -> 'mode',
      'available', result -> 'available', 'lent', result -> 'lent',
      'endsInMs', result -> 'endsInMs', 'refused', result -> 'refused')), '[]')
    from jsonb_array_elements(results) result where not result ? 'gone')
  where tenant_id = tenant and deed = 'spend' and key = once_key;
  return jsonb_build_object('state', 'spent', 'results', results);
end $$;

-- Gives back what was spent at `spent_at`: to the window that it was spent in, where that lasts still,
-- and to the bucket; never more than was spent.
create function refund_quota(
  tenant uuid, refunds jsonb, spent_at timestamptz default null, given timestamptz default null
) returns jsonb language plpgsql as $$
declare
  item jsonb;
  part record;
  counter quota_counters;
  moment timestamptz;
  lent bigint;
  before bigint;
  results jsonb := '[]';
begin
  for item in
    select value from jsonb_array_elements(refunds) order by value ->> 'kind' collate "C"
  loop
    for part in
      select * from effective_limits limits
      where limits.tenant_id = tenant and limits.kind = item ->> 'kind' and limits.name <> 'concurrency'
      order by limits.name collate "C"
    loop
      select * into counter from quota_counters
      where tenant_id = tenant and kind = part.kind and name = part.name for update;
      continue when not found;
      moment := coalesce(given, clock_timestamp());
      select coalesce(sum((value ->> 0)::bigint), 0) into lent from jsonb_each(counter.leases);
      if part.name = 'rate' then
        before := counter.level;
        counter.level := bucket_level(counter.level, counter.filled_at, moment, part.rate_micros,
          (part.quota - lent) * 1000000);
        counter.filled_at := bucket_filled_at(before, counter.level, counter.filled_at, moment,
          part.rate_micros, (part.quota - lent) * 1000000);
        before := counter.level;
        counter.level := greatest(counter.level, least(
          (part.quota - lent) * 1000000, counter.level + (item ->> 'amount')::bigint * 1000000));
        -- A bucket that has filled meanwhile takes a part of the last one: that one is given back too.
        results := results || jsonb_build_object('kind', part.kind, 'name', part.name,
          'refunded', ceil((counter.level - before) / 1000000.0)::bigint);
      else
        -- What was spent in a window that is over is over.
        continue when counter.window_start is distinct from
          greatest(counter.window_start, window_of(part.name, moment));
        continue when window_of(part.name, coalesce(spent_at, moment)) is distinct from counter.window_start;
        before := counter.drawn;
        counter.drawn := greatest(least(counter.drawn, lent), counter.drawn - (item ->> 'amount')::bigint);
        results := results || jsonb_build_object('kind', part.kind, 'name', part.name,
          'refunded', before - counter.drawn);
      end if;
      update quota_counters set drawn = counter.drawn, level = counter.level,
        filled_at = counter.filled_at, updated_at = now()
      where tenant_id = tenant and kind = part.kind and name = part.name;
    end loop;
  end loop;
  return results;
end $$;

-- Gives back once for each key, in one with its receipt.
create function refund_quota_once(
  tenant uuid, once_key bytea, digest bytea, refunds jsonb, spent_at timestamptz default null,
  given timestamptz default null
) returns jsonb language plpgsql as $$
declare
  known jsonb;
  results jsonb;
begin
  known := take_quota_receipt(tenant, 'refund', once_key, digest);
  if known is not null then
    return known;
  end if;
  results := refund_quota(tenant, refunds, spent_at, given);
  update quota_receipts set answer = results
  where tenant_id = tenant and deed = 'refund' and key = once_key;
  return jsonb_build_object('state', 'refunded', 'results', results);
end $$;

-- What there is of each limit of a tenant, or of one kind, without touching anything: `lent` is in the
-- hands of nodes, of which `own` in those of `holder`.
create function read_quotas(
  tenant uuid, kinds text[] default null, given timestamptz default null
) returns table (
  kind text, name text, quota bigint, rate_micros bigint, mode text, fixed boolean,
  thresholds integer[], source text, available bigint, leases jsonb,
  window_start timestamptz, resets_in_ms bigint
) language sql stable as $$
  with clock as (select coalesce(given, clock_timestamp()) as moment),
  found as (
    select limits.*, counter.level, counter.filled_at, clock.moment,
      greatest(counter.window_start, window_of(nullif(nullif(limits.name, 'rate'), 'concurrency'), clock.moment)) as began,
      counter.window_start as counted_from, counter.drawn,
      (select coalesce(jsonb_object_agg(key, value -> 0), '{}') from jsonb_each(counter.leases)
       where (value ->> 1)::bigint > epoch_ms(clock.moment)) as held,
      (select coalesce(sum((value ->> 0)::bigint), 0) from jsonb_each(counter.leases)) as lent
    from clock, effective_limits limits left join quota_counters counter
      on counter.tenant_id = limits.tenant_id and counter.kind = limits.kind and counter.name = limits.name
    where limits.tenant_id = tenant and (kinds is null or limits.kind = any(kinds))
  )
  select found.kind, found.name, found.quota, found.rate_micros, found.mode, found.fixed,
    found.thresholds, found.source,
    case found.name
      when 'rate' then bucket_level(found.level, found.filled_at, found.moment, found.rate_micros,
        (found.quota - coalesce(found.lent, 0)::bigint) * 1000000) / 1000000
      when 'concurrency' then greatest(0, found.quota - (
        select count(*) from quota_slots slot where slot.tenant_id = tenant
          and slot.kind = found.kind and slot.expires_at > found.moment))
      else greatest(0, found.quota - case when found.began = found.counted_from then found.drawn else 0 end)
    end,
    case when found.name = 'rate' or found.began = found.counted_from then coalesce(found.held, '{}') else '{}' end,
    found.began,
    case when found.name in ('rate', 'concurrency') then null
      else epoch_ms(window_end(found.name, found.began)) - epoch_ms(found.moment) end
  from found order by found.kind collate "C", found.name collate "C"
$$;

revoke execute on function draw_quota(uuid, jsonb, integer, boolean, timestamptz),
  take_quota_receipt(uuid, text, bytea, bytea),
  spend_quota_once(uuid, bytea, bytea, jsonb, timestamptz),
  refund_quota(uuid, jsonb, timestamptz, timestamptz),
  refund_quota_once(uuid, bytea, bytea, jsonb, timestamptz, timestamptz), read_quotas(uuid, text[], timestamptz) from public;
grant execute on function draw_quota(uuid, jsonb, integer, boolean, timestamptz),
  take_quota_receipt(uuid, text, bytea, bytea),
  spend_quota_once(uuid, bytea, bytea, jsonb, timestamptz),
  refund_quota(uuid, jsonb, timestamptz, timestamptz),
  refund_quota_once(uuid, bytea, bytea, jsonb, timestamptz, timestamptz), read_quotas(uuid, text[], timestamptz)
  to tenantry_tenant, tenantry_platform;
