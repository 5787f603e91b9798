import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from './eventually.js';
import { type Answer, itemsOf, pointersOf, textOf } from './send.js';
import { type VaultNode, type VaultTenant, VaultWorld, type Voice } from './vault-world.js';
import { answeredWith } from './world.js';

const RATE = { perSecond: 2.5, burst: 20 };
const DAILY = { windows: [{ period: 'day', limit: 100 }] };

let world: VaultWorld;
let other: VaultNode;
let tenant: VaultTenant;
let kinds = 0;

beforeAll(async () => {
  world = await VaultWorld.start();
  other = await world.node();
  tenant = await world.tenant();
});
afterAll(async () => {
  await other.close();
  await world.close();
});

const refusal = (status: number, code: string): object =>
  expect.objectContaining({ status, json: expect.objectContaining({ code }) });

/** A kind that no other test has named. */
const aKind = (): string => `kind-${(kinds += 1)}`;

const pathOf = (kind: string, { at } = tenant): string => `${at}/quotas/${kind}`;

async function set(kind: string, body: object, by = tenant.root, at = tenant): Promise<Answer> {
  const answer = await by.put(pathOf(kind, at), body);
  answeredWith(answer.status === 201 ? 201 : 200, answer);
  return answer;
}

async function deedsOf(deed: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return itemsOf(await tenant.root.get(`${tenant.at}/audit/events?deed=${deed}&limit=1`));
}

describe('a quota of a tenant', () => {
  it('is answered as it holds, with what remains of each limit', async () => {
    const kind = aKind();

    const answer = await tenant.root.put(pathOf(kind), {
      rate: RATE,
      windows: [
        { period: 'month', limit: 1_000 },
        { period: 'minute', limit: 0 },
      ],
      concurrency: { limit: 3 },
      mode: 'shadow',
      thresholds: [75],
    });

    expect(answer.status).toBe(201);
    expect(answer.headers['etag']).toBe('"1"');
    expect(answer.headers['location']).toBe(pathOf(kind));
    const resetSeconds = expect.any(Number);
    expect(answer.json).toEqual({
      kind,
      rate: RATE,
      windows: [
        { period: 'minute', limit: 0 },
        { period: 'month', limit: 1_000 },
      ],
      concurrency: { limit: 3 },
      mode: 'shadow',
      thresholds: [75],
      fixed: false,
      source: 'tenant',
      remaining: [
        expect.objectContaining({ limit: 'rate', quota: 20, remaining: 20, lent: 0 }),
        { limit: 'minute', quota: 0, remaining: 0, lent: 0, resetSeconds },
        { limit: 'month', quota: 1_000, remaining: 1_000, lent: 0, resetSeconds },
        { limit: 'concurrency', quota: 3, remaining: 3, lent: 0, resetSeconds: null },
      ],
      revision: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await tenant.root.get(pathOf(kind))).json).toMatchObject({ kind, revision: 1 });
    expect(await deedsOf('quota.set')).toEqual([
      expect.objectContaining({
        target: expect.objectContaining({ kind: 'quota', id: kind }),
        changes: expect.objectContaining({
          rate: { before: null, after: RATE },
          mode: { before: null, after: 'shadow' },
        }),
      }),
    ]);
  });

  it('is replaced under its revision, and removed', async () => {
    const kind = aKind();
    await set(kind, DAILY);
    const stale = refusal(412, 'request.revision_stale');
    const put = (body: object, headers: Readonly<Record<string, string>>): Promise<Answer> =>
      tenant.root.put(pathOf(kind), body, headers);

    expect(await put({ rate: RATE }, { 'if-none-match': '*' })).toEqual(
      refusal(412, 'quotas.exists'),
    );
    expect(await put({ rate: RATE }, { 'if-match': '"7"' })).toEqual(stale);
    const replaced = await put({ rate: RATE }, { 'if-match': '"1"' });
    expect(replaced.status).toBe(200);
    expect(replaced.json).toMatchObject({ revision: 2, rate: RATE, windows: [], mode: 'enforce' });
    // The same once more is no change.
    expect((await put({ rate: RATE }, {})).json).toMatchObject({ revision: 2 });

    const remove = (headers = {}): Promise<Answer> =>
      tenant.root.ask('DELETE', pathOf(kind), undefined, headers);
    expect(await remove({ 'if-match': '"1"' })).toEqual(stale);
    expect((await remove()).status).toBe(204);
    expect(await remove()).toEqual(refusal(404, 'quotas.not_found'));
    expect(await tenant.root.get(pathOf(kind))).toEqual(refusal(404, 'quotas.not_found'));
    expect(await put({ rate: RATE }, { 'if-match': '*' })).toEqual(stale);
    expect(await deedsOf('quota.removed')).toMatchObject([{ target: { id: kind } }]);
  });

  it.each([
    ['nothing', {}, ''],
    ['no windows', { windows: [] }, ''],
    ['no rate at all', { rate: { perSecond: 0, burst: 1 } }, '/rate/perSecond'],
    ['a rate below a millionth', { rate: { perSecond: 1e-7, burst: 1 } }, '/rate/perSecond'],
    ['seven decimals', { rate: { perSecond: 1.000_000_1, burst: 1 } }, '/rate/perSecond'],
    ['a rate beyond all bounds', { rate: { perSecond: 1e9 + 1, burst: 1 } }, '/rate/perSecond'],
    ['a rate in a text', { rate: { perSecond: '1', burst: 1 } }, '/rate/perSecond'],
    ['an empty bucket', { rate: { perSecond: 1, burst: 0 } }, '/rate/burst'],
    ['no bucket', { rate: { perSecond: 1 } }, '/rate/burst'],
    ['a rate that is a number', { rate: 7 }, '/rate'],
    ['another period', { windows: [{ period: 'week', limit: 1 }] }, '/windows/0/period'],
    ['a window below nothing', { windows: [{ period: 'day', limit: -1 }] }, '/windows/0/limit'],
    ['half a unit', { windows: [{ period: 'day', limit: 0.5 }] }, '/windows/0/limit'],
    ['too large a bucket', { rate: { perSecond: 1, burst: 1e12 + 1 } }, '/rate/burst'],
    ['too large a window', { windows: [{ period: 'day', limit: 1e15 }] }, '/windows/0/limit'],
    ['too many at once', { concurrency: { limit: 1e15 } }, '/concurrency/limit'],
    ['a period twice', { windows: [...DAILY.windows, ...DAILY.windows] }, '/windows'],
    ['a window that is null', { windows: [null] }, '/windows/0'],
    ['concurrency of a half', { concurrency: { limit: 1.5 } }, '/concurrency/limit'],
    ['another mode', { ...DAILY, mode: 'warn' }, '/mode'],
    ['thresholds that fall', { ...DAILY, thresholds: [80, 50] }, '/thresholds'],
    ['a threshold twice', { ...DAILY, thresholds: [50, 50] }, '/thresholds'],
    ['a threshold of nothing', { ...DAILY, thresholds: [0] }, '/thresholds'],
    ['a threshold beyond all', { ...DAILY, thresholds: [101] }, '/thresholds'],
    [
      'eleven thresholds',
      { ...DAILY, thresholds: [...Array(11).keys()].map((n) => n + 1) },
      '/thresholds',
    ],
    ['what is no field', { ...DAILY, note: 'a' }, '/note'],
  ])('is refused as %s', async (_, body, pointer) => {
    const answer = await tenant.root.put(pathOf('malformed'), body);

    expect(answer).toEqual(refusal(422, 'request.invalid'));
    expect(pointersOf(answer)).toEqual([pointer]);
  });

  it.each(['Requests', '7up', 'a%20b', 'a%2Fb', 'a'.repeat(64), 'a%00', 'leases'])(
    'cannot be called %s',
    async (kind) => {
      const answer = await tenant.root.put(pathOf(kind), DAILY);

      expect([404, 422]).toContain(answer.status);
    },
  );

  it('is not for everybody to see, and for few to set', async () => {
    const kind = aKind();
    await set(kind, DAILY);
    const operator = world.voice(await world.serviceToken(tenant.at, ['operator']));
    const stranger = (await world.tenant()).root;
    const { token } = await world.engine();

    expect((await operator.get(pathOf(kind))).status).toBe(200);
    for (const refused of [
      await operator.put(pathOf(kind), { rate: RATE }),
      await operator.ask('DELETE', pathOf(kind)),
      await world.voice(token).get(pathOf(kind)),
      await world.voice(token).put(pathOf(kind), { rate: RATE }),
      await tenant.root.get('/v1/plans'),
      await tenant.root.ask('PATCH', tenant.at, { plan: null }),
    ]) {
      expect(refused).toEqual(refusal(403, 'access.permission_missing'));
    }
    expect(await stranger.get(pathOf(kind))).toEqual(refusal(403, 'access.tenant_mismatch'));
    expect((await operator.get(pathOf(kind))).json).toMatchObject({ revision: 1 });
  });

  it('has no hundred and first beside it', async () => {
    const full = await world.tenant();
    await world.superuser.query(
      `insert into quotas (tenant_id, kind, per_day) select $1, 'k' || n, 1 from generate_series(1, 100) n`,
      [full.id],
    );

    expect(await full.root.put(pathOf('new', full), DAILY)).toEqual(
      refusal(409, 'quotas.limit_reached'),
    );
    expect((await full.root.put(pathOf('k1', full), { rate: RATE })).status).toBe(200);
  });
});

describe('a plan', () => {
  const plans = '/v1/plans';
  let buyer: VaultTenant;
  let remote: Voice;
  let plan: Answer;

  const limits = (limit: number, fixed = false): readonly object[] => [
    { kind: 'requests', windows: [{ period: 'day', limit }] },
    { kind: 'seats', concurrency: { limit: 5 }, fixed },
  ];
  const change = (content: object): Promise<Answer> =>
    world.platform.put(`${plans}/team`, { displayName: 'Team', ...content });
  const putOn = async (name: string | null): Promise<unknown> =>
    answeredWith(200, await world.platform.ask('PATCH', buyer.at, { plan: name }));
  /** What the other node, which keeps limits in mind, lets by of requests: null is without end. */
  const allowed = async (quotas: number | null): Promise<void> => {
    const check = { demands: [{ kind: 'requests', amount: 1 }], check: true };
    const isWanted = ({ json }: Answer): boolean => {
      const { limits: asked } = json as { readonly limits: readonly { readonly quota: number }[] };
      return (asked[0]?.quota ?? null) === quotas;
    };
    await eventually(() => remote.post(`${buyer.at}/quotas/consume`, check), isWanted);
  };
  const quota = async (kind: string, by = buyer.root): Promise<unknown> =>
    (await by.get(pathOf(kind, buyer))).json;

  beforeAll(async () => {
    buyer = await world.tenant();
    remote = other.voice(buyer.token);
    plan = await world.platform.post(plans, {
      slug: 'team',
      displayName: 'Team',
      limits: limits(10),
    });
  });

  it('is created, listed and read by the platform', async () => {
    expect(plan.status).toBe(201);
    expect(plan.headers['etag']).toBe('"1"');
    expect(plan.json).toMatchObject({
      slug: 'team',
      displayName: 'Team',
      limits: [
        {
          kind: 'requests',
          windows: [{ period: 'day', limit: 10 }],
          thresholds: [50, 80, 90, 100],
        },
        { kind: 'seats', concurrency: { limit: 5 }, mode: 'enforce', fixed: false },
      ],
      revision: 1,
    });
    expect((await world.platform.get(`${plans}/${textOf(plan, 'id')}`)).json).toEqual(plan.json);
    expect((await world.platform.get(`${plans}/team`)).json).toEqual(plan.json);
    expect(itemsOf(await world.platform.get(plans))).toEqual([plan.json]);
    expect(await world.platform.get(`${plans}/nobody`)).toEqual(
      refusal(404, 'quotas.plan_not_found'),
    );
    const again = { slug: 'team', displayName: 'Team', limits: [] };
    expect(await world.platform.post(plans, again)).toEqual(refusal(409, 'quotas.plan_slug_taken'));
  });

  it.each([
    ['a kind twice', { limits: [...limits(1), ...limits(1)] }, ['/limits']],
    ['a kind that limits nothing', { limits: [{ kind: 'requests' }] }, ['/limits/0']],
    ['no kind', { limits: [DAILY] }, ['/limits/0/kind']],
    ['what is no list', { limits: null }, ['/limits']],
    ['another slug', { slug: 'gold', limits: [] }, ['/slug']],
  ])('is refused as %s', async (_, content, pointers) => {
    const answer = await change(content);

    expect(answer).toEqual(refusal(422, 'request.invalid'));
    expect(pointersOf(answer)).toEqual(pointers);
  });

  it('is what a tenant on it has, at once and on every node', async () => {
    await allowed(null);

    expect(await putOn('team')).toMatchObject({ plan: 'team' });

    await allowed(10);
    const planned = { kind: 'requests', source: 'plan', revision: null, createdAt: null };
    expect(await quota('requests', remote)).toMatchObject({
      ...planned,
      windows: [{ period: 'day', limit: 10 }],
      remaining: [{ limit: 'day', remaining: 10 }],
    });
    await change({ limits: limits(20) });
    await allowed(20);
    expect(await quota('requests', remote)).toMatchObject({
      windows: [{ period: 'day', limit: 20 }],
    });
    expect(await world.platform.ask('DELETE', `${plans}/team`)).toEqual(
      refusal(409, 'quotas.plan_in_use'),
    );
    const trail = await buyer.root.get(`${buyer.at}/audit/events?deed=tenant.changed`);
    expect(itemsOf(trail)).toMatchObject([{ changes: { plan: { before: null, after: 'team' } } }]);
  });

  it('may be made after tenants are on it, and gives them no limits until then', async () => {
    const later = { slug: 'later', displayName: 'Later', limits: limits(30) };
    await putOn('later');
    await allowed(null);
    expect(await buyer.root.get(pathOf('requests', buyer))).toEqual(
      refusal(404, 'quotas.not_found'),
    );

    await world.platform.post(plans, later);

    await allowed(30);
    await putOn('team');
    await allowed(20);
    expect((await world.platform.ask('DELETE', `${plans}/later`)).status).toBe(204);
  });

  it('is overridden by the tenant, kind by kind and page by page', async () => {
    await set('requests', { windows: [{ period: 'day', limit: 50 }] }, buyer.root, buyer);
    await set('builds', { rate: RATE }, buyer.root, buyer);

    const first = await remote.get(`${buyer.at}/quotas?limit=2`);
    const second = await remote.get(
      `${buyer.at}/quotas?limit=2&cursor=${textOf(first, 'nextCursor')}`,
    );

    expect([...itemsOf(first), ...itemsOf(second)]).toMatchObject([
      { kind: 'builds', source: 'tenant' },
      { kind: 'requests', source: 'tenant', windows: [{ limit: 50 }], revision: 1 },
      { kind: 'seats', source: 'plan', concurrency: { limit: 5 } },
    ]);
    await buyer.root.ask('DELETE', pathOf('requests', buyer));
    expect(await quota('requests')).toMatchObject({ source: 'plan' });
    expect(await buyer.root.ask('DELETE', pathOf('requests', buyer))).toEqual(
      refusal(404, 'quotas.not_found'),
    );
  });

  it('has the last word where it is fixed, unless the platform has another', async () => {
    const seats = { concurrency: { limit: 1_000 } };
    const put = (by: Voice, body: object): Promise<Answer> => by.put(pathOf('seats', buyer), body);
    const fixed = refusal(403, 'quotas.fixed');
    await set('seats', seats, buyer.root, buyer);
    await change({ limits: limits(20, true) });

    expect(await quota('seats', remote)).toMatchObject({
      source: 'plan',
      fixed: true,
      concurrency: { limit: 5 },
    });
    expect(await put(buyer.root, seats)).toEqual(fixed);
    expect(pointersOf(await put(world.platform, { ...seats, fixed: false }))).toEqual(['/fixed']);

    expect((await put(world.platform, { concurrency: { limit: 9 } })).json).toMatchObject({
      source: 'tenant',
      fixed: true,
      concurrency: { limit: 9 },
    });
    await change({ limits: limits(20) });
    expect(await put(buyer.root, seats)).toEqual(fixed);
    expect(await buyer.root.ask('DELETE', pathOf('seats', buyer))).toEqual(fixed);
    expect(await quota('seats', remote)).toMatchObject({ concurrency: { limit: 9 } });
    const removed = await world.platform.ask('DELETE', pathOf('seats', buyer));
    expect(removed.status).toBe(204);
    expect(await put(buyer.root, { ...seats, fixed: true })).toEqual(fixed);
  });

  it('is changed under its revision, and removed when nobody is on it', async () => {
    const stale = { 'if-match': '"999"' };
    const { platform } = world;
    const content = { displayName: 'Team', limits: [] };
    const isStale = refusal(412, 'request.revision_stale');
    expect(await platform.put(`${plans}/team`, content, stale)).toEqual(isStale);
    expect(await platform.ask('DELETE', `${plans}/team`, undefined, stale)).toEqual(isStale);

    await putOn(null);

    await allowed(null);

    expect((await remote.get(pathOf('requests', buyer))).status).toBe(404);
    expect((await platform.ask('DELETE', `${plans}/team`)).status).toBe(204);
    expect((await platform.get(`${plans}/team`)).status).toBe(404);
    const trail = itemsOf(await platform.get('/v1/platform/audit/events?limit=200'));
    const deeds = trail.map(({ deed }) => deed);
    expect(deeds).toEqual(expect.arrayContaining(['plan.created', 'plan.changed', 'plan.deleted']));
  });
});

describe('a lease', () => {
  let leases: string;
  let operator: Voice;

  beforeAll(async () => {
    leases = `${tenant.at}/quotas/leases`;
    operator = world.voice(await world.serviceToken(tenant.at, ['operator']));
  });

  const take = (kind: string, by = operator, ttlSeconds = 60): Promise<Answer> =>
    by.post(leases, { kind, ttlSeconds });
  const remainingOf = async (kind: string): Promise<unknown> =>
    (await tenant.root.get(pathOf(kind))).json;

  it('is taken, counted, renewed and given back', async () => {
    const kind = aKind();
    await set(kind, { concurrency: { limit: 2 } });

    const taken = await take(kind);

    const id = textOf(taken, 'id');
    expect(taken.status).toBe(201);
    expect(taken.headers['location']).toBe(`${leases}/${id}`);
    expect(taken.json).toEqual({
      ...{ id, kind, ttlSeconds: 60, expiresInSeconds: 60, remaining: 1, shadow: false },
      holder: expect.any(String),
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    expect(await remainingOf(kind)).toMatchObject({
      remaining: [{ limit: 'concurrency', quota: 2, remaining: 1 }],
    });
    expect((await operator.put(`${leases}/${id}`, { ttlSeconds: 90 })).json).toMatchObject({
      ...{ id, ttlSeconds: 90, expiresInSeconds: 90 },
    });
    expect(itemsOf(await operator.get(leases))).toMatchObject([{ id, kind }]);

    const release = (): Promise<Answer> => operator.ask('DELETE', `${leases}/${id}`);
    expect((await release()).status).toBe(204);
    expect(await release()).toEqual(refusal(404, 'quotas.lease_not_found'));
    expect(await operator.put(`${leases}/${id}`, {})).toEqual(
      refusal(404, 'quotas.lease_not_found'),
    );
    expect(await remainingOf(kind)).toMatchObject({ remaining: [{ remaining: 2 }] });
  });

  it('is refused where there is none left, and can still be given back', async () => {
    const kind = aKind();
    await set(kind, { concurrency: { limit: 1 } });
    const id = textOf(await take(kind), 'id');

    const refused = await take(kind, other.voice(tenant.token));

    expect(refused).toMatchObject({
      status: 429,
      json: {
        code: 'quotas.exhausted',
        limit: { kind, name: 'concurrency', quota: 1, remaining: 0 },
      },
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await operator.ask('DELETE', `${leases}/${id}`)).status).toBe(204);
    expect((await take(kind)).status).toBe(201);
  });

  it('is taken once by two requests of one idempotency key', async () => {
    const kind = aKind();
    const once = (): Promise<Answer> =>
      operator.ask('POST', leases, { kind, ttlSeconds: 60 }, { 'idempotency-key': kind });

    expect((await once()).json).toEqual((await once()).json);
  });

  it('is its taker’s alone, and of whoever sets the limits', async () => {
    const { token } = await world.engine();
    const engine = world.voice(token);
    const id = textOf(await take(aKind(), engine), 'id');
    const viewer = world.voice(await world.serviceToken(tenant.at, ['viewer']));
    const gone = refusal(404, 'quotas.lease_not_found');

    expect(await operator.put(`${leases}/${id}`, {})).toEqual(gone);
    expect(await operator.ask('DELETE', `${leases}/${id}`)).toEqual(gone);
    expect(await operator.ask('DELETE', `${leases}/nonsense`)).toEqual(gone);
    expect(await viewer.ask('DELETE', `${leases}/${id}`)).toEqual(
      refusal(403, 'access.permission_missing'),
    );
    expect((await engine.put(`${leases}/${id}`, {})).status).toBe(200);
    expect((await tenant.root.ask('DELETE', `${leases}/${id}`)).status).toBe(204);
  });

  it.each([
    ['no kind', { ttlSeconds: 60 }, '/kind'],
    ['another kind of kind', { kind: 'A', ttlSeconds: 60 }, '/kind'],
    ['no time', { kind: 'a', ttlSeconds: 0 }, '/ttlSeconds'],
    ['more than a day', { kind: 'a', ttlSeconds: 86_401 }, '/ttlSeconds'],
    ['half a second', { kind: 'a', ttlSeconds: 0.5 }, '/ttlSeconds'],
  ])('is refused for %s', async (_, body, pointer) => {
    const answer = await operator.post(leases, body);

    expect(answer).toEqual(refusal(422, 'request.invalid'));
    expect(pointersOf(answer)).toEqual([pointer]);
  });
});
