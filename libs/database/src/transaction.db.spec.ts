import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import {
  aTenant,
  openTestDatabase,
  rowLevelSecurityIsOn,
  TEST_ROLES,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import { TransactionAborted } from './database.errors.js';
import type { AuditEntry, Change, TenantTransaction } from './transaction.js';

const WHO = 'select current_user as role';

describe('a transaction', () => {
  let db: TestDatabase;
  let tenant: TestTenant;

  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    tenant = await aTenant(db.database);
  });

  const changeOf = (id: string): Change => ({ kind: 'member', id, tenantId: tenant.id });
  const entryOf = (deed: string, trail = tenant.id): AuditEntry => ({
    trail,
    id: newId(),
    record: JSON.stringify({
      ...{ deed, outcome: 'done' },
      ...{ actor: { id: 'someone' }, target: { id: 'something' } },
    }),
    content: new Uint8Array(32),
    personal: '{}',
  });
  const trailOf = (id = tenant.id): Promise<{ sequence: string; deed: string }[]> =>
    db.query('select sequence, deed from audit_records where tenant_id = $1 order by 1', [id]);
  const announced = (): Promise<{ id: string }[]> =>
    db.query('select id from changes where tenant_id = $1 order by revision', [tenant.id]);

  async function addMember(tx: TenantTransaction): Promise<string> {
    const id = newId();
    await tx.tables.member.createMany({ data: { id, roles: [] } });
    return id;
  }

  describe('that leaves its tenant for a registry', () => {
    it('is the platform meanwhile, and the tenant again afterwards', async () => {
      const roles = await db.database.within(tenant.scope, async (tx) => [
        ...(await tx.acrossTenants('spec', () => tx.query(WHO))),
        ...(await tx.query(WHO)),
      ]);

      expect(roles).toEqual([{ role: TEST_ROLES.platform }, { role: TEST_ROLES.tenant }]);
    });

    it.each([
      ['the caller', () => Promise.reject(new Error('No such registry.'))],
      ['a statement', (tx: TenantTransaction) => tx.query('select 1 / 0')],
    ])(
      'comes to nothing where %s fails over there, though the failure is caught',
      async (_, fail) => {
        const work = db.database.within(tenant.scope, async (tx) => {
          await addMember(tx);
          await tx.acrossTenants('spec', () => fail(tx)).catch(() => undefined);
        });

        await expect(work).rejects.toThrow(TransactionAborted);
        await expect(db.database.read(tenant.scope, ({ member }) => member.count())).resolves.toBe(
          0,
        );
      },
    );

    it('lets no statement pass as the platform once it failed over there', async () => {
      const work = db.database.within(tenant.scope, async (tx) => {
        await tx
          .acrossTenants('spec', () => Promise.reject(new Error('No such registry.')))
          .catch(() => undefined);
        return tx.query(WHO);
      });

      await expect(work).rejects.toThrow('current transaction is aborted');
    });
  });

  it('does not pretend to have committed where a failed statement was caught', async () => {
    const work = db.database.within(tenant.scope, async (tx) => {
      const id = await addMember(tx);
      await tx.tables.member.createMany({ data: { id, roles: [] } }).catch(() => undefined);
      return 'a lie';
    });

    await expect(work).rejects.toThrow(TransactionAborted);
    await expect(db.database.read(tenant.scope, ({ member }) => member.count())).resolves.toBe(0);
  });

  it('puts on record and announces in the order of the calls', async () => {
    await db.database.within(tenant.scope, (tx) => {
      tx.announce(changeOf('first'));
      tx.record(entryOf('member.added'));
      tx.announce(changeOf('second'));
      tx.record(entryOf('member.changed'));
      return Promise.resolve();
    });

    expect(await announced()).toEqual([{ id: 'first' }, { id: 'second' }]);
    expect(await trailOf()).toEqual([
      { sequence: '1', deed: 'member.added' },
      { sequence: '2', deed: 'member.changed' },
    ]);
  });

  it('writes sequence and time into the record itself', async () => {
    const entry = entryOf('member.added');

    await db.database.within(tenant.scope, (tx) => {
      tx.record(entry);
      return Promise.resolve();
    });

    const rows = await db.query(
      `select record, sequence, previous_hash = decode(repeat('00', 32), 'hex') as is_first,
         hash = audit_link(tenant_id, sequence, at, $2, previous_hash) as is_linked
       from audit_records where id = $1`,
      [entry.id, entry.content],
    );
    expect(rows).toEqual([
      {
        record: JSON.parse(entry.record) as object,
        sequence: '1',
        is_first: true,
        is_linked: true,
      },
    ]);
  });

  it.each([
    ['the caller', (): Promise<unknown> => Promise.reject(new Error('Changed its mind.'))],
    ['a statement', (tx: TenantTransaction): Promise<unknown> => tx.query('select 1 / 0')],
  ])('announces and records nothing where %s fails', async (_, fail) => {
    const work = db.database.within(tenant.scope, async (tx) => {
      tx.announce(changeOf('never'));
      tx.record(entryOf('member.added'));
      await fail(tx);
    });

    await expect(work).rejects.toThrow();
    expect(await announced()).toEqual([]);
    expect(await trailOf()).toEqual([]);
  });

  it('keeps the trail of a tenant without gaps, however many write at once', async () => {
    const writers = Array.from({ length: 20 }, async (__, index) =>
      db.database.within(tenant.scope, async (tx) => {
        tx.record(entryOf('member.added'));
        if (index % 4 === 0) await tx.query('select 1 / 0');
      }),
    );
    await Promise.allSettled(writers);

    const sequences = (await trailOf()).map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual(Array.from({ length: 15 }, (__, index) => index + 1));
  });

  it('never waits in a circle with another that writes to the same trails', async () => {
    const other = await aTenant(db.database);
    const write = (trails: readonly string[]): Promise<void> =>
      db.database.acrossTenants('spec', (tx) => {
        trails.forEach((trail) => {
          tx.record(entryOf('tenant.suspended', trail));
        });
        tx.announce(changeOf('both'));
        return Promise.resolve();
      });

    const writers = Array.from({ length: 12 }, (__, index) =>
      write(index % 2 ? [tenant.id, other.id] : [other.id, tenant.id]),
    );
    await Promise.all(writers);

    expect(await trailOf()).toHaveLength(12);
    expect(await trailOf(other.id)).toHaveLength(12);
  });

  it('cannot write to the trail of another tenant', async () => {
    const other = await aTenant(db.database);

    const work = db.database.within(tenant.scope, (tx) => {
      tx.record(entryOf('member.added', other.id));
      return Promise.resolve();
    });

    if (rowLevelSecurityIsOn) await expect(work).rejects.toThrow('row-level security');
    else await work;
    expect(await trailOf(other.id)).toHaveLength(rowLevelSecurityIsOn ? 0 : 1);
  });

  it('has its announcement looked at before the call returns, and only then', async () => {
    const node = db.anotherNode();
    const seen: unknown[] = [];
    node.whenAnnounced(async () => {
      seen.push(await announced());
    });

    await node.within(tenant.scope, (tx) => {
      tx.announce(changeOf('seen'));
      return Promise.resolve();
    });
    await node.within(tenant.scope, (tx) => tx.query('select'));

    expect(seen).toEqual([[{ id: 'seen' }]]);
  });
});
