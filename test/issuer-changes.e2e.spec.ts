import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newSigningKey, type SigningKey } from '@tenantry/testing';
import { itemsOf, textOf } from './send.js';
import { type Household, refusalOf, TrustWorld } from './trust-world.js';

const UNPROVEN = { state: 'pending', reason: 'ownership_unproven' };
const HEALTHY = { state: 'healthy', reason: null };

describe('a change of an issuer', () => {
  let world: TrustWorld;
  let acme: Household;
  let globex: Household;

  beforeAll(async () => {
    world = await TrustWorld.start();
    [acme, globex] = [await world.household(), await world.household()];
  });
  afterAll(() => world.close());

  const anIssuer = (): string => `https://${world.host()}`;
  const now = (): number => Math.floor(Date.now() / 1_000);

  describe('of whose tokens they are', () => {
    const MATCH = { claim: 'hd', value: 'acme.example' };

    it.each<[string, object, () => object]>([
      ['the URL', {}, () => ({ issuer: anIssuer() })],
      ['another alias', {}, () => ({ issuerAliases: [anIssuer()] })],
      ['a first discriminator', {}, () => ({ match: MATCH })],
      [
        'another value of it',
        { match: { ...MATCH, value: 'b.example' } },
        () => ({ match: MATCH }),
      ],
      ['no discriminator', { match: MATCH }, () => ({ match: null })],
    ])('is to be proven anew, and refuses its tokens until then: %s', async (_, given, wanted) => {
      const issuer = anIssuer();
      const path = await world.proven(acme, issuer, given);
      const token = world.token(issuer, { hd: Object.hasOwn(given, 'match') ? 'b.example' : '' });
      const matched = world.token(issuer, { hd: MATCH.value });
      const before = await world.issuer(path);
      const opened = [await world.opens(token), await world.opens(matched)];
      const change = wanted();

      const { status, json } = await acme.patch(path, change);

      expect(opened).toContain(acme.id);
      expect(status).toBe(200);
      expect(json).toMatchObject({
        ...change,
        health: { ...UNPROVEN, nextCheckAt: null },
        ownership: { proven: false, provenAt: null, method: null },
        revision: before.revision + 1,
      });
      expect((await world.issuer(path)).ownership.value).not.toBe(before.ownership.value);
      expect([await world.opens(token), await world.opens(matched)]).toEqual([401, 401]);
      // What it was trusted for stays its own: nobody else is to get tokens that were meant for it.
      const taken = await world.admin.post(globex.issuers, world.body(issuer, given));
      expect(refusalOf(taken)).toBe('409 issuers.not_disjoint');
    });

    it('opens the tenant again by the new record, and no longer by the old one', async () => {
      const [issuer, next] = [anIssuer(), anIssuer()];
      const path = await world.proven(acme, issuer);
      await acme.patch(path, { issuer: next });
      const unshown = await acme.post(`${path}/prove`);
      const { ownership } = await world.issuer(path);
      world.publish(ownership);

      const shown = await acme.post(`${path}/prove`);

      expect(refusalOf(unshown)).toBe('409 issuers.ownership_unproven');
      expect(shown.json).toMatchObject({ health: HEALTHY, ownership: { proven: true } });
      expect(await world.opens(world.token(next))).toBe(acme.id);
      expect(await world.opens(world.token(issuer))).toBe(401);
    });

    it('is trusted at once where a platform admin makes it', async () => {
      const [issuer, next] = [anIssuer(), anIssuer()];
      const path = await world.proven(acme, issuer);

      const { json } = await world.admin.patch(`${path}?wait=first-validation`, { issuer: next });

      expect(json).toMatchObject({ health: HEALTHY, ownership: { method: 'platform' } });
      expect(await world.opens(world.token(next))).toBe(acme.id);
      expect(await world.opens(world.token(issuer))).toBe(401);
    });
  });

  describe('of anything else', () => {
    it.each([
      ['audiences', { audiences: ['more', 'tenantry'] }],
      ['algorithms', { algorithms: ['EdDSA', 'ES256'] }],
      ['claims', { claims: { email: 'upn' } }],
      ['roles', { roles: ['operator'] }],
      ['roleMapping', { roleMapping: [{ group: 'staff', role: 'builder' }] }],
      ['condition', { condition: 'claims.sub == "ada"' }],
      ['clockSkewSeconds', { clockSkewSeconds: 7 }],
      ['maxTokenAgeSeconds', { maxTokenAgeSeconds: 600 }],
      ['notAfter', { notAfter: '2120-01-01T00:00:00.000Z' }],
    ])('needs no proof, and keeps its tokens: %s', async (_, wanted) => {
      const issuer = anIssuer();
      const path = await world.proven(acme, issuer);
      const before = await world.issuer(path);

      const { status, json } = await acme.patch(path, wanted);

      expect(status).toBe(200);
      expect(json).toMatchObject({
        ...wanted,
        health: before.health,
        ownership: before.ownership,
        revision: before.revision + 1,
      });
      expect(await world.opens(world.token(issuer))).toBe(acme.id);
    });

    it('needs no proof for other keys, and believes no token of the old ones', async () => {
      const issuer = anIssuer();
      const path = await world.proven(acme, issuer);
      const before = await world.opens(world.token(issuer));
      const { publicJwk } = await newSigningKey('EdDSA');

      const { json } = await acme.patch(`${path}?wait=first-validation`, jwks(publicJwk));

      expect(json).toMatchObject({
        health: HEALTHY,
        ownership: { proven: true },
        keyIds: [publicJwk.kid],
      });
      expect([before, await world.opens(world.token(issuer))]).toEqual([acme.id, 401]);
    });

    it('takes the same key under another kid for a change', async () => {
      const issuer = anIssuer();
      const path = await world.proven(acme, issuer);
      const { publicJwk } = world.matrix.key;

      const { json } = await acme.patch(
        `${path}?wait=first-validation`,
        jwks({ ...publicJwk, kid: 'renamed' }),
      );

      expect(json).toMatchObject({ keyIds: ['renamed'] });
    });

    it('makes nothing of what is as it was', async () => {
      const path = await world.proven(acme, anIssuer(), { roles: ['viewer'] });
      const before = await world.issuer(path);

      const { status, json } = await acme.patch(path, { roles: ['viewer'] });

      expect([status, json]).toEqual([200, before]);
    });

    it.each<[string, object, object, () => Readonly<Record<string, unknown>>]>([
      ['match', { match: { claim: 'hd', value: 'x.example' } }, { match: null }, () => ({})],
      ['condition', { condition: 'claims.sub == "eve"' }, { condition: null }, () => ({})],
      ['notAfter', { notAfter: '2020-01-01T00:00:00.000Z' }, { notAfter: null }, () => ({})],
      [
        'maxTokenAgeSeconds',
        { maxTokenAgeSeconds: 60 },
        { maxTokenAgeSeconds: null },
        () => ({ iat: now() - 3_600 }),
      ],
    ])('takes %s away by null', async (_, given, none, claims) => {
      const issuer = anIssuer();
      const path = await world.vouched(acme, issuer, given);
      const token = world.token(issuer, claims());
      const before = await world.opens(token);

      const { json } = await world.admin.patch(`${path}?wait=first-validation`, none);

      expect(before).toBe(401);
      expect(json).toMatchObject(none);
      expect(await world.opens(token)).toBe(acme.id);
    });

    it.each(['issuer', 'audiences', 'roles', 'admission', 'issuerAliases', 'clockSkewSeconds'])(
      'has nothing for null to mean in %s',
      async (field) => {
        const path = await world.proven(acme, anIssuer());

        const refused = await acme.patch(path, { [field]: null });

        expect(refusalOf(refused)).toBe('422 request.invalid');
      },
    );
  });

  describe('under If-Match', () => {
    it('is refused without it, and where somebody was faster', async () => {
      const path = await world.proven(acme, anIssuer());
      const { headers } = await acme.get(path);
      const etag = headers['etag'] ?? '';
      const wanted = { clockSkewSeconds: 1 };

      const without = await acme.patch(path, wanted, null);
      const first = await acme.patch(path, wanted, etag);
      const second = await acme.patch(path, { clockSkewSeconds: 2 }, etag);

      expect(refusalOf(without)).toBe('428 request.precondition_required');
      expect([first.status, refusalOf(second)]).toEqual([200, '412 request.revision_stale']);
      expect((await acme.get(path)).json).toMatchObject(wanted);
    });

    it('is made once of many at the same moment', async () => {
      const path = await world.proven(acme, anIssuer());
      const { headers } = await acme.get(path);

      const answers = await Promise.all(
        [1, 2, 3, 4].map((clockSkewSeconds) =>
          acme.patch(path, { clockSkewSeconds }, headers['etag']),
        ),
      );

      const statuses = answers.map(({ status }) => status);
      expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412]);
      const won = answers.find(({ status }) => status === 200);
      expect((await acme.get(path)).text).toBe(won?.text);
      expect(textOf(await acme.get(path), 'id')).toBe(won && textOf(won, 'id'));
    });
  });

  describe('to none at all', () => {
    it('leaves the tenant an admin, unless the platform closes its last door', async () => {
      const initech = await world.household();
      const own = (await initech.get(initech.issuers)).json as {
        readonly items: readonly { readonly id: string }[];
      };
      const path = `${initech.issuers}/${own.items[0]?.id ?? ''}`;

      const byItself = await initech.delete(path);
      const members = await initech.get(`/v1/tenants/${initech.id}/members`);
      const byThePlatform = await world.admin.delete(path);

      expect(refusalOf(byItself)).toBe('409 members.last_admin');
      expect(itemsOf(members)).toHaveLength(1);
      expect(byThePlatform.status).toBe(204);
    });
  });
});

/** Keys to be brought along. */
function jwks(...keys: readonly SigningKey['publicJwk'][]): object {
  return { keys: { jwks: { keys } } };
}
