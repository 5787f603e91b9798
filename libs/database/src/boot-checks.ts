import pg from 'pg';

import { DATABASE_ROLES, type DatabaseRoles } from './pool-scope.js';

const CONNECT_TIMEOUT_MS = 5_000;

/** The database would not hold tenants apart as promised. The message is for the operator. */
export class DatabaseUnsafe extends Error {
  override readonly name = 'DatabaseUnsafe';
}

interface RoleRow {
  readonly current: string;
  readonly login: string;
  readonly login_is_superuser: boolean;
  readonly bypassing: readonly string[];
  readonly tenant_is_platform: boolean;
}

/**
 * Refuses to start on a database whose policies would not hold: looked at on a connection as the
 * pool opens it, because a pooler may drop start-up options.
 */
export async function assertIsolation(
  url: string,
  isProduction: boolean,
  roles: DatabaseRoles = DATABASE_ROLES,
): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    options: `-c role=${roles.tenant}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    const found = await readRoles(client, roles);
    assertRoles(found, roles);
    if (isProduction) assertOrdinaryLogin(found);
    await assertPolicies(client);
  } finally {
    await client.end();
  }
}

async function readRoles(client: pg.Client, roles: DatabaseRoles): Promise<RoleRow> {
  const { rows } = await client.query<RoleRow>(
    `select current_user as current, session_user as login,
       (select rolsuper from pg_roles where rolname = session_user) as login_is_superuser,
       array(select rolname::text from pg_roles
             where rolname in ($1, $2) and (rolsuper or rolbypassrls)) as bypassing,
       pg_has_role($1, $2, 'member') as tenant_is_platform`,
    [roles.tenant, roles.platform],
  );
  const [row] = rows;
  if (!row) throw new DatabaseUnsafe('The database does not say who is connected.');
  return row;
}

function assertRoles(row: RoleRow, { tenant, platform }: DatabaseRoles): void {
  if (row.bypassing.length > 0) {
    throw new DatabaseUnsafe(
      `The database role ${row.bypassing.join(', ')} passes row-level security by. Run: alter role … nosuperuser nobypassrls`,
    );
  }
  if (row.tenant_is_platform) {
    throw new DatabaseUnsafe(
      `The database role ${tenant} may act as ${platform}, whom every policy lets by. Run: revoke ${platform} from ${tenant}`,
    );
  }
  if (row.current !== tenant) {
    throw new DatabaseUnsafe(
      `DATABASE_URL drops start-up options (a pooler?), so that statements run as the login. Run: alter role ${row.login} set role = '${tenant}'`,
    );
  }
}

function assertOrdinaryLogin(row: RoleRow): void {
  if (row.login_is_superuser) {
    throw new DatabaseUnsafe(
      'DATABASE_URL names a superuser, who passes every policy by. Use an ordinary login in production.',
    );
  }
}

/** Every table with a tenant, and every registry, forces a policy. */
async function assertPolicies(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> '_prisma_migrations'
       and not (c.relrowsecurity and c.relforcerowsecurity
                and exists (select from pg_policy p where p.polrelid = c.oid))`,
  );
  if (rows.length > 0) {
    const names = rows.map(({ name }) => name).join(', ');
    throw new DatabaseUnsafe(`Without a forced row-level security policy: ${names}.`);
  }
}
