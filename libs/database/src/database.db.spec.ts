import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import {
  aTenant,
  openTestDatabase,
  rowLevelSecurityIsOn,
  scopeOf,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import type { TenantTables } from './transaction.js';

type Use = (tables: TenantTables, id: string) => Promise<unknown>;

const READS: readonly (readonly [string, unknown, Use])[] = [
  ['findFirst', null, (tables, id) => tables.member.findFirst({ where: { id } })],
  ['findMany', [], (tables, id) => tables.member.findMany({ where: { id } })],
  ['findMany without a where', [], (tables) => tables.member.findMany()],
  ['count', 0, (tables, id) => tables.member.count({ where: { id } })],
  [
    'aggregate',
    { _count: 0 },
    (tables, id) => tables.member.aggregate({ where: { id }, _count: true }),
  ],
  ['groupBy', [], (tables, id) => tables.member.groupBy({ by: ['id'], where: { id } })],
];

const WRITES: readonly (readonly [string, unknown, Use])[] = [
  [
    'updateMany',
    { count: 0 },
    (tables, id) => tables.member.updateMany({ where: { id }, data: { email: 'taken' } }),
  ],
  [
    'updateMany without a where',
    { count: 0 },
    (tables) => tables.member.updateMany({ data: { email: 'taken' } }),
  ],
  [
    'updateManyAndReturn',
    [],
    (tables, id) => tables.member.updateManyAndReturn({ where: { id }, data: { email: 'taken' } }),
  ],
  ['deleteMany', { count: 0 }, (tables, id) => tables.member.deleteMany({ where: { id } })],
  ['deleteMany without a where', { count: 0 }, (tables) => tables.member.deleteMany()],
];

const CREATIONS: readonly (readonly [string, Use])[] = [
  ['create', (tables, id) => tables.member.create({ data: { id, roles: [] } as never })],
  ['createMany', (tables, id) => tables.member.createMany({ data: [{ id, roles: [] }] })],
  [
    'createManyAndReturn',
    (tables, id) => tables.member.createManyAndReturn({ data: [{ id, roles: [] }] }),
  ],
];

describe('Database', () => {
  let db: TestDatabase;
  let owner: TestTenant;
  let stranger: TestTenant;
  let id: string;

  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(() => db.close());

  beforeEach(async () => {
    owner = await aTenant(db.database);
    stranger = await aTenant(db.database);
    id = newId();
    await db.database.within(owner.scope, ({ tables }) =>
      tables.member.createMany({ data: { id, roles: ['viewer'], email: 'own' } }),
    );
  });

  const rowsOf = (tenantId: string): Promise<{ id: string; email: string | null }[]> =>
    db.query('select id, email from members where tenant_id = $1', [tenantId]);

  it('gives a tenant its own rows', async () => {
    const found = await db.database.read(owner.scope, ({ member }) => member.findMany());

    expect(found).toMatchObject([{ id, tenantId: owner.id, email: 'own' }]);
  });

  it.each(READS)(
    '%s of a stranger finds nothing, outside a transaction',
    async (_, nothing, use) => {
      const found = await db.database.read(stranger.scope, (tables) => use(tables, id));

      expect(found).toEqual(nothing);
    },
  );

  it.each([...READS, ...WRITES])(
    '%s of a stranger reaches nothing, in a transaction',
    async (_, nothing, use) => {
      const found = await db.database.within(stranger.scope, ({ tables }) => use(tables, id));

      expect(found).toEqual(nothing);
      expect(await rowsOf(owner.id)).toEqual([{ id, email: 'own' }]);
    },
  );

  it.each(WRITES)('%s of the owner reaches the row', async (_, nothing, use) => {
    const reached = await db.database.within(owner.scope, ({ tables }) => use(tables, id));

    expect(reached).not.toEqual(nothing);
  });

  it.each(CREATIONS)('%s makes rows of the scope alone', async (_, use) => {
    const made = newId();

    await db.database.within(stranger.scope, ({ tables }) => use(tables, made));

    expect(await rowsOf(stranger.id)).toEqual([{ id: made, email: null }]);
    expect(await rowsOf(owner.id)).toEqual([{ id, email: 'own' }]);
  });

  it('finds a tenant by its own scope, and no other', async () => {
    const found = await db.database.read(stranger.scope, ({ tenant }) => tenant.findMany());

    expect(found.map((tenant) => tenant.id)).toEqual([stranger.id]);
  });

  it('gives rows of a hand-written statement', async () => {
    const text = 'select id from members where tenant_id = $1';

    await expect(db.database.query(owner.scope, text, [owner.id])).resolves.toEqual([{ id }]);
  });

  it.each([
    ['the scope of a tenant that never was', () => scopeOf(newId())],
    ['the scope of a stranger', () => stranger.scope],
  ])('hides other tenants from a forgotten where under %s', async (_, scope) => {
    const rows = await db.database.query(scope(), 'select id from members');

    // The third lock: without it such a statement sees everything, which is why it is proven here.
    expect(rows.length > 0).toBe(!rowLevelSecurityIsOn);
  });

  it('gives the number of a bigint as Prisma does', async () => {
    const [row] = await db.database.query(owner.scope, 'select 7::bigint as revision');

    expect(row).toEqual({ revision: 7n });
  });

  it('sees all tenants across them, and counts each crossing by its reason', async () => {
    const count = await db.database.acrossTenants('spec: census', ({ tables }) =>
      tables.tenant.count({ where: { id: { in: [owner.id, stranger.id] } } }),
    );
    await db.database.queryAcrossTenants('spec: census', 'select');
    await db.database.within(owner.scope, (tx) =>
      tx.acrossTenants('spec: visit', () => Promise.resolve()),
    );

    expect(count).toBe(2);
    expect(db.database.crossings.get('spec: census')).toBe(2);
    expect(db.database.crossings.get('spec: visit')).toBe(1);
  });

  it('keeps apart what two tenants read in the same tick', async () => {
    const scopes = Array.from({ length: 20 }, (__, index) => (index % 2 ? owner : stranger));

    const found = await Promise.all(
      scopes.map(({ scope }) => db.database.read(scope, ({ member }) => member.findFirst())),
    );

    expect(found.map((member) => member?.tenantId)).toEqual(
      scopes.map((tenant) => (tenant === owner ? owner.id : undefined)),
    );
  });

  it('refuses a statement that brings no scope', async () => {
    const smuggled = db.database.read(owner.scope, (tables) =>
      (tables as unknown as { $queryRawUnsafe(text: string): Promise<unknown> }).$queryRawUnsafe(
        'select 1',
      ),
    );

    await expect(smuggled).rejects.toThrow('outside Database.within');
  });

  it('refuses an operation that cannot be scoped', async () => {
    const found = db.database.read(owner.scope, ({ member }) =>
      member.findUnique({ where: { tenantId_id: { tenantId: owner.id, id } } }),
    );

    await expect(found).rejects.toThrow('Member.findUnique cannot be scoped to a tenant.');
  });

  it('refuses a tenant that is given by hand', async () => {
    const made = db.database.within(stranger.scope, ({ tables }) =>
      tables.member.createMany({ data: { id: newId(), roles: [], tenantId: owner.id } }),
    );

    await expect(made).rejects.toThrow('is not the tenant of the scope');
    expect(await rowsOf(owner.id)).toHaveLength(1);
  });

  it('keeps moments as they are, whatever zone the server is in', async () => {
    const [here] = await db.query<{ name: string }>('select current_database() as name');
    await db.query(`alter database ${here?.name ?? ''} set TimeZone to 'America/St_Johns'`);
    const moment = new Date('2026-11-22T12:00:00.000Z');

    const [said] = await db.anotherNode().within(owner.scope, async ({ tables, query }) => {
      await tables.member.updateMany({ where: { id }, data: { createdAt: moment } });
      return query<{ ms: number }>(
        'select extract(epoch from $1::timestamptz)::float8 * 1000 as ms',
        [moment],
      );
    });

    const [kept] = await db.query<{ createdAt: Date }>(
      'select created_at as "createdAt" from members where id = $1',
      [id],
    );
    expect(kept?.createdAt).toEqual(moment);
    expect(said?.ms).toBe(moment.getTime());
  });
});
