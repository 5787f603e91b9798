import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type IdentityProvider } from '@tenantry/testing';
import { type Answer } from './send.js';
import { answeredWith, type Caller, type IssuerView, type Trusting, World } from './world.js';

const STAFF = { group: 'staff', role: 'operator' };

describe('a registration', () => {
  let world: World;
  let idp: IdentityProvider;
  let audiences = 0;

  beforeAll(async () => {
    world = await World.start();
    idp = await world.idp();
  });
  afterAll(() => world.close());

  const anAudience = (): string => `audience-${++audiences}`;

  const me = (token: string): Promise<Answer> => world.bearer(token).get('/v1/me');
  const statusOf = async (token: string): Promise<number> => (await me(token)).status;

  /** An admin of the tenant, who came by the tenant's own issuer. */
  async function chiefOf({ tenant, issuer }: Trusting, audience: string): Promise<Caller> {
    await world.addMember(tenant, {
      email: 'chief@acme.example',
      roles: ['tenant-admin'],
      issuerId: issuer.id,
      subject: 'chief',
    });
    return world.bearer(await idp.token({ subject: 'chief', audience }));
  }

  describe('of tokens that others have claimed', () => {
    it('is refused, and never says by whom', async () => {
      const [audience, another] = [anAudience(), anAudience()];
      const { tenant } = await world.trusting(idp, { audiences: [audience] });
      const other = await world.createTenant();

      const refused = await world.register(other, idp.issuer, { audiences: [another, audience] });
      const narrowed = await world.register(other, idp.issuer, {
        audiences: [audience],
        match: { claim: 'hd', value: 'acme.example' },
      });
      const disjoint = await world.register(other, idp.issuer, { audiences: [another] });

      expect([refused.status, narrowed.status, disjoint.status]).toEqual([409, 409, 201]);
      expect(refused.json).toMatchObject({ code: 'issuers.not_disjoint' });
      expect(refused.text).not.toContain(tenant.id);
      expect(refused.text).not.toContain(tenant.slug);
    });

    it('is good by another value of the same discriminator, which routes the tokens', async () => {
      const audience = anAudience();
      const matching = (value: string): object => ({
        audiences: [audience],
        match: { claim: 'hd', value },
      });
      const acme = await world.trusting(idp, matching('acme.example'));
      const globex = await world.trusting(idp, matching('globex.example'));
      const tokenOf = (hostedDomain?: string): Promise<string> =>
        idp.token({ subject: 'ada', audience, ...(hostedDomain && { hostedDomain }) });

      const [atAcme, atGlobex, elsewhere, nowhere] = await Promise.all(
        ['acme.example', 'globex.example', 'Acme.example', undefined].map(async (domain) =>
          me(await tokenOf(domain)),
        ),
      );

      expect(atAcme?.json).toMatchObject({ tenant: { id: acme.tenant.id } });
      expect(atGlobex?.json).toMatchObject({ tenant: { id: globex.tenant.id } });
      expect([elsewhere?.status, nowhere?.status]).toEqual([401, 401]);
    });

    it('opens nothing to a token that belongs to another one as well', async () => {
      const [one, other] = [anAudience(), anAudience()];
      await world.trusting(idp, { audiences: [one] });
      await world.trusting(idp, { audiences: [other] });

      const statuses = [
        await statusOf(await idp.token({ subject: 'ada', audience: [one, 'elsewhere'] })),
        await statusOf(await idp.token({ subject: 'ada', audience: [one, other] })),
      ];

      expect(statuses).toEqual([200, 401]);
    });

    it('is won by one of many that come at the same moment', async () => {
      const contested = { audiences: [anAudience()] };
      const tenants = await Promise.all(Array.from({ length: 10 }, () => world.createTenant()));

      const answers = await Promise.all(
        tenants.map((tenant) => world.register(tenant, idp.issuer, contested)),
      );

      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        201, 409, 409, 409, 409, 409, 409, 409, 409, 409,
      ]);
    });

    it.each(['disabled', 'deleted'])('is refused where the other one is %s', async (how) => {
      const contested = { audiences: [anAudience()] };
      const { tenant, path } = await world.trusting(idp, contested);
      const token = await idp.token({ subject: 'ada', audience: contested.audiences });
      const before = await statusOf(token);
      await (how === 'disabled' ? world.admin.post(`${path}/disable`) : world.admin.delete(path));
      const after = await statusOf(token);

      const byAnother = await world.register(await world.createTenant(), idp.issuer, contested);
      const byTheSame = await world.register(tenant, idp.issuer, contested);

      expect([before, after]).toEqual([200, 401]);
      expect([byAnother.status, byTheSame.status]).toEqual([409, how === 'disabled' ? 409 : 201]);
      expect(await statusOf(token)).toBe(how === 'disabled' ? 401 : 200);
    });
  });

  describe('by a tenant', () => {
    it('opens nothing, and fetches nothing, until a platform admin approves it', async () => {
      const audience = anAudience();
      const trusting = await world.trusting(idp, { audiences: [audience] });
      const chief = await chiefOf(trusting, audience);
      const own = await world.idp();
      const issuers = `/v1/tenants/${trusting.tenant.id}/issuers`;
      const token = await own.token({ subject: 'ada' });

      const body = {
        issuer: own.issuer,
        audiences: ['tenantry'],
        admission: 'anyone',
        roles: ['viewer'],
      };
      const registered = answeredWith(201, await chief.post(issuers, body)) as IssuerView;
      const path = `${issuers}/${registered.id}`;
      const rechecked = answeredWith(200, await chief.post(`${path}/recheck`));
      const refused = await statusOf(token);
      const byItself = await chief.post(`${path}/approve`);
      const hits = own.hits;
      const approved = await world.act({ path }, 'approve');

      const unproven = { health: { state: 'pending', reason: 'ownership_unproven' } };
      expect([registered, rechecked]).toMatchObject([unproven, unproven]);
      expect([refused, byItself.status]).toEqual([401, 403]);
      expect(hits).toMatchObject({ discovery: 0, jwks: 0 });
      expect(approved).toMatchObject({ health: { state: 'healthy', reason: null } });
      expect(await me(token)).toMatchObject({
        status: 200,
        json: { tenant: { id: trusting.tenant.id } },
      });
    });

    it('locks nobody out: whose issuer it is may register it, and then it stays unapproved', async () => {
      const audience = anAudience();
      const thief = await world.trusting(idp, { audiences: [audience] });
      const chief = await chiefOf(thief, audience);
      const victimIdp = await world.idp();
      const issuers = `/v1/tenants/${thief.tenant.id}/issuers`;
      const body = { issuer: victimIdp.issuer, audiences: ['tenantry'] };
      const registered = answeredWith(201, await chief.post(issuers, body)) as IssuerView;

      const victim = await world.trusting(victimIdp);
      const approval = await world.admin.post(`${issuers}/${registered.id}/approve`);

      expect(victim.issuer.health.state).toBe('healthy');
      expect(approval.status).toBe(409);
      expect(await me(await victimIdp.token({ subject: 'ada' }))).toMatchObject({
        json: { tenant: { id: victim.tenant.id } },
      });
    });
  });

  describe('with keys of its own choice', () => {
    it('fetches them from where it says', async () => {
      const provider = await world.idp();
      provider.lie({ kind: 'wrong-issuer', at: 'discovery' });

      const { issuer } = await world.trusting(provider, { keys: { jwksUri: provider.jwksUri } });

      expect(issuer.health.state).toBe('healthy');
      expect(issuer.keyIds).toEqual(provider.kids);
      expect(provider.hits).toMatchObject({ discovery: 0, jwks: 1 });
      expect(await statusOf(await provider.token({ subject: 'ada' }))).toBe(200);
    });

    it('takes those that it brings along, and asks nobody for others', async () => {
      const provider = await world.idp();
      const { publicJwk } = provider.currentKey;
      await world.trusting(provider, { keys: { jwks: { keys: [publicJwk] } } });
      const before = await statusOf(await provider.token({ subject: 'ada' }));
      await provider.rotateKeys({ keepOld: true });

      const after = await statusOf(await provider.token({ subject: 'ada' }));

      expect([before, after]).toEqual([200, 401]);
      expect(provider.hits).toMatchObject({ discovery: 0, jwks: 0 });
    });

    it('believes the algorithms that it names, and no other that the keys would allow', async () => {
      const provider = await world.idp({ algorithm: 'ES256', alsoPublishes: ['RS256'] });
      await world.trusting(provider, { algorithms: ['RS256', 'ES384'] });
      const es256 = await statusOf(await provider.token({ subject: 'ada' }));
      await provider.rotateKeys({ keepOld: true, algorithm: 'ES384' });

      const es384 = await statusOf(await provider.token({ subject: 'ada' }));

      expect([es256, es384]).toEqual([401, 200]);
    });
  });

  describe('with bounds of time', () => {
    const ago = (seconds: number): number => Math.floor(Date.now() / 1_000) - seconds;

    it.each([
      ['its trust has ended', { notAfter: '2020-01-01T00:00:00Z' }, {}, 401],
      ['its trust has not ended', { notAfter: '2120-01-01T00:00:00Z' }, {}, 200],
      ['a token is too old', { maxTokenAgeSeconds: 60 }, { iat: ago(120) }, 401],
      ['a token is not too old', { maxTokenAgeSeconds: 60 }, { iat: ago(10) }, 200],
      ['a token is as old as it likes', {}, { iat: ago(86_400) }, 200],
      ['a token expired within the skew', { clockSkewSeconds: 300 }, { exp: ago(200) }, 200],
      ['a token expired beyond the skew', { clockSkewSeconds: 100 }, { exp: ago(200) }, 401],
      ['a token begins within the skew', { clockSkewSeconds: 300 }, { nbf: ago(-200) }, 200],
      ['a token begins beyond the skew', { clockSkewSeconds: 100 }, { nbf: ago(-200) }, 401],
      ['a token is of the near future', { clockSkewSeconds: 300 }, { iat: ago(-200) }, 200],
      ['a token is of the future', { clockSkewSeconds: 100 }, { iat: ago(-200) }, 401],
    ])('where %s', async (_, given, claims, status) => {
      const audience = anAudience();
      await world.trusting(idp, { ...given, audiences: [audience] });

      const token = await idp.token({ subject: 'ada', audience, claims });

      expect(await statusOf(token)).toBe(status);
    });
  });

  describe('that says who gets in', () => {
    it('reads the claims that it names', async () => {
      const audience = anAudience();
      await world.trusting(idp, {
        audiences: [audience],
        claims: { subject: 'oid', email: 'upn', name: 'display', groups: 'teams' },
        roleMapping: [STAFF],
      });

      const named = { oid: 'o-1', upn: 'ada@acme.example', display: 'Ada', teams: ['staff'] };
      const whole = await me(await idp.token({ subject: 'ada', audience, claims: named }));
      const without = await statusOf(await idp.token({ subject: 'ada', audience }));

      expect(whole.json).toMatchObject({
        actor: { subject: 'o-1', email: 'ada@acme.example' },
        roles: ['viewer', 'operator'],
      });
      expect(without).toBe(401);
    });

    it('admits members alone, unless it says otherwise', async () => {
      const audience = anAudience();
      const { tenant, issuer } = await world.trusting(idp, {
        audiences: [audience],
        admission: undefined,
        roleMapping: [STAFF],
      });
      await world.addMember(tenant, {
        email: 'ada@acme.example',
        roles: ['builder'],
        issuerId: issuer.id,
        subject: 'ada',
      });
      const groups = ['staff'];

      const member = await me(await idp.token({ subject: 'ada', audience, groups }));
      const stranger = await me(await idp.token({ subject: 'bob', audience, groups }));

      expect(member.json).toMatchObject({ roles: ['builder', 'operator'] });
      expect(stranger).toMatchObject({
        status: 403,
        json: { code: 'access.membership_missing' },
      });
    });

    it('makes nobody an admin whom it admits, whatever the groups', async () => {
      const audience = anAudience();
      await world.trusting(idp, {
        audiences: [audience],
        roleMapping: [STAFF, { group: 'chiefs', role: 'tenant-admin' }],
      });

      const { json } = await me(
        await idp.token({ subject: 'ada', audience, groups: ['chiefs', 'staff'] }),
      );

      expect(json).toMatchObject({ roles: ['viewer', 'operator'] });
      expect(json).not.toMatchObject({ permissions: expect.arrayContaining(['issuers:write']) });
    });
  });
});
