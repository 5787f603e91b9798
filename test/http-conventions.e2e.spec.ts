import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { MatrixWorld } from './matrix-world.js';
import { type Answer, itemsOf, pointersOf, type Request, textOf } from './send.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UNSUPPORTED = 'request.media_type_unsupported';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('HTTP conventions', () => {
  let world: MatrixWorld;

  beforeAll(async () => {
    world = await MatrixWorld.start();
  });
  afterAll(() => world.close());

  const get = (path: string, headers: Request['headers'] = {}): Promise<Answer> =>
    world.send({ method: 'GET', path, token: world.api.adminToken, headers });
  const post = (given: Partial<Request>): Promise<Answer> =>
    world.send({ method: 'POST', path: '/v1/tenants', token: world.api.adminToken, ...given });

  describe('a problem', () => {
    it('has the form of RFC 9457, and names the request', async () => {
      const headers = { 'x-request-id': 'request-4711' };

      const answer = await get('/v1/nowhere', headers);

      expect(answer).toMatchObject({
        status: 404,
        headers: {
          'content-type': 'application/problem+json; charset=utf-8',
          'cache-control': 'no-store',
          'x-request-id': 'request-4711',
        },
      });
      expect(answer.json).toEqual({
        type: 'urn:tenantry:problem:request.route_not_found',
        title: 'Not Found',
        status: 404,
        code: 'request.route_not_found',
        detail: 'No route answers this method and path.',
        requestId: 'request-4711',
      });
    });

    it('points at every field that is wrong, unknown ones among them', async () => {
      const refused = await post({ body: { slug: 'A', displayName: '', colour: 'red' } });

      expect(refused).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
      expect(pointersOf(refused).toSorted()).toEqual(['/colour', '/displayName', '/slug']);
    });

    it('points into lists', async () => {
      const routes = [{ host: 'ok.example' }, { host: 'NOT OK' }];

      const refused = await post({ body: { slug: world.mark(), displayName: 'x', routes } });

      expect(refused.status).toBe(422);
      expect(pointersOf(refused)).toEqual(['/routes/1/host']);
    });

    it.each<[number, string, string, Partial<Request>]>([
      [400, 'request.malformed', 'JSON that is cut off', { raw: '{"slug":', headers: JSON_TYPE }],
      [
        422,
        'request.invalid',
        'an empty body where one is needed',
        { raw: '', headers: JSON_TYPE },
      ],
      [400, 'request.malformed', 'a bad escape in the path', { method: 'GET', path: '/v1/%ZZ' }],
      [404, 'request.route_not_found', 'a method that no route has', { method: 'PUT' }],
      [
        413,
        'request.body_too_large',
        'a body over 1 MiB',
        { raw: JSON.stringify({ slug: 'x'.repeat(1_048_576) }), headers: JSON_TYPE },
      ],
      [415, UNSUPPORTED, 'XML', { raw: '<slug/>', headers: { 'content-type': 'text/xml' } }],
      [415, UNSUPPORTED, 'plain text', { raw: '{}', headers: { 'content-type': 'text/plain' } }],
      [415, UNSUPPORTED, 'a form', { raw: new URLSearchParams('slug=form&displayName=x') }],
      [422, 'request.invalid', 'a body that is a list', { body: [] }],
      [422, 'request.invalid', 'no body', {}],
    ])('is %d %s for %s', async (status, code, _, given) => {
      const answer = await post(given);

      expect(answer).toMatchObject({
        status,
        headers: { 'content-type': 'application/problem+json; charset=utf-8' },
        json: { status, code, requestId: answer.headers['x-request-id'] },
      });
    });
  });

  describe('a request id', () => {
    it('is the caller’s where that is well formed', async () => {
      const id = 'a.well-formed_ID-8';

      expect((await get('/healthz', { 'x-request-id': id })).headers['x-request-id']).toBe(id);
    });

    it.each(['short', 'with blanks in it', 'x'.repeat(129), 'semi;colon;semi'])(
      'is made where the caller’s is %j',
      async (id) => {
        const { headers } = await get('/healthz', { 'x-request-id': id });

        expect(headers['x-request-id']).toMatch(UUID);
      },
    );
  });

  describe('every answer', () => {
    it.each(['/healthz', '/v1/me', '/v1/nowhere'])('to %s is hardened', async (path) => {
      const { headers } = await get(path, { origin: 'https://evil.example' });

      expect(headers).toMatchObject({
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'strict-transport-security': expect.stringMatching(/^max-age=\d+/),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(Object.keys(headers)).not.toContain('x-powered-by');
      expect(Object.keys(headers)).not.toContain('server');
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    });

    it('grants no other origin a preflight', async () => {
      const { status, headers } = await world.send({
        method: 'OPTIONS',
        path: '/v1/tenants',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      });

      expect(status).toBe(404);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    });
  });

  describe('an entity tag', () => {
    const rename = (id: string, tag?: string): Promise<Answer> =>
      world.send({
        method: 'PATCH',
        path: `/v1/tenants/${id}`,
        token: world.api.adminToken,
        headers: tag === undefined ? {} : { 'if-match': tag },
        body: { displayName: world.mark() },
      });

    it('lets a change through that was made upon the present revision', async () => {
      const { id } = await world.createTenant();
      const { headers } = await get(`/v1/tenants/${id}`);

      const changed = await rename(id, headers['etag']);

      expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    });

    it.each(['"1"', '"3"', 'W/"2"', '"other"'])('%s of another revision is stale', async (tag) => {
      const { id } = await world.createTenant();
      await rename(id);

      const refused = await rename(id, tag);

      expect(refused).toMatchObject({ status: 412, json: { code: 'request.revision_stale' } });
      expect(await get(`/v1/tenants/${id}`)).toMatchObject({ headers: { etag: '"2"' } });
    });

    it('that is none is refused', async () => {
      const { id } = await world.createTenant();

      expect(await rename(id, '1')).toMatchObject({
        status: 400,
        json: { code: 'request.if_match_malformed' },
      });
    });

    it('lets one of two changes upon the same revision through', async () => {
      const { id } = await world.createTenant();

      const answers = await Promise.all([rename(id, '"1"'), rename(id, '"1"')]);

      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    });
  });

  describe('a list', () => {
    const PAGE = '/v1/tenants?label=paged';
    let slugs: string[];

    beforeAll(async () => {
      const labels = { paged: 'yes' };
      slugs = [];
      for (let n = 0; n < 5; n++) slugs.push((await world.createTenant({ labels })).slug);
    });

    const cursorOf = async (path: string): Promise<string> => textOf(await get(path), 'nextCursor');

    it('gives every item once, page by page, whatever comes in between', async () => {
      const seen: unknown[] = [];
      let cursor: string | null = '';
      const sizes: number[] = [];
      while (cursor !== null) {
        const page: Answer = await get(`${PAGE}&limit=2${cursor && `&cursor=${cursor}`}`);
        seen.push(...itemsOf(page).map(({ slug }) => slug));
        sizes.push(itemsOf(page).length);
        cursor = (page.json as { readonly nextCursor: string | null }).nextCursor;
        await world.createTenant();
      }

      expect(seen).toEqual(slugs);
      expect(sizes).toEqual([2, 2, 1]);
    });

    it('ends without a cursor where the last page is full', async () => {
      expect(await get(`${PAGE}&limit=5`)).toMatchObject({ json: { nextCursor: null } });
    });

    it('answers the same cursor alike', async () => {
      const cursor = await cursorOf(`${PAGE}&limit=2`);

      const [one, other] = await Promise.all([
        get(`${PAGE}&limit=2&cursor=${cursor}`),
        get(`${PAGE}&limit=2&cursor=${cursor}`),
      ]);

      expect(itemsOf(one).map(({ slug }) => slug)).toEqual(slugs.slice(2, 4));
      expect(other.json).toEqual(one.json);
    });

    it('takes no cursor of another list, of other filters, or of its reader’s own making', async () => {
      const cursor = await cursorOf(`${PAGE}&limit=2`);
      const flipped = cursor.startsWith('A') ? `B${cursor.slice(1)}` : `A${cursor.slice(1)}`;
      const { id } = await world.createTenant();

      const answers = await Promise.all([
        get(`${PAGE}&cursor=${flipped}`),
        get(`${PAGE}&cursor=${cursor}x`),
        get(`${PAGE}&cursor=${cursor.slice(0, -1)}`),
        get(`${PAGE}&status=active&cursor=${cursor}`),
        get(`/v1/tenants?cursor=${cursor}`),
        get(`/v1/tenants/${id}/issuers?cursor=${cursor}`),
        get(`/v1/tenants/${id}/members?cursor=${cursor}`),
        get(`/v1/platform/audit/events?cursor=${cursor}`),
      ]);

      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 422, json: { code: 'request.cursor_invalid' } });
      }
    });

    it.each(['0', '201', '-1', '1.5', 'ten', ''])('has no limit of %j', async (limit) => {
      const refused = await get(`${PAGE}&limit=${limit}`);

      expect(refused).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
      expect(pointersOf(refused)).toEqual(['/limit']);
    });
  });

  describe('the service', () => {
    it('says that it lives, and that it can serve', async () => {
      const [live, ready] = await Promise.all([get('/healthz'), get('/readyz')]);

      expect(live).toMatchObject({ status: 200, json: { status: 'up' } });
      expect(ready).toMatchObject({ status: 200 });
      expect(ready.json).toEqual({
        status: 'up',
        checks: { database: 'up', migrations: 'up', feed: 'up', vault: 'up' },
      });
    });

    it('describes itself by the document of the repository, at its own address', async () => {
      const kept = JSON.parse(await readFile('openapi.json', 'utf8')) as object;

      const { status, json } = await get('/openapi.json');

      expect(status).toBe(200);
      expect(json).toEqual({ ...kept, servers: [{ url: 'http://tenantry.test' }] });
    });
  });
});
