import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import { UsageMeter } from '@tenantry/usage';
import { eventually } from './eventually.js';
import { type Answer, itemsOf, pointersOf, textOf } from './send.js';
import { VaultWorld, type VaultTenant, type Voice } from './vault-world.js';

const HOUR_MS = 3_600_000;

/** Hours before now, at the full hour, so that what a spec expects does not depend on the minute. */
function hoursAgo(hours: number): string {
  const thisHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return new Date(thisHour - hours * HOUR_MS).toISOString();
}

const anEvent = (given: object = {}): object => ({
  id: newId(),
  meter: 'cpu_seconds',
  value: 1,
  at: hoursAgo(1),
  ...given,
});

describe('usage', () => {
  let world: VaultWorld;
  let acme: VaultTenant;
  let globex: VaultTenant;

  beforeAll(async () => {
    world = await VaultWorld.start();
    [acme, globex] = [await world.tenant(), await world.tenant()];
  });
  afterAll(() => world.close());

  const report = (events: readonly object[], by = acme.root, at = acme.at): Promise<Answer> =>
    by.post(`${at}/usage/events`, { events });
  const usageOf = (query: string, by = acme.root, at = acme.at): Promise<Answer> =>
    by.get(`${at}/usage?${query}`);
  const csv = (path: string, by: Voice): Promise<Answer> =>
    by.ask('GET', path, undefined, { accept: 'text/csv' });

  it('is reported in batches of a thousand with all that each may hold, and counts once', async () => {
    const labels = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`k${n}`, 'v']));
    const events = Array.from({ length: 1_000 }, (_, n) =>
      anEvent({ id: `bulk-${n}`, meter: 'bulk', resource: 'r', actor: 'a', labels }),
    );

    const first = await report(events);
    const again = await report(events);

    expect(first).toMatchObject({ status: 202, json: { accepted: 1_000, duplicates: 0 } });
    expect(again).toMatchObject({ status: 202, json: { accepted: 0, duplicates: 1_000 } });
    expect(itemsOf(await usageOf('meter=bulk'))).toMatchObject([{ value: 1_000, events: 1_000 }]);
  });

  it('is read by period, meter and group, page by page and as a file', async () => {
    const tenant = await world.tenant();
    const used = [
      { value: 2.5, resource: '=cmd|1', labels: { pool: '' }, at: hoursAgo(3) },
      { value: 1, resource: 'plain', labels: { pool: 'eu' }, at: hoursAgo(2) },
      { value: 0.25, resource: 'plain', actor: 'ada', at: hoursAgo(3) },
      { value: 4, meter: 'storage_gib_hours', at: hoursAgo(2) },
    ];
    await report(used.map(anEvent), tenant.root, tenant.at);
    const read = async (query: string): Promise<unknown[]> =>
      itemsOf(await usageOf(`granularity=hour&${query}`, tenant.root, tenant.at))
        .filter(({ meter }) => meter !== 'requests')
        .map(({ period, meter, group, value, events }) => [period, meter, group, value, events]);
    const [earlier, later] = [hoursAgo(3), hoursAgo(2)];

    expect(await read('')).toEqual([
      [earlier, 'cpu_seconds', null, 2.75, 2],
      [later, 'cpu_seconds', null, 1, 1],
      [later, 'storage_gib_hours', null, 4, 1],
    ]);
    expect(await read('groupBy=resource&meter=cpu_seconds')).toEqual([
      [earlier, 'cpu_seconds', '=cmd|1', 2.5, 1],
      [earlier, 'cpu_seconds', 'plain', 0.25, 1],
      [later, 'cpu_seconds', 'plain', 1, 1],
    ]);
    expect(await read('groupBy=label:pool')).toEqual([
      [earlier, 'cpu_seconds', null, 0.25, 1],
      [earlier, 'cpu_seconds', '', 2.5, 1],
      [later, 'cpu_seconds', 'eu', 1, 1],
      [later, 'storage_gib_hours', null, 4, 1],
    ]);
    expect(await read('actor=ada')).toEqual([[earlier, 'cpu_seconds', null, 0.25, 1]]);
    expect(await read(`resource=plain&from=${later}`)).toEqual([
      [later, 'cpu_seconds', null, 1, 1],
    ]);
    expect(await read(`to=${later}&meter=cpu_seconds&groupBy=actor`)).toEqual([
      [earlier, 'cpu_seconds', null, 2.5, 1],
      [earlier, 'cpu_seconds', 'ada', 0.25, 1],
    ]);

    const query = 'granularity=hour&groupBy=resource&meter=cpu_seconds';
    const pages: unknown[] = [];
    for (let cursor = ''; ;) {
      const page = await usageOf(`${query}&limit=1${cursor}`, tenant.root, tenant.at);
      pages.push(...itemsOf(page));
      const { nextCursor } = page.json as { readonly nextCursor: string | null };
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(pages).toEqual(itemsOf(await usageOf(query, tenant.root, tenant.at)));

    const file = await csv(`${tenant.at}/usage?${query}&limit=1`, tenant.root);
    expect(file).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="usage.csv"',
        vary: expect.stringContaining('Accept'),
      },
    });
    expect(file.text.split('\r\n')).toEqual([
      'period,meter,group,value,events',
      `${earlier},cpu_seconds,'=cmd|1,2.5,1`,
      `${earlier},cpu_seconds,plain,0.25,1`,
      `${later},cpu_seconds,plain,1,1`,
      '',
    ]);
  });

  it('keeps a cursor short, however long the names are', async () => {
    const tenant = await world.tenant();
    const names = ['🏢'.repeat(120), `${'🏢'.repeat(119)}"`, '"'.repeat(255)];
    const meter = `m${'.'.repeat(62)}`;
    await report(
      names.map((resource) => anEvent({ resource, meter })),
      tenant.root,
      tenant.at,
    );
    const seen: unknown[] = [];
    for (let cursor = ''; seen.length < 3;) {
      const query = `meter=${meter}&groupBy=resource&limit=1${cursor}`;
      const page = await usageOf(query, tenant.root, tenant.at);
      seen.push(...itemsOf(page).map(({ group }) => group));
      if (seen.length < 3) cursor = `&cursor=${textOf(page, 'nextCursor')}`;
    }

    expect(seen.toSorted()).toEqual(names.toSorted());
  });

  it('is summed up by the day and by the month, in UTC', async () => {
    const tenant = await world.tenant();
    const [year, month] = [new Date().getUTCFullYear(), new Date().getUTCMonth()];
    const dayOf = (months: number, days: number): string =>
      new Date(Date.UTC(year, month + months, 1 + days)).toISOString();
    const [before, first, next] = [dayOf(-1, 0), dayOf(0, 0), dayOf(1, 0)];
    const lastDay = dayOf(0, -1);
    const hour = lastDay.replace('T00', 'T23');
    // The same moment, as somebody two hours further east writes it.
    const eastern = first.replace('T00:00:00.000Z', 'T01:00:00+02:00');
    await report(
      [hour, eastern, first].map((at) => anEvent({ at })),
      tenant.root,
      tenant.at,
    );
    const read = async (query: string): Promise<unknown[]> =>
      itemsOf(await usageOf(`meter=cpu_seconds&${query}`, tenant.root, tenant.at)).map(
        ({ period, value }) => [period, value],
      );

    expect(await read(`from=${before}&to=${next}`)).toEqual([
      [lastDay, 2],
      [first, 1],
    ]);
    expect(await read(`from=${before}&to=${next}&granularity=month`)).toEqual([
      [before, 2],
      [first, 1],
    ]);
    expect(await read(`from=${first.slice(0, 10)}&to=${next.slice(0, 10)}`)).toEqual([[first, 1]]);
  });

  it('refuses a batch as a whole, and says where', async () => {
    const refused = await report([
      anEvent({ id: 'good' }),
      anEvent({ value: -1, resource: '' }),
      anEvent({ at: new Date(Date.now() + HOUR_MS).toISOString(), tenantId: globex.id }),
      anEvent({ at: '2020-01-01T00:00:00Z' }),
    ]);

    expect(refused).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
    expect(pointersOf(refused)).toEqual([
      '/events/1/value',
      '/events/1/resource',
      '/events/2/at',
      '/events/2/tenantId',
      '/events/3/at',
    ]);
    expect(await report([anEvent({ id: 'good' })])).toMatchObject({ json: { accepted: 1 } });
  });

  it.each([
    ['from=2026-11-01&to=2026-11-01', '/from'],
    ['granularity=hour&from=2026-01-01&to=2026-03-01', '/from'],
    ['from=yesterday', '/from'],
    ['to=2026-02-30', '/to'],
    ['to=2026-11-01T00:00:00', '/to'],
    ['from=2026-11-01&from=2026-11-02', '/from'],
    ['granularity=week', '/granularity'],
    ['groupBy=tenant', '/groupBy'],
    ['groupBy=label:', '/groupBy'],
    ['groupBy=label:a%27', '/groupBy'],
    ['meter=', '/meter'],
    ['limit=0', '/limit'],
    ['tenant=acme', '/tenant'],
  ])('refuses ?%s', async (query, pointer) => {
    const refused = await usageOf(query);

    expect(refused).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
    expect(pointersOf(refused)).toEqual([pointer]);
  });

  it('takes a cursor only with the query that it came from', async () => {
    await report([anEvent({ resource: 'a' }), anEvent({ resource: 'b' })]);
    const page = await usageOf('groupBy=resource&meter=cpu_seconds&limit=1');
    const cursor = textOf(page, 'nextCursor');

    for (const query of ['groupBy=actor&meter=cpu_seconds', 'groupBy=resource&meter=requests']) {
      expect(await usageOf(`${query}&cursor=${cursor}`)).toMatchObject({
        status: 422,
        json: { code: 'request.cursor_invalid' },
      });
    }
  });

  it('is nobody else’s: neither to read nor to report', async () => {
    await report([anEvent({ meter: 'private' })]);
    const viewer = world.voice(await world.serviceToken(acme.at, ['viewer']));

    expect(await usageOf('', globex.root)).toMatchObject({ status: 403 });
    expect(await report([anEvent()], globex.root)).toMatchObject({ status: 403 });
    expect(itemsOf(await usageOf('meter=private', globex.root, globex.at))).toEqual([]);
    expect(await report([anEvent()], viewer)).toMatchObject({
      status: 403,
      json: { code: 'access.permission_missing' },
    });
    expect(itemsOf(await usageOf('meter=private', viewer))).toHaveLength(1);
    expect(await acme.root.get('/v1/usage')).toMatchObject({ status: 403 });
  });

  it('of an engine counts, though somebody of the tenant has reported its id before', async () => {
    const { token } = await world.engine();
    const meter = `m-${newId()}`;
    const [taken, used] = [0, 5].map((value) => anEvent({ id: 'run-1/cpu', meter, value }));

    const recorded = [];
    for (const [event, by] of [
      [taken, acme.root],
      [used, world.voice(token)],
      [used, world.voice(token)],
      [used, acme.root],
    ] as const) {
      recorded.push((await report([event ?? {}], by)).json);
    }

    const [fresh, known] = [
      { accepted: 1, duplicates: 0 },
      { accepted: 0, duplicates: 1 },
    ];
    expect(recorded).toEqual([fresh, fresh, known, known]);
    expect(itemsOf(await usageOf(`meter=${meter}`))).toMatchObject([{ value: 5, events: 2 }]);
  });

  it('is told to the platform tenant by tenant, and charged by a file', async () => {
    const meter = `m-${newId()}`;
    const event = (value: number, resource: string): object => anEvent({ meter, value, resource });
    await report([event(1, 'a'), event(2, 'b')]);
    await report([event(4, 'a')], globex.root, globex.at);
    const tenants = [
      { tenantId: acme.id, tenant: acme.slug, value: 3, events: 2 },
      { tenantId: globex.id, tenant: globex.slug, value: 4, events: 1 },
    ].toSorted((one, other) => (one.tenantId < other.tenantId ? -1 : 1));
    const read = async (query: string): Promise<unknown[]> =>
      itemsOf(await world.platform.get(`/v1/usage?meter=${meter}&${query}`)).map(
        ({ tenantId, tenant, value, events }) => ({ tenantId, tenant, value, events }),
      );

    expect(await read('')).toEqual(tenants);
    expect(await read('granularity=month')).toEqual(tenants);
    expect(await read('groupBy=resource')).toHaveLength(3);
    for (const name of [globex.slug, globex.id, globex.id.toUpperCase()]) {
      expect(await read(`tenant=${name}`)).toMatchObject([{ tenantId: globex.id }]);
    }
    expect(await read('tenant=nobody')).toEqual([]);
    const page = await world.platform.get(`/v1/usage?meter=${meter}&limit=1`);
    expect(await read(`limit=1&cursor=${textOf(page, 'nextCursor')}`)).toEqual(tenants.slice(1));

    const file = await csv(`/v1/usage?meter=${meter}&granularity=month`, world.platform);
    const month = `${hoursAgo(1).slice(0, 7)}-01T00:00:00.000Z`;
    expect(file.text.split('\r\n')).toEqual([
      'tenant_id,tenant,period,meter,group,value,events',
      ...tenants.map(({ tenantId, tenant, value, events }) =>
        [tenantId, tenant, month, meter, '', value, events].join(),
      ),
      '',
    ]);
  });

  it('knows what the built-in meters measure, and which others there are', async () => {
    await report([anEvent({ meter: 'tokens:eu' })]);

    const meters = itemsOf(await acme.root.get(`${acme.at}/usage/meters`));

    expect(meters).toContainEqual({
      meter: 'gpu_seconds',
      unit: 'second',
      description: 'Time of one graphics processor.',
      isBuiltIn: true,
    });
    expect(meters).toContainEqual({
      meter: 'tokens:eu',
      unit: null,
      description: null,
      isBuiltIn: false,
    });
    expect(meters.filter(({ meter }) => meter === 'cpu_seconds')).toHaveLength(1);
  });

  it('of the control plane itself is metered: requests, whatever comes of them, by actor', async () => {
    const tenant = await world.tenant();
    const meter = world.world.api.app.get(UsageMeter, { strict: false });
    for (const path of ['', '/secrets', '/secrets/nothing'])
      await tenant.root.get(tenant.at + path);
    await world.voice('no-token').get(tenant.at);
    await globex.root.get(tenant.at);

    const { requests, actors } = await eventually(
      async () => {
        await meter.flush();
        const answer = await usageOf('meter=requests&groupBy=actor', tenant.root, tenant.at);
        const items = itemsOf(answer);
        const sum = items.reduce((total, { value }) => total + Number(value), 0);
        return { requests: sum, actors: items.map(({ group }) => group) };
      },
      ({ requests: seen }) => seen >= 4,
    );

    // One was the platform's, which made the account of the tenant's own.
    expect(requests).toBe(4);
    expect(actors).toHaveLength(2);
  });
});
