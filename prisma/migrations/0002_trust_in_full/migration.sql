-- Trust in full: aliases, conditions, proof of ownership, issuers of the platform, scheduled checks
-- with their history, and keys that are refused one by one.

alter table issuers
  add column issuer_aliases text[] not null default '{}',
  add column condition text,
  add column tenant_claim text,
  add column ownership_method text,
  add column ownership_challenge text not null default replace(gen_random_uuid()::text, '-', ''),
  add column checks_failed integer not null default 0,
  add column distrusted_keys jsonb not null default '[]';
alter table issuers
  alter column issuer_aliases drop default,
  alter column ownership_challenge drop default;

-- An issuer of the platform has the nil UUID where others have their tenant, so that it can have no
-- row among the tenants.
alter table issuers drop constraint issuers_tenant_id_fkey;
alter table issuers
  add constraint issuers_tenant_by_claim check (
    (tenant_claim is null) or (tenant_id = '00000000-0000-0000-0000-000000000000')),
  add constraint issuers_ownership_known check (ownership_method in ('platform', 'dns', 'approval')),
  add constraint issuers_aliases_few check (cardinality(issuer_aliases) <= 5);
alter table tenants
  add constraint tenants_not_platform check (id <> '00000000-0000-0000-0000-000000000000');

alter table members
  add column issuer_owner_id uuid default nullif(current_setting('app.tenant_id', true), '')::uuid;
alter table issuer_claims add column match_fold text;

-- Rows of tenants are hidden from their tables' owner too, and an update would find none of them.
do $$
begin
  alter table members no force row level security;
  alter table issuer_claims no force row level security;
  alter table issuers no force row level security;
  update members set issuer_owner_id = tenant_id;
  update issuer_claims set match_fold = lower(normalize(match_value, nfkc));
  update issuers set ownership_method = 'platform' where ownership_proven_at is not null;
  alter table members force row level security;
  alter table issuer_claims force row level security;
  alter table issuers force row level security;
end $$;

-- Whose the issuer is that a member comes by: the tenant's own, or the platform's.
alter table members alter column issuer_owner_id set not null;
alter table members drop constraint members_issuer;
alter table members
  add constraint members_issuer foreign key (issuer_owner_id, issuer_id)
    references issuers(tenant_id, id) on delete cascade on update cascade,
  add constraint members_issuer_own check (
    issuer_owner_id in (tenant_id, '00000000-0000-0000-0000-000000000000'));
create index members_issuer_of on members(issuer_owner_id, issuer_id);

-- One row for each URL and audience.
alter table issuer_claims drop constraint issuer_claims_pkey;
alter table issuer_claims
  add constraint issuer_claims_pkey primary key (registration_id, issuer, audience);
drop index issuer_claims_tokens;
create index issuer_claims_tokens on issuer_claims(issuer, audience, match_claim, match_fold);

-- What is to be checked next, over all tenants: nothing else reads the table in this order.
create index issuers_due on issuers(next_check_at);
-- How many are in which state: counted from the index alone.
create index issuers_state on issuers(status, health_state);

create table issuer_verdicts (
  tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid,
  issuer_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  verdict text not null,
  reason text,
  health_state text not null,
  took_ms integer not null,

  constraint issuer_verdicts_pkey primary key (tenant_id, issuer_id, id)
);
alter table issuer_verdicts
  add constraint issuer_verdicts_issuer foreign key (tenant_id, issuer_id)
    references issuers(tenant_id, id) on delete cascade on update cascade,
  add constraint issuer_verdicts_verdict_known check (verdict in ('ok', 'transient', 'permanent'));
alter table issuer_verdicts enable row level security;
alter table issuer_verdicts force row level security;
create policy issuer_verdicts_platform on issuer_verdicts to tenantry_platform
  using (true) with check (true);
create policy issuer_verdicts_tenant on issuer_verdicts to tenantry_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, delete on issuer_verdicts to tenantry_tenant, tenantry_platform;
