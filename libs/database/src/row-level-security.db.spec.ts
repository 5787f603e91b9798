import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { newId } from '@tenantry/kernel';
import { openTestDatabase, rowLevelSecurityIsOn, type TestDatabase } from '@tenantry/testing';
import { DATABASE_ROLES } from './pool-scope.js';

const REFUSED = '42501';
const OWN = newId();
const FOREIGN = newId();

/** A value for any column that must have one; the rules about values are not the subject here. */
const VALUES: Readonly<Record<string, unknown>> = {
  uuid: newId(),
  text: 'text',
  _text: [],
  jsonb: {},
  bool: true,
  int4: 1,
  int8: 1,
  numeric: 1,
  // Of this month, which partitioned tables have a place for.
  timestamptz: new Date(),
};

/** A key is to be one of its own, so that no row is refused for being there already. */
function valueOf(type: string): unknown {
  if (type === 'bytea') return Buffer.from(newId());
  return type === 'uuid' || type === 'text' ? newId() : VALUES[type];
}

/** The policies by themselves: raw SQL that names no tenant, in every table that has one. */
(rowLevelSecurityIsOn ? describe : describe.skip)('row-level security', () => {
  let db: TestDatabase;
  let tables: readonly string[];
  let client: pg.Client;

  beforeAll(async () => {
    db = await openTestDatabase();
    await dropRules();
    const rows = await db.query<{ name: string }>(
      // Neither views nor partitions: rows are reached through their table.
      `select relname as name from pg_class join pg_attribute on attrelid = pg_class.oid
       where relnamespace = 'public'::regnamespace and attname = 'tenant_id'
         and relkind in ('r', 'p') and not relispartition order by 1`,
    );
    tables = rows.map(({ name }) => name);
    for (const tenantId of [OWN, FOREIGN]) {
      await insert('tenants', { id: tenantId, slug: tenantId });
      for (const table of tables) await insert(table, { tenant_id: tenantId });
    }
    client = new pg.Client({
      connectionString: db.url,
      options: `-c role=${DATABASE_ROLES.tenant}`,
    });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  it('knows the tables that have a tenant', () => {
    expect(tables).toEqual(expect.arrayContaining(['audit_records', 'changes', 'members']));
  });

  it('shows a tenant none of another’s rows, and its own where it may read at all', async () => {
    for (const table of tables) {
      const seen = await asTenant(OWN, `select tenant_id from ${table}`);
      expect([table, seen]).toEqual([table, seen === REFUSED ? REFUSED : [{ tenant_id: OWN }]]);
    }
    expect(await asTenant(OWN, 'select tenant_id from members')).toEqual([{ tenant_id: OWN }]);
  });

  it.each([
    ['no tenant', ''],
    ['a tenant that never was', newId()],
  ])('shows a statement of %s no row at all', async (_, tenantId) => {
    for (const table of ['tenants', ...tables]) {
      const seen = await asTenant(tenantId, `select from ${table}`);
      expect([table, seen]).toEqual([table, seen === REFUSED ? REFUSED : []]);
    }
  });

  it('shows a connection that never named a tenant no row at all', async () => {
    const { rows } = await client.query('select from members');

    expect(rows).toEqual([]);
  });

  it('lets no tenant insert for another', async () => {
    for (const table of tables) {
      const copy = `insert into ${table} (${(await columnsOf(table)).join(', ')}) values`;
      const row = await rowOf(table, { tenant_id: FOREIGN });
      const places = row.map((__, index) => `$${index + 1}`);
      const done = await asTenant(OWN, `${copy} (${places.join(', ')})`, row);
      expect([table, done]).toEqual([table, REFUSED]);
    }
  });

  it.each([
    ['change', 'update %s set tenant_id = tenant_id where tenant_id = $1 returning 1'],
    ['delete', 'delete from %s where tenant_id = $1 returning 1'],
  ])('lets no tenant %s another’s rows', async (_, statement) => {
    for (const table of tables) {
      const done = await asTenant(OWN, statement.replace('%s', table), [FOREIGN]);
      expect([table, done]).toEqual([table, done === REFUSED ? REFUSED : []]);
    }
  });

  it('lets no tenant hand its rows to another', async () => {
    for (const table of tables) {
      const done = await asTenant(OWN, `update ${table} set tenant_id = $1`, [FOREIGN]);
      expect([table, done]).toEqual([table, REFUSED]);
    }
  });

  it('holds the owner of the tables too', async () => {
    // Any role will do; the login itself, up to PostgreSQL 15, inherits what its roles may.
    const owner = 'pg_monitor';
    for (const table of ['tenants', ...tables]) {
      await db.query(`alter table ${table} owner to ${owner}`);
      expect([table, await rowsFor(owner, table)]).toEqual([table, 0]);
    }
  });

  it.each(['nodes', 'idempotency_keys', 'platform_service_accounts', 'signing_keys'])(
    'closes %s to every tenant',
    async (table) => {
      expect(await asTenant(OWN, `select from ${table}`)).toBe(REFUSED);
    },
  );

  it.each([
    ['the status of a tenant', `update tenants set status = 'suspended'`],
    ['the plan of a tenant', `update tenants set plan = 'free of charge'`],
    ['the slug of a tenant', `update tenants set slug = 'another'`],
    ['a tenant', 'delete from tenants'],
    ['a record of the trail', `update audit_records set deed = 'none'`],
    ['the personal values of a record', `update audit_records set personal = '{}'`],
    ['the trail', 'delete from audit_records'],
    ['what was announced', `update changes set kind = 'none'`],
    ['the feed', 'delete from changes'],
    ['the head of a trail', 'delete from audit_heads'],
  ])('lets no tenant alter or remove %s', async (_, statement) => {
    expect(await asTenant(OWN, statement)).toBe(REFUSED);
  });

  it('lets a tenant alter its display name', async () => {
    const done = await asTenant(OWN, `update tenants set display_name = 'New' returning id`);

    expect(done).toEqual([{ id: OWN }]);
  });

  it.each([
    ['a record of the trail', `update audit_records set record = '{}'`],
    ['the hash of a record', `update audit_records set hash = previous_hash`],
    ['what a checkpoint says', `update audit_checkpoints set statement = '{}'`],
    ['the signature of a checkpoint', `update audit_checkpoints set signature = ''`],
    ['the checkpoints', 'delete from audit_checkpoints'],
    ['what was announced', `update changes set kind = 'none'`],
  ])('lets not even the platform rewrite %s', async (_, statement) => {
    expect(await asTenant('', statement, [], DATABASE_ROLES.platform)).toBe(REFUSED);
  });

  it('lets the platform remove no record for which no tombstone stands', async () => {
    const { platform } = DATABASE_ROLES;

    expect(await asTenant('', 'delete from audit_records returning id', [], platform)).toEqual([]);
    expect(await asTenant('', 'select from audit_records', [], platform)).not.toEqual([]);
  });

  it('lets the platform erase personal values, and prune the feed', async () => {
    const { platform } = DATABASE_ROLES;

    expect(await asTenant('', `update audit_records set personal = '{}'`, [], platform)).toEqual(
      [],
    );
    expect(await asTenant('', 'delete from changes', [], platform)).toEqual([]);
  });

  /** The rows, or the code of the refusal; whatever was done is undone. */
  async function asTenant(
    tenantId: string,
    text: string,
    values: readonly unknown[] = [],
    role: string = DATABASE_ROLES.tenant,
  ): Promise<unknown> {
    await client.query('begin');
    try {
      await client.query(
        "select set_config('role', $1, true), set_config('app.tenant_id', $2, true)",
        [role, tenantId],
      );
      const { rows } = await client.query<pg.QueryResultRow>(text, [...values]);
      return rows;
    } catch (error) {
      return (error as pg.DatabaseError).code;
    } finally {
      await client.query('rollback');
    }
  }

  async function rowsFor(role: string, table: string): Promise<number | null> {
    const superuser = new pg.Client({ connectionString: db.superuserUrl });
    await superuser.connect();
    try {
      await superuser.query(`set role ${role}`);
      return (await superuser.query(`select from ${table}`)).rowCount;
    } finally {
      await superuser.end();
    }
  }

  /** Checks and foreign keys would refuse first, and prove nothing about policies. */
  async function dropRules(): Promise<void> {
    const rules = await db.query<{ name: string; table: string }>(
      `select conname as name, conrelid::regclass::text as table from pg_constraint
       where contype in ('c', 'f') and coninhcount = 0
         and connamespace = 'public'::regnamespace`,
    );
    for (const { table, name } of rules) {
      await db.query(`alter table ${table} drop constraint ${name}`);
    }
  }

  async function mandatoryColumns(table: string): Promise<{ name: string; type: string }[]> {
    return db.query(
      `select column_name as name, udt_name as type from information_schema.columns
       where table_schema = 'public' and table_name = $1
         and (column_name = 'tenant_id' or (is_nullable = 'NO'
           and (column_default is null or column_default like '%app.tenant_id%')))
       order by ordinal_position`,
      [table],
    );
  }

  async function columnsOf(table: string): Promise<string[]> {
    return (await mandatoryColumns(table)).map(({ name }) => name);
  }

  async function rowOf(table: string, given: Record<string, unknown>): Promise<unknown[]> {
    const columns = await mandatoryColumns(table);
    return columns.map(({ name, type }) => (name in given ? given[name] : valueOf(type)));
  }

  async function insert(table: string, given: Record<string, unknown>): Promise<void> {
    const columns = await columnsOf(table);
    const places = columns.map((__, index) => `$${index + 1}`);
    await db.query(
      `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`,
      await rowOf(table, given),
    );
  }
});
