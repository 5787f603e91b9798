import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { AuditTrail } from '@tenantry/audit';
import { MasterKey } from '@tenantry/crypto';
import { openTestDatabase, TestClock, type TestDatabase } from '@tenantry/testing';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { ClientSecrets } from './client-secrets.js';
import { FirstAdmins } from './first-admins.js';

const GRACE = { email: 'Grace@platform.example', password: 'seven quiet otters at dawn' };

describe('the first platform admins', () => {
  let test: TestDatabase;
  const hasher = new PasswordHasher();

  beforeEach(async () => {
    test = await openTestDatabase();
  });
  afterEach(() => test.close());

  function node(): FirstAdmins {
    const database = test.anotherNode();
    const secrets = new ClientSecrets(new MasterKey(Buffer.alloc(32, 3)));
    return new FirstAdmins(database, secrets, hasher, new AuditTrail(database), new TestClock());
  }

  const people = (): Promise<Readonly<Record<string, unknown>>[]> =>
    test.query(
      `select email, password_hash as "passwordHash", a.status, a.roles
       from people left join platform_admins a on person_id = id`,
    );

  it('are made once, however many nodes start at once', async () => {
    const made = await Promise.all(
      [node(), node(), node()].map((one) => one.ensure({ client: null, person: null })),
    );

    expect(made.filter(({ client }) => client !== null)).toHaveLength(1);
    const [{ person } = { person: null }] = made.filter((one) => one.person !== null);
    expect(made.filter((one) => one.person !== null)).toHaveLength(1);
    const [stored] = await people();
    expect(await hasher.matches(person?.password ?? '', String(stored?.['passwordHash']))).toBe(
      true,
    );
    expect(stored).toMatchObject({ status: 'active', roles: ['platform-admin'] });
  });

  it('are those of the settings, whose password nobody is told', async () => {
    const told = await node().ensure({ client: null, person: GRACE });

    expect(told.person).toBeNull();
    expect(await people()).toMatchObject([{ email: GRACE.email, status: 'active' }]);
  });

  it.each<[string, string, readonly object[]]>([
    ['suspended', "update platform_admins set status = 'suspended'", [{ status: 'suspended' }]],
    ['removed', 'delete from platform_admins', [{ status: null }]],
    ['given another password', "update people set password_hash = 'x'", [{ passwordHash: 'x' }]],
  ])('stay as they are when they were %s, at every later start', async (_, change, expected) => {
    await node().ensure({ client: null, person: GRACE });
    await test.query(change);

    const told = await node().ensure({ client: null, person: GRACE });

    expect(told.person).toBeNull();
    expect(await people()).toMatchObject(expected);
  });

  it('do not come back by themselves where services alone run the platform', async () => {
    await node().ensure({ client: null, person: null });
    await test.query('delete from platform_admins');

    expect(await node().ensure({ client: null, person: null })).toEqual({
      client: null,
      person: null,
    });
  });

  it('leave alone whoever has that address in a tenant', async () => {
    await test.query(
      `insert into people (id, email, email_folded, recovery_codes)
       values ('01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d', 'grace@platform.example', 'grace@platform.example', '{}')`,
    );

    await node().ensure({ client: null, person: GRACE });

    expect(await people()).toEqual([
      { email: 'grace@platform.example', passwordHash: null, status: null, roles: null },
    ]);
  });
});
