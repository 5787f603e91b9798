import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { openTestDatabase, type TestDatabase, UNPOLICED_ROLES } from '@tenantry/testing';
import { assertIsolation, DatabaseUnsafe } from './boot-checks.js';

describe('assertIsolation', () => {
  let db: TestDatabase;

  beforeEach(async () => {
    db = await openTestDatabase();
  });
  afterEach(() => db.close());

  /** As behind a pooler that drops them: options in the URL take the place of ours. */
  const urlWithoutOptions = (): string => `${db.url}?options=-c%20client_min_messages%3Dwarning`;

  it('accepts a database that was migrated, with an ordinary login', async () => {
    await expect(assertIsolation(db.url, true)).resolves.toBeUndefined();
  });

  it('refuses a role that passes policies by', async () => {
    const check = assertIsolation(db.url, false, UNPOLICED_ROLES);

    await expect(check).rejects.toThrow(
      'The database role tenantry_tenant_unpoliced, tenantry_platform_unpoliced passes row-level security by.',
    );
  });

  it('refuses a tenant role that may act as the platform', async () => {
    const roles = { tenant: 'tenantry_tenant', platform: 'tenantry_tenant' };

    await expect(assertIsolation(db.url, false, roles)).rejects.toThrow('may act as');
  });

  it('refuses a connection that drops start-up options, and says what helps', async () => {
    const login = new URL(db.url).username;

    await expect(assertIsolation(urlWithoutOptions(), false)).rejects.toThrow(
      `DATABASE_URL drops start-up options (a pooler?), so that statements run as the login. Run: alter role ${login} set role = 'tenantry_tenant'`,
    );
  });

  it('accepts such a connection once the login becomes the tenant role by itself', async () => {
    const { username, pathname } = new URL(db.url);
    // In this database alone, as the specs share the login.
    await db.query(
      `alter role ${username} in database ${pathname.slice(1)} set role = 'tenantry_tenant'`,
    );

    await expect(assertIsolation(urlWithoutOptions(), true)).resolves.toBeUndefined();
  });

  it('refuses a superuser in production, and only there', async () => {
    await expect(assertIsolation(db.superuserUrl, true)).rejects.toThrow(
      'DATABASE_URL names a superuser',
    );
    await expect(assertIsolation(db.superuserUrl, false)).resolves.toBeUndefined();
  });

  it.each([
    ['without policies', 'create table vouchers (tenant_id uuid)', 'vouchers'],
    ['whose owner passes them by', 'alter table members no force row level security', 'members'],
    ['that switched them off', 'alter table issuers disable row level security', 'issuers'],
    [
      'that has none left',
      'drop policy nodes_platform on nodes; drop policy signing_keys_platform on signing_keys',
      'nodes, signing_keys',
    ],
  ])('refuses a table %s, by its name', async (_, mistake, names) => {
    await db.query(mistake);

    const check = assertIsolation(db.url, false);

    await expect(check).rejects.toThrow(DatabaseUnsafe);
    await expect(check).rejects.toThrow(`Without a forced row-level security policy: ${names}.`);
  });
});
