import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import { openTestDatabase, TestClock, type TestDatabase } from '@tenantry/testing';
import { SecretCensus } from './census.js';
import { EXPIRING_DAYS } from './secret.js';

const DAY_MS = 86_400_000;

describe(SecretCensus.name, () => {
  const clock = new TestClock();
  let db: TestDatabase;
  let census: SecretCensus;

  beforeAll(async () => {
    db = await openTestDatabase();
    census = new SecretCensus(db.database, clock);
    await db.query(
      `insert into secrets (tenant_id, id, name)
       select gen_random_uuid(), gen_random_uuid(), 'n' from generate_series(1, 10000)`,
    );
  });
  afterAll(() => db.close());

  const inDays = (days: number | null): Date | null =>
    days === null ? null : new Date(clock.now().getTime() + days * DAY_MS);

  async function secretDue(expires: number | null, rotation: number | null): Promise<void> {
    await db.query(
      `insert into secrets (tenant_id, id, name, expires_at, rotation_due_at)
       values ($1, $2, 'due', $3, $4)`,
      [newId(), newId(), inDays(expires), inDays(rotation)],
    );
  }

  it('counts each secret once, as the worst that holds of it', async () => {
    expect(await census.due()).toEqual([
      { state: 'expired', count: 0 },
      { state: 'rotation_due', count: 0 },
      { state: 'expiring', count: 0 },
    ]);
    // Expired, at the very moment too, whatever else is due.
    for (const rotation of [null, -1, 1]) await secretDue(-1, rotation);
    await secretDue(0, null);
    for (const expires of [null, 1, 100]) await secretDue(expires, -1);
    await secretDue(EXPIRING_DAYS, null);
    await secretDue(1, 1);
    for (const expires of [null, EXPIRING_DAYS + 1]) await secretDue(expires, 1);

    clock.advance(60_001);
    clock.jumpBack(60_001);

    expect(await census.due()).toEqual([
      { state: 'expired', count: 4 },
      { state: 'rotation_due', count: 3 },
      { state: 'expiring', count: 2 },
    ]);
  });

  it('asks once a minute at most, and again after a failure', async () => {
    const asked = jest.spyOn(db.database, 'queryAcrossTenants');
    clock.advance(60_001);
    asked.mockRejectedValueOnce(new Error('The database is away.'));

    await expect(census.due()).rejects.toThrow('The database is away.');
    await Promise.all([census.due(), census.due()]);
    clock.advance(59_000);
    await census.due();

    expect(asked).toHaveBeenCalledTimes(2);
    asked.mockRestore();
  });

  it.each(['force_custom_plan', 'force_generic_plan'])(
    'reads what has a date, and not the table (%s)',
    async (mode) => {
      await db.query('analyze secrets');
      clock.advance(60_001);
      const asked = jest.spyOn(db.database, 'queryAcrossTenants');
      await census.due();
      const [[, text] = ['', '']] = asked.mock.calls;
      asked.mockRestore();

      const plan = await db.database.acrossTenants('spec', async ({ query }) => {
        await query(`select set_config('plan_cache_mode', $1, true)`, [mode]);
        await query(`prepare census (timestamptz) as ${text}`);
        const at = clock.now().toISOString();
        const found = await query(`explain (analyze, format json) execute census ('${at}')`);
        await query('deallocate census');
        return JSON.stringify(found);
      });

      expect(plan).not.toContain('Seq Scan');
      expect(plan).toContain('"secrets_expiring"');
      expect(plan).toContain('"secrets_rotation_due"');
    },
  );
});
