import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { IdentityProvider } from '@tenantry/testing';
import { eventually } from './eventually.js';
import { type Answer, send } from './send.js';
import { type Api, startApi } from './start-api.js';

/** More than a slow machine can spread over so many seconds that none of them sees too many. */
const FLOOD = 60;
const SECRET_GUESSES_MAX = 60;
const LIMIT_MS = 60_000;

/** Sends so many requests at once, and gives the answers. */
async function flood(times: number, ask: (n: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: times }, (_, n) => ask(n)));
}

function me({ url }: Api, token: string): Promise<Answer> {
  return send(url, { method: 'GET', path: '/v1/me', token });
}

/** Tries a wrong client secret, and says on whose behalf. */
function guess({ url }: Api, forwardedFor?: string): Promise<Answer> {
  return send(url, {
    method: 'POST',
    path: '/oauth/token',
    headers: {
      authorization: `Basic ${Buffer.from('test-admin:a-guess').toString('base64')}`,
      ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
    },
    raw: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
}

async function trust(api: Api, tenant: string, idp: IdentityProvider): Promise<void> {
  const asAdmin = { method: 'POST', token: api.adminToken };
  await send(api.url, {
    ...asAdmin,
    path: '/v1/tenants',
    body: { slug: tenant, displayName: tenant },
  });
  await send(api.url, {
    ...asAdmin,
    path: `/v1/tenants/${tenant}/issuers?wait=first-validation`,
    body: { issuer: idp.issuer, audiences: ['tenantry'], admission: 'anyone', roles: ['viewer'] },
  });
}

describe('the limit of one actor', () => {
  let api: Api;
  let idp: IdentityProvider;
  let ada: string;
  let bob: string;

  beforeAll(async () => {
    [api, idp] = await Promise.all([
      startApi({ settings: { THROTTLE_ACTOR_PER_SECOND: '2' } }),
      IdentityProvider.start(),
    ]);
    await trust(api, 'acme', idp);
    [ada, bob] = await Promise.all([idp.token({ subject: 'ada' }), idp.token({ subject: 'bob' })]);
  }, LIMIT_MS);
  afterAll(async () => {
    await Promise.all([api.close(), idp.close()]);
  });

  it('refuses what is too much, and says when to come back', async () => {
    const answers = await flood(FLOOD, () => me(api, ada));

    const refused = answers.filter(({ status }) => status === 429);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect(refused[0]).toMatchObject({
      headers: {
        'content-type': expect.stringContaining('application/problem+json'),
        'retry-after': '1',
        ratelimit: '"actor";r=0;t=1',
        'ratelimit-policy': '"actor";q=2;w=1',
      },
      json: { status: 429, code: 'access.throttled', detail: 'Too many requests. Slow down.' },
    });
  });

  it('is one budget over all tokens and all routes of the actor', async () => {
    let actors = 0;
    const thirdRequest = async (): Promise<number> => {
      const subject = `carol-${actors++}`;
      const [one, other] = await Promise.all([idp.token({ subject }), idp.token({ subject })]);
      await me(api, one);
      await me(api, one);
      const path = '/v1/tenants/acme';
      return (await send(api.url, { method: 'GET', path, token: other })).status;
    };

    // Another actor in another second, should a machine be so slow that three requests take one.
    await expect(eventually(thirdRequest, (status) => status === 429)).resolves.toBe(429);
  });

  it('is nobody else’s: another actor is served while one floods', async () => {
    const [flooded, other] = await Promise.all([flood(FLOOD, () => me(api, ada)), me(api, bob)]);

    expect(flooded.some(({ status }) => status === 429)).toBe(true);
    expect(other.status).toBe(200);
  });
});

describe('the limit of one tenant', () => {
  let api: Api;
  let acmeIdp: IdentityProvider;
  let globexIdp: IdentityProvider;

  beforeAll(async () => {
    [api, acmeIdp, globexIdp] = await Promise.all([
      startApi({ settings: { THROTTLE_TENANT_PER_SECOND: '2' } }),
      IdentityProvider.start(),
      IdentityProvider.start(),
    ]);
    await trust(api, 'acme', acmeIdp);
    await trust(api, 'globex', globexIdp);
  }, LIMIT_MS);
  afterAll(async () => {
    await Promise.all([api.close(), acmeIdp.close(), globexIdp.close()]);
  });

  it('is shared by its actors, and by no other tenant', async () => {
    const [ada, bob, stranger] = await Promise.all([
      acmeIdp.token({ subject: 'ada' }),
      acmeIdp.token({ subject: 'bob' }),
      globexIdp.token({ subject: 'ada' }),
    ]);

    const [flooded, foreign] = await Promise.all([
      flood(FLOOD, (n) => me(api, n % 2 === 0 ? ada : bob)),
      me(api, stranger),
    ]);

    expect(flooded.find(({ status }) => status === 429)).toMatchObject({
      headers: { ratelimit: '"tenant";r=0;t=1', 'ratelimit-policy': '"tenant";q=2;w=1' },
      json: { code: 'access.throttled' },
    });
    expect(foreign.status).toBe(200);
  });
});

describe('the limit of one address', () => {
  it(
    'is not stretched by a header that anybody can write',
    async () => {
      const api = await startApi();

      const guesses = await flood(SECRET_GUESSES_MAX, (n) => guess(api, `198.51.100.${n}`));
      const late = await guess(api, '203.0.113.99');
      const known = await me(api, api.adminToken);
      await api.close();

      expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
      expect(late).toMatchObject({
        status: 429,
        headers: { 'retry-after': expect.stringMatching(/^([1-5]?\d|60)$/) },
        json: { error: 'temporarily_unavailable' },
      });
      expect(known.status).toBe(200);
    },
    LIMIT_MS,
  );

  it(
    'is that of the caller whom a trusted proxy names',
    async () => {
      const api = await startApi({ settings: { TRUSTED_PROXIES: '127.0.0.1' } });

      await flood(SECRET_GUESSES_MAX, () => guess(api, '198.51.100.7'));
      const guesser = await guess(api, '198.51.100.7');
      const pretender = await guess(api, '203.0.113.99, 198.51.100.7');
      const neighbour = await guess(api, '198.51.100.8');
      await api.close();

      expect(guesser.status).toBe(429);
      expect(pretender.status).toBe(429);
      expect(neighbour.status).toBe(401);
    },
    LIMIT_MS,
  );
});
