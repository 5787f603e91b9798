import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type IdentityProvider, SIGN_IN_CLIENT } from '@tenantry/testing';
import { Browser, type Page } from './browser.js';
import { type Answer, itemsOf, send, textOf } from './send.js';
import { SteppedClock } from './stepped-clock.js';
import { answeredWith, type Trusting, World } from './world.js';

/** Where the API believes itself to be. */
const HOME = 'http://tenantry.test';
const CALLBACK = `${HOME}/v1/signin/oidc/callback/`;
const ADA = { subject: 'ada', claims: { email: 'ada@acme.example', groups: ['staff'] } };

describe('signing in at a tenant’s own provider', () => {
  const clock = new SteppedClock();
  let world: World;
  let idp: IdentityProvider;
  let acme: Trusting;

  beforeAll(async () => {
    world = await World.start({ clock });
    idp = await world.idp();
    acme = await signInAt(idp);
  });
  afterAll(() => world.close());

  /** A new tenant that people sign in to at this provider. */
  async function signInAt(provider: IdentityProvider, given: object = {}): Promise<Trusting> {
    const trusting = await world.trusting(provider, given);
    provider.sendBackTo(CALLBACK + trusting.issuer.id);
    answeredWith(200, await setClient(trusting, SIGN_IN_CLIENT.secret));
    return trusting;
  }

  function setClient({ path }: Trusting, clientSecret: string): Promise<Answer> {
    return send(world.api.url, {
      method: 'PUT',
      path: `${path}/sign-in`,
      token: world.admin.token,
      headers: { 'if-match': '*' },
      body: { clientId: SIGN_IN_CLIENT.id, clientSecret },
    });
  }

  const browser = (): Browser => new Browser({ [HOME]: world.api.url });

  const startOf = (
    { tenant, issuer }: Pick<Trusting, 'tenant' | 'issuer'>,
    returnTo?: string,
  ): string => {
    const query = new URLSearchParams({ tenant: tenant.slug, issuer: issuer.id });
    if (returnTo !== undefined) query.set('returnTo', returnTo);
    return `${HOME}/v1/signin/oidc/start?${query.toString()}`;
  };

  /** Goes as far as the provider's answer, without taking it home. */
  const answered = async (by: Browser, of = acme, at = idp): Promise<string> => {
    at.atTheBrowser(ADA);
    const { location } = await by.follow(startOf(of), CALLBACK);
    if (location === null) throw new Error('The provider did not send the browser back.');
    return location;
  };

  const me = async (by: Browser): Promise<Answer> =>
    send(world.api.url, { method: 'GET', path: '/v1/me', headers: { cookie: by.cookies(HOME) } });

  const codeOf = ({ status, text }: Page): string => {
    const { code } = JSON.parse(text) as { readonly code: string };
    return `${status} ${code}`;
  };

  const hasSession = (by: Browser): boolean =>
    by.cookies(HOME).includes('__Host-tenantry-session=');

  it('brings somebody there and back, into a session of that tenant', async () => {
    const ada = browser();
    idp.atTheBrowser(ADA);

    const begun = await ada.open(startOf(acme, '/docs?a="b"'));
    const arrived = await ada.follow(begun.location ?? '');

    expect(begun.status).toBe(302);
    expect(begun.headers.get('cache-control')).toBe('no-store');
    expect(begun.headers.get('set-cookie')).toMatch(
      /^__Host-tenantry-signin=[\w-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const asked = new URL(begun.location ?? '');
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      redirect_uri: CALLBACK + acme.issuer.id,
      client_id: SIGN_IN_CLIENT.id,
      response_type: 'code',
      scope: 'openid email profile',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(arrived.status).toBe(200);
    expect(arrived.headers.getSetCookie()).toEqual([
      '__Host-tenantry-signin=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
      expect.stringMatching(
        /^__Host-tenantry-session=tns_\w+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
    expect(arrived.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(arrived.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(arrived.text).toContain(
      `<meta http-equiv="refresh" content="0;url=${HOME}/docs?a=%22b%22">`,
    );
    expect(await me(ada)).toMatchObject({
      status: 200,
      json: {
        actor: { kind: 'external', email: 'ada@acme.example' },
        tenant: { id: acme.tenant.id },
        roles: ['viewer'],
      },
    });
    const trail = await world.admin.get(`/v1/tenants/${acme.tenant.id}/audit/events?limit=200`);
    expect(itemsOf(trail)).toContainEqual(expect.objectContaining({ deed: 'session.started' }));
  });

  it('lets the browser write with a token that it reads of itself, and sign out', async () => {
    const ada = browser();
    idp.atTheBrowser(ADA);
    await ada.follow(startOf(acme));
    const cookie = ada.cookies(HOME);

    const answer = await me(ada);

    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(await world.admin.get('/v1/me')).not.toHaveProperty('json.csrfToken');
    const logout = (headers: Readonly<Record<string, string>>): Promise<Answer> =>
      send(world.api.url, { method: 'POST', path: '/v1/logout', headers: { cookie, ...headers } });
    expect(await logout({})).toMatchObject({ status: 403, json: { code: 'access.csrf' } });
    expect(await logout({ 'x-csrf-token': textOf(answer, 'csrfToken') })).toMatchObject({
      status: 204,
    });
    expect((await me(ada)).status).toBe(401);
  });

  it('ends what the browser was signed in with, whether or not that comes back with it', async () => {
    const sessions: Browser[] = [];
    const ada = browser();
    const kept = (): void => {
      const before = browser();
      before.setCookies(HOME, ada.cookies(HOME));
      sessions.push(before);
    };
    expect((await ada.open(await answered(ada))).status).toBe(200);
    kept();

    // As browsers do: the session's cookie is `Strict`, and the provider another site.
    const answer = await answered(ada);
    const cookies = ada.cookies(HOME).split('; ');
    ada.setCookies(HOME, cookies.filter((one) => one.includes('-signin=')).join('; '));
    expect((await ada.open(answer)).status).toBe(200);
    kept();
    expect((await ada.open(await answered(ada))).status).toBe(200);

    const [first = ada, second = ada] = sessions;
    expect((await me(first)).status).toBe(401);
    expect((await me(second)).status).toBe(401);
    expect((await me(ada)).status).toBe(200);
  });

  it('takes no answer at the callback of another provider, and redeems nothing there', async () => {
    const other = await signInAt(await world.idp());
    idp.resetHits();
    for (const [path, code] of [
      [CALLBACK + other.issuer.id, '401 signin.transaction_invalid'],
      [CALLBACK.slice(0, -1), '404 request.route_not_found'],
    ] as const) {
      const ada = browser();
      const { search } = new URL(await answered(ada));

      expect(codeOf(await ada.open(path + search))).toBe(code);
      expect(hasSession(ada)).toBe(false);
    }
    expect(idp.hits.token).toBe(0);
    const ada = browser();
    expect((await ada.open(await answered(ada))).status).toBe(200);
    expect(idp.hits.token).toBe(1);
  });

  it('ends the session with the issuer that vouches for it', async () => {
    const provider = await world.idp();
    const tenant = await signInAt(provider);
    const ada = browser();
    provider.atTheBrowser(ADA);
    await ada.follow(startOf(tenant));
    expect((await me(ada)).status).toBe(200);

    await world.act(tenant, 'disable');

    expect((await me(ada)).status).toBe(401);
    expect(codeOf(await ada.open(startOf(tenant)))).toBe('404 signin.provider_not_found');
  });

  it('says alike that there is no tenant, no issuer, no client, or not there', async () => {
    const other = await world.trusting(await world.idp());
    const { tenant, issuer } = acme;
    const starts = [
      startOf({ tenant: { ...tenant, slug: 'nobody' }, issuer }),
      startOf({ tenant, issuer: { ...issuer, id: tenant.id } }),
      startOf(other),
      // The provider of one tenant, at another.
      startOf({ tenant: other.tenant, issuer }),
    ];

    const pages = await Promise.all(starts.map((start) => browser().open(start)));

    for (const page of pages) expect(codeOf(page)).toBe('404 signin.provider_not_found');
    const words = pages.map(({ text }) => text.replace(/"requestId":"[^"]+"/, ''));
    expect(new Set(words).size).toBe(1);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/\t/evil.example', 'x'])(
    'returns to no %j',
    async (returnTo) => {
      const page = await browser().open(startOf(acme, returnTo));

      expect(codeOf(page)).toBe('422 request.invalid');
      expect(page.headers.get('set-cookie')).toBeNull();
    },
  );

  it('takes an answer from the browser that began alone, and once', async () => {
    const [ada, mallory] = [browser(), browser()];
    const answer = await answered(ada);
    const begun = ada.cookies(HOME);

    const without = await mallory.open(answer);
    expect(codeOf(without)).toBe('401 signin.transaction_invalid');
    await answered(mallory);
    expect(codeOf(await mallory.open(answer))).toBe('401 signin.transaction_invalid');
    expect(hasSession(mallory)).toBe(false);

    expect((await ada.open(answer)).status).toBe(200);
    expect(codeOf(await ada.open(answer))).toBe('401 signin.transaction_invalid');
    const replayed = browser();
    replayed.setCookies(HOME, begun);
    expect(codeOf(await replayed.open(answer))).toBe('401 signin.provider_answer_invalid');
    expect(hasSession(replayed)).toBe(false);
  });

  it.each([
    ['another state', 'state', 'x'.repeat(43), '401 signin.transaction_invalid'],
    ['another issuer', 'iss', 'https://evil.example', '401 signin.provider_answer_invalid'],
    ['another code', 'code', 'x'.repeat(43), '401 signin.provider_answer_invalid'],
  ])('refuses an answer with %s', async (_, parameter, value, code) => {
    const ada = browser();
    const answer = new URL(await answered(ada));
    answer.searchParams.set(parameter, value);

    expect(codeOf(await ada.open(answer.href))).toBe(code);
    expect(hasSession(ada)).toBe(false);
  });

  it.each([
    ['nonce', 'x'.repeat(43)],
    // Of another verifier than the one that this browser's sign-in holds.
    ['code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
  ])('refuses an answer to a question with another %s', async (parameter, value) => {
    const ada = browser();
    idp.atTheBrowser(ADA);
    const asked = new URL((await ada.open(startOf(acme))).location ?? '');
    asked.searchParams.set(parameter, value);
    const { location } = await ada.follow(asked.href, CALLBACK);

    expect(codeOf(await ada.open(location ?? ''))).toBe('401 signin.provider_answer_invalid');
    expect(hasSession(ada)).toBe(false);
  });

  it('tells that the provider refused, and none of its words', async () => {
    const ada = browser();
    idp.atTheBrowser(null);

    const page = await ada.follow(startOf(acme));

    expect(codeOf(page)).toBe('401 signin.provider_refused');
    expect(page.url).toContain('error=access_denied');
    expect(page.text).not.toContain('words of the provider');
  });

  it('refuses who takes longer than ten minutes', async () => {
    const ada = browser();
    const answer = await answered(ada);

    clock.advanceSeconds(600);

    expect(codeOf(await ada.open(answer))).toBe('401 signin.transaction_invalid');
    clock.advanceSeconds(-600);
  });

  it('lets in nobody whom the tenant does not admit, nor through a distrusted key', async () => {
    const provider = await world.idp();
    const closed = await signInAt(provider, { admission: 'members', roles: [] });
    const ada = browser();
    provider.atTheBrowser(ADA);

    expect(codeOf(await ada.follow(startOf(closed)))).toBe('403 access.membership_missing');

    const distrust = `${closed.path}/keys/${provider.currentKey.kid}/distrust`;
    answeredWith(200, await world.admin.post(distrust, { reason: 'Leaked.' }));
    expect(codeOf(await ada.follow(startOf(closed)))).toBe('401 signin.provider_answer_invalid');
    expect(hasSession(ada)).toBe(false);
  });

  it('asks a provider that is down once, however many would like to sign in', async () => {
    const provider = await world.idp();
    const tenant = await signInAt(provider);
    provider.respondWith(503);
    provider.resetHits();

    const pages = [await browser().open(startOf(tenant)), await browser().open(startOf(tenant))];

    for (const page of pages) expect(codeOf(page)).toBe('503 signin.provider_unavailable');
    expect(provider.hits.discovery).toBe(1);
  });
});
