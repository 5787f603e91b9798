import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { readConfig } from '@tenantry/config';
import { newId } from '@tenantry/kernel';
import { openTestDatabase, scopeOf, TestClock, type TestDatabase } from '@tenantry/testing';
import { Partitions } from '../partitions.js';
import { UsageLedger } from '../usage-ledger.js';
import { UsageRetention } from './usage-retention.js';

const REFUSED = '42501';
const NOT_STOPPED = new AbortController().signal;

describe('the months of the usage ledger', () => {
  let db: TestDatabase;
  const scope = scopeOf(newId());

  beforeEach(async () => {
    db = await openTestDatabase();
  });
  afterEach(() => db.close());

  /** Months of a kind, by the names of their partitions. */
  async function monthsOf(kind: string): Promise<string[]> {
    const rows = await db.query<{ name: string }>(
      `select right(inhrelid::regclass::text, 7) as name from pg_inherits
       where inhparent = ('usage_' || $1)::regclass order by 1`,
      [kind],
    );
    return rows.map(({ name }) => name);
  }

  const ledgerOf = (database = db.database): UsageLedger =>
    new UsageLedger(database, new Partitions(database));

  const at = (moment: string, id = moment): Parameters<UsageLedger['record']>[2][number] => ({
    ...{ id, meter: 'cpu_seconds', value: 1, at: Date.parse(moment) },
    ...{ resource: null, actor: null, labels: null },
  });

  function retention(now: string, settings = {}): UsageRetention {
    const clock = new TestClock(now);
    return new UsageRetention(
      db.database,
      new Partitions(db.database),
      clock,
      readConfig({ USAGE_RETENTION_MONTHS: '2', USAGE_ROLLUP_RETENTION_MONTHS: '4', ...settings }),
    );
  }

  it('are made on demand, by many nodes at once', async () => {
    const ledgers = [db.database, db.anotherNode(), db.anotherNode()].map((node) => ledgerOf(node));
    const months = ['2026-01', '2026-02', '2026-03'];

    await Promise.all(
      ledgers.flatMap((ledger, n) =>
        months.map((month) =>
          ledger.record(scope, 'tenant', [at(`${month}-15T00:00:00Z`, `${month}/${n}`)]),
        ),
      ),
    );

    for (const kind of ['events', 'hourly', 'daily']) {
      expect(await monthsOf(kind)).toEqual(
        expect.arrayContaining(['2026_01', '2026_02', '2026_03']),
      );
    }
    expect(await db.query('select count(*)::int as n from usage_events')).toEqual([{ n: 9 }]);
  });

  it('end and begin in UTC', async () => {
    await ledgerOf().record(scope, 'tenant', [
      at('2026-01-31T23:59:59.999Z'),
      at('2026-02-01T00:00:00Z'),
    ]);

    expect(await db.query('select id from usage_events_2026_01')).toEqual([
      { id: '2026-01-31T23:59:59.999Z' },
    ]);
    expect(await db.query('select hour from usage_hourly_2026_02')).toEqual([
      { hour: new Date('2026-02-01T00:00:00Z') },
    ]);
  });

  it('are kept as long as the settings say, by several nodes that tidy up at once', async () => {
    const moments = ['2025-12', '2026-01', '2026-02', '2026-03', '2026-04', '2026-05', '2026-06'];
    await ledgerOf().record(
      scope,
      'tenant',
      moments.map((month) => at(`${month}-10T00:00:00Z`)),
    );

    const retentions = [1, 2, 3].map(() => retention('2026-06-30T00:00:00.000Z'));
    await Promise.all(retentions.map((one) => one.work(NOT_STOPPED)));

    const kept = ['2026_04', '2026_05', '2026_06', '2026_07'];
    expect(await monthsOf('events')).toEqual(expect.arrayContaining(kept));
    for (const kind of ['events', 'hourly']) {
      expect((await monthsOf(kind)).filter((month) => month < '2026_08')).toEqual(kept);
    }
    expect((await monthsOf('daily')).filter((month) => month < '2026_08')).toEqual([
      '2026_02',
      '2026_03',
      ...kept,
    ]);
    expect(await db.query('select id from usage_ids order by at')).toEqual(
      ['2026-04', '2026-05', '2026-06'].map((month) => ({ id: `${month}-10T00:00:00Z` })),
    );
  });

  it('are made again where one that was dropped is written to', async () => {
    const ledger = ledgerOf();
    await ledger.record(scope, 'tenant', [at('2026-01-10T00:00:00Z')]);
    await retention('2026-06-30T00:00:00.000Z').work(NOT_STOPPED);

    expect(await ledger.record(scope, 'tenant', [at('2026-01-11T00:00:00Z')])).toEqual({
      accepted: 1,
      duplicates: 0,
    });
  });

  it('are neither dropped nor made where a clock is far off', async () => {
    const later = new Date(Date.now() + 400 * 24 * 3_600_000).toISOString();
    await ledgerOf().record(scope, 'tenant', [at(new Date().toISOString())]);

    await expect(retention(later).work(NOT_STOPPED)).rejects.toThrow('No usage is kept of');
    await expect(
      db.query(`select drop_usage_before('events', (now() + interval '1 day')::date)`),
    ).rejects.toThrow('is not to be dropped');
    await expect(db.query(`select drop_usage_before('ids', '2020-01-01')`)).rejects.toThrow(
      'no usage of kind ids',
    );
    await expect(db.query(`select ensure_usage_month('1999-01-01')`)).rejects.toThrow(
      'No usage is kept of 1999-01-01',
    );

    expect(await db.query('select count(*)::int as n from usage_events')).toEqual([{ n: 1 }]);
  });

  it('show a tenant its own rows through their table, and no row by themselves', async () => {
    const other = scopeOf(newId());
    for (const one of [scope, other])
      await ledgerOf().record(one, 'tenant', [at('2026-01-10T00:00:00Z')]);
    const client = new pg.Client({ connectionString: db.url });
    await client.connect();
    const ask = async (role: string, text: string): Promise<unknown> => {
      await client.query('begin');
      try {
        await client.query(
          "select set_config('role', $1, true), set_config('app.tenant_id', $2, true)",
          [role, scope.tenantId],
        );
        const { rows } = await client.query<pg.QueryResultRow>(text);
        return rows;
      } catch (error) {
        return (error as pg.DatabaseError).code;
      } finally {
        await client.query('rollback');
      }
    };
    const own = [{ tenant_id: scope.tenantId }];
    const tables = ['events', 'hourly', 'daily'].map((kind) => `usage_${kind}`);

    for (const table of ['usage_ids', ...tables]) {
      expect(await ask('tenantry_tenant', `select tenant_id from ${table}`)).toEqual(own);
      expect(await ask('tenantry_tenant', `delete from ${table}`)).toBe(REFUSED);
    }
    expect(await ask('tenantry_tenant', 'update usage_events set value = 0')).toBe(REFUSED);
    expect(await ask('tenantry_platform', 'update usage_events set value = 0')).toBe(REFUSED);
    for (const table of tables) {
      const partition = `${table}_2026_01`;
      for (const role of ['tenantry_tenant', 'tenantry_platform']) {
        expect(await ask(role, `select from ${partition}`)).toBe(REFUSED);
        expect(await ask(role, `insert into ${partition} default values`)).toBe(REFUSED);
      }
      // Whoever owns it is held by the same lock: it has no policy that would let a row by.
      expect(await ask('none', `select from ${partition}`)).toEqual([]);
    }
    const drop = `select drop_usage_before('events', '2026-01-01')`;
    expect(await ask('tenantry_tenant', drop)).toBe(REFUSED);
    expect(await ask('pg_monitor', `select ensure_usage_month('2026-01-01')`)).toBe(REFUSED);
    await client.end();
  });
});
