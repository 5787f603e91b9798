import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { itemsOf, textOf } from './send.js';
import { type Household, refusalOf, TrustWorld } from './trust-world.js';

const BUILT_IN = 'http://tenantry.test';
const PLATFORM = '/v1/platform/issuers';
const WAITING = `${PLATFORM}?wait=first-validation`;

/** What a spec needs to know of a member. */
interface MemberView {
  readonly id: string;
  readonly subject: string | null;
  readonly issuerId: string | null;
}

describe('an issuer of the platform', () => {
  let world: TrustWorld;
  let acme: Household;
  let globex: Household;
  let realm: string;
  let path: string;

  beforeAll(async () => {
    world = await TrustWorld.start();
    [acme, globex] = [await world.household(), await world.household()];
    realm = anIssuer();
    path = await registered(realm);
  });
  afterAll(() => world.close());

  const anIssuer = (): string => `https://${world.host()}`;

  async function registered(issuer: string, given: object = {}): Promise<string> {
    const body = world.body(issuer, { tenantClaim: 'org', ...given });
    return `${PLATFORM}/${textOf(await world.admin.post(WAITING, body), 'id')}`;
  }

  const membersOf = async ({ id }: Household): Promise<MemberView[]> =>
    itemsOf(await world.admin.get(`/v1/tenants/${id}/members`)).map((member) => ({
      id: String(member['id']),
      subject: member['subject'] as string | null,
      issuerId: member['issuerId'] as string | null,
    }));

  const idOf = (route: string): string => route.slice(PLATFORM.length + 1);

  it('is healthy and proven from the start, and names its claim', async () => {
    const { json } = await world.admin.get(path);

    expect(json).toMatchObject({
      issuer: realm,
      tenantClaim: 'org',
      health: { state: 'healthy' },
      ownership: { proven: true, method: 'platform' },
    });
  });

  describe('whose tokens name their tenant', () => {
    it('opens the tenant of that id or slug, and no other', async () => {
      const names = [acme.id, acme.slug, globex.id, globex.slug, acme.id.toUpperCase()];

      const opened = await Promise.all(
        names.map((org) => world.opens(world.token(realm, { org }))),
      );

      expect(opened).toEqual([acme.id, acme.id, globex.id, globex.id, acme.id]);
    });

    it.each<[string, Readonly<Record<string, unknown>>]>([
      ['no claim', {}],
      ['nothing', { org: '' }],
      ['null', { org: null }],
      ['a number', { org: 7 }],
      ['true', { org: true }],
      ['a list', { org: ['m1'] }],
      ['an object', { org: { slug: 'm1' } }],
      ['an unknown slug', { org: 'nobody' }],
      ['an unknown id', { org: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d' }],
      ['the platform itself', { org: '00000000-0000-0000-0000-000000000000' }],
      ['a slug in upper case', { org: 'M1' }],
      ['a slug with a blank', { org: ' m1' }],
      ['a slug with NUL', { org: 'm1\0' }],
      ['the claim in another case', { Org: 'm1' }],
      ['what is too long for a name', { org: 'm'.repeat(64) }],
    ])('is refused where they name %s', async (_, claims) => {
      expect([acme.slug, await world.opens(world.token(realm, claims))]).toEqual(['m1', 403]);
    });

    it('finds the claim by a JSON pointer', async () => {
      const issuer = anIssuer();
      await registered(issuer, { tenantClaim: '/organizations/0/key~1name' });
      const named = { organizations: [{ 'key/name': globex.slug }] };
      const flat = { '/organizations/0/key~1name': globex.slug };

      const opened = await Promise.all(
        [named, flat, { organizations: [] }].map((claims) =>
          world.opens(world.token(issuer, claims)),
        ),
      );

      expect(opened).toEqual([globex.id, 403, 403]);
    });

    it('is refused where the path or the header names another tenant', async () => {
      const token = world.token(realm, { org: acme.id });
      const ask = async (route: string, tenant?: string): Promise<string> =>
        refusalOf(
          await world.matrix.send({
            method: 'GET',
            path: route,
            token,
            ...(tenant !== undefined && { headers: { 'x-tenant-id': tenant } }),
          }),
        );

      const mismatch = '403 access.tenant_mismatch';
      expect([
        await ask('/v1/me', acme.id),
        await ask('/v1/me', acme.slug),
        await ask('/v1/me', globex.id),
        await ask(`/v1/tenants/${globex.id}`),
        await ask(`/v1/tenants/${acme.id}`, globex.slug),
      ]).toEqual(['200', '200', mismatch, mismatch, mismatch]);
    });

    it('is refused while that tenant is suspended, and for no other tenant', async () => {
      const suspended = await world.household();
      const tokens = [suspended, globex].map(({ id }) => world.token(realm, { org: id }));
      const before = await Promise.all(tokens.map((token) => world.opens(token)));
      await world.admin.post(`/v1/tenants/${suspended.id}/suspend`, { reason: 'Unpaid.' });

      const after = await Promise.all(tokens.map((token) => world.opens(token)));

      expect(before).toEqual([suspended.id, globex.id]);
      expect(after).toEqual([403, globex.id]);
    });
  });

  describe('whose subjects are members', () => {
    it('has each be another one in each tenant, removed from one alone', async () => {
      const tokenOf = ({ id }: Household): string => world.token(realm, { sub: 'both', org: id });
      await Promise.all([acme, globex].map((tenant) => world.opens(tokenOf(tenant))));
      const own = (members: MemberView[]): MemberView | undefined =>
        members.find(({ subject }) => subject === 'both');
      const [one, other] = [own(await membersOf(acme)), own(await membersOf(globex))];

      await world.admin.delete(`/v1/tenants/${acme.id}/members/${String(one?.id)}`);

      expect([one?.issuerId, other?.issuerId]).toEqual([idOf(path), idOf(path)]);
      expect(one?.id).not.toBe(other?.id);
      expect(await world.opens(tokenOf(acme))).toBe(403);
      expect(await world.opens(tokenOf(globex))).toBe(globex.id);
    });

    it('binds a member that was added by e-mail, where the address is verified', async () => {
      const issuer = anIssuer();
      await registered(issuer, { admission: 'members', roles: [] });
      const email = 'grace@acme.example';
      await world.admin.post(`/v1/tenants/${acme.id}/members`, { email, roles: ['operator'] });
      const token = (claims: object): string =>
        world.token(issuer, { sub: 'grace', email, org: acme.id, ...claims });

      const opened = [
        await world.opens(token({})),
        await world.opens(token({ email_verified: 'true' })),
        await world.opens(token({ email_verified: true, org: globex.id })),
        await world.opens(token({ email_verified: true })),
        await world.opens(token({ sub: 'eve', email_verified: true })),
        await world.opens(token({ email: 'changed@acme.example' })),
      ];

      expect(opened).toEqual([403, 403, 403, acme.id, 403, acme.id]);
    });

    it('binds nobody who waits with a way to secrets, whatever address it asserts', async () => {
      const issuer = anIssuer();
      await registered(issuer, { admission: 'members', roles: [] });
      const members = `/v1/tenants/${globex.id}/members`;
      for (const [name, permission] of [
        ['revealer', 'secrets:reveal'],
        ['unsealer', 'secrets:unseal'],
      ]) {
        const role = { name, permissions: [permission] };
        await globex.post(`/v1/tenants/${globex.id}/roles`, role);
      }
      const opened = [];
      for (const role of ['tenant-admin', 'revealer', 'unsealer', 'operator']) {
        const email = `${role}@globex.example`;
        await globex.post(members, { email, roles: [role] });
        const claims = { sub: role, email, email_verified: true, org: globex.id };
        opened.push(await world.opens(world.token(issuer, claims)));
      }

      expect(opened).toEqual([403, 403, 403, globex.id]);
    });

    it('cannot be altered where by it somebody reaches the secrets of a claimed tenant', async () => {
      const [tenant, issuer] = [await world.household(), anIssuer()];
      const own = await registered(issuer);
      await world.opens(world.token(issuer, { sub: 'boss', org: tenant.id }));
      const boss = (await membersOf(tenant)).find(({ subject }) => subject === 'boss');
      const path = `/v1/tenants/${tenant.id}/members/${String(boss?.id)}`;
      await tenant.patch(path, { roles: ['tenant-admin'] });
      await tenant.post(`/v1/tenants/${tenant.id}/service-accounts`, {
        name: 'owner',
        roles: ['tenant-admin'],
      });
      const patch = (): ReturnType<typeof world.admin.patch> =>
        world.admin.patch(own, { clockSkewSeconds: 9, keys: { jwks: { keys: [] } } });

      const refused = [
        refusalOf(await world.admin.patch(own, { audiences: ['tenantry', 'more'] })),
        refusalOf(await world.admin.post(`${own}/disable`)),
        refusalOf(await world.admin.delete(own)),
      ];
      await world.admin.post(`/v1/tenants/${tenant.id}/break-glass`, {
        reason: 'Their provider has moved.',
        minutes: 5,
      });

      expect(refused).toEqual(refused.map(() => '403 access.tenant_claimed'));
      expect((await patch()).status).toBe(422);
      expect((await world.admin.post(`${own}/disable`)).status).toBe(200);
    });

    it('leaves neither its tokens nor its members behind', async () => {
      const issuer = anIssuer();
      const own = await registered(issuer);
      const tokens = [acme, globex].map(({ id }) => world.token(issuer, { sub: 'gone', org: id }));
      const before = await Promise.all(tokens.map((token) => world.opens(token)));
      const counted = [await membersOf(acme), await membersOf(globex)].map(
        (members) => members.filter(({ issuerId }) => issuerId === idOf(own)).length,
      );

      const removed = await world.admin.delete(own);

      expect([before, counted, removed.status]).toEqual([[acme.id, globex.id], [1, 1], 204]);
      expect(await Promise.all(tokens.map((token) => world.opens(token)))).toEqual([401, 401]);
      const left = [...(await membersOf(acme)), ...(await membersOf(globex))];
      expect(left.filter(({ issuerId }) => issuerId === idOf(own))).toEqual([]);
      expect(left.length).toBeGreaterThan(0);
    });

    it('refuses all tokens while it is disabled, in every tenant', async () => {
      const issuer = anIssuer();
      const own = await registered(issuer);
      const tokens = [acme, globex].map(({ id }) => world.token(issuer, { org: id }));
      const open = (): Promise<(string | number)[]> =>
        Promise.all(tokens.map((token) => world.opens(token)));

      const before = await open();
      await world.admin.post(`${own}/disable`);
      const disabled = await open();
      await world.admin.post(`${own}/enable`);

      expect([before, disabled, await open()]).toEqual([
        [acme.id, globex.id],
        [401, 401],
        [acme.id, globex.id],
      ]);
    });
  });

  describe('seen from a tenant', () => {
    it.each<[string, (of: string) => readonly [method: string, path: string]]>([
      ['list them', () => ['GET', PLATFORM]],
      ['register one', () => ['POST', PLATFORM]],
      ['read it', (of) => ['GET', of]],
      ['change it', (of) => ['PATCH', of]],
      ['remove it', (of) => ['DELETE', of]],
      ['recheck it', (of) => ['POST', `${of}/recheck`]],
      ['disable it', (of) => ['POST', `${of}/disable`]],
      ['enable it', (of) => ['POST', `${of}/enable`]],
      ['see its verdicts', (of) => ['GET', `${of}/verdicts`]],
      ['distrust a key', (of) => ['POST', `${of}/keys/any/distrust`]],
      ['trust a key', (of) => ['POST', `${of}/keys/any/trust`]],
    ])('is none that its admin may %s', async (_, request) => {
      const [method, route] = request(path);
      const body = method === 'POST' ? world.body(anIssuer(), { tenantClaim: 'org' }) : {};

      const refused = await acme.ask({
        method,
        path: route,
        ...(method.startsWith('P') && { body }),
      });

      expect(refusalOf(refused)).toBe('403 access.permission_missing');
    });

    it('is in no list of the tenant, and found by none of its routes', async () => {
      const own = `${acme.issuers}/${idOf(path)}`;

      const answers = [
        await acme.get(own),
        await acme.delete(own),
        await acme.patch(own, { roles: [] }),
        await acme.post(`${own}/disable`),
        await world.admin.get(own),
      ];

      const ids = itemsOf(await acme.get(acme.issuers)).map(({ id }) => id);
      expect(ids).not.toContain(idOf(path));
      expect(ids).toHaveLength(1);
      expect(answers.map(refusalOf)).toEqual(answers.map(() => '404 issuers.not_found'));
    });

    it.each<[string, () => string]>([
      ['one that selects the tenant by a claim', () => realm],
      ['the built-in one', () => BUILT_IN],
      ['the built-in one with a slash behind', () => `${BUILT_IN}/`],
    ])('is reserved by URL, by alias and by change: %s', async (_, issuerOf) => {
      const issuer = issuerOf();
      const audiences = ['theirs'];
      const own = await world.proven(acme, anIssuer(), { audiences });

      const answers = [
        await acme.post(acme.issuers, world.body(issuer, { audiences })),
        await acme.post(acme.issuers, world.body(anIssuer(), { issuerAliases: [issuer] })),
        await acme.patch(own, { issuer }),
        await acme.patch(own, { issuerAliases: [issuer] }),
      ];

      expect(answers.map(refusalOf)).toEqual(answers.map(() => '422 issuers.issuer_reserved'));
    });

    it.each([
      { roles: ['tenant-admin'] },
      { admission: 'members', roles: ['tenant-admin'] },
      { roleMapping: [{ group: 'bosses', role: 'tenant-admin' }] },
    ])('makes nobody the admin of a tenant: %j', async (given) => {
      const body = world.body(anIssuer(), { tenantClaim: 'org', ...given });

      const answer = await world.admin.post(PLATFORM, body);

      expect(refusalOf(answer)).toBe('422 issuers.admission_too_powerful');
    });

    it.each([{ tenantClaim: undefined }, { tenantClaim: '' }, { tenantClaim: '/a~2' }])(
      'cannot be registered without a claim that can name a tenant: %j',
      async (given) => {
        const { status } = await world.admin.post(PLATFORM, world.body(anIssuer(), given));

        expect(status).toBe(422);
      },
    );
  });
});
