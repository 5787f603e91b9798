import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type FilledTenant, MatrixWorld } from './matrix-world.js';
import { type Answer, itemsOf, pointersOf } from './send.js';

const REASON = 'Invoice 4711 is unpaid.';

describe('the life of tenants', () => {
  let world: MatrixWorld;

  beforeAll(async () => {
    world = await MatrixWorld.start();
  });
  afterAll(() => world.close());

  const suspend = (id: string, body: object = { reason: REASON }): Promise<Answer> =>
    world.admin('POST', `/v1/tenants/${id}/suspend`, body);
  const resume = (id: string): Promise<Answer> => world.admin('POST', `/v1/tenants/${id}/resume`);
  const terminate = (id: string): Promise<Answer> => world.admin('DELETE', `/v1/tenants/${id}`);
  const me = ({ token }: FilledTenant): Promise<Answer> =>
    world.send({ method: 'GET', path: '/v1/me', token });

  it('closes a suspended tenant at once to its own, and says why to the platform', async () => {
    const acme = await world.fillTenant();
    expect(await me(acme)).toMatchObject({ status: 200 });

    const suspended = await suspend(acme.id);

    expect(suspended).toMatchObject({
      status: 200,
      json: { id: acme.id, status: 'suspended', suspendedReason: REASON },
    });
    expect(await me(acme)).toMatchObject({ status: 403, json: { code: 'tenants.suspended' } });
    expect(await world.admin('GET', `/v1/tenants/${acme.id}`)).toMatchObject({ status: 200 });
  });

  it('opens a resumed tenant again', async () => {
    const acme = await world.fillTenant();
    await suspend(acme.id);

    const resumed = await resume(acme.id);

    expect(resumed).toMatchObject({
      status: 200,
      json: { status: 'active', suspendedReason: null },
    });
    expect(await me(acme)).toMatchObject({ status: 200 });
  });

  it.each([{}, { reason: '' }, { reason: 7 }, { reason: 'x'.repeat(501) }])(
    'suspends nobody for %j',
    async (body) => {
      const { id } = await world.createTenant();

      const refused = await suspend(id, body);

      expect(refused).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
      expect(pointersOf(refused)).toEqual(['/reason']);
      expect(await world.admin('GET', `/v1/tenants/${id}`)).toMatchObject({
        json: { status: 'active' },
      });
    },
  );

  it('says the same when it is suspended, or resumed, a second time', async () => {
    const { id } = await world.createTenant();

    const once = await suspend(id);
    const twice = await suspend(id, { reason: 'Another reason.' });
    const open = await resume(id);

    expect(twice.json).toEqual(once.json);
    expect((await resume(id)).json).toEqual(open.json);
  });

  it('lets a leaving tenant be read and no longer changed, until it is resumed', async () => {
    const acme = await world.fillTenant();
    const rename = (): Promise<Answer> =>
      world.send({
        method: 'PATCH',
        path: `/v1/tenants/${acme.id}`,
        token: acme.token,
        body: { displayName: 'Still here' },
      });

    expect(await terminate(acme.id)).toMatchObject({
      status: 202,
      json: { id: acme.id, status: 'terminating' },
    });
    expect(await me(acme)).toMatchObject({ status: 200 });
    expect(await rename()).toMatchObject({ status: 403, json: { code: 'tenants.terminating' } });

    expect(await resume(acme.id)).toMatchObject({ status: 200, json: { status: 'active' } });
    expect(await rename()).toMatchObject({ status: 200 });
  });

  it('cannot suspend a tenant that is leaving', async () => {
    const { id } = await world.createTenant();
    await terminate(id);

    expect(await suspend(id)).toMatchObject({
      status: 409,
      json: { code: 'tenants.transition_impossible' },
    });
    expect(await terminate(id)).toMatchObject({ status: 202, json: { status: 'terminating' } });
  });

  it('never gives the slug of a leaving tenant to another', async () => {
    const { id, slug } = await world.createTenant();
    await terminate(id);

    expect(await world.admin('POST', '/v1/tenants', { slug, displayName: slug })).toMatchObject({
      status: 409,
      json: { code: 'tenants.slug_taken' },
    });
  });

  describe('the list', () => {
    const slugs = async (query: string): Promise<unknown[]> => {
      const answer = await world.admin('GET', `/v1/tenants?limit=200&${query}`);
      return itemsOf(answer).map(({ slug }) => slug);
    };
    const named = async (displayName: string, labels: object = {}): Promise<string> =>
      (await world.createTenant({ displayName, labels })).slug;

    it('is narrowed by status', async () => {
      const [open, closed, leaving] = await Promise.all([
        world.createTenant(),
        world.createTenant(),
        world.createTenant(),
      ]);
      await Promise.all([suspend(closed.id), terminate(leaving.id)]);

      const [active, suspended, terminating] = await Promise.all([
        slugs('status=active'),
        slugs('status=suspended'),
        slugs('status=terminating'),
      ]);

      const all = [open.slug, closed.slug, leaving.slug];
      expect(all.map((slug) => active.includes(slug))).toEqual([true, false, false]);
      expect(all.map((slug) => suspended.includes(slug))).toEqual([false, true, false]);
      expect(all.map((slug) => terminating.includes(slug))).toEqual([false, false, true]);
    });

    it('is narrowed by health', async () => {
      const { id, slug } = await world.createTenant();
      const issuer = await world.trust(id, `https://login.${slug}.example`);
      await world.admin('POST', `/v1/tenants/${id}/issuers`, {
        issuer: 'http://127.0.0.1:1',
        audiences: ['tenantry'],
      });
      await world.admin('POST', `/v1/tenants/${id}/issuers/${issuer}/disable`);

      const health = (await world.admin('GET', `/v1/tenants/${id}`)).json;

      expect(health).toMatchObject({ health: 'pending' });
      expect(await slugs('health=pending')).toEqual([slug]);
      expect(await slugs('health=healthy')).not.toContain(slug);
    });

    it('is narrowed by a label, or by a label’s key', async () => {
      const gold = await named('One', { 'acme.io/tier': 'gold:1', paid: 'yes' });
      const silver = await named('Two', { 'acme.io/tier': 'silver' });

      expect(await slugs('label=acme.io/tier:gold:1')).toEqual([gold]);
      expect(await slugs('label=acme.io/tier')).toEqual([gold, silver]);
      expect(await slugs('label=acme.io/tier:')).toEqual([]);
      expect(await slugs('label=gold')).toEqual([]);
    });

    it('refuses a label filter without a key', async () => {
      expect(await world.admin('GET', '/v1/tenants?label=:gold')).toMatchObject({
        status: 422,
        json: { code: 'request.invalid', errors: [{ pointer: '/label' }] },
      });
    });

    it('is searched in slugs and names, whatever their case', async () => {
      const slug = await named('Wayne Enterprises');

      expect(await slugs('q=WAYNE')).toEqual([slug]);
      expect(await slugs(`q=${slug.toUpperCase()}`)).toContain(slug);
      expect(await slugs('q=wayne%20industries')).toEqual([]);
    });

    it.each(['%', '_', '\\'])('takes %s for itself', async (character) => {
      const slug = await named(`Rate 100${character}x`);

      expect(await slugs(`q=${encodeURIComponent(`100${character}x`)}`)).toEqual([slug]);
    });

    it('combines its filters', async () => {
      const wanted = await named('Stark One', { combined: 'yes' });
      await named('Stark Two');
      await named('Other', { combined: 'yes' });

      expect(await slugs('q=stark&label=combined&status=active')).toEqual([wanted]);
    });

    it.each(['status=gone', 'health=ill', 'q=', 'label=', 'unknown=1'])(
      'refuses ?%s',
      async (query) => {
        expect(await world.admin('GET', `/v1/tenants?${query}`)).toMatchObject({
          status: 422,
          json: { code: 'request.invalid' },
        });
      },
    );
  });
});
