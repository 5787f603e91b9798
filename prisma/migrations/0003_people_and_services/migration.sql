-- People and services: persons with their passwords and sessions, service accounts with their secrets
-- and keys, invitations, roles of a tenant's own, permissions of engines, guests, break-glass.

alter table tenants add column requires_second_factor boolean not null default false;
grant update (requires_second_factor) on tenants to tenantry_tenant;

create table people (
  id uuid not null,
  email text not null,
  email_folded text not null,
  display_name text,
  password_hash text,
  password_changed_at timestamptz,
  email_verified_at timestamptz,
  totp_secret bytea,
  totp_confirmed_at timestamptz,
  totp_last_step bigint,
  recovery_codes bytea[] not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint people_pkey primary key (id)
);

create table platform_admins (
  person_id uuid not null,
  roles text[] not null,
  status text not null default 'invited',
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint platform_admins_pkey primary key (person_id)
);

alter table platform_service_accounts
  add column previous_secret_hash bytea,
  add column previous_until timestamptz,
  add column revision integer not null default 1,
  add column updated_at timestamptz not null default now();

create table sessions (
  id uuid not null,
  person_id uuid,
  tenant_id uuid,
  member_id uuid,
  registration_id uuid,
  registration_owner_id uuid,
  registration_key text,
  subject text,
  email text,
  groups text[] not null,
  second_factor boolean not null default false,
  cookie_digest bytea,
  ip text,
  user_agent text,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_reason text,

  constraint sessions_pkey primary key (id)
);

create table refresh_tokens (
  digest bytea not null,
  session_id uuid not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,

  constraint refresh_tokens_pkey primary key (digest)
);

create table revoked_tokens (
  jti text not null,
  expires_at timestamptz not null,

  constraint revoked_tokens_pkey primary key (jti)
);

create table password_resets (
  digest bytea not null,
  person_id uuid not null,
  expires_at timestamptz not null,
  used_at timestamptz,

  constraint password_resets_pkey primary key (digest)
);

create table signin_attempts (
  key bytea not null,
  failures integer not null,
  first_failed_at timestamptz not null,
  last_failed_at timestamptz not null,

  constraint signin_attempts_pkey primary key (key)
);

create table engine_permissions (
  name text not null,
  description text not null,
  registered_by text not null,
  created_at timestamptz not null default now(),

  constraint engine_permissions_pkey primary key (name)
);

create table roles (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  name text not null,
  description text,
  permissions text[] not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint roles_pkey primary key (tenant_id, name)
);

create table service_accounts (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  client_id text not null,
  secret_digest bytea not null,
  previous_digest bytea,
  previous_until timestamptz,
  rotated_at timestamptz,
  created_at timestamptz not null default now(),

  constraint service_accounts_pkey primary key (tenant_id, id)
);

create table api_keys (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  member_id uuid not null,
  name text not null,
  digest bytea not null,
  hint text not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  last_used_ip text,
  created_at timestamptz not null default now(),

  constraint api_keys_pkey primary key (tenant_id, id)
);

create table invitations (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  member_id uuid not null,
  email text not null,
  digest bytea not null,
  invited_by text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),

  constraint invitations_pkey primary key (tenant_id, id)
);

create table break_glass (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  actor_id text not null,
  actor_name text,
  reason text not null,
  opened_at timestamptz not null,
  expires_at timestamptz not null,
  closed_at timestamptz,

  constraint break_glass_pkey primary key (tenant_id, id)
);

alter table members
  add column person_id uuid,
  add column grants jsonb not null default '[]';

alter table issuers
  add column guest jsonb,
  add column registered_by text,
  add column sign_in_client_id text,
  add column sign_in_client_secret bytea;

create unique index people_email on people(email_folded);
create unique index sessions_cookie on sessions(cookie_digest);
create index sessions_person on sessions(person_id);
create index sessions_member on sessions(tenant_id, member_id);
create index sessions_registration on sessions(registration_id);
create index sessions_expires_at on sessions(expires_at);
create index refresh_tokens_expires_at on refresh_tokens(expires_at);
create index refresh_tokens_session on refresh_tokens(session_id);
create index revoked_tokens_expires_at on revoked_tokens(expires_at);
create index password_resets_person on password_resets(person_id);
create index password_resets_expires_at on password_resets(expires_at);
create index signin_attempts_last_failed_at on signin_attempts(last_failed_at);
create unique index service_accounts_client_id on service_accounts(client_id);
create unique index api_keys_digest on api_keys(digest);
create index api_keys_member on api_keys(tenant_id, member_id);
create unique index invitations_digest on invitations(digest);
create index invitations_member on invitations(tenant_id, member_id);
create unique index members_person_per_tenant on members(tenant_id, person_id);
create index members_person on members(person_id);

alter table members add constraint members_person_id_fkey
  foreign key (person_id) references people(id) on delete cascade on update cascade;
alter table platform_admins add constraint platform_admins_person_id_fkey
  foreign key (person_id) references people(id) on delete cascade on update cascade;
alter table sessions add constraint sessions_person_id_fkey
  foreign key (person_id) references people(id) on delete cascade on update cascade;
alter table refresh_tokens add constraint refresh_tokens_session_id_fkey
  foreign key (session_id) references sessions(id) on delete cascade on update cascade;
alter table password_resets add constraint password_resets_person_id_fkey
  foreign key (person_id) references people(id) on delete cascade on update cascade;
alter table service_accounts add constraint service_accounts_member
  foreign key (tenant_id, id) references members(tenant_id, id) on delete cascade on update cascade;
alter table api_keys add constraint api_keys_account
  foreign key (tenant_id, member_id) references service_accounts(tenant_id, id) on delete cascade on update cascade;

alter table members drop constraint members_status_known;
alter table members
  add constraint members_status_known check (status in ('active', 'suspended', 'invited', 'denied'));
alter table platform_admins
  add constraint platform_admins_status_known check (status in ('active', 'suspended', 'invited'));
alter table platform_service_accounts
  add constraint platform_service_accounts_status_known check (status in ('active', 'suspended'));
-- A session is a person's, or that of somebody whom an issuer vouches for, who is nobody elsewhere.
alter table sessions
  add constraint sessions_somebodys check (
    (person_id is null) = (registration_id is not null)
    and (person_id is not null or (tenant_id is not null and member_id is not null)));
alter table roles
  add constraint roles_name_form check (name ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  add constraint roles_not_built_in check (name not in ('tenant-admin', 'operator', 'builder', 'viewer'));

do $$
declare
  name text;
begin
  foreach name in array array[
    'people', 'platform_admins', 'sessions', 'refresh_tokens', 'revoked_tokens', 'password_resets',
    'signin_attempts', 'engine_permissions',
    'roles', 'service_accounts', 'api_keys', 'invitations', 'break_glass'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy %I on %I to tenantry_platform using (true) with check (true)',
      name || '_platform', name);
    execute format('grant select, insert, update, delete on %I to tenantry_platform', name);
  end loop;
  foreach name in array array[
    'roles', 'service_accounts', 'api_keys', 'invitations', 'break_glass'
  ] loop
    execute format(
      'create policy %I on %I to tenantry_tenant
         using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
         with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))',
      name || '_tenant', name);
    execute format('grant select, insert, update, delete on %I to tenantry_tenant', name);
  end loop;
end $$;
