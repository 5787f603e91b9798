import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { problem } from './fixtures/problem.js';
import { type Reply, ScriptedServer } from './fixtures/scripted-server.js';
import { createClient, TenantryError } from './index.js';

const TENANT = { slug: 'acme', displayName: 'Acme' };

const server = new ScriptedServer();
const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );

beforeAll(() => server.listen());
beforeEach(() => {
  server.asked.length = 0;
  server.answer = () => ({ body: { items: [], nextCursor: null } });
});
afterAll(() => server.close());

const anonymous = () => createClient({ baseUrl: server.url, retries: 0 });
/** Answers with each of these in turn, and with the last one from then on. */
const script = (...replies: Reply[]): void => {
  server.answer = (_, count) => replies[Math.min(count, replies.length) - 1] ?? {};
};

describe('createClient', () => {
  it('sends paths, queries and bodies as the document says', async () => {
    const client = createClient({ baseUrl: `${server.url}/under/`, apiKey: 'tnt_key' });
    script({ body: { slug: 'acme' }, headers: { ETag: '"7"' } });

    const { data, response } = await client.PATCH('/v1/tenants/{tenant}', {
      params: { path: { tenant: 'a/b' }, header: { 'If-Match': '"6"' } },
      body: { displayName: 'Acme' },
    });

    expect(data.slug).toBe('acme');
    expect(response.headers.get('ETag')).toBe('"7"');
    expect(server.asked[0]).toMatchObject({
      method: 'PATCH',
      url: '/under/v1/tenants/a%2Fb',
      body: '{"displayName":"Acme"}',
      headers: { authorization: 'Bearer tnt_key', 'if-match': '"6"' },
    });
  });

  it.each([
    [
      'a token that is fetched',
      { accessToken: () => Promise.resolve('fetched') },
      'Bearer fetched',
    ],
    ['a token that is held', { accessToken: 'held' }, 'Bearer held'],
    ['nobody', {}, undefined],
  ])('calls as %s', async (_, identity, sent) => {
    await createClient({ baseUrl: server.url, ...identity }).GET('/v1/tenants');

    expect(server.asked[0]?.headers.authorization).toBe(sent);
  });

  it('sends no token to a route that takes none, nor where the caller brings another', async () => {
    const client = createClient({ baseUrl: server.url, apiKey: 'tnt_key' });

    await client.GET('/healthz');
    await client.GET('/v1/me', { headers: { Authorization: 'Bearer other' } });

    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer other',
    ]);
  });

  it('refuses two identities, and a URL that holds credentials', () => {
    const both: object = { accessToken: 'a', apiKey: 'b' };

    expect(() => createClient({ baseUrl: server.url, ...both })).toThrow('one identity only');
    expect(() => createClient({ baseUrl: 'https://ann:s3cret@example.com' })).toThrow(
      /^baseUrl must not hold credentials\.$/,
    );
  });

  it('follows no redirect, so that what is sent reaches nobody else', async () => {
    script({ status: 308, headers: { Location: '/elsewhere' } });

    const failure = await failureOf(anonymous().POST('/v1/tenants', { body: TENANT }));

    expect(failure).toBeInstanceOf(TypeError);
    expect(server.asked).toHaveLength(1);
  });

  it('names no secret in the error about one that no header can hold', async () => {
    const client = createClient({ baseUrl: server.url, apiKey: 'tnt_s3cret\n' });

    const failure = await failureOf(client.GET('/v1/me'));

    expect(String(failure)).toBe('TypeError: The access token holds what no header can.');
  });
});

describe('TenantryError', () => {
  it('tells what the server said', async () => {
    script({
      ...problem(422, 'request.invalid', { 'Retry-After': '7' }),
      body: {
        status: 422,
        code: 'request.invalid',
        detail: 'Some of it is wrong.',
        requestId: 'request-9',
        errors: [{ pointer: '/slug', message: 'must be a string' }, 'not an error'],
      },
    });

    const failure = await failureOf(anonymous().POST('/v1/tenants', { body: TENANT }));

    expect(failure).toBeInstanceOf(TenantryError);
    expect(failure).toMatchObject({
      name: 'TenantryError',
      message: 'request.invalid (422): Some of it is wrong.',
      status: 422,
      code: 'request.invalid',
      detail: 'Some of it is wrong.',
      requestId: 'request-9',
      errors: [{ pointer: '/slug', message: 'must be a string' }],
      retryAfterSeconds: 7,
    });
    expect(failure instanceof TenantryError && failure.is('request.invalid')).toBe(true);
    expect(failure instanceof TenantryError && failure.is('tenants.slug_taken')).toBe(false);
  });

  it('tells an error of RFC 6749 in the same way', async () => {
    script({
      status: 400,
      headers: { 'X-Request-Id': 'request-2' },
      body: { error: 'unsupported_grant_type', error_description: 'Not this one.' },
    });

    const failure = await failureOf(
      anonymous().POST('/oauth/token', {
        body: { grant_type: 'password' },
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      }),
    );

    expect(failure).toMatchObject({
      status: 400,
      code: 'unsupported_grant_type',
      detail: 'Not this one.',
      requestId: 'request-2',
      errors: [],
      retryAfterSeconds: null,
    });
    expect(server.asked[0]).toMatchObject({ body: 'grant_type=password' });
    expect(server.asked[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  it.each<[string, Reply]>([
    ['a page of some proxy', { status: 500, body: '<h1>s3cret</h1>' }],
    ['a body that is cut short', { status: 200, body: 's3cret, and' }],
  ])('repeats nothing of %s', async (_, reply) => {
    script(reply);

    const failure = await failureOf(anonymous().GET('/v1/me'));

    expect(failure).toMatchObject({ status: reply.status, code: 'answer.unreadable' });
    expect(String(failure)).not.toContain('s3cret');
  });
});

describe('list', () => {
  const pages = (): void => {
    server.answer = ({ url }) => {
      const cursor = new URL(url, server.url).searchParams.get('cursor');
      const page = cursor === null ? 1 : Number(cursor);
      const items = [{ slug: `a${page}` }, { slug: `b${page}` }];
      return { body: { items, nextCursor: page < 3 ? `${page + 1}` : null } };
    };
  };

  it('goes through every page, with the same filters', async () => {
    pages();
    const slugs: string[] = [];

    for await (const { slug } of anonymous().list('/v1/tenants', { query: { limit: 2 } })) {
      slugs.push(slug);
    }

    expect(slugs).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
    expect(server.asked.map(({ url }) => url)).toEqual([
      '/v1/tenants?limit=2',
      '/v1/tenants?limit=2&cursor=2',
      '/v1/tenants?limit=2&cursor=3',
    ]);
  });

  it('fetches nothing beyond the item at which the caller stops', async () => {
    pages();
    const path = { tenant: 'acme' };

    for await (const member of anonymous().list('/v1/tenants/{tenant}/members', { path })) {
      expect(member).toMatchObject({ slug: 'a1' });
      break;
    }

    expect(server.asked.map(({ url }) => url)).toEqual(['/v1/tenants/acme/members']);
  });

  it('throws the refusal of any page', async () => {
    script({ body: { items: [], nextCursor: '2' } }, problem(403, 'access.permission_missing'));

    const items = anonymous().list('/v1/tenants');

    await expect(items.next()).rejects.toMatchObject({ code: 'access.permission_missing' });
  });
});
