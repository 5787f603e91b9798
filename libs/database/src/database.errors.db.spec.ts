import { createServer } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { DomainError, newId } from '@tenantry/kernel';
import {
  aTenant,
  openDatabase,
  openTestDatabase,
  scopeOf,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import type { Database } from './database.js';
import { DatabaseUnavailable, violatedConstraint } from './database.errors.js';

const SCOPE = scopeOf(newId());

const DOORS: readonly (readonly [string, (database: Database) => Promise<unknown>])[] = [
  ['within', (database) => database.within(SCOPE, ({ tables }) => tables.member.findMany())],
  ['read', (database) => database.read(SCOPE, ({ member }) => member.findMany())],
  ['query', (database) => database.query(SCOPE, 'select')],
  ['acrossTenants', (database) => database.acrossTenants('spec', (tx) => tx.query('select'))],
  ['queryAcrossTenants', (database) => database.queryAcrossTenants('spec', 'select')],
];

class ProviderUnreachable extends DomainError {
  readonly code = 'spec.provider_unreachable';
  readonly kind = 'unavailable';
}

describe('a server that is gone', () => {
  let database: Database;

  beforeAll(async () => {
    database = openDatabase(`postgresql://nobody:nothing@127.0.0.1:${await closedPort()}/none`);
  });
  afterAll(() => database.close());

  it.each(DOORS)('makes %s unavailable, and says nothing of where it was', async (_, use) => {
    const refusal = await use(database).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(DatabaseUnavailable);
    expect((refusal as Error).message).not.toMatch(/127\.0\.0\.1|nobody/);
  });
});

describe('a failure in the midst of a transaction', () => {
  let db: TestDatabase;
  let tenant: TestTenant;

  beforeAll(async () => {
    db = await openTestDatabase();
    tenant = await aTenant(db.database);
  });
  afterAll(() => db.close());

  it('leaves a refusal of the caller’s own as it is, though something was out of reach', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const refusal = new ProviderUnreachable('The provider cannot be reached.', { cause });

    const work = db.database.within(tenant.scope, () => Promise.reject(refusal));

    await expect(work).rejects.toBe(refusal);
  });

  it('leaves an error of the caller’s own as it is', async () => {
    const error = new Error('A mistake.');

    await expect(db.database.within(tenant.scope, () => Promise.reject(error))).rejects.toBe(error);
    await expect(db.database.read(tenant.scope, () => Promise.reject(error))).rejects.toBe(error);
  });

  it.each<readonly [string, (id: string) => Promise<unknown>]>([
    [
      'Prisma',
      (id) =>
        db.database.within(tenant.scope, ({ tables }) =>
          tables.member.createMany({ data: { id, roles: [] } }),
        ),
    ],
    [
      'SQL in a transaction',
      (id) =>
        db.database.within(tenant.scope, (tx) =>
          tx.query('insert into members (id, roles) values ($1::uuid, $2)', [id, []]),
        ),
    ],
    [
      'SQL in one round trip',
      (id) =>
        db.database.query(tenant.scope, 'insert into members (id, roles) values ($1, $2)', [
          id,
          [],
        ]),
    ],
  ])('names the unique constraint that %s violated', async (_, insert) => {
    const id = newId();
    await insert(id);

    const error = await insert(id).catch((failure: unknown) => failure);

    expect(violatedConstraint(error)).toBe('members_pkey');
  });

  it('names a unique constraint over several columns', async () => {
    const identity = { issuerId: newId(), subject: 'subject', roles: [] };

    const error = await db.database
      .within(tenant.scope, ({ tables }) =>
        tables.member.createMany({
          data: [
            { id: newId(), ...identity },
            { id: newId(), ...identity },
          ],
        }),
      )
      .catch((failure: unknown) => failure);

    expect(violatedConstraint(error)).toBe('members_identity_per_tenant');
  });

  it('names no constraint where none was violated', async () => {
    const error = await db.database.query(tenant.scope, 'select 1 / 0').catch((e: unknown) => e);

    expect(violatedConstraint(error)).toBeNull();
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('A TCP server has a port.');
  return address.port;
}
