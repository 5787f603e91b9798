import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { decodeJwt } from 'jose';

import { newSecretText } from '@tenantry/crypto';
import { newId } from '@tenantry/kernel';
import type { Mailer } from '@tenantry/mail';
import { PeopleRegistry } from '@tenantry/signin';
import { Attempts } from '../libs/signin/src/login/attempts.js';
import { SigninRefused } from '../libs/signin/src/login/login.errors.js';
import { PersonProof } from '../libs/signin/src/login/person-proof.js';
import { SuccessThrottle } from '../libs/signin/src/login/success-throttle.js';
import { PasswordHasher } from '../libs/signin/src/passwords/password-hasher.js';
import { eventually } from './eventually.js';
import { CODE_LASTS_MS, type HeldFactor, LoginWorld, PASSWORD } from './login-world.js';
import { type Answer, itemsOf, pointersOf, send, textOf } from './send.js';
import { ADMIN_PERSON } from './start-api.js';
import { answeredWith, type TenantView } from './world.js';

const COOKIE = '__Host-tenantry-session';
const REFUSED = { status: 401, json: { code: 'signin.refused' } };
const ENDED = { status: 401, json: { code: 'access.token_invalid' } };
const OTHER_PASSWORD = 'nine green kites over sand';

describe('signing in', () => {
  let here: LoginWorld;

  beforeAll(async () => {
    here = await LoginWorld.start();
  });
  afterAll(() => here.close());

  const me = (token: string): Promise<Answer> => here.as(token, '/v1/me');
  const tenantOf = ({ json }: Answer): string | undefined =>
    (json as { readonly tenant: TenantView | null }).tenant?.slug;
  const cookieOf = ({ headers }: Answer): string =>
    (headers['set-cookie'] ?? '').split(';', 1).join('');
  const deedsOf = async (path: string): Promise<readonly unknown[]> =>
    itemsOf(await here.world.admin.get(`${path}/audit/events?limit=200`)).map(({ deed }) => deed);

  it('gives a person tokens for the tenant that they are in, and puts it on record there', async () => {
    const person = await here.member();
    const { id, slug } = person.tenant;

    const answer = await here.login({ email: ` ${person.email.toLowerCase()} ` });

    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.json).toEqual({
      accessToken: expect.stringMatching(/^eyJ/),
      refreshToken: expect.stringMatching(/^tnr_/),
      expiresIn: 600,
      tenant: { id, slug, displayName: slug },
      tenants: [{ id, slug, displayName: slug, roles: ['viewer'] }],
    });
    expect(await me(textOf(answer, 'accessToken'))).toMatchObject({
      status: 200,
      json: { actor: { kind: 'person', email: person.email }, tenant: { id, slug } },
    });
    expect(await deedsOf(`/v1/tenants/${id}`)).toContain('session.started');
  });

  it('goes to the tenant that is named, else the last one, and to none of which one is no member', async () => {
    const { tenant: first, ...person } = await here.member();
    const second = await here.world.createTenant();
    const foreign = await here.world.createTenant();
    const closed = await here.world.createTenant();
    for (const tenant of [second, closed]) await here.join(tenant, person);
    await here.world.admin.post(`/v1/tenants/${closed.id}/suspend`, { reason: 'unpaid' });
    const into = async (tenant?: string | null): Promise<string | undefined> => {
      here.clock.advance(1);
      return tenantOf(await here.login(person, tenant === undefined ? {} : { tenant }));
    };

    expect(await into()).toBeUndefined();
    expect(await into(second.slug)).toBe(second.slug);
    expect(await into(first.id.toUpperCase())).toBe(first.slug);
    expect(await into()).toBe(first.slug);
    expect(await into(null)).toBeUndefined();
    const id = { 'x-request-id': 'one-and-the-same' };
    const refusals = [foreign.id, closed.slug, 'never-was'].map((tenant) =>
      here.login(person, { tenant }, id),
    );
    const texts = (await Promise.all(refusals)).map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('access.membership_missing');
  });

  it('brings a platform admin to the platform, even a member of a tenant', async () => {
    const answer = await here.login(ADMIN_PERSON, { password: ADMIN_PERSON.password });

    expect(answer).toMatchObject({ status: 200, json: { tenant: null } });
    expect(await here.as(textOf(answer, 'accessToken'), '/v1/tenants')).toMatchObject({
      status: 200,
    });
  });

  it('gives a browser a cookie and no token, and lets no foreign page use it', async () => {
    const person = await here.member();
    const answer = await here.login(person, { cookie: true });
    const other = await here.login(person, { cookie: true });

    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-tenantry-session=tns_\w+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(answer.json).toEqual({
      csrfToken: expect.any(String),
      expiresIn: 43_200,
      tenant: expect.anything(),
      tenants: expect.anything(),
    });
    const cookie = cookieOf(answer);
    const csrf = { 'x-csrf-token': textOf(answer, 'csrfToken') };
    const logout = (headers: object): Promise<Answer> =>
      here.send('POST', '/v1/logout', { cookie, ...headers });
    for (const headers of [
      {},
      { 'x-csrf-token': textOf(other, 'csrfToken') },
      { ...csrf, origin: 'https://evil.example' },
      { ...csrf, 'sec-fetch-site': 'cross-site' },
      { ...csrf, 'sec-fetch-site': 'same-site' },
    ]) {
      expect(await logout(headers)).toMatchObject({ status: 403, json: { code: 'access.csrf' } });
    }
    const account = await here.send('GET', '/v1/account', { cookie, 'sec-fetch-site': 'none' });
    expect(account).toMatchObject({ status: 200, json: { csrfToken: csrf['x-csrf-token'] } });

    const own = { ...csrf, origin: 'http://tenantry.test', 'sec-fetch-site': 'same-origin' };
    expect(await logout(own)).toMatchObject({
      status: 204,
      headers: { 'set-cookie': expect.stringContaining(`${COOKIE}=; Max-Age=0;`) },
    });
    expect(await here.send('GET', '/v1/me', { cookie })).toMatchObject(ENDED);
  });

  it('never takes a session over that a browser came with', async () => {
    const [victim, stranger] = [await here.member(), await here.member()];
    const planted = cookieOf(await here.login(stranger, { cookie: true }));
    const madeUp = `${COOKIE}=${newSecretText('tns_')}`;

    const answer = await here.login(victim, { cookie: true }, { cookie: planted });
    await here.login(victim, { cookie: true }, { cookie: madeUp });

    expect(cookieOf(answer)).not.toBe(planted);
    expect(await here.send('GET', '/v1/me', { cookie: cookieOf(answer) })).toMatchObject({
      json: { actor: { email: victim.email } },
    });
    for (const cookie of [planted, madeUp]) {
      expect(await here.send('GET', '/v1/me', { cookie })).toMatchObject(ENDED);
    }
  });

  it('tells nobody who has an account: one answer, and one hash, whatever is wrong', async () => {
    const [person, invited] = [await here.member(), await here.person()];
    await here.superuser.query('update people set password_hash = null where id = $1', [
      invited.id,
    ]);
    const matches = jest.spyOn(here.world.api.app.get(PasswordHasher), 'matches');
    const seen: unknown[] = [];

    for (const [email, password] of [
      [person.email, 'not the password'],
      [`nobody-${newId()}@acme.example`, PASSWORD],
      [invited.email, PASSWORD],
    ] as const) {
      matches.mockClear();
      const id = { 'x-request-id': 'one-and-the-same' };
      const { status, headers, text } = await here.login({ email }, { password }, id);
      seen.push({
        status,
        headers: { ...headers, date: '' },
        text,
        hashes: matches.mock.calls.length,
      });
    }

    matches.mockRestore();
    expect(seen[0]).toMatchObject({ status: 401, hashes: 1 });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  it('has whoever guesses wait, known address or not, and never the owner at home', async () => {
    const person = await here.member();
    const [guesser, home] = [
      { 'x-forwarded-for': here.network() },
      { 'x-forwarded-for': here.network() },
    ];
    expect(await here.login(person, {}, home)).toMatchObject({ status: 200 });
    for (const email of [person.email, `nobody-${newId()}@acme.example`]) {
      for (let at = 0; at < 4; at += 1) {
        expect(await here.login({ email }, { password: 'a guess' }, guesser)).toMatchObject(
          REFUSED,
        );
      }
      expect(await here.login({ email }, {}, guesser)).toMatchObject({
        status: 429,
        headers: { 'retry-after': '1' },
        json: { code: 'access.throttled' },
      });
    }
    here.clock.advance(1_000);
    expect(await here.login(person, {}, guesser)).toMatchObject({ status: 200 });

    const attempts = here.world.api.app.get(Attempts);
    for (let at = 0; at <= 50; at += 1) {
      const attempt = { email: person.email, ip: here.network(), isKnownPlace: false };
      await attempts.count(attempt, () => Promise.reject(new SigninRefused())).catch(() => null);
    }
    expect(await here.login(person)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5' },
    });
    expect(await here.login(person, {}, home)).toMatchObject({ status: 200 });
  });

  it('holds to a rate whoever signs in or goes on rightly, and nobody else', async () => {
    const [person, other] = [await here.member(), await here.member()];
    const { access, refresh } = await here.tokens(person);
    const successes = here.world.api.app.get(SuccessThrottle);
    const sid = String(decodeJwt(access)['sid']);
    const again = (what: 'password' | 'session', id: string, times: number): Promise<unknown> =>
      Promise.all(Array.from({ length: times }, () => successes.count(what, id)));
    expect(await here.login(person, { password: 'a guess' })).toMatchObject(REFUSED);
    await again('password', person.email.toLowerCase(), 18);
    await again('session', sid, 60);

    expect(await here.login(person)).toMatchObject({ status: 200 });
    expect(await here.login(person)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
      json: { code: 'access.throttled' },
    });
    expect(await here.login(other)).toMatchObject({ status: 200 });
    expect(await here.refresh(refresh)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
      json: { error: 'temporarily_unavailable' },
    });
    here.clock.advance(60_000);
    expect(await here.login(person)).toMatchObject({ status: 200 });
    // It was not used up meanwhile.
    expect(await here.refresh(refresh)).toMatchObject({ status: 200 });
  });

  it('lets people out of a tenant that was suspended, and at their own account', async () => {
    const person = await here.member();
    const { access } = await here.tokens(person);
    await here.world.admin.post(`/v1/tenants/${person.tenant.id}/suspend`, { reason: 'unpaid' });
    const suspended = { status: 403, json: { code: 'tenants.suspended' } };

    for (const path of ['/v1/me', '/v1/permissions', `/v1/tenants/${person.tenant.id}`]) {
      expect(await here.as(access, path)).toMatchObject(suspended);
    }
    expect(await here.as(access, '/v1/account')).toMatchObject({ status: 200 });
    const change = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
    expect(await here.as(access, '/v1/password/change', change)).toMatchObject({ status: 204 });
    const elsewhere = { authorization: `Bearer ${access}`, 'x-tenant-id': 'elsewhere' };
    expect(await here.send('POST', '/v1/logout', elsewhere, {})).toMatchObject({
      status: 403,
      json: { code: 'access.tenant_mismatch' },
    });
    expect(await here.as(access, '/v1/logout', {})).toMatchObject({ status: 204 });
    expect(await me(access)).toMatchObject(ENDED);
  });

  describe('with a second factor', () => {
    const requireSecondFactor = async ({ id }: TenantView): Promise<void> => {
      const [path, { token }] = [`/v1/tenants/${id}`, here.world.admin];
      const body = { requiresSecondFactor: true };
      const { url } = here.world.api;
      answeredWith(200, await send(url, { method: 'PATCH', path, token, body }));
    };

    it('has whoever guesses codes wait wherever they come from, and tells the owner', async () => {
      const person = await here.member();
      const factor = await here.secondFactor(person);
      const guess = (): Promise<Answer> => here.login(person, { code: '000000x' });
      const lettersOnGuesses = (): number =>
        here.world.api.mail.sent.filter(
          ({ to, text }) => to === person.email && text.includes('ten wrong codes'),
        ).length;
      for (let wrong = 1; wrong <= 4; wrong += 1) expect(await guess()).toMatchObject(REFUSED);

      for (const code of ['000000x', here.codeOf(factor)]) {
        expect(await here.login(person, { code })).toMatchObject({
          status: 429,
          headers: { 'retry-after': '1' },
        });
      }
      expect(await here.login(person, { password: 'a guess' })).toMatchObject(REFUSED);
      for (const seconds of [1, 2, 4, 8, 16]) {
        here.clock.advance(seconds * 1_000);
        expect(await guess()).toMatchObject(REFUSED);
      }
      expect(lettersOnGuesses()).toBe(0);
      here.clock.advance(32_000);
      expect(await guess()).toMatchObject(REFUSED);
      expect(await guess()).toMatchObject({ status: 429, headers: { 'retry-after': '64' } });
      await eventually(lettersOnGuesses, (count) => count === 1);

      here.clock.advance(64_000);
      expect(await here.login(person, { code: here.codeOf(factor) })).toMatchObject({
        status: 200,
      });
      expect(await guess()).toMatchObject(REFUSED);
      expect(await guess()).toMatchObject(REFUSED);
    });

    it('can be set up in a tenant that has just begun to ask for it, which lets nobody else in', async () => {
      const person = await here.member();
      const [access, other] = [
        (await here.tokens(person)).access,
        (await here.tokens(person)).access,
      ];
      await requireSecondFactor(person.tenant);
      const required = { status: 403, json: { code: 'access.second_factor_required' } };
      for (const token of [access, other]) expect(await me(token)).toMatchObject(required);
      const path = '/v1/account/second-factor';

      const proposed = await here.as(access, path, { password: PASSWORD });
      const code = here.codeOf({ secret: textOf(proposed, 'secret') });
      expect(await here.as(access, `${path}/confirm`, { code })).toMatchObject({ status: 200 });

      expect(await me(access)).toMatchObject({ status: 200 });
      expect(await me(other)).toMatchObject(required);
      expect(await here.as(other, '/v1/logout', {})).toMatchObject({ status: 204 });
      expect(await me(other)).toMatchObject(ENDED);
    });

    it('takes each code once, and says that one is needed only after the right password', async () => {
      const person = await here.member();
      const factor = await here.secondFactor(person);
      const code = here.codeOf(factor);

      expect(await here.login(person, { password: 'a guess' })).toMatchObject(REFUSED);
      expect(await here.login(person)).toMatchObject({
        status: 401,
        json: { code: 'signin.second_factor_needed' },
      });
      expect(await here.login(person, { code: '000000x' })).toMatchObject(REFUSED);
      const both = await Promise.all([here.login(person, { code }), here.login(person, { code })]);
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401]);
      expect(await here.login(person, { code })).toMatchObject(REFUSED);
      here.clock.advance(CODE_LASTS_MS);
      expect(await here.login(person, { code: here.codeOf(factor) })).toMatchObject({
        status: 200,
      });
    });

    it('takes each recovery code once, even of two at the same moment', async () => {
      const person = await here.member();
      const { recoveryCodes } = await here.secondFactor(person);
      const [code = ''] = recoveryCodes;

      const both = await Promise.all([here.login(person, { code }), here.login(person, { code })]);

      expect(recoveryCodes).toHaveLength(10);
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401]);
      const token = textOf(both.find(({ status }) => status === 200) ?? both[0], 'accessToken');
      const account = await here.as(token, '/v1/account');
      expect(account.json).toMatchObject({ secondFactor: { enabled: true, recoveryCodesLeft: 9 } });
      await eventually(
        () => here.world.api.mail.sent.filter(({ to }) => to === person.email),
        (mails) => mails.some(({ text }) => text.includes('A recovery code was used')),
      );
    });

    it('replaces recovery codes, and removes the factor, for whoever shows both', async () => {
      const person = await here.member();
      const factor = await here.secondFactor(person);
      const [first = '', second = ''] = factor.recoveryCodes;
      const { access } = await here.tokens(person, { code: first });
      const path = '/v1/account/second-factor';
      const act = (verb: string, code: string, password = PASSWORD): Promise<Answer> =>
        here.as(access, `${path}/${verb}`, { password, code });

      const replaced = await act('recovery-codes', here.codeOf(factor));

      expect(replaced).toMatchObject({ status: 200 });
      expect(await here.login(person, { code: second })).toMatchObject(REFUSED);
      const [fresh = ''] = (replaced.json as HeldFactor).recoveryCodes;
      expect(await act('remove', fresh, 'a guess')).toMatchObject(REFUSED);
      expect(await act('remove', second)).toMatchObject(REFUSED);
      expect(await act('remove', fresh)).toMatchObject({ status: 204 });
      expect(await act('remove', fresh)).toMatchObject({
        status: 409,
        json: { code: 'account.second_factor_missing' },
      });
      expect(await here.login(person)).toMatchObject({ status: 200 });
    });

    it('lets people without one into no tenant that requires it, but in to set one up', async () => {
      const person = await here.member();
      const { slug } = person.tenant;
      const { access } = await here.tokens(person);
      await requireSecondFactor(person.tenant);

      expect(await me(access)).toMatchObject({
        status: 403,
        json: { code: 'access.second_factor_required' },
      });
      expect(await here.login(person, { tenant: slug })).toMatchObject({
        status: 403,
        json: { code: 'signin.second_factor_setup_needed' },
      });
      expect(await here.login(person)).toMatchObject({ status: 200, json: { tenant: null } });
      const code = here.codeOf(await here.secondFactor(person));
      const answer = await here.login(person, { code });
      expect(tenantOf(answer)).toBe(slug);
      expect(await me(textOf(answer, 'accessToken'))).toMatchObject({ status: 200 });
    });
  });

  it('shows people their own sessions, and ends any of them everywhere', async () => {
    const [person, other] = [await here.member(), await here.member()];
    const own = await here.tokens(person);
    const lost = await here.tokens(person);
    const foreign = await here.tokens(other);
    const list = async (token: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
      itemsOf(await here.as(token, '/v1/account/sessions?limit=200'));
    const [theirs] = await list(foreign.access);

    const sessions = await list(own.access);

    expect(sessions.map(({ current }) => current)).toEqual([false, true]);
    const path = (id: unknown): string => `/v1/account/sessions/${String(id)}`;
    const mine = here.world.bearer(own.access);
    for (const id of [theirs?.['id'], newId(), 'x']) {
      expect(await mine.delete(path(id))).toMatchObject({
        status: 404,
        json: { code: 'account.session_not_found' },
      });
    }
    expect(await mine.delete(path(sessions[0]?.['id']))).toMatchObject({ status: 204 });
    expect(await me(lost.access)).toMatchObject(ENDED);
    expect(await here.refresh(lost.refresh)).toMatchObject({ status: 400 });
    expect(await me(own.access)).toMatchObject({ status: 200 });
    expect(await here.as(own.access, '/v1/logout', {})).toMatchObject({ status: 204 });
    expect(await me(own.access)).toMatchObject(ENDED);
    expect(await here.refresh(own.refresh)).toMatchObject({ status: 400 });
    expect(await here.world.admin.get('/v1/account')).toMatchObject({
      status: 403,
      json: { code: 'account.none' },
    });
    expect(await here.world.admin.post('/v1/logout')).toMatchObject({ status: 204 });
  });

  it('changes a password for whoever shows the old one, and ends every other session', async () => {
    const person = await here.member();
    const own = await here.tokens(person);
    const other = await here.tokens(person);
    const change = (currentPassword: string, newPassword: string): Promise<Answer> =>
      here.as(own.access, '/v1/password/change', { currentPassword, newPassword });

    expect(await change('a guess', OTHER_PASSWORD)).toMatchObject(REFUSED);
    const weak = await change(PASSWORD, 'password1234');
    expect(weak).toMatchObject({ status: 422, json: { code: 'signin.password_refused' } });
    expect(pointersOf(weak)).toEqual(['/newPassword']);
    expect(await change(PASSWORD, OTHER_PASSWORD)).toMatchObject({ status: 204 });

    expect(await me(own.access)).toMatchObject({ status: 200 });
    expect(await me(other.access)).toMatchObject(ENDED);
    expect(await here.login(person)).toMatchObject(REFUSED);
    expect(await here.login(person, { password: OTHER_PASSWORD })).toMatchObject({ status: 200 });
    await eventually(
      () => here.world.api.mail.sent.filter(({ to }) => to === person.email),
      (mails) => mails.some(({ subject }) => subject === 'Your password was changed'),
    );
  });

  describe('and going on', () => {
    it('takes a refresh token once: shown again, it ends the session at once', async () => {
      const person = await here.member();
      const first = await here.tokens(person);

      const answer = await here.refresh(first.refresh);

      expect(answer).toMatchObject({ status: 200, json: { expires_in: 600 } });
      const next = textOf(answer, 'access_token');
      expect(await me(next)).toMatchObject({ status: 200 });
      expect(await here.refresh(first.refresh)).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      });
      for (const token of [first.access, next]) expect(await me(token)).toMatchObject(ENDED);
      expect(await here.refresh(textOf(answer, 'refresh_token'))).toMatchObject({ status: 400 });
    });

    it('gives one new token where two show the old one at the same moment', async () => {
      const { refresh } = await here.tokens(await here.member());

      const both = await Promise.all([here.refresh(refresh), here.refresh(refresh)]);

      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    });
  });

  it('makes one account where two accept for one address at the same moment', async () => {
    const { app, database } = here.world.api;
    const registry = app.get(PeopleRegistry);
    const enrolment = { code: undefined, displayName: undefined, ip: here.network() };
    const email = `Eve-${newId()}@acme.example`;
    const check = (password: string | undefined) =>
      registry.check({ ...enrolment, email, password });
    await expect(check(undefined)).rejects.toMatchObject({ errors: [{ pointer: '/password' }] });
    await expect(check('password1234')).rejects.toMatchObject({
      errors: [{ pointer: '/password' }],
    });
    const checked = [await check(PASSWORD), await check(OTHER_PASSWORD)];

    const both = await Promise.allSettled(
      checked.map((one) => database.acrossTenants('spec', (tx) => registry.enrol(tx, one))),
    );

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const won = both[0]?.status === 'fulfilled' ? PASSWORD : OTHER_PASSWORD;
    expect(await here.login({ email }, { password: won })).toMatchObject({ status: 200 });
    await expect(check('a guess')).rejects.toMatchObject({ code: 'signin.refused' });
    await expect(check(won)).resolves.toMatchObject({ passwordHash: null });
  });

  it('leaves no secret behind that could be read, in no table', async () => {
    const person = await here.member();
    const factor = await here.secondFactor(person);
    const [code = ''] = factor.recoveryCodes;
    const { access, refresh } = await here.tokens(person, { code });
    const cookie = cookieOf(await here.login(person, { code: here.codeOf(factor), cookie: true }));
    const tables = await here.superuser.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );

    const rows: string[] = [];
    for (const { name } of tables) {
      const found = await here.superuser.query<{ text: string }>(
        `select t::text as text from ${name} t`,
      );
      rows.push(...found.map(({ text }) => text));
    }

    const all = rows.join('\n');
    expect(all).toContain(person.email);
    for (const secret of [
      PASSWORD,
      access,
      refresh,
      cookie.split('=')[1] ?? '',
      factor.secret,
      code,
    ]) {
      expect(secret.length).toBeGreaterThan(10);
      expect(all).not.toContain(secret);
      expect(all).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  it('holds nobody’s proof for good that was overtaken by a change, and renews an old hash', async () => {
    const { app, database } = here.world.api;
    const person = await here.member();
    const hashIs = (hash: string): Promise<unknown> =>
      here.superuser.query('update people set password_hash = $2 where id = $1', [person.id, hash]);
    const old = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    await hashIs(old);
    const proof = app.get(PersonProof);
    const claim = { email: person.email, password: PASSWORD, code: undefined };

    await expect(
      proof.show(claim, here.network(), async (shown) => {
        await hashIs('of another password');
        await database.acrossTenants('spec', (tx) => proof.uphold(tx, shown));
      }),
    ).rejects.toMatchObject({ code: 'signin.refused' });

    await hashIs(old);
    expect(await here.login(person)).toMatchObject({ status: 200 });
    const [row] = await here.superuser.query<{ kept: string }>(
      'select password_hash as kept from people where id = $1',
      [person.id],
    );
    expect(row?.kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await here.login(person)).toMatchObject({ status: 200 });
  });

  // Last: so much time passes that the admin would have to sign in anew.
  describe('after a password was forgotten', () => {
    const ask = (email: string): Promise<Answer> =>
      here.post('/v1/password/reset-request', { email }, { 'x-request-id': 'one-and-the-same' });
    const reset = (token: string, newPassword = OTHER_PASSWORD): Promise<Answer> =>
      here.post('/v1/password/reset', { token, newPassword });
    const lettersTo = (email: string, count: number): Promise<readonly string[]> =>
      eventually(
        () => here.world.api.mail.sent.filter(({ to }) => to === email).map(({ text }) => text),
        (texts) => texts.length >= count,
      );
    const INVALID = { status: 401, json: { code: 'signin.reset_invalid' } };

    it('says so to everybody alike where no mail can be sent', async () => {
      const mailer: Mailer = here.world.api.mail;
      const replaced = jest.replaceProperty(mailer, 'isReady', false);

      const answer = await ask(`nobody-${newId()}@acme.example`);

      replaced.restore();
      expect(answer).toMatchObject({ status: 503, json: { code: 'mail.unavailable' } });
    });

    it('sets a new one by a letter that is good once, and ends every session', async () => {
      const person = await here.member();
      const { access } = await here.tokens(person);
      const known = await ask(person.email.toUpperCase());
      const unknown = await ask(`nobody-${newId()}@acme.example`);
      expect(known.status).toBe(202);
      expect({ ...unknown, headers: { ...unknown.headers, date: '' } }).toEqual({
        ...known,
        headers: { ...known.headers, date: '' },
      });
      const [letter = ''] = await lettersTo(person.email, 1);
      expect(letter).toContain('http://tenantry.test/password/reset#token=tnp_');
      const token = here.world.api.mail.secretFor(person.email);

      expect(await reset(token, 'password1234')).toMatchObject({ status: 422 });
      const both = await Promise.all([reset(token), reset(token)]);

      expect(both.map(({ status }) => status).toSorted()).toEqual([204, 401]);
      for (const bad of [token, newSecretText('tnp_'), 'tnp_x']) {
        expect(await reset(bad)).toMatchObject(INVALID);
      }
      expect(await me(access)).toMatchObject(ENDED);
      expect(await here.login(person, { password: OTHER_PASSWORD })).toMatchObject({ status: 200 });
    });

    it('sends three letters at most, each good for half an hour, and keeps the second factor', async () => {
      const person = await here.member();
      await here.secondFactor(person);
      await lettersTo(person.email, 1);
      for (let at = 0; at < 5; at += 1) await ask(person.email);
      await lettersTo(person.email, 4);
      here.clock.advance(30 * 60_000 - 1);
      const token = here.world.api.mail.secretFor(person.email);
      expect(await reset(token)).toMatchObject({ status: 204 });
      expect(await here.login(person, { password: OTHER_PASSWORD })).toMatchObject({
        json: { code: 'signin.second_factor_needed' },
      });
      const before = await lettersTo(person.email, 5);
      expect(before.filter((text) => text.includes('#token=tnp_'))).toHaveLength(3);

      await ask(person.email);
      await lettersTo(person.email, 6);
      here.clock.advance(30 * 60_000);
      expect(await reset(here.world.api.mail.secretFor(person.email))).toMatchObject(INVALID);
    });
  });
});
