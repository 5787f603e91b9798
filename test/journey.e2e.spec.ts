import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createClient, type TenantryClient } from '@tenantry/client';
import { craftToken, newSigningKey } from '@tenantry/testing';
import {
  type Joined,
  JourneyWorld,
  listed,
  outcomeOf,
  outcomesOf,
  PASSWORD,
  refusalOf,
  type SignedIn,
  story,
} from './journey-world.js';
import { type Api, ADMIN_PERSON } from './start-api.js';

const ROOT = ADMIN_PERSON.email;
const GONE = '401 access.token_invalid';
const OUT = '403 access.membership_missing';
const LACKING = '403 access.permission_missing';
const CLAIMED = '403 access.tenant_claimed';
const INVALID_GRANT = '400 invalid_grant';
const INVALID_CLIENT = '401 invalid_client';
const INVALID_TARGET = '400 invalid_target';

describe('journeys by the generated client', () => {
  let world: JourneyWorld;
  let root: TenantryClient;

  beforeAll(async () => {
    world = await JourneyWorld.start();
    const { password } = ADMIN_PERSON;
    root = world.session((await world.signIn(ROOT, { password })).tokens);
  });
  afterAll(() => world.close());

  const found = async (slug: string): Promise<string> =>
    (await root.POST('/v1/tenants', { body: { slug, displayName: slug } })).data.id;

  const me = (client: TenantryClient): Promise<unknown> => client.GET('/v1/me');

  describe('a tenant, from its first admin to its last revoked key', () => {
    const SLUG = 'acme';
    const IN = { params: { path: { tenant: SLUG } } };
    const CHIEF = 'chief@acme.example';
    const OPERATOR = 'otto@acme.example';
    let chief: TenantryClient;
    let operator: Joined & SignedIn;
    let robot: { readonly id: string; readonly clientId: string; readonly clientSecret: string };
    let robotToken: string;
    let key: { readonly id: string; readonly key: string };

    const account = (): { readonly tenant: string; readonly account: string } => ({
      tenant: SLUG,
      account: robot.id,
    });
    const byKey = ({ url }: Api): TenantryClient =>
      createClient({ baseUrl: url, apiKey: key.key });
    const bySecret = ({ url }: Api, clientSecret = robot.clientSecret): TenantryClient =>
      createClient({ baseUrl: url, credentials: { clientId: robot.clientId, clientSecret } });
    const byOperator = (node: Api): TenantryClient =>
      world.bearer(operator.tokens.accessToken, node);

    it('begins with the platform, whose invitation makes the tenant admin', async () => {
      const id = await found(SLUG);

      const { tokens, memberId } = await world.enter(root, SLUG, {
        email: CHIEF,
        roles: ['tenant-admin'],
      });
      chief = world.session(tokens);

      expect((await chief.GET('/v1/me')).data).toMatchObject({
        actor: { kind: 'person', id: memberId, email: CHIEF },
        tenant: { id, slug: SLUG },
        roles: ['tenant-admin'],
        permissions: expect.arrayContaining(['members:write', 'secrets:reveal']),
      });
    });

    it('goes on with an operator, who works and does no more', async () => {
      operator = await world.enter(chief, SLUG, { email: OPERATOR, roles: ['operator'] });
      const otto = byOperator(world.first);

      const members = listed(
        otto.list('/v1/tenants/{tenant}/members', { path: IN.params.path, query: { limit: 1 } }),
      );

      expect((await members).map(({ email, status }) => [email, status])).toEqual([
        [CHIEF, 'active'],
        [OPERATOR, 'active'],
      ]);
      const body = { name: 'mine', permissions: ['members:write'] };
      expect(
        await outcomesOf([
          () => otto.GET('/v1/tenants/{tenant}/audit/events', IN),
          () => otto.POST('/v1/tenants/{tenant}/roles', { ...IN, body }),
          () => otto.GET('/v1/tenants/{tenant}/issuers', IN),
        ]),
      ).toEqual(['done', LACKING, LACKING]);
    });

    it('gives a machine what its role says, made once over a line that breaks', async () => {
      const role = { name: 'auditor', permissions: ['audit:read', 'members:read'] };
      await chief.POST('/v1/tenants/{tenant}/roles', { ...IN, body: role });
      const sent: (string | null)[] = [];
      const careless = createClient({
        baseUrl: world.first.url,
        accessToken: (await world.signIn(CHIEF, { tenant: SLUG })).tokens.accessToken,
        timing: { sleep: () => Promise.resolve() },
        // The first answer is lost on its way.
        fetch: async (request) => {
          const isFirst = sent.push(request.headers.get('Idempotency-Key')) === 1;
          const answer = await fetch(request);
          if (isFirst) throw new TypeError('fetch failed');
          return answer;
        },
      });

      const body = { name: 'Archive', roles: ['auditor'] };
      robot = (await careless.POST('/v1/tenants/{tenant}/service-accounts', { ...IN, body })).data;
      const path = account();
      const keys = '/v1/tenants/{tenant}/service-accounts/{account}/keys';
      key = (await chief.POST(keys, { params: { path }, body: { name: 'nightly' } })).data;

      expect(sent).toEqual([expect.any(String), sent[0]]);
      const accounts = chief.list('/v1/tenants/{tenant}/service-accounts', IN.params);
      expect((await listed(accounts)).map(({ id }) => id)).toEqual([robot.id]);
    });

    it('lets the machine do exactly that, by its secret and by its key', async () => {
      const other = { params: { path: { tenant: await found('elsewhere') } } };
      const stranger = { email: 'eve@acme.example', roles: ['viewer'] };

      for (const client of [bySecret(world.first), byKey(world.second)]) {
        expect((await client.GET('/v1/me')).data).toMatchObject({
          actor: { kind: 'service', id: robot.id },
          roles: ['auditor'],
          permissions: ['audit:read', 'members:read'],
        });
        expect(
          await outcomesOf([
            () => client.GET('/v1/tenants/{tenant}/members', IN),
            () => client.GET('/v1/tenants/{tenant}/audit/events', IN),
            () => client.GET('/v1/tenants/{tenant}', IN),
            () => client.POST('/v1/tenants/{tenant}/invitations', { ...IN, body: stranger }),
            () => client.GET('/v1/tenants/{tenant}/members', other),
          ]),
        ).toEqual(['done', 'done', LACKING, LACKING, '403 access.tenant_mismatch']);
      }
    });

    it('ends the key, the old secret, and the account, on both nodes', async () => {
      expect(await world.everywhere((node) => me(byKey(node)))).toEqual(['done', 'done']);

      await chief.DELETE('/v1/tenants/{tenant}/service-accounts/{account}/keys/{apiKey}', {
        params: { path: { ...account(), apiKey: key.id } },
      });
      await world.enforced(GONE, (node) => me(byKey(node)));

      const old = robot.clientSecret;
      const rotate = '/v1/tenants/{tenant}/service-accounts/{account}/rotate';
      robot = (await chief.POST(rotate, { params: { path: account() }, body: {} })).data;
      expect(await world.everywhere((node) => me(bySecret(node, old)))).toEqual([
        INVALID_CLIENT,
        INVALID_CLIENT,
      ]);
      robotToken = await tokenOf(robot);
      const byToken = (node: Api): Promise<unknown> => me(world.bearer(robotToken, node));
      expect(await world.everywhere(byToken)).toEqual(['done', 'done']);

      const suspend = '/v1/tenants/{tenant}/service-accounts/{account}/suspend';
      const { data } = await chief.POST(suspend, { params: { path: account() } });
      expect(data.status).toBe('suspended');
      await world.enforced(OUT, byToken);
      await world.enforced(INVALID_CLIENT, (node) => me(bySecret(node)));
    });

    it('shuts the operator out with all that he holds, on both nodes', async () => {
      const path = { tenant: SLUG, member: operator.memberId };
      const { refreshToken } = operator.tokens;
      expect(await world.everywhere((node) => me(byOperator(node)))).toEqual(['done', 'done']);

      const suspend = '/v1/tenants/{tenant}/members/{member}/suspend';
      const { data } = await chief.POST(suspend, { params: { path } });

      expect(data.status).toBe('suspended');
      await world.enforced(GONE, (node) => me(byOperator(node)));
      expect(
        await outcomesOf([
          () => me(world.session({ accessToken: 'none', refreshToken })),
          () => world.signIn(OPERATOR, { tenant: SLUG }),
        ]),
      ).toEqual([INVALID_GRANT, OUT]);
      expect((await world.signIn(OPERATOR)).tenants).toEqual([]);
      await chief.DELETE('/v1/tenants/{tenant}/members/{member}', { params: { path } });
      expect(
        await outcomeOf(chief.GET('/v1/tenants/{tenant}/members/{member}', { params: { path } })),
      ).toBe('404 members.not_found');
    });

    it('refuses at the end all that there was, everywhere', async () => {
      const remove = '/v1/tenants/{tenant}/service-accounts/{account}';
      await chief.DELETE(remove, { params: { path: account() } });
      const role = { tenant: SLUG, role: 'auditor' };
      await chief.DELETE('/v1/tenants/{tenant}/roles/{role}', { params: { path: role } });
      const { tokens } = await world.signIn(CHIEF, { tenant: SLUG });
      const last = world.bearer(tokens.accessToken);
      await last.POST('/v1/logout');

      await world.enforced(GONE, (node) => me(world.bearer(tokens.accessToken, node)));
      const gone: [string, (node: Api) => Promise<unknown>][] = [
        [GONE, (node) => me(byKey(node))],
        [INVALID_CLIENT, (node) => me(bySecret(node))],
        [OUT, (node) => me(world.bearer(robotToken, node))],
        [GONE, (node) => me(byOperator(node))],
        [INVALID_GRANT, (node) => me(world.session({ ...operator.tokens, expiresIn: 0 }, node))],
        [INVALID_GRANT, (node) => me(world.session({ ...tokens, expiresIn: 0 }, node))],
      ];
      for (const [refusal, ask] of gone) {
        expect(await world.everywhere(ask)).toEqual([refusal, refusal]);
      }
    });

    it('has all of it on its trail, in order, and under the names of those who did it', async () => {
      const events = await world.trail(root, SLUG);

      expect(story(events)).toEqual(['?']);
      const sequences = events.map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
    });
  });

  async function tokenOf(machine: {
    readonly clientId: string;
    readonly clientSecret: string;
  }): Promise<string> {
    const { data } = await world.nobody().POST('/oauth/token', {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: {
        grant_type: 'client_credentials',
        client_id: machine.clientId,
        client_secret: machine.clientSecret,
      },
    });
    return data.access_token;
  }
});
