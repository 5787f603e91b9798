import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';

import { openTestDatabase, TEST_ROLES, type TestDatabase } from '@tenantry/testing';
import { ScopedPool } from './scoped-pool.js';
import { statementNames } from './statement-names.js';

const TENANT = '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d';
const SCOPE = { role: TEST_ROLES.tenant, tenantId: TENANT };
const WHO = `select current_user as role, current_setting('app.tenant_id', true) as "tenantId"`;
const BACKEND = 'select pg_backend_pid() as pid';

describe.each([
  { server: 'that keeps prepared statements', preparedStatements: true },
  { server: 'that keeps none', preparedStatements: false },
])('ScopedQuery on a server $server', ({ preparedStatements }) => {
  let db: TestDatabase;
  let pool: ScopedPool;
  const nameOf = statementNames();

  beforeEach(async () => {
    db = await openTestDatabase();
    pool = new ScopedPool({ url: db.url, size: 1, roles: TEST_ROLES, preparedStatements });
  });
  afterEach(async () => {
    await pool.end();
    await db.close();
  });

  async function run(
    text: string,
    values: unknown[] = [],
    scope = SCOPE,
  ): Promise<pg.QueryResultRow[]> {
    const name = preparedStatements ? { name: nameOf({ sql: text }) } : {};
    const { rows } = await pool.run(scope, { text, values, ...name });
    return rows;
  }

  it('runs as its role and its tenant, each time', async () => {
    const platform = { role: TEST_ROLES.platform, tenantId: '' };

    expect(await run(WHO)).toEqual([SCOPE]);
    expect(await run(WHO, [], platform)).toEqual([platform]);
    expect(await run(WHO)).toEqual([SCOPE]);
  });

  it('answers the rows of the statement alone', async () => {
    expect(await run('select n from generate_series(1, $1::int) as n', [3])).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
    expect(await run('select where false')).toEqual([]);
  });

  it('does not run the statement where its scope fails', async () => {
    const [{ value: before } = {}] = await db.query<{ value: string }>(SEQUENCE);

    await expect(run(TAKE_NEXT, [], { ...SCOPE, role: 'nobody_at_all' })).rejects.toThrow(
      'role "nobody_at_all" does not exist',
    );

    expect(await db.query(SEQUENCE)).toEqual([{ value: before }]);
  });

  it('keeps its connection after an error of the statement, and nothing of what it did', async () => {
    const [backend] = await run(BACKEND);

    await expect(run('select 1 / $1::int', [0])).rejects.toThrow('division by zero');
    await expect(run('select from nowhere')).rejects.toThrow('relation "nowhere" does not exist');
    await expect(run('not even SQL')).rejects.toThrow('syntax error at or near "not"');

    expect(await run(BACKEND)).toEqual([backend]);
    expect(await run(WHO)).toEqual([SCOPE]);
  });

  it('sends those that come together one after another, each in a scope of its own', async () => {
    const scopes = Array.from({ length: 20 }, (_, index) => ({
      ...SCOPE,
      tenantId: `01939f3e-8a20-7c3b-9d2a-${String(index).padStart(12, '0')}`,
    }));

    const answers = await Promise.all(scopes.map((scope) => run(WHO, [], scope)));

    expect(answers).toEqual(scopes.map((scope) => [scope]));
  });
});

const SEQUENCE = 'select last_value::text as value from changes_revision_seq';
const TAKE_NEXT = "select nextval('changes_revision_seq')";
