import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  craftToken,
  createTestDatabase,
  type IdentityProvider,
  newSigningKey,
} from '@tenantry/testing';
import { type Trusting, World } from './world.js';

describe('tokens of real identity providers', () => {
  let world: World;
  let globexIdp: IdentityProvider;
  let globex: Trusting;

  beforeAll(async () => {
    world = await World.start();
    globexIdp = await world.idp({ algorithm: 'EdDSA' });
    globex = await world.trusting(globexIdp);
  });
  afterAll(() => world.close());

  const statusOf = async (token: string): Promise<number> =>
    (await world.bearer(token).get('/v1/me')).status;

  it('open their own tenant, whatever way it is named', async () => {
    const idp = await world.idp();
    const { tenant } = await world.trusting(idp);
    const caller = world.bearer(await idp.token({ subject: 'ada' }));

    const answers = await Promise.all([
      caller.get('/v1/me'),
      caller.get(`/v1/tenants/${tenant.id}`),
      caller.get(`/v1/tenants/${tenant.slug}`),
      caller.get('/v1/me', { 'x-tenant-id': tenant.id }),
      caller.get(`/v1/tenants/${tenant.id}`, { 'x-tenant-id': tenant.slug }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers[0].json).toMatchObject({
      actor: { issuer: idp.issuer, subject: 'ada' },
      tenant: { id: tenant.id, slug: tenant.slug },
    });
    expect(answers[2].json).toMatchObject({ id: tenant.id });
  });

  it('open nothing of each other’s tenants', async () => {
    const idp = await world.idp();
    const { tenant } = await world.trusting(idp);
    const own = world.bearer(await idp.token({ subject: 'ada' }));
    const foreign = world.bearer(await globexIdp.token({ subject: 'ada' }));

    const answers = await Promise.all([
      own.get(`/v1/tenants/${globex.tenant.id}`),
      own.get(globex.path),
      foreign.get(`/v1/tenants/${tenant.slug}`),
      foreign.get(`/v1/tenants/${tenant.slug}/issuers`),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  });

  describe('whose keys rotate', () => {
    it('are good by the new key and by the old one, while both are published', async () => {
      const idp = await world.idp();
      await world.trusting(idp);
      const before = await idp.token({ subject: 'ada' });
      await idp.rotateKeys({ keepOld: true });
      const after = await idp.token({ subject: 'ada' });

      const statuses = [await statusOf(after), await statusOf(before)];

      expect(statuses).toEqual([200, 200]);
    });

    it('are refused by a key that left the set, also where they were let by already', async () => {
      const idp = await world.idp();
      await world.trusting(idp);
      const known = await idp.token({ subject: 'ada' });
      const unused = await idp.token({ subject: 'bob' });
      const atFirst = await statusOf(known);
      await idp.rotateKeys({ keepOld: false, algorithm: 'EdDSA' });
      const after = await idp.token({ subject: 'ada' });

      const statuses = [await statusOf(after), await statusOf(known), await statusOf(unused)];

      expect(atFirst).toBe(200);
      expect(statuses).toEqual([200, 401, 401]);
    });

    it('cost one fetch, however many ask', async () => {
      const idp = await world.idp();
      await world.trusting(idp);
      await idp.rotateKeys({ keepOld: false });
      const tokens = await Promise.all(
        Array.from({ length: 50 }, (_, index) => idp.token({ subject: `subject-${index}` })),
      );
      idp.resetHits();

      const statuses = await Promise.all(tokens.map(statusOf));

      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(idp.hits).toMatchObject({ discovery: 1, jwks: 1 });
    });

    it('cost a few fetches at most where nobody has such a key, and nobody else anything', async () => {
      const idp = await world.idp();
      await world.trusting(idp);
      const forger = await newSigningKey('ES256');
      const seconds = Math.floor(Date.now() / 1_000);
      const flood = Array.from({ length: 200 }, (_, index) =>
        craftToken({
          header: { alg: 'ES256', typ: 'at+jwt', kid: `kid-${index}` },
          payload: { iss: idp.issuer, sub: 'ada', aud: 'tenantry', exp: seconds + 300 },
          key: forger.privateKey,
        }),
      );
      const other = await globexIdp.token({ subject: 'during-the-flood' });
      idp.resetHits();
      globexIdp.resetHits();

      const refused = Promise.all(flood.map(statusOf));
      const meanwhile = await statusOf(other);
      const statuses = await refused;

      expect(new Set(statuses)).toEqual(new Set([401]));
      expect(idp.hits.jwks).toBeGreaterThan(0);
      expect(idp.hits.jwks).toBeLessThanOrEqual(3);
      expect(meanwhile).toBe(200);
      expect(globexIdp.hits.jwks).toBe(0);
      expect(await statusOf(await idp.token({ subject: 'ada' }))).toBe(200);
    });
  });

  describe('whose provider is down', () => {
    it('are good by the last good keys, and health says that nobody could look', async () => {
      const idp = await world.idp();
      const trusting = await world.trusting(idp);
      await idp.goDown();

      const down = await world.recheck(trusting);
      const meanwhile = await statusOf(await idp.token({ subject: 'ada' }));
      await idp.comeUp();
      const up = await world.recheck(trusting);

      expect(down).toEqual({
        state: 'unverified',
        reason: 'The server could not be reached, or broke off.',
      });
      expect(meanwhile).toBe(200);
      expect(up).toEqual({ state: 'healthy', reason: null });
    });

    it('are refused by an unknown key, and good by it as soon as the provider is back', async () => {
      const idp = await world.idp();
      await world.trusting(idp);
      await idp.rotateKeys({ keepOld: false });
      const token = await idp.token({ subject: 'ada' });
      await idp.goDown();

      const down = await statusOf(token);
      await idp.comeUp();
      const up = await statusOf(token);

      expect([down, up]).toEqual([401, 200]);
    });

    it('are good after a restart, by the keys that were stored', async () => {
      const { url: databaseUrl, drop } = await createTestDatabase();
      const idp = await world.idp();
      const first = await World.start({ databaseUrl });
      const { tenant } = await first.trusting(idp);
      await first.close();
      await idp.goDown();
      const second = await World.start({ databaseUrl });
      idp.resetHits();

      const answer = await second
        .bearer(await idp.token({ subject: 'ada' }))
        .get(`/v1/tenants/${tenant.slug}`);

      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({ id: tenant.id, health: 'healthy' });
      expect(idp.hits).toMatchObject({ discovery: 0, jwks: 0 });
      await second.close();
      await drop();
    });
  });
});
