-- The vault: keys that wrap keys, a data key a tenant, sealed values and their versions, consents of
-- tenants to engines, seals, certificates of destruction.

create table key_encryption_keys (
  id uuid not null,
  provider text not null,
  key_name text,
  material bytea,
  state text not null default 'active',
  rewraps integer not null default 0,
  created_at timestamptz not null default now(),
  retired_at timestamptz,

  constraint key_encryption_keys_pkey primary key (id)
);

create table wrapped_master_keys (
  id integer not null,
  key_name text not null,
  wrapped bytea not null,
  created_at timestamptz not null default now(),

  constraint wrapped_master_keys_pkey primary key (id)
);

create table data_keys (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  kek_id uuid not null,
  wrapped bytea,
  state text not null default 'active',
  canary bytea not null,
  rewraps integer not null default 0,
  created_at timestamptz not null default now(),
  ended_at timestamptz,

  constraint data_keys_pkey primary key (tenant_id, id)
);

create table vault_seals (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  sealed_at timestamptz not null,
  sealed_by text not null,
  reason text,

  constraint vault_seals_pkey primary key (tenant_id)
);

create table secrets (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  -- Ordered by its bytes, so that a prefix is a range of the index whatever the database's language.
  name text collate "C" not null,
  version integer not null default 1,
  labels jsonb not null default '{}',
  rotate_after_days integer,
  rotation_due_at timestamptz,
  expires_at timestamptz,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint secrets_pkey primary key (tenant_id, id)
);

create table secret_versions (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  secret_id uuid not null,
  version integer not null,
  data_key_id uuid not null,
  sealed bytea,
  encoding text not null,
  expires_at timestamptz,
  restored_from integer,
  created_by text not null,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,

  constraint secret_versions_pkey primary key (tenant_id, secret_id, version)
);

create table secret_consents (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  account_id uuid not null,
  client_id text not null,
  name_prefix text not null,
  given_by text not null,
  created_at timestamptz not null default now(),

  constraint secret_consents_pkey primary key (tenant_id, account_id, name_prefix)
);

create table shred_certificates (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  id uuid not null,
  certificate text not null,
  issued_at timestamptz not null,

  constraint shred_certificates_pkey primary key (tenant_id, id)
);

create unique index secrets_name_per_tenant on secrets(tenant_id, name);
create index secret_versions_data_key_of on secret_versions(tenant_id, data_key_id, secret_id, version);

-- Of each kind one key is in use. What is under way, and what is due, is found without looking at all.
create unique index key_encryption_keys_one_active on key_encryption_keys(state) where state = 'active';
create unique index data_keys_one_active_per_tenant on data_keys(tenant_id) where state = 'active';
create index data_keys_retiring on data_keys(tenant_id, id) where state = 'retiring';
create index data_keys_wrapped_by on data_keys(kek_id, tenant_id, id) where wrapped is not null;
create index secrets_expiring on secrets(expires_at) where expires_at is not null;
create index secrets_rotation_due on secrets(rotation_due_at) where rotation_due_at is not null;

-- Values are ciphertext: to compress them is work for nothing.
alter table secret_versions alter column sealed set storage external;

alter table secret_versions
  add constraint secret_versions_secret foreign key (tenant_id, secret_id)
    references secrets(tenant_id, id) on delete cascade on update cascade,
  add constraint secret_versions_data_key foreign key (tenant_id, data_key_id)
    references data_keys(tenant_id, id) on update cascade,
  add constraint secret_versions_encoding_known check (encoding in ('text', 'base64')),
  add constraint secret_versions_destroyed_empty check ((destroyed_at is null) = (sealed is not null));
alter table key_encryption_keys
  add constraint key_encryption_keys_state_known check (state in ('active', 'retiring', 'retired')),
  add constraint key_encryption_keys_provider_known check (provider in ('local', 'aws-kms'));
-- A key that has ended is not merely said to have: its wrapped form is gone.
alter table data_keys
  add constraint data_keys_state_known check (state in ('active', 'retiring', 'retired', 'shredded')),
  add constraint data_keys_ended_gone check ((state in ('active', 'retiring')) = (wrapped is not null));
alter table secrets
  add constraint secrets_name_form check (
    name ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$' and position('..' in name) = 0);
alter table wrapped_master_keys
  add constraint wrapped_master_keys_one check (id = 1);

do $$
declare
  name text;
begin
  foreach name in array array[
    'key_encryption_keys', 'wrapped_master_keys',
    'data_keys', 'vault_seals', 'secrets', 'secret_versions', 'secret_consents', 'shred_certificates'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy %I on %I to tenantry_platform using (true) with check (true)',
      name || '_platform', name);
    execute format('grant select, insert, update, delete on %I to tenantry_platform', name);
  end loop;
  foreach name in array array[
    'data_keys', 'vault_seals', 'secrets', 'secret_versions', 'secret_consents', 'shred_certificates'
  ] loop
    execute format(
      'create policy %I on %I to tenantry_tenant
         using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
         with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))',
      name || '_tenant', name);
    execute format('grant select, insert, update, delete on %I to tenantry_tenant', name);
  end loop;
end $$;
