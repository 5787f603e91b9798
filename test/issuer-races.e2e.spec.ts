import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { Validator } from '@tenantry/issuers';
import type { IdentityProvider } from '@tenantry/testing';
import { eventually } from './eventually.js';
import { type Answer, itemsOf, send, textOf } from './send.js';
import { type Api, startApi } from './start-api.js';
import { Superuser } from './superuser.js';
import { refusalOf } from './trust-world.js';
import { type IssuerView, type Trusting, World } from './world.js';

const LATE_BY_MS = 4_000;
const HEALTHY = { state: 'healthy', reason: null };
const UNPROVEN = { state: 'pending', reason: 'ownership_unproven' };
const LIE = { kind: 'wrong-issuer', at: 'discovery' } as const;

describe('an issuer that is looked at while something else happens', () => {
  let world: World;
  let node: Api;
  let superuser: Superuser;
  let idp: IdentityProvider;
  let audiences = 0;

  beforeAll(async () => {
    world = await World.start();
    superuser = new Superuser(world.api);
    [node, idp] = await Promise.all([
      startApi({ databaseUrl: world.api.databaseUrl }),
      world.idp(),
    ]);
  });
  afterEach(async () => {
    idp.tellTheTruth();
    await idp.comeUp();
  });
  afterAll(async () => {
    await superuser.close();
    await node.close();
    await world.close();
  });

  const me = async (token: string): Promise<number> =>
    (await world.bearer(token).get('/v1/me')).status;

  const patch = (path: string, body: object, token = world.admin.token): Promise<Answer> =>
    send(world.api.url, { method: 'PATCH', path, token, body, headers: { 'if-match': '*' } });

  const tokenFor = (audience: string): Promise<string> => idp.token({ subject: 'ada', audience });

  async function trusting(): Promise<Trusting & { readonly audience: string }> {
    const audience = `audience-${++audiences}`;
    return { ...(await world.trusting(idp, { audiences: [audience] })), audience };
  }

  /** Starts what makes us ask the provider, and waits until we have. */
  async function underWay<Result>(begin: () => Promise<Result>): Promise<() => Promise<Result>> {
    const { discovery } = idp.hits;
    const going = begin();
    await eventually(
      () => idp.hits.discovery,
      (hits) => hits > discovery,
    );
    return () => going;
  }

  const verdictsOf = async ({ path }: Pick<Trusting, 'path'>): Promise<unknown[]> =>
    itemsOf(await world.admin.get(`${path}/verdicts`)).map(({ verdict }) => verdict);

  const settled = (id: string): Promise<boolean> =>
    eventually(
      () => world.api.app.get(Validator).isChecking(id),
      (isChecking) => !isChecking,
    );

  describe('for the first time', () => {
    async function registering(
      query = '',
    ): Promise<{ readonly id: string; readonly path: string; answer: () => Promise<Answer> }> {
      const tenant = await world.createTenant();
      const issuers = `/v1/tenants/${tenant.id}/issuers`;
      const audience = `audience-${++audiences}`;
      const body = { issuer: idp.issuer, audiences: [audience], admission: 'anyone' };
      idp.hang();
      const answer = await underWay(() => world.admin.post(issuers + query, body));
      const [registered] = itemsOf(await world.admin.get(issuers));
      return { id: String(registered?.['id']), path: issuers, answer };
    }

    it('is gone where it is removed, whatever the verdict is', async () => {
      const { id, path } = await registering();

      const removed = await world.admin.delete(`${path}/${id}`);
      await idp.comeUp();
      await settled(id);

      expect(removed.status).toBe(204);
      expect(refusalOf(await world.admin.get(`${path}/${id}`))).toBe('404 issuers.not_found');
      expect(
        await superuser.query(
          `select id from issuers where id = $1
           union all select id from issuer_verdicts where issuer_id = $1`,
          [id],
        ),
      ).toEqual([]);
    });

    it('answers who waits for it that there is none, where it is removed', async () => {
      const { id, path, answer } = await registering('?wait=first-validation');

      await world.admin.delete(`${path}/${id}`);
      await idp.comeUp();

      expect(refusalOf(await answer())).toBe('404 issuers.not_found');
    });

    it('is judged anew where it is removed and registered again', async () => {
      const { id, path, answer } = await registering();
      const { audiences: named } = (await answer()).json as { readonly audiences: string[] };
      idp.lie(LIE);
      await world.admin.delete(`${path}/${id}`);
      const body = { issuer: idp.issuer, audiences: named, admission: 'anyone' };

      // Both are waiting for the provider: the old one for the truth, the new one for a lie.
      const second = await underWay(() => world.admin.post(`${path}?wait=first-validation`, body));
      await idp.comeUp();
      const registered = (await second()).json as IssuerView;
      await settled(id);

      expect(registered.id).not.toBe(id);
      expect(registered.health.state).toBe('disabled');
      expect(await me(await tokenFor(named[0] ?? ''))).toBe(401);
      expect(await verdictsOf({ path: `${path}/${registered.id}` })).toEqual(['permanent']);
      idp.tellTheTruth();
      expect(await world.recheck({ path: `${path}/${registered.id}` })).toEqual(HEALTHY);
      expect(itemsOf(await world.admin.get(path))).toHaveLength(1);
    });
  });

  it('keeps the later verdict where an earlier check ends after it', async () => {
    const trusted = await trusting();
    idp.lie(LIE);
    idp.slowDown(LATE_BY_MS);

    const slow = await underWay(() => world.admin.post(`${trusted.path}/recheck`));
    idp.tellTheTruth();
    await idp.comeUp();
    const path = `${trusted.path}/recheck`;
    const fast = await send(node.url, { method: 'POST', path, token: node.adminToken });
    const late = await slow();

    expect(fast.json).toMatchObject({ health: HEALTHY });
    expect(late.json).toMatchObject({ health: HEALTHY });
    expect(await verdictsOf(trusted)).toEqual(['ok', 'ok']);
    expect(await me(await tokenFor(trusted.audience))).toBe(200);
  });

  describe('by what it was before', () => {
    it.each<[string, (path: string) => Promise<Answer>, number]>([
      ['changed', (path) => patch(path, { clockSkewSeconds: 1 }), 200],
      ['disabled', (path) => world.admin.post(`${path}/disable`), 401],
    ])('hears nothing of that where it is %s meanwhile', async (_, change, opened) => {
      const trusted = await trusting();
      idp.lie(LIE);
      idp.hang();

      const rechecking = await underWay(() => world.admin.post(`${trusted.path}/recheck`));
      idp.tellTheTruth();
      const changed = await change(trusted.path);
      await idp.comeUp();

      expect(changed.status).toBe(200);
      expect((await rechecking()).json).toMatchObject({ health: HEALTHY });
      expect(await verdictsOf(trusted)).toEqual(['ok']);
      expect(await me(await tokenFor(trusted.audience))).toBe(opened);
    });

    it('hears nothing of that where it is enabled meanwhile, and is looked at once more', async () => {
      const trusted = await trusting();
      await world.act(trusted, 'disable');
      idp.lie(LIE);
      idp.hang();

      const rechecking = await underWay(() => world.admin.post(`${trusted.path}/recheck`));
      idp.tellTheTruth();
      const enabling = world.act(trusted, 'enable');
      await eventually(
        async () => textOf(await world.admin.get(trusted.path), 'status'),
        (status) => status === 'enabled',
      );
      await idp.comeUp();
      await rechecking();

      expect((await enabling).health).toMatchObject(HEALTHY);
      expect(await verdictsOf(trusted)).toEqual(['ok', 'ok']);
    });

    it('is not asked for its keys where nobody has shown any more whose it is', async () => {
      const trusted = await trusting();
      const { tenant, issuer, path, audience } = trusted;
      await world.addMember(tenant, {
        email: 'chief@acme.example',
        roles: ['tenant-admin'],
        issuerId: issuer.id,
        subject: 'chief',
      });
      const chief = await idp.token({ subject: 'chief', audience });
      const foreign = await world.idp();
      idp.hang();

      const rechecking = await underWay(() => world.admin.post(`${path}/recheck`));
      const queued = world.bearer(chief).post(`${path}/recheck`);
      const changed = await patch(path, { issuer: foreign.issuer }, chief);
      await idp.comeUp();
      await Promise.all([rechecking(), queued]);
      await settled(issuer.id);

      expect(changed.json).toMatchObject({ health: UNPROVEN });
      expect((await world.admin.get(path)).json).toMatchObject({ health: UNPROVEN });
      expect(foreign.hits).toMatchObject({ discovery: 0, jwks: 0 });
    });
  });

  it.each([1, 2, 3])('loses neither new keys nor a distrusted one (round %i)', async () => {
    const trusted = await trusting();
    const [old] = idp.kids;
    const oldToken = await tokenFor(trusted.audience);
    const before = await me(oldToken);
    await idp.rotateKeys({ keepOld: true });

    const [distrusted] = await Promise.all([
      world.admin.post(`${trusted.path}/keys/${String(old)}/distrust`),
      world.recheck(trusted),
      send(node.url, {
        method: 'POST',
        path: `${trusted.path}/recheck`,
        token: node.adminToken,
      }),
    ]);

    expect([before, distrusted.status]).toEqual([200, 200]);
    expect(await me(oldToken)).toBe(401);
    expect(await me(await tokenFor(trusted.audience))).toBe(200);
    expect((await world.admin.get(trusted.path)).json).toMatchObject({
      keyIds: idp.kids.filter((kid) => kid !== old),
    });
  });
});
