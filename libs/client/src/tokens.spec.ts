import { inspect } from 'node:util';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { problem } from './fixtures/problem.js';
import { type Reply, ScriptedServer } from './fixtures/scripted-server.js';
import { createClient, type SessionTokens, type TenantryClient } from './index.js';

const ME = { actor: { kind: 'service' } };
const REFUSED = problem(401, 'access.token_invalid');

const server = new ScriptedServer();
let now = 0;
let valid = '';
let grant: (count: number) => Reply | Promise<Reply>;

const timing = { now: () => now, random: () => 0, sleep: () => Promise.resolve() };
const grants = () => server.askedFor('/oauth/token');
const formsOf = () => grants().map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
const tokensSent = () => server.askedFor('/v1/me').map(({ headers }) => headers.authorization);
const twenty = (client: TenantryClient) =>
  Promise.all(Array.from({ length: 20 }, () => client.GET('/v1/me')));

beforeAll(() => server.listen());
beforeEach(() => {
  server.asked.length = 0;
  now = 1_000_000;
  valid = 'access-1';
  grant = (count) => {
    valid = `access-${count}`;
    return {
      body: {
        access_token: valid,
        refresh_token: `refresh-${count}`,
        token_type: 'Bearer',
        expires_in: 600,
      },
    };
  };
  server.answer = ({ url, headers }) => {
    if (url === '/oauth/token') return grant(grants().length);
    return headers.authorization === `Bearer ${valid}` ? { body: ME } : REFUSED;
  };
});
afterAll(() => server.close());

describe('client_credentials', () => {
  const machine = () =>
    createClient({
      baseUrl: server.url,
      credentials: { clientId: 'robot', clientSecret: 's3cret+/' },
      timing,
    });

  it('fetches one token for twenty calls at once', async () => {
    await twenty(machine());

    expect(formsOf()).toEqual([
      { grant_type: 'client_credentials', client_id: 'robot', client_secret: 's3cret+/' },
    ]);
    expect(grants()[0]?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(grants()[0]?.headers).not.toHaveProperty('idempotency-key');
    expect(new Set(tokensSent())).toEqual(new Set(['Bearer access-1']));
  });

  it('keeps the token until half a minute before it ends', async () => {
    const client = machine();
    await client.GET('/v1/me');

    now += 569_999;
    await client.GET('/v1/me');
    expect(grants()).toHaveLength(1);

    now += 1;
    await client.GET('/v1/me');
    expect(grants()).toHaveLength(2);
  });

  it('fetches one other token when twenty calls are refused', async () => {
    const client = machine();
    await client.GET('/v1/me');
    valid = 'revoked';

    await twenty(client);

    expect(grants()).toHaveLength(2);
    expect(server.askedFor('/v1/me')).toHaveLength(1 + 20 + 20);
  });

  it('asks no third time with tokens that are refused', async () => {
    grant = () => ({ body: { access_token: 'bad', token_type: 'Bearer', expires_in: 600 } });

    await expect(machine().GET('/v1/me')).rejects.toMatchObject({ code: 'access.token_invalid' });

    expect(tokensSent()).toEqual(['Bearer bad', 'Bearer bad']);
  });

  it('does not take every 401 for a bad token', async () => {
    server.answer = ({ url }) =>
      url === '/oauth/token' ? grant(1) : problem(401, 'signin.password_wrong');

    await expect(machine().GET('/v1/me')).rejects.toMatchObject({ code: 'signin.password_wrong' });

    expect(grants()).toHaveLength(1);
  });

  it('asks again for a token while the server is busy', async () => {
    const first = grant;
    grant = (count) => (count < 3 ? { status: 503, body: {} } : first(count));

    await machine().GET('/v1/me');

    expect(grants()).toHaveLength(3);
  });

  it('tells why there is no token, and keeps the secret to itself', async () => {
    grant = () => ({
      status: 401,
      body: { error: 'invalid_client', error_description: 'The client is unknown.' },
    });
    const client = machine();

    const failure = await client.GET('/v1/me').catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'invalid_client', detail: 'The client is unknown.' });
    expect(inspect(failure, { depth: 9 })).not.toContain('s3cret');
    expect(inspect(client, { depth: 9, showHidden: true })).not.toContain('s3cret');
    expect(server.askedFor('/v1/me')).toEqual([]);
  });

  it('does not take a page of some proxy for a token', async () => {
    grant = () => ({ status: 200, body: '<html>' });

    await expect(machine().GET('/v1/me')).rejects.toMatchObject({ code: 'answer.unreadable' });
  });

  it('lets one caller go without keeping the token from the others', async () => {
    const abort = new AbortController();
    const granted = grant;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const isAsked = new Promise<void>((resolve) => {
      grant = async (count) => {
        resolve();
        await released;
        return granted(count);
      };
    });
    const client = machine();
    const gone = client.GET('/v1/me', { signal: abort.signal });
    const stays = client.GET('/v1/me');

    await isAsked;
    abort.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    release();

    await expect(stays).resolves.toMatchObject({ data: ME });
    expect(grants()).toHaveLength(1);
  });
});

describe('a session', () => {
  const kept: SessionTokens[] = [];
  const person = (tokens: Partial<SessionTokens> = {}) =>
    createClient({
      baseUrl: server.url,
      sessionTokens: { accessToken: 'access-0', refreshToken: 'refresh-0', ...tokens },
      onTokens: (renewed) => {
        kept.push(renewed);
      },
      timing,
    });
  beforeEach(() => {
    kept.length = 0;
  });

  it('spends each refresh token once, however many calls are refused', async () => {
    const client = person();

    await twenty(client);
    valid = 'revoked';
    await twenty(client);

    expect(formsOf()).toEqual([
      { grant_type: 'refresh_token', refresh_token: 'refresh-0' },
      { grant_type: 'refresh_token', refresh_token: 'refresh-1' },
    ]);
  });

  it('hands over the renewed tokens before it uses them', async () => {
    const sentBefore: unknown[] = [];
    const client = createClient({
      baseUrl: server.url,
      sessionTokens: { accessToken: 'access-0', refreshToken: 'refresh-0', expiresIn: 0 },
      onTokens: async (tokens) => {
        kept.push(tokens);
        await Promise.resolve();
        sentBefore.push(...tokensSent());
      },
      timing,
    });

    await client.GET('/v1/me');

    expect(kept).toEqual([
      { accessToken: 'access-1', refreshToken: 'refresh-1', expiresAt: 1_600_000 },
    ]);
    expect(sentBefore).toEqual([]);
    expect(tokensSent()).toEqual(['Bearer access-1']);
  });

  it.each([
    ['by its length', { expiresIn: 100 }],
    ['by its end', { expiresAt: 1_100_000, expiresIn: 5 }],
  ])('is renewed shortly before its token ends, told %s', async (_, end) => {
    valid = 'access-0';
    const client = person(end);

    now = 1_089_999;
    await client.GET('/v1/me');
    expect(grants()).toHaveLength(0);

    now = 1_090_000;
    await client.GET('/v1/me');
    expect(grants()).toHaveLength(1);
  });

  it('sends a refresh token no second time by itself when no answer came', async () => {
    grant = () => ({ hangsUp: true });

    await expect(person().GET('/v1/me')).rejects.toThrow(TypeError);

    expect(grants()).toHaveLength(1);
  });

  it('is over when its refresh token is refused', async () => {
    grant = () => ({ status: 400, body: { error: 'invalid_grant', error_description: 'Spent.' } });
    const client = person();

    await expect(client.GET('/v1/me')).rejects.toMatchObject({ code: 'invalid_grant' });
    await expect(client.GET('/v1/me')).rejects.toMatchObject({ code: 'invalid_grant' });

    expect(grants()).toHaveLength(1);
    expect(kept).toEqual([]);
  });
});
