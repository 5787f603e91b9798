import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { problem } from './fixtures/problem.js';
import { type Asked, type Reply, ScriptedServer } from './fixtures/scripted-server.js';
import { createClient, TenantryError, type Timing } from './index.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TENANT = { slug: 'acme', displayName: 'Acme' };
const LATER = problem(503, 'service.database_unavailable', { 'Retry-After': '2' });

const server = new ScriptedServer();
const waits: number[] = [];
let now = Date.parse('2026-01-01T00:00:00Z');
const timing: Timing = {
  now: () => now,
  random: () => 0,
  sleep: (milliseconds) => {
    waits.push(milliseconds);
    now += milliseconds;
    return Promise.resolve();
  },
};

const keysOf = (asked: readonly Asked[]): unknown[] =>
  asked.map(({ headers }) => headers['idempotency-key']);
const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );

beforeAll(() => server.listen());
beforeEach(() => {
  server.asked.length = 0;
  server.answer = () => ({ body: { items: [], nextCursor: null } });
  waits.length = 0;
});
afterAll(() => server.close());

const anonymous = (retries = 3) => createClient({ baseUrl: server.url, timing, retries });
/** Answers with each of these in turn, and with the last one from then on. */
const script = (...replies: Reply[]): void => {
  server.answer = (_, count) => replies[Math.min(count, replies.length) - 1] ?? {};
};

describe('repetition', () => {
  it.each<[string, Reply, number]>([
    ['the seconds', problem(429, 'access.throttled', { 'Retry-After': '3' }), 3_000],
    [
      'the date',
      problem(503, 'issuers.unavailable', { 'Retry-After': 'Thu, 01 Jan 2026 00:00:09 GMT' }),
      9_000,
    ],
  ])('waits until %s that Retry-After names', async (_, refusal, wait) => {
    now = Date.parse('2026-01-01T00:00:00Z');
    script(refusal, { body: { slug: 'acme' } });

    const { data } = await anonymous().GET('/v1/tenants/{tenant}', {
      params: { path: { tenant: 'acme' } },
    });

    expect(data.slug).toBe('acme');
    expect(waits).toEqual([wait]);
  });

  it('backs off further each time, by chance between half and all of it, and gives up', async () => {
    script({ status: 502 });

    const failure = await failureOf(anonymous().GET('/v1/me'));

    expect(failure).toMatchObject({ status: 502 });
    expect(waits).toEqual([100, 200, 400]);
    expect(server.asked).toHaveLength(4);
  });

  it('gives the refusal where the server asks for more time than the caller grants', async () => {
    script(problem(429, 'access.throttled', { 'Retry-After': '31' }));

    const failure = await failureOf(anonymous().GET('/v1/me'));

    expect(failure).toMatchObject({ code: 'access.throttled', retryAfterSeconds: 31 });
    expect(server.asked).toHaveLength(1);
  });

  it('sends a POST again after a broken connection, with the same key and body', async () => {
    script({ hangsUp: true }, LATER, { status: 201, body: TENANT });

    await anonymous().POST('/v1/tenants', { body: TENANT });

    const [key, ...others] = keysOf(server.asked);
    expect(key).toMatch(UUID);
    expect(others).toEqual([key, key]);
    expect(server.asked.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      TENANT,
      TENANT,
      TENANT,
    ]);
  });

  it('gives each POST a key of its own, but for the one that the caller names', async () => {
    const client = anonymous();

    await client.POST('/v1/tenants', { body: TENANT });
    await client.POST('/v1/tenants', { body: TENANT });
    await client.POST('/v1/tenants', {
      body: TENANT,
      params: { header: { 'Idempotency-Key': 'mine' } },
    });

    const [first, second, third] = keysOf(server.asked);
    expect(first).toMatch(UUID);
    expect(second).toMatch(UUID);
    expect(second).not.toBe(first);
    expect(third).toBe('mine');
  });

  it('waits for the first request with the same key, which is still at work', async () => {
    script(problem(409, 'request.idempotency_running', { 'Retry-After': '1' }), { body: TENANT });

    await anonymous().POST('/v1/tenants', { body: TENANT });

    expect(waits).toEqual([1_000]);
  });

  it.each([
    ['an exhausted quota', problem(429, 'quotas.exhausted', { 'Retry-After': '1' })],
    ['a conflict', problem(409, 'tenants.slug_taken')],
    ['a failure', problem(500, 'internal.unexpected')],
  ])('does not repeat after %s', async (_, refusal) => {
    script(refusal);

    await expect(anonymous().POST('/v1/tenants', { body: TENANT })).rejects.toThrow(TenantryError);

    expect(server.asked).toHaveLength(1);
  });

  it('repeats a PATCH only where If-Match keeps it from taking effect twice', async () => {
    script(LATER);
    const path = { tenant: 'acme' };

    await failureOf(anonymous(1).PATCH('/v1/tenants/{tenant}', { params: { path }, body: {} }));
    expect(server.asked).toHaveLength(1);

    const header = { 'If-Match': '"1"' };
    await failureOf(
      anonymous(1).PATCH('/v1/tenants/{tenant}', { params: { path, header }, body: {} }),
    );
    expect(server.asked).toHaveLength(3);
  });

  it('does not repeat a POST that takes no key', async () => {
    script(LATER);

    await failureOf(
      anonymous().POST('/v1/platform/issuers/diagnose', { body: { token: 'a.b.c' } }),
    );

    expect(keysOf(server.asked)).toEqual([undefined]);
  });

  it('sends nothing more once the caller has aborted', async () => {
    const abort = new AbortController();
    const client = createClient({
      baseUrl: server.url,
      timing: {
        sleep: () => {
          abort.abort(new Error('enough'));
          return Promise.resolve();
        },
      },
    });
    script(LATER);

    await expect(client.GET('/v1/me', { signal: abort.signal })).rejects.toThrow('enough');
    await expect(client.GET('/v1/me', { signal: abort.signal })).rejects.toThrow('enough');

    expect(server.asked).toHaveLength(1);
  });

  it('stops waiting when the caller aborts', async () => {
    const abort = new AbortController();
    const client = createClient({ baseUrl: server.url });
    server.answer = () => {
      setImmediate(() => {
        abort.abort(new Error('enough'));
      });
      return problem(503, 'issuers.unavailable', { 'Retry-After': '29' });
    };

    await expect(client.GET('/v1/me', { signal: abort.signal })).rejects.toThrow('enough');
  });
});
