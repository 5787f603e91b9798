import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { UsageMeter } from '@tenantry/usage';
import { type Answer, itemsOf, pointersOf, textOf } from './send.js';
import { type VaultTenant, VaultWorld } from './vault-world.js';
import { answeredWith } from './world.js';

let world: VaultWorld;
let tenant: VaultTenant;
let kinds = 0;

beforeAll(async () => {
  world = await VaultWorld.start();
  tenant = await world.tenant();
});
afterAll(async () => {
  await world.close();
});

/** A kind that no other test has named, with this quota. */
async function aKind(quota: object): Promise<string> {
  const kind = `spent-${(kinds += 1)}`;
  answeredWith(201, await tenant.root.put(`${tenant.at}/quotas/${kind}`, quota));
  return kind;
}

const daily = (limit: number): object => ({ windows: [{ period: 'day', limit }] });

const spend = (
  demands: readonly object[],
  more: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  tenant.root.ask('POST', `${tenant.at}/quotas/consume`, { demands, ...more }, headers);

async function remainingOf(kind: string): Promise<unknown> {
  const { json } = await tenant.root.get(`${tenant.at}/quotas/${kind}`);
  return (json as { remaining: readonly { remaining: number }[] }).remaining.map(
    ({ remaining }) => remaining,
  );
}

describe('a demand', () => {
  it('is answered with what is left, and told so in the headers of the RateLimit draft', async () => {
    const kind = await aKind({ ...daily(10), rate: { perSecond: 0.5, burst: 50 } });

    const answer = await spend([{ kind, amount: 3 }]);

    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      allowed: true,
      remaining: { [kind]: 7 },
      limits: [
        expect.objectContaining({ kind, name: 'day', quota: 10, remaining: 7 }),
        expect.objectContaining({ kind, name: 'rate', quota: 50, remaining: 47 }),
      ],
      limit: null,
      retryAfterSeconds: null,
      shadowed: [],
    });
    // The tightest of the kind alone: the body has all of them.
    expect(answer.headers['ratelimit-policy']).toBe(`"${kind}/day";q=10;w=86400`);
    expect(answer.headers['ratelimit']).toMatch(new RegExp(`^"${kind}/day";r=7;t=\\d+$`));
  });

  it('is refused with the limit that refused, when to ask again, and nothing spent', async () => {
    const kind = await aKind(daily(10));
    await spend([{ kind, amount: 8 }]);

    const answer = await spend([{ kind, amount: 3 }]);

    expect(answer.status).toBe(429);
    expect(answer.json).toMatchObject({
      code: 'quotas.exhausted',
      limit: { kind, name: 'day', quota: 10, remaining: 2 },
      retryAfterSeconds: expect.any(Number),
    });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers['retry-after']).toBe(
      String((answer.json as { retryAfterSeconds: number }).retryAfterSeconds),
    );
    expect(answer.headers['ratelimit']).toMatch(new RegExp(`^"${kind}/day";r=2;t=\\d+$`));
    expect(await remainingOf(kind)).toEqual([2]);
  });

  it('on several kinds spends all of them or none', async () => {
    const [plenty, scarce] = [await aKind(daily(100)), await aKind(daily(1))];
    const both = (amount: number): object[] => [
      { kind: plenty, amount: 5 },
      { kind: scarce, amount },
    ];

    expect((await spend(both(2))).json).toMatchObject({ limit: { kind: scarce } });
    expect((await spend(both(1))).json).toMatchObject({
      allowed: true,
      remaining: { [plenty]: 95, [scarce]: 0 },
    });
    expect(await remainingOf(plenty)).toEqual([95]);
  });

  it('that is only checked spends nothing, and is answered 200 either way', async () => {
    const kind = await aKind(daily(2));

    const fits = await spend([{ kind, amount: 2 }], { check: true });
    const does = await spend([{ kind, amount: 3 }], { check: true });

    expect(fits.json).toMatchObject({ allowed: true });
    expect(does.status).toBe(200);
    expect(does.json).toMatchObject({ allowed: false, limit: { kind, name: 'day' } });
    expect(does.json).toMatchObject({ retryAfterSeconds: expect.any(Number) });
    expect(await remainingOf(kind)).toEqual([2]);
  });

  it('of a kind without a limit is let by, unmetered', async () => {
    const answer = await spend([{ kind: 'unheard-of', amount: 1_000_000_000 }]);

    expect(answer.json).toMatchObject({ allowed: true, remaining: {}, limits: [] });
    expect(answer.headers['ratelimit']).toBeUndefined();
  });

  it('with a key counts once, and is answered alike', async () => {
    const kind = await aKind(daily(10));
    const key = { 'idempotency-key': 'an-order' };

    const [first, second] = [
      await spend([{ kind, amount: 4 }], {}, key),
      await spend([{ kind, amount: 4 }], {}, key),
    ];

    expect(second.json).toEqual(first.json);
    expect((await spend([{ kind, amount: 5 }], {}, key)).json).toMatchObject({
      code: 'request.idempotency_mismatch',
    });
    expect(await remainingOf(kind)).toEqual([6]);
  });

  it('counts once in the books even where its answer was lost before it was kept', async () => {
    const kind = await aKind(daily(10));
    const key = { 'idempotency-key': 'a-lost-answer' };
    await spend([{ kind, amount: 4 }], {}, key);
    // As if the process had died between the spending and the keeping of its answer.
    await world.superuser.query('delete from idempotency_keys');

    expect((await spend([{ kind, amount: 4 }], {}, key)).json).toMatchObject({
      allowed: true,
      remaining: { [kind]: 6 },
    });
    expect(await remainingOf(kind)).toEqual([6]);
  });

  it('is refused where it is malformed, with each place, and nothing spent', async () => {
    const kind = await aKind(daily(10));
    const amounts = [0, -1, 1.5, 1_000_000_001, '1', null];

    for (const amount of amounts) {
      const answer = await spend([
        { kind, amount: 1 },
        { kind, amount },
      ]);
      expect({ amount, status: answer.status, at: pointersOf(answer) }).toEqual({
        amount,
        status: 422,
        at: ['/demands/1/amount'],
      });
    }
    expect(pointersOf(await spend([]))).toEqual(['/demands']);
    expect(pointersOf(await spend([{ kind: 'Not A Kind', amount: 1, unit: 'x' }]))).toEqual([
      '/demands/0/kind',
      '/demands/0/unit',
    ]);
    expect(pointersOf(await spend([{ kind, amount: 1 }], { check: 'yes', more: 1 }))).toEqual([
      '/more',
      '/check',
    ]);
    expect(await remainingOf(kind)).toEqual([10]);
  });

  it('in shadow mode is let by, and says what would have refused', async () => {
    const kind = await aKind({ ...daily(1), mode: 'shadow' });
    await spend([{ kind, amount: 1 }]);

    expect((await spend([{ kind, amount: 1 }])).json).toMatchObject({
      allowed: true,
      shadowed: [{ kind, name: 'day' }],
    });
  });
});

describe('a refund', () => {
  const refund = (body: object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    tenant.root.ask('POST', `${tenant.at}/quotas/refund`, body, headers);

  it('gives back what was spent, and never more', async () => {
    const kind = await aKind(daily(10));
    await spend([{ kind, amount: 4 }]);

    const [first, second] = [
      await refund({ demands: [{ kind, amount: 3 }] }),
      await refund({ demands: [{ kind, amount: 3 }] }),
    ];

    expect(itemsOf(first)).toEqual([{ kind, name: 'day', refunded: 3 }]);
    expect(itemsOf(second)).toEqual([{ kind, name: 'day', refunded: 1 }]);
    expect(await remainingOf(kind)).toEqual([10]);
  });

  it('with a key counts once in the books, even where its answer was lost before it was kept', async () => {
    const kind = await aKind(daily(10));
    await spend([{ kind, amount: 8 }]);
    const once = (amount: number): Promise<Answer> =>
      refund({ demands: [{ kind, amount }] }, { 'idempotency-key': 'a-lost-refund' });
    await once(3);
    // As if the process had died between the refund and the keeping of its answer.
    await world.superuser.query('delete from idempotency_keys');

    expect(itemsOf(await once(3))).toEqual([{ kind, name: 'day', refunded: 3 }]);
    await world.superuser.query('delete from idempotency_keys');
    expect((await once(2)).json).toMatchObject({ code: 'request.idempotency_mismatch' });
    expect(await remainingOf(kind)).toEqual([5]);
  });

  it('gives nothing back to a window other than the one that it was spent in', async () => {
    const kind = await aKind(daily(10));
    await spend([{ kind, amount: 4 }]);

    const answer = await refund({
      demands: [{ kind, amount: 3 }],
      spentAt: '2026-01-01T00:00:00Z',
    });

    expect(itemsOf(answer)).toEqual([]);
    expect(await remainingOf(kind)).toEqual([6]);
    expect(pointersOf(await refund({ demands: [], spentAt: 'yesterday' }))).toEqual([
      '/demands',
      '/spentAt',
    ]);
  });
});

describe('an exhausted quota', () => {
  it('blocks neither reading nor deleting, and what it refused is on the trail as a count', async () => {
    const kind = await aKind({ ...daily(0), concurrency: { limit: 1 } });
    const slot = await tenant.root.post(`${tenant.at}/quotas/leases`, { kind, ttlSeconds: 60 });
    for (const built of ['requests', 'sessions', 'secret_reveals']) {
      answeredWith(201, await tenant.root.put(`${tenant.at}/quotas/${built}`, daily(0)));
    }

    expect((await spend([{ kind, amount: 1 }])).status).toBe(429);
    const reads = ['quotas', `quotas/${kind}`, 'quotas/leases', 'usage', 'members', 'secrets'];
    for (const path of reads) answeredWith(200, await tenant.root.get(`${tenant.at}/${path}`));
    const lease = `${tenant.at}/quotas/leases/${textOf(slot, 'id')}`;
    answeredWith(204, await tenant.root.ask('DELETE', lease));
    answeredWith(204, await tenant.root.ask('DELETE', `${tenant.at}/quotas/${kind}`));
  });

  it('is counted among what the tenant used: each check is', async () => {
    const kind = await aKind(daily(1));
    await spend([{ kind, amount: 1 }]);
    await spend([{ kind, amount: 1 }]);
    await world.world.api.app.get(UsageMeter).flush();

    const [checks] = itemsOf(await tenant.root.get(`${tenant.at}/usage?meter=quota_checks`));
    expect(checks).toMatchObject({ meter: 'quota_checks', value: expect.any(Number) });
    expect(Number(checks?.['value'])).toBeGreaterThanOrEqual(2);
  });
});
