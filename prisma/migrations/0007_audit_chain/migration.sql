-- The trail becomes a chain: each record carries the hash of the one before it. Checkpoints sign how
-- far a chain has come; records lie in partitions by month; sinks hear of what is new.

alter table audit_records rename to audit_records_unchained;
alter table audit_records_unchained no force row level security;
drop index audit_records_deed, audit_records_actor, audit_records_target, audit_records_id;
alter table audit_records_unchained drop constraint audit_records_pkey;
drop policy audit_records_tenant on audit_records_unchained;
drop policy audit_records_platform on audit_records_unchained;

create table audit_records (
  tenant_id uuid not null,
  sequence bigint not null,
  id uuid not null,
  at timestamptz not null,
  deed text not null,
  outcome text not null,
  actor_id text,
  target_id text,
  record jsonb not null,
  personal jsonb not null default '{}',
  previous_hash bytea not null,
  hash bytea not null,

  constraint audit_records_pkey primary key (tenant_id, sequence, at),
  constraint audit_records_outcome check (outcome in ('done', 'refused', 'failed')),
  constraint audit_records_hashes check (octet_length(previous_hash) = 32 and octet_length(hash) = 32)
) partition by range (at);

create index audit_records_deed on audit_records (tenant_id, deed, sequence);
create index audit_records_actor on audit_records (tenant_id, actor_id, sequence);
create index audit_records_target on audit_records (tenant_id, target_id, sequence);
create index audit_records_id on audit_records (tenant_id, id);

alter table audit_heads
  -- Of the last record; zeros before the first.
  add column hash bytea not null default decode(repeat('00', 32), 'hex'),
  -- No record is older than the one before it, whatever the clock says.
  add column at timestamptz not null default '-infinity',
  -- Up to where a checkpoint has signed, and how many there are.
  add column checkpointed bigint not null default 0,
  add column checkpoints bigint not null default 0,
  -- Since when something waits for a checkpoint; minus infinity once that is enough for one.
  add column pending_since timestamptz,
  -- Whether something has come since the sinks were looked after.
  add column woken boolean not null default true,
  -- How long records are kept, in days; null: for ever.
  add column retention_days integer,
  -- When the oldest segment is to go; null while none has to.
  add column purge_at timestamptz,
  add constraint audit_heads_retention check (retention_days between 1 and 36500);

-- Appending changes none of these columns twice, so that a head stays where it is (a HOT update).
alter table audit_heads set (fillfactor = 50);
create index audit_heads_pending on audit_heads (pending_since) where pending_since is not null;
create index audit_heads_woken on audit_heads (tenant_id) where woken;
create index audit_heads_purge on audit_heads (purge_at) where purge_at is not null;

create table audit_checkpoints (
  tenant_id uuid not null,
  number bigint not null,
  from_sequence bigint not null,
  to_sequence bigint not null,
  -- When the last record of the segment was written.
  ended_at timestamptz not null,
  -- What is signed, as it is signed (RFC 8785): a text, because its bytes count.
  statement text not null,
  hash bytea not null,
  signature bytea not null,
  -- The public half of what signed: a tenant reads no table of keys.
  public_jwk jsonb not null,
  -- What is left of the segment once its records are removed: signed as well.
  tombstone text,
  tombstone_signature bytea,
  tombstone_jwk jsonb,

  constraint audit_checkpoints_pkey primary key (tenant_id, number),
  constraint audit_checkpoints_segment check (from_sequence <= to_sequence),
  constraint audit_checkpoints_tombstone check ((tombstone is null) = (tombstone_signature is null)
    and (tombstone is null) = (tombstone_jwk is null))
);
create unique index audit_checkpoints_to on audit_checkpoints (tenant_id, to_sequence);
create index audit_checkpoints_kept on audit_checkpoints (tenant_id, number) where tombstone is null;

-- The keys that sign checkpoints: the newest signs, all verify.
create table audit_keys (
  kid text not null,
  public_jwk jsonb not null,
  sealed_private bytea not null,
  created_at timestamptz not null default now(),

  constraint audit_keys_pkey primary key (kid)
);

-- Where a tenant's trail is sent.
create table audit_sinks (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  url text not null,
  -- 'hmac' or 'ed25519', as in Standard Webhooks.
  signing text not null,
  -- Of 'ed25519'; its private half is in secrets.
  public_key text,
  -- The secrets that sign, the newest first, sealed under the master key.
  secrets bytea not null,
  status text not null default 'enabled',
  -- Why it is disabled, or what failed last.
  reason text,
  -- Up to where it was delivered, or put aside.
  delivered bigint not null,
  checkpoints_delivered bigint not null,
  -- The last of the message that is being tried: a message that is sent again is the same message.
  trying_to bigint,
  attempts integer not null default 0,
  -- When it is to be looked after; null while nothing is new.
  due_at timestamptz,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint audit_sinks_pkey primary key (tenant_id, id),
  constraint audit_sinks_signing check (signing in ('hmac', 'ed25519')),
  constraint audit_sinks_status check (status in ('enabled', 'disabled'))
);
create index audit_sinks_due on audit_sinks (due_at) where due_at is not null;

-- What a sink did not take after all attempts.
create table audit_dead_letters (
  tenant_id uuid not null,
  id uuid not null,
  sink_id uuid not null,
  -- The message, by its id and by what it held.
  message_id text not null,
  from_sequence bigint not null,
  to_sequence bigint not null,
  attempts integer not null,
  reason text not null,
  at timestamptz not null default now(),
  redelivered_at timestamptz,

  constraint audit_dead_letters_pkey primary key (tenant_id, id),
  constraint audit_dead_letters_sink foreign key (tenant_id, sink_id)
    references audit_sinks (tenant_id, id) on delete cascade
);
create index audit_dead_letters_sink_id on audit_dead_letters (tenant_id, sink_id, id);

-- How far each trail has been written to the operator's own stream (a file, or standard output).
create table audit_stream_cursors (
  tenant_id uuid not null,
  delivered bigint not null default 0,
  is_due boolean not null default true,

  constraint audit_stream_cursors_pkey primary key (tenant_id)
);
create index audit_stream_cursors_due on audit_stream_cursors (tenant_id) where is_due;

-- Why a request was let in or refused, step by step. Of the platform, under the nil UUID.
create table decision_receipts (
  tenant_id uuid not null,
  id uuid not null,
  request_id text not null,
  at timestamptz not null,
  receipt jsonb not null,

  constraint decision_receipts_pkey primary key (tenant_id, id)
);
create index decision_receipts_request on decision_receipts (tenant_id, request_id, at);
create index decision_receipts_at on decision_receipts (at);

do $$
declare
  name text;
begin
  foreach name in array array[
    'audit_records', 'audit_checkpoints', 'audit_keys', 'audit_sinks', 'audit_dead_letters',
    'audit_stream_cursors', 'decision_receipts'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy %I on %I to tenantry_platform using (true) with check (true)',
      name || '_platform', name);
  end loop;
  foreach name in array array[
    'audit_records', 'audit_checkpoints', 'audit_sinks', 'audit_dead_letters', 'decision_receipts'
  ] loop
    execute format(
      'create policy %I on %I to tenantry_tenant
         using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
         with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))',
      name || '_tenant', name);
  end loop;
end $$;

-- Nobody rewrites a record, and none is removed but under a tombstone for its segment.
create policy audit_records_removal on audit_records as restrictive for delete to tenantry_platform
  using (exists (
    select from audit_checkpoints point
    where point.tenant_id = audit_records.tenant_id and point.to_sequence >= audit_records.sequence
      and point.from_sequence <= audit_records.sequence and point.tombstone is not null));
grant select, insert on audit_records to tenantry_tenant;
grant select, insert, delete, update (personal) on audit_records to tenantry_platform;
grant select on audit_checkpoints, decision_receipts to tenantry_tenant;
grant select, insert on audit_checkpoints to tenantry_platform;
grant update (tombstone, tombstone_signature, tombstone_jwk) on audit_checkpoints to tenantry_platform;
grant select, insert, update, delete on audit_sinks, audit_dead_letters to tenantry_tenant, tenantry_platform;
grant select, insert on audit_keys to tenantry_platform;
grant select, insert, update, delete on audit_stream_cursors to tenantry_platform;
grant select, insert, delete on decision_receipts to tenantry_platform;
-- Of a head, a tenant's transaction writes what appending writes, and no more.
revoke update, insert on audit_heads from tenantry_tenant;
grant insert (tenant_id) on audit_heads to tenantry_tenant;
grant update (sequence, hash, at, pending_since, woken) on audit_heads to tenantry_tenant;

-- Makes a month's partition where it is missing, as `ensure_usage_month` does.
create function ensure_audit_month(month date) returns void language plpgsql security definer as $$
declare
  began timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
  ended timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
  name text := 'audit_records' || to_char(month, '_YYYY_MM');
begin
  if began > now() + interval '3 months' then
    raise 'The trail of % is far away.', month using errcode = 'datetime_field_overflow';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('audit_partitions', 0));
  if to_regclass(name) is not null then return; end if;
  execute format('create table %I (like audit_records including all)', name);
  execute format('alter table %I enable row level security, force row level security', name);
  execute format('alter table audit_records attach partition %I for values from (%L) to (%L)', name, began, ended);
end $$;

-- Drops months in which no record is left: retention removes records by segments, not by months.
create function drop_empty_audit_months() returns integer
language plpgsql security definer set lock_timeout = '1s' as $$
declare
  name text;
  is_empty boolean;
  dropped integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit_partitions', 0));
  for name in
    select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'audit_records'::regclass
      and relname < 'audit_records' || to_char(now() at time zone 'UTC' - interval '1 month', '_YYYY_MM')
    order by relname collate "C"
  loop
    -- By its size, not by its rows: those are hidden from whoever owns it.
    execute format('select pg_relation_size(%L) = 0', name) into is_empty;
    continue when not is_empty;
    execute 'lock table only audit_records in access exclusive mode';
    execute format('select pg_relation_size(%L) = 0', name) into is_empty;
    continue when not is_empty;
    execute format('drop table %I', name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

-- The hash of a record: SHA-256 of this text, which is canonical JSON (RFC 8785) of its place on the
-- trail, the hash of its content, and the hash of the record before it.
create function audit_link(
  trail uuid, place bigint, moment timestamptz, content bytea, previous bytea
) returns bytea language sql immutable strict parallel safe as $$
  select sha256(convert_to(
    '{"at":"' || to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    || '","content":"' || encode(content, 'hex')
    || '","previousHash":"' || encode(previous, 'hex')
    || '","sequence":' || place
    || ',"trail":"' || trail || '"}', 'UTF8'))
$$;

-- Appends one record to a trail. The lock on the head makes the sequence commit order, without gaps.
-- `content` is the SHA-256 of the record in canonical form, made by whoever made the record.
create function append_audit(
  trail uuid, record_id uuid, entry jsonb, content bytea, personal_values jsonb
) returns bigint language plpgsql as $$
declare
  head audit_heads;
  place bigint;
  moment timestamptz;
  digest bytea;
begin
  select * into head from audit_heads where tenant_id = trail for update;
  if not found then
    insert into audit_heads (tenant_id) values (trail) on conflict do nothing;
    select * into head from audit_heads where tenant_id = trail for update;
  end if;
  place := head.sequence + 1;
  moment := greatest(date_trunc('milliseconds', clock_timestamp()), head.at);
  digest := audit_link(trail, place, moment, content, head.hash);
  update audit_heads set
    sequence = place, hash = digest, at = moment, woken = true,
    pending_since = case
      when place - head.checkpointed >= 1000 then '-infinity'
      else coalesce(head.pending_since, moment) end
  where tenant_id = trail;
  insert into audit_records
    (tenant_id, sequence, id, at, deed, outcome, actor_id, target_id, record, personal, previous_hash, hash)
  values (
    trail, place, record_id, moment, entry ->> 'deed', entry ->> 'outcome',
    entry -> 'actor' ->> 'id', entry -> 'target' ->> 'id', entry, personal_values, head.hash, digest);
  return place;
end $$;

-- Canonical JSON (RFC 8785), as far as our records go: for those of before there was a chain.
create function canonical_json(value jsonb) returns text
language plpgsql immutable strict parallel safe as $$
begin
  return case jsonb_typeof(value)
    when 'object' then '{' || coalesce((
      select string_agg(to_json(key)::text || ':' || canonical_json(each.value), ',' order by key collate "C")
      from jsonb_each(value) each), '') || '}'
    when 'array' then '[' || coalesce((
      select string_agg(canonical_json(element), ',' order by position)
      from jsonb_array_elements(value) with ordinality list (element, position)), '') || ']'
    when 'string' then to_json(value #>> '{}')::text
    else value::text
  end;
end $$;

-- How nodes of the version before append, while they are replaced one by one.
create or replace function append_audit(
  trail uuid, record_id uuid, entry jsonb, personal_values jsonb
) returns bigint language sql as $$
  select append_audit(trail, record_id, entry,
    sha256(convert_to(canonical_json(entry), 'UTF8')), personal_values)
$$;

-- What a transaction says when it commits, in one round trip: the trail before the feed, as every
-- writer locks them. Entries come in the order of their trails.
create function conclude(entries jsonb, announced jsonb) returns bigint language plpgsql as $$
declare
  entry jsonb;
begin
  for entry in select value from jsonb_array_elements(entries) loop
    perform append_audit((entry ->> 'trail')::uuid, (entry ->> 'id')::uuid, entry -> 'record',
      decode(entry ->> 'content', 'hex'), entry -> 'personal');
  end loop;
  return case when jsonb_array_length(announced) > 0 then announce(announced) end;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['ensure_audit_month(date)', 'drop_empty_audit_months()'] loop
    execute format('alter function %s set search_path = %I, pg_temp', name, current_schema());
    execute format('revoke execute on function %s from public', name);
    execute format('grant execute on function %s to tenantry_platform', name);
  end loop;
end $$;
revoke execute on function append_audit(uuid, uuid, jsonb, bytea, jsonb), conclude(jsonb, jsonb),
  canonical_json(jsonb),
  audit_link(uuid, bigint, timestamptz, bytea, bytea) from public;
grant execute on function append_audit(uuid, uuid, jsonb, bytea, jsonb), conclude(jsonb, jsonb),
  canonical_json(jsonb),
  audit_link(uuid, bigint, timestamptz, bytea, bytea) to tenantry_tenant, tenantry_platform;

-- What is on record already is chained as it stands: with every month that it needs, in its order.
select ensure_audit_month(month::date) from (
  select date_trunc('month', at at time zone 'UTC') as month from audit_records_unchained
  union select date_trunc('month', now() at time zone 'UTC')
  union select date_trunc('month', now() at time zone 'UTC') + interval '1 month'
) months;

-- The rows of all trails: as the platform, whose policy shows them.
grant select on audit_records_unchained to tenantry_platform;
alter table audit_records_unchained disable row level security;
set local role tenantry_platform;
do $$
declare
  old record;
  content bytea;
  previous bytea;
  digest bytea;
  moment timestamptz;
  trail uuid;
begin
  for old in select * from audit_records_unchained order by tenant_id, sequence loop
    if trail is distinct from old.tenant_id then
      trail := old.tenant_id;
      previous := decode(repeat('00', 32), 'hex');
      moment := '-infinity';
    end if;
    moment := greatest(moment, old.at);
    content := sha256(convert_to(canonical_json(old.record - 'sequence' - 'at'), 'UTF8'));
    digest := audit_link(trail, old.sequence, moment, content, previous);
    insert into audit_records
      (tenant_id, sequence, id, at, deed, outcome, actor_id, target_id, record, personal, previous_hash, hash)
    values (
      trail, old.sequence, old.id, moment, old.deed, old.outcome, old.actor_id, old.target_id,
      old.record - 'sequence' - 'at', old.personal, previous, digest);
    previous := digest;
  end loop;
end $$;
update audit_heads head set hash = last.hash, at = last.at, pending_since = '-infinity'
from (
  select distinct on (tenant_id) tenant_id, hash, at from audit_records
  order by tenant_id, sequence desc) last
where head.tenant_id = last.tenant_id;
reset role;
drop table audit_records_unchained;
