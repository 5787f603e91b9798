import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import { type FilledTenant, MatrixWorld } from './matrix-world.js';
import { type Answer, pointersOf, textOf } from './send.js';

describe('tenants', () => {
  let world: MatrixWorld;

  beforeAll(async () => {
    world = await MatrixWorld.start();
  });
  afterAll(() => world.close());

  const create = (body: object): Promise<Answer> => world.admin('POST', '/v1/tenants', body);

  describe('creating one', () => {
    it('answers with the whole tenant and with its place', async () => {
      const host = `${world.mark()}.example.com`;

      const made = await create({
        slug: 'umbrella',
        displayName: 'Umbrella',
        region: 'eu-central',
        plan: 'team',
        labels: { tier: 'gold' },
        routes: [{ host }, { host, pathPrefix: '/api' }],
      });

      expect(made.status).toBe(201);
      expect(made.headers).toMatchObject({
        location: `/v1/tenants/${textOf(made, 'id')}`,
        etag: '"1"',
      });
      expect(made.json).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        slug: 'umbrella',
        displayName: 'Umbrella',
        status: 'active',
        health: 'healthy',
        region: 'eu-central',
        plan: 'team',
        labels: { tier: 'gold' },
        routes: [
          { host, pathPrefix: '/' },
          { host, pathPrefix: '/api' },
        ],
        suspendedReason: null,
        requiresSecondFactor: false,
        revision: 1,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
    });

    it.each(['a', '0', 'a-b', 'a'.repeat(63), `${newId()}a`])('takes the slug %s', async (slug) => {
      expect(await create({ slug, displayName: 'Name' })).toMatchObject({ status: 201 });
    });

    it.each(['', '-a', 'a-', 'A', 'a_b', 'a.b', 'ä', 'a'.repeat(64), newId(), 7, null])(
      'refuses the slug %j',
      async (slug) => {
        const refused = await create({ slug, displayName: 'Name' });

        expect(refused).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
        expect(pointersOf(refused)).toEqual(['/slug']);
      },
    );

    it('refuses a slug that is taken, and keeps nothing of the attempt', async () => {
      const { slug } = await world.createTenant();
      const host = `${world.mark()}.example.com`;

      const again = await create({ slug, displayName: 'Again', routes: [{ host }] });

      expect(again).toMatchObject({ status: 409, json: { code: 'tenants.slug_taken' } });
      const routes = await world.superuser.query('select from tenant_routes where host = $1', [
        host,
      ]);
      expect(routes).toEqual([]);
    });

    it('refuses a route that is taken, and does not say by whom', async () => {
      const host = `${world.mark()}.example.com`;
      const owner = await world.createTenant({ routes: [{ host, pathPrefix: '/api' }] });
      const slug = world.mark();

      const taken = await create({
        slug,
        displayName: 'Late',
        routes: [{ host, pathPrefix: '/api' }],
      });

      expect(taken).toMatchObject({ status: 409, json: { code: 'tenants.route_taken' } });
      expect(taken.text).not.toContain(owner.slug);
      expect(await world.admin('GET', `/v1/tenants/${slug}`)).toMatchObject({ status: 404 });
    });
  });

  describe('reading one', () => {
    it('finds it by id and by slug alike', async () => {
      const { id, slug } = await world.createTenant();

      const byId = await world.admin('GET', `/v1/tenants/${id}`);
      const bySlug = await world.admin('GET', `/v1/tenants/${slug}`);

      expect(byId).toMatchObject({ status: 200, json: { id, slug }, headers: { etag: '"1"' } });
      expect(bySlug.json).toEqual(byId.json);
    });

    it.each(['nobody', newId()])('finds no tenant %s', async (name) => {
      expect(await world.admin('GET', `/v1/tenants/${name}`)).toMatchObject({
        status: 404,
        json: { code: 'tenants.not_found' },
      });
    });
  });

  describe('changing one', () => {
    it('sets what is named, and leaves the rest', async () => {
      const { id } = await world.createTenant({ region: 'eu-central', labels: { tier: 'gold' } });

      const changed = await world.admin('PATCH', `/v1/tenants/${id}`, {
        displayName: 'Another name',
        plan: 'team',
        labels: { paid: 'yes' },
      });

      expect(changed).toMatchObject({
        status: 200,
        headers: { etag: '"2"' },
        json: {
          displayName: 'Another name',
          region: 'eu-central',
          plan: 'team',
          labels: { paid: 'yes' },
          revision: 2,
        },
      });
    });

    it('takes null for no region and no plan', async () => {
      const { id } = await world.createTenant({ region: 'eu-central', plan: 'team' });

      const changed = await world.admin('PATCH', `/v1/tenants/${id}`, { region: null, plan: null });

      expect(changed).toMatchObject({ status: 200, json: { region: null, plan: null } });
    });

    it('keeps the revision where nothing changes', async () => {
      const { id, slug } = await world.createTenant();

      const changed = await world.admin('PATCH', `/v1/tenants/${id}`, { displayName: slug });

      expect(changed).toMatchObject({ status: 200, json: { revision: 1 } });
    });

    it.each(['slug', 'status', 'health', 'id', 'routes'])(
      'does not change the %s',
      async (field) => {
        const { id } = await world.createTenant();

        const refused = await world.admin('PATCH', `/v1/tenants/${id}`, { [field]: 'active' });

        expect(refused).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
      },
    );

    it('lets a tenant admin change the display name, and nothing else', async () => {
      const acme = await world.fillTenant();
      const patch = (body: object): Promise<Answer> =>
        world.send({ method: 'PATCH', path: `/v1/tenants/${acme.id}`, token: acme.token, body });

      expect(await patch({ displayName: 'Ours' })).toMatchObject({
        status: 200,
        json: { displayName: 'Ours' },
      });
      for (const body of [{ region: 'us' }, { plan: null }, { displayName: 'No', labels: {} }]) {
        expect(await patch(body)).toMatchObject({
          status: 403,
          json: { code: 'access.permission_missing' },
        });
      }
      expect(await world.admin('GET', `/v1/tenants/${acme.id}`)).toMatchObject({
        json: { displayName: 'Ours', region: 'eu-central', plan: 'team', labels: { tier: 'gold' } },
      });
    });
  });

  describe('a platform viewer', () => {
    let token: string;
    let acme: FilledTenant;

    beforeAll(async () => {
      [token, acme] = await Promise.all([
        world.platformToken(['platform-viewer']),
        world.fillTenant(),
      ]);
    });

    it.each(['', '/issuers', '/members', '/audit/events'])('reads …/{tenant}%s', async (part) => {
      const path = `/v1/tenants/${acme.id}${part}`;

      expect(await world.send({ method: 'GET', path, token })).toMatchObject({ status: 200 });
    });

    it.each([
      ['POST', '/v1/tenants', { slug: 'by-a-viewer', displayName: 'No' }],
      ['PATCH', '/v1/tenants/{tenant}', { displayName: 'No' }],
      ['POST', '/v1/tenants/{tenant}/suspend', { reason: 'No' }],
      ['POST', '/v1/tenants/{tenant}/resume', {}],
      ['DELETE', '/v1/tenants/{tenant}', undefined],
    ])('is refused %s %s', async (method, path, body) => {
      const answer = await world.send({
        method,
        path: path.replace('{tenant}', acme.id),
        token,
        ...(body ? { body } : {}),
      });

      expect(answer).toMatchObject({ status: 403, json: { code: 'access.permission_missing' } });
    });
  });
});
