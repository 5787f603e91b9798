import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';

import { craftToken, newSigningKey, type SigningKey } from '@tenantry/testing';
import { type Answer, itemsOf, send } from './send.js';
import { refusalOf } from './trust-world.js';
import { type Trusting, World } from './world.js';

const HOUR_SECONDS = 3_600;

describe('the keys of an issuer', () => {
  let world: World;
  let hosts = 0;

  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const me = async (token: string): Promise<number> =>
    (await world.bearer(token).get('/v1/me')).status;

  const thumbprintOf = ({ publicJwk }: SigningKey): Promise<string> =>
    calculateJwkThumbprint(publicJwk);

  describe('that its provider publishes', () => {
    it('are on record as they come and go, by their thumbprints', async () => {
      const idp = await world.idp();
      const trusted = await world.trusting(idp);
      const [old, oldKid] = [await thumbprintOf(idp.currentKey), idp.currentKey.kid];
      await idp.rotateKeys({ keepOld: true });
      await world.recheck(trusted);
      await idp.rotateKeys({ keepOld: false });

      await world.recheck(trusted);

      const trail = `/v1/tenants/${trusted.tenant.id}/audit/events?limit=50`;
      const events = itemsOf(await world.admin.get(trail)).filter(({ deed }) =>
        String(deed).startsWith('issuer.key_'),
      );
      expect(events.map(({ deed }) => deed).toReversed()).toEqual([
        'issuer.key_appeared',
        'issuer.key_appeared',
        'issuer.key_appeared',
        'issuer.key_disappeared',
        'issuer.key_disappeared',
      ]);
      const last = await thumbprintOf(idp.currentKey);
      const changesTo = (thumbprint: string, kid: string): object => ({
        thumbprint: { after: thumbprint },
        kid: { after: kid },
      });
      expect(events.at(-1)).toMatchObject({
        actor: { kind: 'system' },
        target: { kind: 'issuer', id: trusted.issuer.id },
        changes: changesTo(old, oldKid),
      });
      expect(events).toContainEqual(
        expect.objectContaining({
          deed: 'issuer.key_appeared',
          changes: changesTo(last, idp.currentKey.kid),
        }),
      );
      expect(events).toContainEqual(
        expect.objectContaining({
          deed: 'issuer.key_disappeared',
          changes: changesTo(old, oldKid),
        }),
      );
    });

    it('are refused one by one, however often it publishes them, and asked for no more', async () => {
      const idp = await world.idp();
      const trusted = await world.trusting(idp);
      const [kid] = idp.kids;
      const leaked = await idp.token({ subject: 'ada' });
      await idp.rotateKeys({ keepOld: true });
      const good = await idp.token({ subject: 'ada' });
      const before = [await me(leaked), await me(good)];

      await world.admin.post(`${trusted.path}/keys/${String(kid)}/distrust`, { reason: 'Leaked.' });
      const distrusted = [await me(leaked), await me(good)];
      idp.resetHits();
      await me(await idp.token({ subject: 'bob' }));
      await me(leaked);
      const asked = idp.hits.jwks;
      await world.recheck(trusted);

      expect(before).toEqual([200, 200]);
      expect(distrusted).toEqual([401, 200]);
      expect(asked).toBe(0);
      expect([await me(leaked), await me(good)]).toEqual([401, 200]);
    });

    it('stay refused after they are gone, and are forgotten only when they are trusted again', async () => {
      const idp = await world.idp();
      const trusted = await world.trusting(idp);
      const [kid] = idp.kids;
      await world.admin.post(`${trusted.path}/keys/${String(kid)}/distrust`, { reason: 'Leaked.' });
      await idp.rotateKeys({ keepOld: false });
      await world.recheck(trusted);

      const gone = await world.admin.get(trusted.path);
      const trust = await world.admin.post(`${trusted.path}/keys/${String(kid)}/trust`);

      const published = { kid: idp.currentKey.kid, published: true, distrusted: false };
      expect(gone.json).toMatchObject({
        keyIds: [idp.currentKey.kid],
        publicKeys: [published, { kid, published: false, distrusted: true, reason: 'Leaked.' }],
      });
      expect(trust.json).toMatchObject({ publicKeys: [published] });
    });
  });

  describe('that a registration brings along', () => {
    interface Brought extends Trusting {
      readonly keys: readonly [SigningKey, SigningKey];
      token(key: SigningKey, kid?: string): string;
    }

    async function brought(): Promise<Brought> {
      const keys = [await newSigningKey('EdDSA'), await newSigningKey('ES256')] as const;
      const issuer = `https://login.keys${++hosts}.example`;
      const jwks = { keys: keys.map(({ publicJwk }) => publicJwk) };
      const trusted = await world.trusting({ issuer }, { keys: { jwks } });
      return {
        ...trusted,
        keys,
        token: ({ algorithm: alg, kid: own, privateKey: key }, kid = own) => {
          const iat = Math.floor(Date.now() / 1_000);
          const payload = {
            iss: issuer,
            aud: 'tenantry',
            sub: 'ada',
            iat,
            exp: iat + HOUR_SECONDS,
          };
          return craftToken({ header: { alg, kid, typ: 'JWT' }, payload, key });
        },
      };
    }

    const act = (
      { path }: Brought,
      key: string,
      verb: 'distrust' | 'trust',
      reason?: string,
    ): Promise<Answer> =>
      world.admin.post(`${path}/keys/${key}/${verb}`, reason === undefined ? {} : { reason });

    it.each(['kid', 'thumbprint'])('are refused and trusted again by %s', async (by) => {
      const issuer = await brought();
      const [leaked, good] = issuer.keys;
      const name = by === 'kid' ? leaked.kid : await thumbprintOf(leaked);
      const open = async (): Promise<number[]> => [
        await me(issuer.token(leaked)),
        await me(issuer.token(good)),
      ];

      const before = await open();
      const distrust = await act(issuer, name, 'distrust', 'Leaked.');
      const refused = await open();
      await act(issuer, name, 'trust');

      expect([before, refused, await open()]).toEqual([
        [200, 200],
        [401, 200],
        [200, 200],
      ]);
      expect(distrust.json).toMatchObject({
        keyIds: [good.kid],
        publicKeys: [
          {
            kid: leaked.kid,
            thumbprint: await thumbprintOf(leaked),
            published: true,
            distrusted: true,
            reason: 'Leaked.',
          },
          { kid: good.kid, published: true, distrusted: false, reason: null },
        ],
      });
    });

    it('stay refused under another kid', async () => {
      const issuer = await brought();
      const [leaked, good] = issuer.keys;
      await act(issuer, leaked.kid, 'distrust');
      const keys = [{ ...leaked.publicJwk, kid: 'fresh' }, good.publicJwk];

      const renamed = await send(world.api.url, {
        method: 'PATCH',
        path: `${issuer.path}?wait=first-validation`,
        token: world.admin.token,
        headers: { 'if-match': '*' },
        body: { keys: { jwks: { keys } } },
      });

      expect(renamed.json).toMatchObject({ keyIds: [good.kid], health: { state: 'healthy' } });
      expect([
        await me(issuer.token(leaked, 'fresh')),
        await me(issuer.token(leaked)),
        await me(issuer.token(good)),
      ]).toEqual([401, 401, 200]);
    });

    it('are distrusted once, however often that is asked for', async () => {
      const issuer = await brought();
      const [leaked] = issuer.keys;

      const first = await act(issuer, leaked.kid, 'distrust', 'Leaked.');
      const second = await act(issuer, await thumbprintOf(leaked), 'distrust', 'Again.');

      expect([first.status, second.text]).toEqual([200, first.text]);
    });

    it('are not found by a kid that is none of them', async () => {
      const issuer = await brought();
      const [trusted] = issuer.keys;

      const refused = [
        await act(issuer, 'nobody', 'distrust'),
        await act(issuer, 'nobody', 'trust'),
        await act(issuer, trusted.kid, 'trust'),
      ];

      expect(refused.map(refusalOf)).toEqual(refused.map(() => '404 issuers.key_not_found'));
    });
  });

  describe('as they were found', () => {
    it('are a history, newest first and page by page', async () => {
      const idp = await world.idp();
      const trusted = await world.trusting(idp);
      idp.respondWith(503);
      await world.recheck(trusted);
      idp.respondWith(404);
      await world.recheck(trusted);
      await idp.comeUp();
      await world.recheck(trusted);

      const first = await world.admin.get(`${trusted.path}/verdicts?limit=3`);
      const { nextCursor } = first.json as { readonly nextCursor: string };
      const second = await world.admin.get(
        `${trusted.path}/verdicts?limit=3&cursor=${encodeURIComponent(nextCursor)}`,
      );

      const reason = 'The server answered with a status other than 200.';
      expect(itemsOf(first)).toMatchObject([
        { verdict: 'ok', reason: null, state: 'healthy' },
        { verdict: 'permanent', reason, state: 'disabled' },
        { verdict: 'transient', reason, state: 'unverified' },
      ]);
      expect(second.json).toMatchObject({
        items: [{ verdict: 'ok', reason: null, state: 'healthy', tookMs: expect.any(Number) }],
        nextCursor: null,
      });
    });

    it('are no history of another tenant, nor of its cursor', async () => {
      const idp = await world.idp();
      const [one, other] = [await world.trusting(idp), await world.createTenant()];
      await world.recheck(one);
      const second = await world.registerIssuer(other, await world.idp());
      const page = await world.admin.get(`${one.path}/verdicts?limit=1`);
      const { nextCursor } = page.json as { readonly nextCursor: string };
      const issuers = `/v1/tenants/${other.id}/issuers`;

      const foreign = await world.admin.get(`${issuers}/${one.issuer.id}/verdicts`);
      const cursor = await world.admin.get(
        `${issuers}/${second.id}/verdicts?cursor=${encodeURIComponent(nextCursor)}`,
      );

      expect(refusalOf(foreign)).toBe('404 issuers.not_found');
      expect(refusalOf(cursor)).toBe('422 request.cursor_invalid');
    });
  });
});
