import { type BenchDatabase, withSuperuser } from './bench-server.js';

export const AUDIENCE = 'bench';
/** The issuer that every tenant has registered, each for its own organization. */
export const SHARED_ISSUER = 'https://accounts.shared.example';
export const DISCRIMINATOR = 'hd';

/** The issuer that the tenant of this number has for itself. */
export function ownIssuerOf(tenant: number): string {
  return `https://login.tenant-${tenant}.example`;
}

export function slugOf(tenant: number): string {
  return `tenant-${tenant}`;
}

const TENANTS = `
  insert into tenants (id, slug, display_name)
  select uuidv7(), 'tenant-' || n, 'Tenant ' || n from generate_series(1, $1::int) as n`;

/** Two for each tenant: a URL of its own, and the shared one with a discriminator. */
const ISSUERS = `
  insert into issuers
    (tenant_id, id, issuer, issuer_aliases, audiences, key_source, algorithms, match_claim,
     match_value, claims, admission, roles, role_mapping, clock_skew_seconds, health_state, key_set,
     ownership_challenge, ownership_method, ownership_proven_at)
  select id, uuidv7(),
    case when shared then '${SHARED_ISSUER}' else 'https://login.' || slug || '.example' end,
    '{}', '{${AUDIENCE}}', jsonb_build_object('kind', 'inline', 'jwks', $1::jsonb), '{ES256}',
    case when shared then '${DISCRIMINATOR}' end, case when shared then slug end,
    '{"subject": "sub", "email": "email", "name": "name", "groups": "groups"}',
    'members', '{}', '[]', 30, 'healthy', $1::jsonb, id::text, 'platform', now()
  from tenants, (values (false), (true)) as kinds (shared)`;

const CLAIMS = `
  insert into issuer_claims
    (registration_id, tenant_id, issuer, audience, match_claim, match_value, match_fold)
  select id, tenant_id, issuer, '${AUDIENCE}', match_claim, match_value, lower(match_value)
  from issuers`;

const MEMBERS = `
  insert into members (tenant_id, id, issuer_owner_id, issuer_id, subject, email, roles)
  select tenant_id, uuidv7(), tenant_id, id, 'subject-' || n, 'subject-' || n || '@example.com', '{viewer}'
  from issuers, generate_series(1, $1::int) as n where match_claim is null`;

export interface Registered {
  readonly tenants: number;
  readonly membersEach: number;
  /** The key set of every issuer. */
  readonly jwks: object;
}

/** Registers that many tenants with their issuers, by SQL: what was registered long ago. */
export async function register(
  { superuserUrl }: BenchDatabase,
  { tenants, membersEach, jwks }: Registered,
): Promise<void> {
  await withSuperuser(superuserUrl, async (client) => {
    await client.query(TENANTS, [tenants]);
    await client.query(ISSUERS, [JSON.stringify(jwks)]);
    await client.query(CLAIMS);
    await client.query(MEMBERS, [membersEach]);
    await client.query('vacuum analyze');
  });
}
