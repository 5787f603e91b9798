import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { newId, SystemClock } from '@tenantry/kernel';
import {
  aTenant,
  openTestDatabase,
  TestClock,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import { QuotasRepository } from '../limits/quotas.repository.js';
import { QuotaPurge } from './quota-purge.js';
import { SlotsRepository, type Taking } from './slots.repository.js';

const KIND = 'sandboxes';

let test: TestDatabase;
let tenant: TestTenant;
let slots: SlotsRepository;

beforeAll(async () => {
  test = await openTestDatabase();
  slots = new SlotsRepository(test.database);
});
beforeEach(async () => {
  tenant = await aTenant(test.database);
});
afterAll(() => test.close());

async function limit(
  { id }: TestTenant,
  given: Partial<{ concurrency: number; mode: string; fixed: boolean; kind: string }> = {},
): Promise<void> {
  const { concurrency = 7, mode = 'enforce', fixed = false, kind = KIND } = given;
  await test.query(
    'insert into quotas (tenant_id, kind, concurrency, mode, fixed) values ($1, $2, $3, $4, $5)',
    [id, kind, concurrency, mode, fixed],
  );
}

/** Its slug. */
async function aPlan(concurrency: number, fixed = false, kind = KIND): Promise<string> {
  const id = newId();
  const slug = `plan-${id}`;
  await test.query('insert into plans (id, slug, display_name) values ($1, $2, $2)', [id, slug]);
  await test.query(
    'insert into plan_limits (plan_id, kind, concurrency, fixed) values ($1, $2, $3, $4)',
    [id, kind, concurrency, fixed],
  );
  return slug;
}

async function putOn({ id }: TestTenant, plan: string): Promise<void> {
  await test.query('update tenants set plan = $2 where id = $1', [id, plan]);
}

async function take(holder = 'ada', by = slots, ttlSeconds = 60): Promise<Taking> {
  return by.take(tenant.scope, { kind: KIND, holder, ttlSeconds });
}

async function taken(holder = 'ada', ttlSeconds = 60): Promise<string> {
  const taking = await take(holder, slots, ttlSeconds);
  if (taking.state !== 'taken') throw new Error(`It was not taken: ${taking.state}`);
  return taking.slot.id;
}

/** As if so much time had passed for the slot. */
async function age(id: string, seconds: number): Promise<void> {
  await test.query(
    'update quota_slots set expires_at = expires_at - make_interval(secs => $2) where id = $1',
    [id, seconds],
  );
}

describe(SlotsRepository.name, () => {
  it('gives fifty takers on two nodes exactly seven of seven slots', async () => {
    await limit(tenant);
    const nodes = [slots, new SlotsRepository(test.anotherNode())];

    const takings = await Promise.all(
      Array.from({ length: 50 }, (_, n) => take(`taker-${n}`, nodes[n % 2])),
    );

    const states = takings.map(({ state }) => state);
    expect(states.filter((state) => state === 'taken')).toHaveLength(7);
    expect(states.filter((state) => state === 'exhausted')).toHaveLength(43);
    const remaining = takings.flatMap((taking) =>
      taking.state === 'taken' ? taking.slot.remaining : [],
    );
    expect(remaining.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await slots.list(tenant.scope, { after: null, limit: 100 })).toHaveLength(7);
  });

  it('says when the first of them will be free', async () => {
    await limit(tenant, { concurrency: 2 });
    await taken('ada', 500);
    await age(await taken('ada', 100), 60);

    const taking = await take();

    expect(taking.state).toBe('exhausted');
    const { freeInSeconds } = taking as Extract<Taking, { state: 'exhausted' }>;
    expect(freeInSeconds).toBeGreaterThan(0);
    expect(freeInSeconds).toBeLessThanOrEqual(40);
  });

  it('gives a slot again once it has expired, which nobody revives then', async () => {
    await limit(tenant, { concurrency: 1 });
    const id = await taken();
    expect((await take()).state).toBe('exhausted');
    await age(id, 60);

    expect((await take('eve')).state).toBe('taken');
    expect(await slots.renew(tenant.scope, { id, holder: 'ada' }, 60)).toBeNull();
    expect(await slots.release(tenant.scope, { id, holder: 'ada' })).toBe(false);
  });

  it('renews a slot from now on, for as long as before or as is said', async () => {
    const id = await taken('ada', 100);
    await age(id, 60);

    const longer = await slots.renew(tenant.scope, { id, holder: 'ada' }, null);
    const shorter = await slots.renew(tenant.scope, { id, holder: null }, 5);

    expect(longer).toMatchObject({ id, ttlSeconds: 100, expiresInSeconds: 100 });
    expect(shorter).toMatchObject({ id, ttlSeconds: 5, expiresInSeconds: 5 });
  });

  it('lets nobody renew or release another’s, unless whose it is does not matter', async () => {
    const id = await taken('ada');

    expect(await slots.renew(tenant.scope, { id, holder: 'eve' }, 60)).toBeNull();
    expect(await slots.release(tenant.scope, { id, holder: 'eve' })).toBe(false);
    expect(await slots.release(tenant.scope, { id, holder: null })).toBe(true);
    expect(await slots.release(tenant.scope, { id, holder: null })).toBe(false);
  });

  it('gives without end of a kind without a limit', async () => {
    expect(await take()).toMatchObject({
      state: 'taken',
      slot: { remaining: null, shadow: false },
    });
  });

  it('gives beyond a limit in shadow, and says so', async () => {
    await limit(tenant, { concurrency: 1, mode: 'shadow' });

    expect(await take()).toMatchObject({ state: 'taken', slot: { remaining: 0, shadow: false } });
    expect(await take()).toMatchObject({ state: 'taken', slot: { remaining: 0, shadow: true } });
  });

  it('gives none of none', async () => {
    await limit(tenant, { concurrency: 0 });

    expect(await take()).toEqual({ state: 'exhausted', quota: 0, freeInSeconds: null });
  });

  it('gives no tenant more than a hundred thousand of all kinds', async () => {
    await test.query(
      `insert into quota_slots (tenant_id, id, kind, holder, ttl_seconds, created_at, expires_at)
       select $1, gen_random_uuid(), 'other', 'ada', 60, now(), now() + interval '1 hour'
       from generate_series(1, 100000)`,
      [tenant.id],
    );

    expect(await take()).toEqual({ state: 'full' });
  });
});

describe('what is in force', () => {
  const quotas = (): Promise<unknown> =>
    new QuotasRepository(test.database).effective(tenant.scope, {
      ...{ after: null, kind: null, limit: 10 },
    });
  const own = { kind: KIND, source: 'tenant', concurrency: 3n, revision: 1 };
  const planned = { kind: KIND, source: 'plan', concurrency: 5n, revision: null };

  it.each([
    ['the plan’s', [null, false], planned],
    ['the tenant’s own before its plan’s', [false, false], own],
    ['the plan’s where that is fixed', [false, true], { ...planned, fixed: true }],
    ['the own one that the platform has fixed', [true, true], { ...own, fixed: true }],
  ] as const)('is %s', async (_, [isOwnFixed, isPlanFixed], expected) => {
    await putOn(tenant, await aPlan(5, isPlanFixed));
    if (isOwnFixed !== null) await limit(tenant, { concurrency: 3, fixed: isOwnFixed });

    expect(await quotas()).toEqual([expect.objectContaining(expected)]);
  });

  it('is nothing of a plan that the tenant is not on or that is not there, or of another tenant', async () => {
    const other = await aTenant(test.database);
    await putOn(other, await aPlan(5));
    await putOn(tenant, 'nothing-that-there-is');
    await limit(other, { kind: 'theirs' });

    expect(await quotas()).toEqual([]);
  });

  it('shows a tenant its own plan alone', async () => {
    const mine = await aPlan(5);
    await aPlan(6);
    await putOn(tenant, mine);

    const seen = await test.database.query(
      tenant.scope,
      'select slug, concurrency::int from plans join plan_limits on plan_id = id',
    );

    expect(seen).toEqual([{ slug: mine, concurrency: 5 }]);
  });

  it('is found without looking through all tenants', async () => {
    await test.query(`
      insert into tenants (id, slug, display_name, plan)
        select gen_random_uuid(), 'of-many-' || n, '', 'crowd-' || n % 100
        from generate_series(1, 5000) n;
      insert into plans (id, slug, display_name)
        select gen_random_uuid(), 'crowd-' || n, '' from generate_series(0, 99) n;
      insert into plan_limits (plan_id, kind, per_day) select id, 'calls', 7 from plans
        where slug like 'crowd-%';
      analyze tenants, plans, plan_limits, quotas`);
    await putOn(tenant, 'crowd-7');
    const explained = async (statement: string): Promise<string> => {
      const rows = await test.database.query<Readonly<Record<string, string>>>(
        tenant.scope,
        `explain ${statement}`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };

    const limits = `select * from effective_limits where tenant_id = '${tenant.id}'`;
    expect(await test.database.query(tenant.scope, limits)).toMatchObject([{ kind: 'calls' }]);
    expect(await explained(limits)).not.toContain('Seq Scan on tenants');
  });

  it('lets no tenant choose or change its plan', async () => {
    const plan = await aPlan(5);
    await putOn(tenant, plan);

    for (const statement of [
      'update tenants set plan = null',
      "update plans set display_name = 'free'",
      'update plan_limits set concurrency = 1000000',
    ]) {
      await expect(test.database.query(tenant.scope, statement)).rejects.toThrow(
        /permission denied/,
      );
    }
    expect(await quotas()).toEqual([expect.objectContaining({ concurrency: 5n })]);
  });

  it('goes on counting in the same window where a quota is removed and defined again', async () => {
    const define = 'insert into quotas (tenant_id, kind, per_day) values ($1, $2, 10)';
    const draw = async (): Promise<unknown> => {
      const want = { kind: KIND, name: 'day', head: 4, want: 0 };
      const rows = await test.database.query<{ results: { refused: boolean }[] }>(
        tenant.scope,
        'select draw_quota($1::uuid, $2::jsonb, 5000, true) as results',
        [tenant.id, JSON.stringify([want])],
      );
      return rows[0]?.results.map(({ refused }) => refused);
    };
    await test.query(define, [tenant.id, KIND]);
    expect([await draw(), await draw()]).toEqual([[false], [false]]);

    await test.query('delete from quotas where tenant_id = $1', [tenant.id]);
    await test.query(define, [tenant.id, KIND]);

    expect(await draw()).toEqual([true]);
  });
});

describe(QuotaPurge.name, () => {
  it('forgets what counts no more, and nothing else', async () => {
    await test.query('truncate quota_slots, quota_counters, quota_thresholds, quota_receipts');
    const [expired, live] = [await taken(), await taken()];
    await age(expired, 60);
    await test.query(
      `insert into quotas (tenant_id, kind, rate_micros, burst) values ($1, 'slow', 1, 10)`,
      [tenant.id],
    );
    for (const [kind, name, days] of [
      ['old', 'month', 63],
      ['young', 'month', 61],
      ['gone', 'rate', 63],
      ['slow', 'rate', 63],
    ]) {
      await test.query(
        `insert into quota_counters (tenant_id, kind, name, updated_at)
         values ($1, $2, $3, now() - make_interval(days => $4))`,
        [tenant.id, kind, name, days],
      );
    }
    for (const [key, hours] of [
      ['old', 26],
      ['young', 24],
    ]) {
      await test.query(
        `insert into quota_receipts (tenant_id, deed, key, body_digest, created_at)
         values ($1, 'spend', convert_to($2, 'UTF8'), '', now() - make_interval(hours => $3))`,
        [tenant.id, key, hours],
      );
    }

    for (const [kind, days] of [
      ['old', 63],
      ['young', 61],
    ]) {
      await test.query(
        `insert into quota_thresholds (tenant_id, kind, name, window_start, told)
         values ($1, $2, 'month', now() - make_interval(days => $3), 50)`,
        [tenant.id, kind, days],
      );
    }

    expect(await new QuotaPurge(test.database, new SystemClock()).once()).toBe(false);

    expect(await test.query('select id::text from quota_slots')).toEqual([{ id: live }]);
    expect(await test.query('select kind from quota_counters order by kind')).toEqual([
      { kind: 'slow' },
      { kind: 'young' },
    ]);
    expect(await test.query('select kind from quota_thresholds')).toEqual([{ kind: 'young' }]);
    expect(await test.query("select convert_from(key, 'UTF8') as key from quota_receipts")).toEqual(
      [{ key: 'young' }],
    );
  });

  it('looks at a thousand counters at once, and at none again before a day is over', async () => {
    await test.query('truncate quota_counters');
    const age = (kind: string): Promise<unknown> =>
      test.query(
        `insert into quota_counters (tenant_id, kind, name, updated_at)
         select $1, $2 || lpad(i::text, 4, '0'), 'day', now() - interval '63 days'
         from generate_series(1, 1001) i`,
        [tenant.id, kind],
      );
    const left = async (): Promise<unknown> =>
      test.query('select count(*)::int as counters, min(kind) as first from quota_counters');
    const clock = new TestClock();
    const purge = new QuotaPurge(test.database, clock);
    await age('one');

    await purge.once();
    expect(await left()).toEqual([{ counters: 1, first: 'one1001' }]);
    await purge.once();
    await purge.once();
    await age('two');
    clock.advance(86_399_999);
    await purge.once();
    expect(await left()).toEqual([{ counters: 1_001, first: 'two0001' }]);
    clock.advance(1);
    await purge.once();
    expect(await left()).toEqual([{ counters: 1, first: 'two1001' }]);
  });

  it('says that there is more than it takes at once', async () => {
    await test.query(
      `insert into quota_slots (tenant_id, id, kind, holder, ttl_seconds, created_at, expires_at)
       select $1, gen_random_uuid(), 'old', 'ada', 60, now(), now() - interval '1 hour'
       from generate_series(1, 1001)`,
      [tenant.id],
    );
    const purge = new QuotaPurge(test.database, new SystemClock());

    expect([await purge.once(), await purge.once()]).toEqual([true, false]);
  });
});
