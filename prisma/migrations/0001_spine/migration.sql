-- The spine: tenants, the issuers that they trust, who may act, what changed, what was done.
-- Every table that belongs to a tenant leads with tenant_id and forces row-level security.

-- Two roles that own nothing and pass no policy by. Roles belong to the cluster: another database
-- of it, or another process at this moment, may have made them.
do $$
declare
  name text;
begin
  foreach name in array array['tenantry_tenant', 'tenantry_platform'] loop
    begin
      -- Looked for first: a login without CREATEROLE is refused even where the role is there.
      if not exists (select from pg_roles where rolname = name) then
        execute format('create role %I nologin', name);
      end if;
    exception when duplicate_object or unique_violation then null;
    end;
    begin
      if current_setting('server_version_num')::int >= 160000 then
        execute format('grant %I to current_user with inherit false, set true', name);
      else
        execute format('grant %I to current_user', name);
      end if;
    exception when insufficient_privilege then
      if not pg_has_role(current_user, name, 'member') then raise; end if;
    end;
  end loop;
end $$;

grant usage on schema public to tenantry_tenant, tenantry_platform;

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

  constraint audit_records_pkey primary key (tenant_id,sequence)
);

create table audit_heads (
  tenant_id uuid not null,
  sequence bigint not null default 0,

  constraint audit_heads_pkey primary key (tenant_id)
);

create table changes (
  revision bigserial not null,
  at timestamptz not null default now(),
  tenant_id uuid,
  kind text not null,
  id text not null,
  key text,

  constraint changes_pkey primary key (revision)
);

create table nodes (
  id uuid not null,
  started_at timestamptz not null,
  heard_at timestamptz not null,
  acknowledged bigint not null,
  acknowledged_at timestamptz not null,

  constraint nodes_pkey primary key (id)
);

create table idempotency_keys (
  key bytea not null,
  body_digest bytea not null,
  fence uuid not null,
  state text not null,
  answer bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,

  constraint idempotency_keys_pkey primary key (key)
);

create table issuers (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  issuer text not null,
  audiences text[] not null,
  key_source jsonb not null,
  algorithms text[] not null,
  match_claim text,
  match_value text,
  claims jsonb not null,
  admission text not null,
  roles text[] not null,
  role_mapping jsonb not null,
  clock_skew_seconds integer not null,
  max_token_age_seconds integer,
  not_after timestamptz,
  status text not null default 'enabled',
  health_state text not null default 'pending',
  health_reason text,
  health_since timestamptz not null default now(),
  last_checked_at timestamptz,
  next_check_at timestamptz,
  ownership_proven_at timestamptz,
  epoch integer not null default 1,
  checks_begun integer not null default 0,
  check_settled integer not null default 0,
  key_set jsonb,
  key_set_confirmed_at timestamptz,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint issuers_pkey primary key (tenant_id,id)
);

create table issuer_claims (
  registration_id uuid not null,
  tenant_id uuid not null,
  issuer text not null,
  audience text not null,
  match_claim text,
  match_value text,
  held_until timestamptz,

  constraint issuer_claims_pkey primary key (registration_id,audience)
);

create table members (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  kind text not null default 'external',
  issuer_id uuid,
  subject text,
  email text,
  display_name text,
  roles text[] not null,
  status text not null default 'active',
  origin text not null default 'added',
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint members_pkey primary key (tenant_id,id)
);

create table platform_service_accounts (
  id uuid not null,
  name text not null,
  client_id text not null,
  secret_hash bytea not null,
  roles text[] not null,
  status text not null default 'active',
  created_at timestamptz not null default now(),

  constraint platform_service_accounts_pkey primary key (id)
);

create table signing_keys (
  kid text not null,
  algorithm text not null,
  public_jwk jsonb not null,
  sealed_private bytea not null,
  created_at timestamptz not null default now(),
  signs_from timestamptz not null,
  signs_until timestamptz not null,
  published_till timestamptz not null,

  constraint signing_keys_pkey primary key (kid)
);

create table tenants (
  id uuid not null,
  slug text not null,
  display_name text not null,
  status text not null default 'active',
  health text not null default 'healthy',
  region text,
  plan text,
  labels jsonb not null default '{}',
  suspended_reason text,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint tenants_pkey primary key (id)
);

create table tenant_routes (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  host text not null,
  path_prefix text not null,

  constraint tenant_routes_pkey primary key (tenant_id,host,path_prefix)
);

create table tenant_facets (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  facet text not null,
  state text not null,
  is_required boolean not null default true,
  reason text,
  since timestamptz not null default now(),

  constraint tenant_facets_pkey primary key (tenant_id,facet)
);
create index audit_records_deed on audit_records(tenant_id, deed, sequence);
create index audit_records_actor on audit_records(tenant_id, actor_id, sequence);
create index audit_records_target on audit_records(tenant_id, target_id, sequence);
create unique index audit_records_id on audit_records(tenant_id, id);
create index changes_at on changes(at);
create index nodes_heard_at on nodes(heard_at);
create index idempotency_keys_expires_at on idempotency_keys(expires_at);
create index issuer_claims_tokens on issuer_claims(issuer, audience, match_claim, match_value);
create unique index members_identity_per_tenant on members(tenant_id, issuer_id, subject);
create unique index platform_service_accounts_client_id on platform_service_accounts(client_id);
create unique index tenants_slug on tenants(slug);
create index tenants_labels on tenants using gin (labels jsonb_path_ops);
create index tenants_status on tenants(status, id);
create unique index tenant_routes_place on tenant_routes(host, path_prefix);
alter table issuers add constraint issuers_tenant_id_fkey foreign key (tenant_id) references tenants(id) on delete cascade on update cascade;
alter table members add constraint members_issuer foreign key (tenant_id, issuer_id) references issuers(tenant_id, id) on delete cascade on update cascade;
alter table members add constraint members_tenant_id_fkey foreign key (tenant_id) references tenants(id) on delete cascade on update cascade;
alter table tenant_routes add constraint tenant_routes_tenant_id_fkey foreign key (tenant_id) references tenants(id) on delete cascade on update cascade;
alter table tenant_facets add constraint tenant_facets_tenant_id_fkey foreign key (tenant_id) references tenants(id) on delete cascade on update cascade;

alter table tenants
  add constraint tenants_status_known check (status in ('active', 'suspended', 'terminating')),
  add constraint tenants_health_known check (health in ('pending', 'healthy', 'unverified', 'disabled')),
  add constraint tenants_slug_form check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$');
alter table tenant_facets
  add constraint tenant_facets_state_known check (state in ('pending', 'healthy', 'unverified', 'disabled'));
alter table issuers
  add constraint issuers_status_known check (status in ('enabled', 'disabled')),
  add constraint issuers_health_known check (health_state in ('pending', 'healthy', 'unverified', 'disabled')),
  add constraint issuers_admission_known check (admission in ('members', 'anyone')),
  add constraint issuers_match_whole check ((match_claim is null) = (match_value is null)),
  add constraint issuers_audience_mandatory check (cardinality(audiences) between 1 and 20);
alter table members
  add constraint members_status_known check (status in ('active', 'suspended', 'denied')),
  add constraint members_origin_known check (origin in ('added', 'admitted')),
  add constraint members_kind_known check (kind in ('person', 'service', 'external'));
alter table idempotency_keys
  add constraint idempotency_keys_state_known check (state in ('running', 'done'));
alter table audit_records
  add constraint audit_records_outcome_known check (outcome in ('done', 'refused', 'failed'));

-- The third lock. Forced, so that the owner of the tables is held by it too.
do $$
declare
  name text;
begin
  foreach name in array array[
    'tenants', 'tenant_routes', 'tenant_facets', 'issuers', 'issuer_claims', 'members',
    'audit_records', 'audit_heads', 'changes',
    'nodes', 'idempotency_keys', 'platform_service_accounts', 'signing_keys'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy %I on %I to tenantry_platform using (true) with check (true)',
      name || '_platform', name);
  end loop;

  -- The setting is '' after a local set_config, and the sub-select is evaluated once a query.
  foreach name in array array[
    'tenant_routes', 'tenant_facets', 'issuers', 'members', 'audit_records', 'audit_heads', 'changes'
  ] loop
    execute format(
      'create policy %I on %I to tenantry_tenant
         using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
         with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))',
      name || '_tenant', name);
  end loop;
end $$;

create policy tenants_tenant on tenants to tenantry_tenant
  using (id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- A tenant alters its display name and its health; its status, slug and plan are the platform's.
grant select, update (display_name, health, revision, updated_at) on tenants to tenantry_tenant;
grant select on tenant_routes to tenantry_tenant;
grant select, insert, update, delete on tenant_facets, issuers, members to tenantry_tenant;
-- The trail and the feed are appended to; nobody rewrites them.
grant select, insert on audit_records, changes to tenantry_tenant;
grant select, insert, update on audit_heads to tenantry_tenant;
grant usage on sequence changes_revision_seq to tenantry_tenant, tenantry_platform;

grant select, insert, update, delete
  on tenants, tenant_routes, tenant_facets, issuers, issuer_claims, members,
     nodes, idempotency_keys, platform_service_accounts, signing_keys
  to tenantry_platform;
grant select, insert on audit_records to tenantry_platform;
-- Erasure of personal values is the one change that a record allows.
grant update (personal) on audit_records to tenantry_platform;
grant select, insert, update on audit_heads to tenantry_platform;
grant select, insert, delete on changes to tenantry_platform;

-- Appends to the change feed: the last statement of a transaction. The lock makes revisions follow
-- commit order, so that no reader skips a row that commits late. NOTIFY is a hint; readers poll.
create function announce(announced jsonb) returns bigint language plpgsql as $$
declare
  latest bigint;
begin
  perform pg_advisory_xact_lock(7236841, 1);
  with appended as (
    insert into changes (tenant_id, kind, id, key)
    select (change ->> 'tenantId')::uuid, change ->> 'kind', change ->> 'id', change ->> 'key'
    from jsonb_array_elements(announced) with ordinality as list (change, position)
    order by position
    returning revision
  )
  select max(revision) into latest from appended;
  perform pg_notify('tenantry_changes', latest::text);
  return latest;
end $$;

-- Appends one record to a tenant's trail. The lock on the head makes the sequence commit order,
-- without gaps; `sequence` and `at` enter the record here, because only here they are known.
create function append_audit(
  trail uuid, record_id uuid, entry jsonb, personal_values jsonb
) returns bigint language plpgsql as $$
declare
  next_sequence bigint;
  moment timestamptz;
begin
  insert into audit_heads as head (tenant_id, sequence) values (trail, 1)
  on conflict (tenant_id) do update set sequence = head.sequence + 1
  returning sequence into next_sequence;
  moment := date_trunc('milliseconds', clock_timestamp());
  insert into audit_records
    (tenant_id, sequence, id, at, deed, outcome, actor_id, target_id, record, personal)
  values (
    trail, next_sequence, record_id, moment, entry ->> 'deed', entry ->> 'outcome',
    entry -> 'actor' ->> 'id', entry -> 'target' ->> 'id',
    entry || jsonb_build_object(
      'sequence', next_sequence,
      'at', to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
    personal_values);
  return next_sequence;
end $$;

-- Notes the state of one part of a tenant, and makes the tenant's health the worst of its required
-- parts. Answers whether that health is another one now.
create function report_facet(
  reported_tenant uuid, reported_facet text, reported_state text, reported_reason text
) returns boolean language plpgsql as $$
declare
  worst text;
begin
  insert into tenant_facets as part (tenant_id, facet, state, reason)
  values (reported_tenant, reported_facet, reported_state, reported_reason)
  on conflict (tenant_id, facet) do update set
    state = excluded.state, reason = excluded.reason,
    since = case when part.state = excluded.state then part.since else now() end;
  select state into worst from tenant_facets
  where tenant_id = reported_tenant and is_required
  order by array_position(array['healthy', 'unverified', 'pending', 'disabled'], state) desc
  limit 1;
  update tenants set health = coalesce(worst, 'healthy')
  where id = reported_tenant and health <> coalesce(worst, 'healthy');
  return found;
end $$;

revoke execute on function announce(jsonb), append_audit(uuid, uuid, jsonb, jsonb),
  report_facet(uuid, text, text, text) from public;
grant execute on function announce(jsonb), append_audit(uuid, uuid, jsonb, jsonb),
  report_facet(uuid, text, text, text)
  to tenantry_tenant, tenantry_platform;
