import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { type IdentityProvider } from '@tenantry/testing';
import { answeredWith, type Trusting, World } from './world.js';

type Lie = Parameters<IdentityProvider['lie']>[0];

const NO_KEY = 'The key set holds no usable signing key.';
const SECRET_KEY = 'The key set holds a private or a symmetric key.';
const TOO_LARGE = 'The answer of the server is too large.';
const NOT_JSON = 'The answer of the server is not JSON.';
const REDIRECT = 'The server answered with a redirect; redirects are not followed.';
const STATUS = 'The server answered with a status other than 200.';
const UNREACHABLE = 'The server could not be reached, or broke off.';
const TOO_LATE = 'The server did not answer in time.';

const LIES: readonly (readonly [Lie, string])[] = [
  [{ kind: 'wrong-issuer', at: 'discovery' }, 'The discovery document names another issuer.'],
  [{ kind: 'no-keys', at: 'discovery' }, 'The discovery document names no jwks_uri.'],
  [{ kind: 'no-keys', at: 'jwks' }, NO_KEY],
  [{ kind: 'garbage-key', at: 'jwks' }, 'Two keys of the set have the same kid.'],
  [{ kind: 'weak-rsa-key', at: 'jwks' }, NO_KEY],
  [{ kind: 'private-jwk', at: 'jwks' }, SECRET_KEY],
  [{ kind: 'symmetric-key', at: 'jwks' }, SECRET_KEY],
  [{ kind: 'huge-body', at: 'discovery' }, TOO_LARGE],
  [{ kind: 'huge-body', at: 'jwks' }, TOO_LARGE],
  [{ kind: 'gzip-bomb', at: 'jwks' }, NOT_JSON],
  [{ kind: 'not-json', at: 'discovery' }, NOT_JSON],
  [{ kind: 'not-json', at: 'jwks' }, NOT_JSON],
  [{ kind: 'redirect', at: 'discovery' }, REDIRECT],
  [{ kind: 'redirect', at: 'jwks' }, REDIRECT],
];

describe('health of an issuer', () => {
  let world: World;
  let idp: IdentityProvider;
  let audiences = 0;

  beforeAll(async () => {
    world = await World.start();
    idp = await world.idp();
  });
  afterAll(() => world.close());

  const me = async (token: string): Promise<number> =>
    (await world.bearer(token).get('/v1/me')).status;

  const healthOfTenant = async (trusted: Trusting): Promise<string> =>
    (await world.tenant(trusted)).health;

  /** One provider serves many registrations: each has an audience of its own. */
  async function trusting(provider = idp): Promise<Trusting & { readonly audience: string }> {
    const audience = `audience-${++audiences}`;
    return { ...(await world.trusting(provider, { audiences: [audience] })), audience };
  }

  describe('by the state table', () => {
    type Verdict = 'ok' | 'transient' | 'permanent';
    const LOOKS: Record<Verdict, () => Promise<void> | void> = {
      ok: () => idp.comeUp(),
      transient: () => {
        idp.respondWith(503);
      },
      permanent: () => {
        idp.respondWith(404);
      },
    };
    const REASONS = { ok: null, transient: STATUS, permanent: STATUS };
    const WAYS: Record<string, readonly [Verdict, ...Verdict[]]> = {
      pending: ['transient'],
      healthy: ['ok'],
      unverified: ['ok', 'transient'],
      disabled: ['permanent'],
    };
    const TOKENS_ANSWERED: Record<string, number> = {
      pending: 503,
      healthy: 200,
      unverified: 200,
      disabled: 401,
    };

    afterEach(() => idp.comeUp());

    it.each<[keyof typeof WAYS, Verdict, string]>([
      ['pending', 'ok', 'healthy'],
      ['pending', 'transient', 'pending'],
      ['pending', 'permanent', 'disabled'],
      ['healthy', 'ok', 'healthy'],
      ['healthy', 'transient', 'unverified'],
      ['healthy', 'permanent', 'disabled'],
      ['unverified', 'ok', 'healthy'],
      ['unverified', 'transient', 'unverified'],
      ['unverified', 'permanent', 'disabled'],
      ['disabled', 'ok', 'healthy'],
      ['disabled', 'transient', 'disabled'],
      ['disabled', 'permanent', 'disabled'],
    ])('turns from %s by a verdict that is %s to %s', async (from, verdict, state) => {
      const [first, ...others] = WAYS[from] ?? ['ok'];
      await LOOKS[first]();
      const trusted = await trusting();
      for (const other of others) {
        await LOOKS[other]();
        await world.recheck(trusted);
      }
      const before = await healthOfTenant(trusted);
      await LOOKS[verdict]();

      const health = await world.recheck(trusted);
      const token = await idp.token({ subject: 'ada', audience: trusted.audience });

      expect(before).toBe(from);
      expect(health).toEqual({ state, reason: REASONS[verdict] });
      expect(await healthOfTenant(trusted)).toBe(state);
      expect(await me(token)).toBe(TOKENS_ANSWERED[state]);
    });

    it('turns from unverified to disabled where that has lasted for too long', async () => {
      const trusted = await trusting();
      idp.respondWith(503);
      await world.recheck(trusted);
      await world.api.database.queryAcrossTenants(
        'spec',
        `update issuers set health_since = now() - interval '25 hours' where id = $1`,
        [trusted.issuer.id],
      );

      const health = await world.recheck(trusted);

      expect(health).toEqual({ state: 'disabled', reason: STATUS });
    });
  });

  describe('of a provider that lies', () => {
    let sluggish: Promise<readonly Trusting[]>;

    // Each takes until we give up: they are waited for while the others are looked at.
    beforeAll(async () => {
      const providers = await Promise.all(Array.from({ length: 4 }, () => world.idp()));
      const [silent, mute, dripping, down] = providers;
      silent?.lie({ kind: 'hang', at: 'discovery' });
      mute?.lie({ kind: 'hang', at: 'jwks' });
      dripping?.lie({ kind: 'drip', at: 'jwks' });
      await down?.goDown();
      sluggish = Promise.all(providers.map((provider) => trusting(provider)));
    });

    it.each(LIES)('is disabled by %o, in words of ours', async (lie, reason) => {
      const liar = await world.idp();
      liar.lie(lie);

      const trusted = await trusting(liar);
      const token = await liar.token({ subject: 'ada', audience: trusted.audience });
      const refused = await me(token);
      liar.tellTheTruth();
      const repented = await world.recheck(trusted);

      expect(trusted.issuer.health).toMatchObject({ state: 'disabled', reason });
      expect(trusted.issuer.keyIds).toEqual([]);
      expect(refused).toBe(401);
      expect(liar.hits.redirected).toBe(0);
      expect(repented).toEqual({ state: 'healthy', reason: null });
      expect(await me(token)).toBe(200);
    });

    it('is disabled where it was healthy before, and its good keys with it', async () => {
      const liar = await world.idp();
      const trusted = await trusting(liar);
      const token = await liar.token({ subject: 'ada', audience: trusted.audience });
      const before = await me(token);
      liar.lie({ kind: 'private-jwk', at: 'jwks' });

      const health = await world.recheck(trusted);

      expect(health).toEqual({ state: 'disabled', reason: SECRET_KEY });
      expect([before, await me(token)]).toEqual([200, 401]);
    });

    it('is pending where it keeps us waiting, drips, or is down', async () => {
      const healths = (await sluggish).map(({ issuer: { health } }) => health);

      expect(healths.map(({ state, reason }) => [state, reason])).toEqual([
        ['pending', TOO_LATE],
        ['pending', TOO_LATE],
        ['pending', TOO_LATE],
        ['pending', UNREACHABLE],
      ]);
    });
  });

  it('has a token of a pending issuer wait for the verdict, and slows nobody else', async () => {
    const hanging = await world.idp();
    hanging.hang();
    const tenant = await world.createTenant();
    const registration = { issuer: hanging.issuer, audiences: ['tenantry'], admission: 'anyone' };
    answeredWith(201, await world.admin.post(`/v1/tenants/${tenant.id}/issuers`, registration));
    const other = await trusting();
    const token = await hanging.token({ subject: 'ada' });
    const answered: string[] = [];

    const waiting = world
      .bearer(token)
      .get('/v1/me')
      .then((answer) => {
        answered.push('waiting');
        return answer;
      });
    for (const subject of ['bob', 'carol', 'dave']) {
      await me(await idp.token({ subject, audience: other.audience }));
      answered.push(subject);
    }
    const { status, json, headers } = await waiting;
    await hanging.comeUp();

    expect(answered).toEqual(['bob', 'carol', 'dave', 'waiting']);
    expect(status).toBe(503);
    expect(json).toMatchObject({ code: 'issuers.unavailable' });
    expect(headers['retry-after']).toBe('2');
    expect(await me(token)).toBe(200);
  });

  it('makes a tenant as healthy as the best of its enabled issuers', async () => {
    const [good, bad] = await Promise.all([world.idp(), world.idp()]);
    bad.respondWith(404);
    const trusted = await trusting(good);
    await world.registerIssuer(trusted.tenant, bad);

    const withGood = await healthOfTenant(trusted);
    await world.act(trusted, 'disable');
    const withBad = await healthOfTenant(trusted);
    await world.act(trusted, 'enable');

    expect([withGood, withBad, await healthOfTenant(trusted)]).toEqual([
      'healthy',
      'disabled',
      'healthy',
    ]);
  });

  it('is not asked where an operator has disabled the issuer: its tokens are refused at once', async () => {
    const trusted = await trusting();
    const token = await idp.token({ subject: 'ada', audience: trusted.audience });
    const before = await me(token);

    const off = await world.act(trusted, 'disable');
    const disabled = await me(token);
    const rechecked = await world.recheck(trusted);
    const stillDisabled = await me(token);
    const on = await world.act(trusted, 'enable');

    expect([before, disabled, stillDisabled, await me(token)]).toEqual([200, 401, 401, 200]);
    expect([off.status, on.status]).toEqual(['disabled', 'enabled']);
    expect(rechecked.state).toBe('healthy');
    expect(on.health.state).toBe('healthy');
  });
});
