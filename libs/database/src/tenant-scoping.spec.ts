import { describe, expect, it } from '@jest/globals';

import { poolScope } from './pool-scope.js';
import { assertEveryModelIsOwned, type DataModel, scopeOperation } from './tenant-scoping.js';

const OWN = '0190a000-0000-7000-8000-00000000000a';
const FOREIGN = '0190a000-0000-7000-8000-00000000000b';
const SCOPE = { role: 'tenantry_tenant', tenantId: OWN };

const MODELS: DataModel = {
  Tenant: {
    fields: [
      { name: 'id', kind: 'scalar' },
      { name: 'members', kind: 'object' },
    ],
  },
  Member: {
    fields: [
      { name: 'tenantId', kind: 'scalar' },
      { name: 'id', kind: 'scalar' },
      { name: 'tenant', kind: 'object' },
    ],
  },
  Node: { fields: [{ name: 'id', kind: 'scalar' }] },
};

/** What Prisma would be asked to do. */
async function scoped(operation: string, args: unknown, model = 'Member'): Promise<unknown> {
  const query = (given: unknown): Promise<unknown> => Promise.resolve(given);
  return Promise.resolve().then(() =>
    scopeOperation(MODELS, SCOPE)({ model, operation, args, query }),
  );
}

describe('scopeOperation', () => {
  it.each([
    'findFirst',
    'findFirstOrThrow',
    'findMany',
    'count',
    'aggregate',
    'groupBy',
    'deleteMany',
  ])('adds the tenant to the where of %s', async (operation) => {
    await expect(scoped(operation, { where: { id: 'x' } })).resolves.toEqual({
      where: { AND: [{ tenantId: OWN }, { id: 'x' }] },
    });
  });

  it.each(['updateMany', 'updateManyAndReturn'])(
    'adds the tenant to the where of %s, and leaves its data alone',
    async (operation) => {
      await expect(scoped(operation, { data: { status: 'denied' } })).resolves.toEqual({
        where: { AND: [{ tenantId: OWN }, {}] },
        data: { status: 'denied' },
      });
    },
  );

  it.each(['create', 'createMany', 'createManyAndReturn'])(
    'adds the tenant to the data of %s',
    async (operation) => {
      await expect(scoped(operation, { data: { id: 'x' } })).resolves.toEqual({
        data: { id: 'x', tenantId: OWN },
      });
    },
  );

  it('adds the tenant to every row of a list', async () => {
    await expect(scoped('createMany', { data: [{ id: 'x' }, { id: 'y' }] })).resolves.toEqual({
      data: [
        { id: 'x', tenantId: OWN },
        { id: 'y', tenantId: OWN },
      ],
    });
  });

  it('scopes an operation without arguments', async () => {
    await expect(scoped('findMany', undefined)).resolves.toEqual({
      where: { AND: [{ tenantId: OWN }, {}] },
    });
  });

  it('finds the tenant itself by its id', async () => {
    await expect(scoped('findMany', {}, 'Tenant')).resolves.toEqual({
      where: { AND: [{ id: OWN }, {}] },
    });
  });

  it('cannot be widened by an OR, which stands beside the tenant', async () => {
    const where = { OR: [{ tenantId: FOREIGN }, {}] };

    await expect(scoped('findMany', { where })).resolves.toEqual({
      where: { AND: [{ tenantId: OWN }, where] },
    });
  });

  it('accepts the tenant of the scope, given by hand', async () => {
    await expect(scoped('findMany', { where: { tenantId: OWN } })).resolves.toBeDefined();
    await expect(scoped('create', { data: { tenantId: OWN } })).resolves.toBeDefined();
  });

  it.each([
    ['a where', 'findMany', { where: { tenantId: FOREIGN } }],
    ['a filter', 'findMany', { where: { tenantId: { not: OWN } } }],
    ['a row', 'create', { data: { tenantId: FOREIGN } }],
    ['a null', 'create', { data: { tenantId: null } }],
    ['one row of many', 'createMany', { data: [{}, { tenantId: FOREIGN }] }],
  ])('refuses another tenant in %s', async (_, operation, args) => {
    await expect(scoped(operation, args)).rejects.toThrow('is not the tenant of the scope');
  });

  it('refuses to move a row to another tenant, or even to its own', async () => {
    await expect(scoped('updateMany', { data: { tenantId: OWN } })).rejects.toThrow(
      'A row never changes its tenant.',
    );
  });

  it.each([
    ['a nested write', 'create', { data: { tenant: { connect: { id: FOREIGN } } } }],
    ['a nested write in a list', 'createMany', { data: [{}, { tenant: {} }] }],
    ['a relation filter', 'findMany', { where: { tenant: { slug: 'acme' } } }],
    ['a relation filter in an OR', 'findMany', { where: { OR: [{}, { tenant: {} }] } }],
    ['a relation filter deep down', 'count', { where: { NOT: { AND: [{ tenant: {} }] } } }],
    ['an include', 'findMany', { include: { tenant: true } }],
    ['a select', 'findFirst', { select: { tenant: true } }],
    ['an order', 'findMany', { orderBy: [{ tenant: { slug: 'asc' } }] }],
    ['a count of relations', 'findMany', { select: { _count: true } }],
  ])('refuses %s', async (_, operation, args) => {
    await expect(scoped(operation, args)).rejects.toThrow('reaches into another model.');
  });

  it('refuses a cursor, whose row may be a stranger’s', async () => {
    await expect(scoped('findMany', { cursor: { id: 'x' } })).rejects.toThrow('takes no cursor');
  });

  it('overlooks a condition that is not given', async () => {
    const where = { AND: undefined, OR: [undefined], id: 'x' };

    await expect(scoped('findMany', { where })).resolves.toBeDefined();
  });

  it.each(['findUnique', 'findUniqueOrThrow', 'update', 'delete', 'upsert', 'aNewOperation'])(
    'refuses %s',
    async (operation) => {
      await expect(scoped(operation, { where: { id: 'x' } })).rejects.toThrow(
        `Member.${operation} cannot be scoped to a tenant.`,
      );
    },
  );

  it('refuses a model that belongs to no tenant', async () => {
    await expect(scoped('findMany', {}, 'Node')).rejects.toThrow('Node belongs to no tenant.');
  });

  it('runs the operation under its scope, whoever awaits it', async () => {
    const seen = await scopeOperation(
      MODELS,
      SCOPE,
    )({
      model: 'Member',
      operation: 'findMany',
      args: {},
      query: () => Promise.resolve(poolScope.getStore()),
    });

    expect(seen).toBe(SCOPE);
  });
});

describe('assertEveryModelIsOwned', () => {
  it('accepts models with a tenant and those on the list of global ones', () => {
    expect(() => {
      assertEveryModelIsOwned(MODELS);
    }).not.toThrow();
  });

  it('names a model for which nobody decided', () => {
    const models = { ...MODELS, Voucher: { fields: [{ name: 'id', kind: 'scalar' }] } };

    expect(() => {
      assertEveryModelIsOwned(models);
    }).toThrow('Neither tenant-owned nor listed as global: Voucher.');
  });
});
