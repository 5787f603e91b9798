import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from './eventually.js';
import { type Answer, itemsOf, pointersOf, textOf } from './send.js';
import { type Household, refusalOf, type Registered, TrustWorld } from './trust-world.js';

const UNPROVEN = { state: 'pending', reason: 'ownership_unproven' };
const UNSHOWN = '409 issuers.ownership_unproven';

describe('the ownership of an issuer', () => {
  let world: TrustWorld;
  let acme: Household;
  let globex: Household;

  beforeAll(async () => {
    world = await TrustWorld.start();
    [acme, globex] = [await world.household(), await world.household()];
  });
  afterEach(() => {
    world.txt.recover();
  });
  afterAll(() => world.close());

  const pathOf = ({ id }: Registered): string => `${acme.issuers}/${id}`;
  const prove = ({ id }: Registered): Promise<Answer> => acme.post(`${acme.issuers}/${id}/prove`);

  describe('that nobody has shown', () => {
    it('leaves the registration pending, and says what to publish', async () => {
      const host = world.host();

      const registered = await world.registered(acme, `https://${host}`);

      expect(registered).toMatchObject({
        health: { ...UNPROVEN, lastCheckedAt: null, nextCheckAt: null },
        ownership: {
          proven: false,
          provenAt: null,
          method: null,
          name: `_tenantry.${host}`,
          names: [`_tenantry.${host}`],
          value: expect.stringMatching(/^tenantry-issuer=[0-9a-f]{32}$/),
        },
      });
      expect((await acme.get(pathOf(registered))).json).toMatchObject({
        ownership: registered.ownership,
      });
    });

    it('opens nothing and claims nothing', async () => {
      const issuer = `https://${world.host()}`;
      await world.registered(acme, issuer);
      const token = world.token(issuer);

      const before = await world.opens(token);
      await world.vouched(globex, issuer);

      expect([before, await world.opens(token)]).toEqual([401, globex.id]);
    });

    it('is not shown by enabling or rechecking it', async () => {
      const issuer = `https://${world.host()}`;
      const registered = await world.registered(acme, issuer);

      const answers = [
        await acme.post(`${pathOf(registered)}/recheck`),
        await acme.post(`${pathOf(registered)}/disable`),
        await acme.post(`${pathOf(registered)}/enable`),
      ];

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      for (const { json } of answers) expect(json).toMatchObject({ health: UNPROVEN });
      expect(await world.opens(world.token(issuer))).toBe(401);
    });
  });

  describe('that a record shows', () => {
    it('makes the registration healthy, and its tokens open the tenant', async () => {
      const issuer = `https://${world.host()}`;
      const registered = await world.registered(acme, issuer);
      world.publish(registered.ownership);

      const { status, json } = await prove(registered);
      const again = await prove(registered);

      expect(status).toBe(200);
      expect(json).toMatchObject({
        health: { state: 'healthy', reason: null },
        ownership: { proven: true, method: 'dns', provenAt: expect.any(String) },
      });
      expect(again.json).toEqual(json);
      expect(await world.opens(world.token(issuer))).toBe(acme.id);
    });

    it('is not shown without it, which the refusal names', async () => {
      const registered = await world.registered(acme, `https://${world.host()}`);
      const { name, value } = registered.ownership;

      const refused = await prove(registered);

      expect(refusalOf(refused)).toBe(UNSHOWN);
      expect(textOf(refused, 'detail')).toBe(
        `There is no TXT record "${value}" at ${String(name)} yet. A new one takes a while to spread.`,
      );
    });

    it.each<[string, (own: Registered, other: Registered) => readonly [string | null, string]]>([
      ['another value', ({ ownership: { name } }) => [name, 'tenantry-issuer=00']],
      ['half the value', ({ ownership: { name, value } }) => [name, value.slice(0, -1)]],
      ['more than the value', ({ ownership: { name, value } }) => [name, `${value}0`]],
      [
        'the value of another tenant',
        ({ ownership }, other) => [ownership.name, other.ownership.value],
      ],
      [
        'the host itself',
        ({ ownership: { name, value } }) => [String(name).replace('_tenantry.', ''), value],
      ],
      [
        'the domain above',
        ({ ownership: { name, value } }) => [String(name).replace('.login', ''), value],
      ],
    ])('is not shown by a record with %s', async (_, recordOf) => {
      const issuer = `https://${world.host()}`;
      const own = await world.registered(acme, issuer);
      const [name, value] = recordOf(own, await world.registered(globex, issuer));
      world.txt.publish(String(name), value);

      expect(refusalOf(await prove(own))).toBe(UNSHOWN);
      expect(await world.issuer(pathOf(own))).toMatchObject({ ownership: { proven: false } });
    });

    it('is found among other records', async () => {
      const registered = await world.registered(acme, `https://${world.host()}`);
      const { name, value } = registered.ownership;
      world.txt.publish(String(name), 'v=spf1 -all', ` ${value} `, 'tenantry-issuer=00');

      expect((await prove(registered)).status).toBe(200);
    });

    it('is unknown while the name server is down: come back later', async () => {
      const registered = await world.registered(acme, `https://${world.host()}`);
      world.publish(registered.ownership);
      world.txt.mode = 'fails';

      const refused = await prove(registered);
      world.txt.mode = 'answers';

      expect(refusalOf(refused)).toBe('503 issuers.ownership_lookup_failed');
      expect(refused.headers['retry-after']).toBe('10');
      expect((await prove(registered)).status).toBe(200);
    });

    it('needs a record on every host of its aliases', async () => {
      const [host, other] = [world.host(), world.host()];
      const issuerAliases = [`https://${other}`, `https://${host}/second`];
      const registered = await world.registered(acme, `https://${host}`, { issuerAliases });
      const { names, value } = registered.ownership;
      world.txt.publish(`_tenantry.${host}`, value);

      const half = await prove(registered);
      world.txt.publish(`_tenantry.${other}`, value);

      expect(names).toEqual([`_tenantry.${host}`, `_tenantry.${other}`]);
      expect(textOf(half, 'detail')).toContain(`at _tenantry.${other} yet`);
      expect((await prove(registered)).status).toBe(200);
      expect(await world.opens(world.token(`https://${other}`))).toBe(acme.id);
    });

    it('is looked for a few times, and then throttled', async () => {
      const registered = await world.registered(acme, `https://${world.host()}`);
      const before = world.txt.lookups;

      const answers = [];
      for (let count = 0; count < 6; count += 1) answers.push(await prove(registered));

      expect(answers.map(refusalOf)).toEqual([
        ...Array.from({ length: 5 }, () => UNSHOWN),
        '429 access.throttled',
      ]);
      expect(answers.at(-1)?.headers['retry-after']).toBe('10');
      expect(world.txt.lookups - before).toBe(5);
    });

    it.each([
      ['changed', '409 issuers.changed_meanwhile'],
      ['removed', '404 issuers.not_found'],
    ])('is void where the registration is %s while it is looked up', async (how, refusal) => {
      const registered = await world.registered(acme, `https://${world.host()}`);
      const path = pathOf(registered);
      world.publish(registered.ownership);
      world.txt.mode = 'hangs';
      const before = world.txt.lookups;

      const proving = prove(registered);
      await eventually(
        () => world.txt.lookups,
        (lookups) => lookups > before,
      );
      if (how === 'removed') await acme.delete(path);
      else await acme.patch(path, { issuer: `https://${world.host()}` });
      world.txt.recover();

      expect(refusalOf(await proving)).toBe(refusal);
    });
  });

  describe('of a provider that many organizations share', () => {
    const GOOGLE = 'https://accounts.google.com';
    const GITHUB = 'https://token.actions.githubusercontent.com';

    it.each([GOOGLE, GITHUB])('cannot be told without a discriminator: %s', async (issuer) => {
      const refused = await acme.post(acme.issuers, world.body(issuer));

      expect(refusalOf(refused)).toBe('422 issuers.match_required');
      expect(pointersOf(refused)).toEqual(['/match']);
    });

    it('is shown on the domain that the discriminator names', async () => {
      const match = { claim: 'hd', value: 'acme.example' };
      const registered = await world.registered(acme, GOOGLE, { match });
      world.publish(registered.ownership);

      const { json } = await prove(registered);
      const opened = ['acme.example', 'globex.example'].map((hd) =>
        world.opens(world.token(GOOGLE, { hd })),
      );

      expect(registered.ownership.names).toEqual(['_tenantry.acme.example']);
      expect(json).toMatchObject({ ownership: { method: 'dns' }, health: { state: 'healthy' } });
      expect(await Promise.all(opened)).toEqual([acme.id, 401]);
    });

    const matching = (claim: string, value = 'acme.example'): object => ({
      audiences: ['another'],
      match: { claim, value },
    });

    it.each([
      ['Google by another claim', GOOGLE, matching('email', 'ada.example')],
      ['GitHub Actions', GITHUB, matching('repository_owner')],
      ['Entra for all', 'https://login.microsoftonline.com/common/v2.0', matching('tid')],
      ['Entra for one', 'https://login.microsoftonline.com/7d3f0c1e/v2.0', {}],
      ['Okta', 'https://acme.okta.com', {}],
      ['an address', 'https://192.0.2.7', {}],
      ['an IPv6 address', 'https://[2001:db8::7]', {}],
      ['this machine', 'https://localhost', {}],
      ['a name without a dot', 'https://intranet', {}],
      ['a cluster', 'https://kubernetes.default.svc.cluster.local', {}],
      ['a provider as alias', 'https://a.example', { issuerAliases: ['https://a.auth0.com'] }],
    ])('has no record: %s', async (_, issuer, given) => {
      const registered = await world.registered(acme, issuer, given);

      const refused = await prove(registered);
      const approved = await world.admin.post(`${pathOf(registered)}/approve`);

      expect(registered.ownership).toMatchObject({ name: null, names: [] });
      expect(refusalOf(refused)).toBe(UNSHOWN);
      expect(textOf(refused, 'detail')).toContain('ask the platform to approve it');
      expect(approved.json).toMatchObject({
        ownership: { proven: true, method: 'approval' },
        health: { state: 'healthy' },
      });
    });
  });

  it('is on record by how it was shown, and approved by no tenant', async () => {
    const own = await world.household();
    await world.proven(own, `https://${world.host()}`);
    const { id } = await world.registered(own, `https://${world.host()}`);
    const byItself = await own.post(`${own.issuers}/${id}/approve`);
    await world.admin.post(`${own.issuers}/${id}/approve`);

    const trail = await own.get(`/v1/tenants/${own.id}/audit/events?limit=50`);
    const deeds = itemsOf(trail).map(({ deed, outcome }) => `${String(deed)} ${String(outcome)}`);

    expect(byItself.status).toBe(403);
    expect(deeds.filter((deed) => /proven|approved/.test(deed))).toEqual([
      'issuer.approved done',
      'issuer.proven done',
    ]);
  });
});
