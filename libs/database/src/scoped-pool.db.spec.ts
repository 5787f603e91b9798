import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  aTenant,
  openTestDatabase,
  TEST_ROLES,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import { DatabaseUnavailable } from './database.errors.js';
import type { PoolScope } from './pool-scope.js';

const WHO = `select current_user as role, current_setting('app.tenant_id', true) as "tenantId"`;
const FAILING = 'select 1 / 0';
const ROUNDS = 10;
const LANES = 8;

describe('ScopedPool', () => {
  let db: TestDatabase;
  let tenants: readonly TestTenant[];

  beforeAll(async () => {
    db = await openTestDatabase();
    tenants = await Promise.all([1, 2, 3].map(() => aTenant(db.database)));
  });
  afterAll(() => db.close());

  /** Every way into the pool, and out of it; each says as whom its statements ran. */
  const ways: readonly ((tenant: TestTenant) => Promise<PoolScope[]>)[] = [
    ({ scope }) => db.database.query<PoolScope>(scope, WHO),
    ({ scope }) => db.database.query<PoolScope>(scope, FAILING).catch(() => []),
    ({ scope }) => db.database.query<PoolScope>(scope, 'not even SQL').catch(() => []),
    ({ scope }) => db.database.within(scope, (tx) => tx.query<PoolScope>(WHO)),
    ({ scope }) =>
      db.database.within(scope, async (tx) => {
        const before = await tx.query<PoolScope>(WHO);
        await tx.tables.member.findMany();
        return [...before, ...(await tx.query<PoolScope>(WHO))];
      }),
    async ({ scope }) => {
      const seen: PoolScope[] = [];
      const work = db.database.within(scope, async (tx) => {
        seen.push(...(await tx.query<PoolScope>(WHO)));
        throw new Error('The caller changed its mind.');
      });
      await expect(work).rejects.toThrow('The caller changed its mind.');
      return seen;
    },
    async ({ scope }) => {
      const work = db.database.within(scope, (tx) => tx.query(FAILING));
      await expect(work).rejects.toThrow('division by zero');
      return [];
    },
    ({ scope }) =>
      db.database.within(scope, async (tx) => {
        await tx.acrossTenants('spec', () => tx.query(WHO));
        return tx.query<PoolScope>(WHO);
      }),
  ];

  const platformWays: readonly (() => Promise<PoolScope[]>)[] = [
    () => db.database.queryAcrossTenants<PoolScope>('spec', WHO),
    () => db.database.queryAcrossTenants<PoolScope>('spec', FAILING).catch(() => []),
    () => db.database.acrossTenants('spec', (tx) => tx.query<PoolScope>(WHO)),
  ];

  it('never lends the role or the tenant of one scope to another', async () => {
    const uses = Array.from({ length: ROUNDS }).flatMap(() => [
      ...tenants.flatMap((tenant) =>
        ways.map((way) => async () => {
          for (const seen of await way(tenant)) {
            expect(seen).toEqual({ role: TEST_ROLES.tenant, tenantId: tenant.id });
          }
        }),
      ),
      ...platformWays.map((way) => async () => {
        for (const seen of await way()) {
          expect(seen).toEqual({ role: TEST_ROLES.platform, tenantId: '' });
        }
      }),
    ]);

    // More lanes than the pool has connections, so that they always change hands.
    const lanes = Array.from({ length: LANES }, async () => {
      for (let use = uses.pop(); use; use = uses.pop()) await use();
    });
    await Promise.all(lanes);
  });

  it('outlives the end of its connection in the midst of a statement', async () => {
    const [tenant] = tenants;
    if (!tenant) throw new Error('A tenant was made.');
    const sleeping = db.database.query(tenant.scope, 'select pg_sleep(20)');
    const refused = expect(sleeping).rejects.toThrow(DatabaseUnavailable);

    await endConnections('select pg_sleep(20)');

    await refused;
    await works(tenant);
  });

  it('outlives the end of its connection between two statements', async () => {
    const [tenant] = tenants;
    if (!tenant) throw new Error('A tenant was made.');
    const work = db.database.within(tenant.scope, async (tx) => {
      await tx.query("select 'between two statements'");
      await endConnections("select 'between two statements'");
      return 'not committed';
    });

    await expect(work).rejects.toThrow(DatabaseUnavailable);
    await works(tenant);
  });

  /** Waits until the pool serves again: it may learn of an end only by the next statement. */
  async function works({ scope }: TestTenant): Promise<void> {
    while ((await db.database.query(scope, WHO).catch(() => null)) === null) await sleep(10);
  }

  /** Ends every connection whose latest statement it is. */
  async function endConnections(statement: string): Promise<void> {
    for (;;) {
      const ended = await db.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where query = $1 and datname = current_database()`,
        [statement],
      );
      if (ended.length > 0) return;
      await sleep(10);
    }
  }
});
