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

  const found = async (slug: string, by = root): Promise<string> =>
    (await by.POST('/v1/tenants', { body: { slug, displayName: slug } })).data.id;

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
    const byKey = ({ url }: Api): TenantryClient => createClient({ baseUrl: url, apiKey: key.key });
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
      expect(await world.signIn(OPERATOR)).toMatchObject({ tenant: null, tenants: [] });
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

      expect(story(events)).toEqual([
        `${ROOT} tenant.created`,
        `${ROOT} invitation.created`,
        `${CHIEF} invitation.accepted`,
        `${CHIEF} session.started`,
        `${CHIEF} invitation.created`,
        `${OPERATOR} invitation.accepted`,
        `${OPERATOR} session.started`,
        `${OPERATOR} access.refused access.permission_missing`,
        `${OPERATOR} access.refused access.permission_missing`,
        `${CHIEF} role.created`,
        `${CHIEF} session.started`,
        `${CHIEF} service_account.created`,
        `${CHIEF} api_key.created`,
        'service token.issued',
        ...[1, 2].flatMap(() => [
          'service access.refused access.permission_missing',
          'service access.refused access.permission_missing',
          'service access.refused access.tenant_mismatch',
        ]),
        `${CHIEF} api_key.revoked`,
        `${CHIEF} service_account.rotated`,
        'service token.issued',
        `${CHIEF} service_account.suspended`,
        `${CHIEF} member.suspended`,
        `${CHIEF} member.removed`,
        `${CHIEF} service_account.removed`,
        `${CHIEF} role.removed`,
        `${CHIEF} session.started`,
        `${CHIEF} session.ended`,
      ]);
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    });
  });

  describe('those who run the platform', () => {
    const GRACE = 'grace@platform.example';
    const TENANT = 'vault';
    const IN = { params: { path: { tenant: TENANT } } };
    let grace: TenantryClient;
    let graceId: string;

    const inOffice = async (email: string, role: string): Promise<TenantryClient> => {
      await root.POST('/v1/platform/admins', { body: { email, roles: [role] } });
      await world.accept(email);
      return world.session((await world.signIn(email)).tokens);
    };

    it('come by an invitation, of which the newest alone is good', async () => {
      const body = { email: GRACE, roles: ['platform-admin'] };
      graceId = (await root.POST('/v1/platform/admins', { body })).data.id;
      const token = world.first.mail.secretFor(GRACE);
      const path = { admin: graceId };
      await root.POST('/v1/platform/admins/{admin}/resend', { params: { path } });

      const stale = { body: { token, password: PASSWORD } };
      expect(await outcomeOf(world.nobody().POST('/v1/invitations/accept', stale))).toBe(
        '401 invitations.invalid',
      );
      expect(await world.accept(GRACE)).toMatchObject({ tenant: null, memberId: graceId });
      grace = world.session((await world.signIn(GRACE)).tokens);
      expect((await grace.GET('/v1/me')).data).toMatchObject({
        actor: { kind: 'person', id: graceId, email: GRACE },
        tenant: null,
        roles: ['platform-admin'],
      });
      const events = await listed(root.list('/v1/platform/audit/events', { query: { limit: 50 } }));
      const upon = events.filter(({ target }) => target.id === graceId);
      expect(story(upon.reverse())).toEqual([
        `${ROOT} platform_admin.invited`,
        `${ROOT} platform_admin.invited_again`,
      ]);
    });

    it('are kept from a claimed tenant’s secrets on each path, but in a break-glass window', async () => {
      await found(TENANT, grace);
      const roles = ['tenant-admin'];
      const entered = await world.enter(grace, TENANT, { email: 'vera@vault.example', roles });
      const vera = world.session(entered.tokens);
      const clerk = { name: 'clerk', permissions: ['members:read'] };
      await vera.POST('/v1/tenants/{tenant}/roles', { ...IN, body: clerk });
      const accounts = '/v1/tenants/{tenant}/service-accounts';
      const { data } = await vera.POST(accounts, { ...IN, body: { name: 'Chief', roles } });
      const ofAccount = { params: { path: { tenant: TENANT, account: data.id } } };
      const paths = (by: TenantryClient): readonly (() => Promise<unknown>)[] => [
        () =>
          by.POST('/v1/tenants/{tenant}/members', { ...IN, body: { email: 'm@x.example', roles } }),
        () =>
          by.POST('/v1/tenants/{tenant}/invitations', {
            ...IN,
            body: { email: 'i@x.example', roles },
          }),
        () => by.POST(accounts, { ...IN, body: { name: 'Mine', roles } }),
        () => by.POST(`${accounts}/{account}/rotate`, { ...ofAccount, body: {} }),
        () => by.POST(`${accounts}/{account}/keys`, { ...ofAccount, body: { name: 'mine' } }),
        () =>
          by.POST('/v1/tenants/{tenant}/roles', {
            ...IN,
            body: { name: 'mine', permissions: ['secrets:reveal'] },
          }),
        () =>
          by.PATCH('/v1/tenants/{tenant}/roles/{role}', {
            params: { path: { tenant: TENANT, role: 'clerk' }, header: { 'If-Match': '"1"' } },
            body: { permissions: ['members:read', 'secrets:reveal'] },
          }),
      ];
      const shut = paths(grace).map(() => CLAIMED);
      expect(await outcomesOf(paths(grace))).toEqual(shut);

      const glass = '/v1/tenants/{tenant}/break-glass';
      const body = { reason: 'The only admin lost her phone.', minutes: 15 };
      const { data: window } = await grace.POST(glass, { ...IN, body });
      expect(await outcomesOf(paths(grace))).toEqual(shut.map(() => 'done'));
      expect(await outcomesOf(paths(root))).toEqual(shut);
      expect(await listed(vera.list(glass, IN.params))).toMatchObject([
        { id: window.id, actorId: graceId, reason: body.reason, closedAt: null },
      ]);
      const breakGlass = { params: { path: { tenant: TENANT, breakGlass: window.id } } };
      await grace.POST(`${glass}/{breakGlass}/close`, breakGlass);
      expect(await outcomesOf(paths(grace))).toEqual(shut);

      const events = await world.trail(vera, TENANT);
      const byGrace = events.filter(({ actor }) => actor.id === graceId);
      expect(byGrace.every(({ actor }) => actor.isPlatform)).toBe(true);
      const refused = shut.map(() => `${GRACE} access.refused access.tenant_claimed`);
      expect(story(byGrace)).toEqual([
        ...['tenant.created', 'invitation.created'].map((deed) => `${GRACE} ${deed}`),
        ...refused,
        ...[
          'break_glass.opened',
          'member.added',
          'invitation.created',
          'service_account.created',
          'service_account.rotated',
          'api_key.created',
          'role.created',
          'role.changed',
          'break_glass.closed',
        ].map((deed) => `${GRACE} ${deed}`),
        ...refused,
      ]);
    });

    it('read and do not write as viewers', async () => {
      const viewer = await inOffice('vic@platform.example', 'platform-viewer');
      const email = 'vic@vault.example';

      expect(
        await outcomesOf([
          () => listed(viewer.list('/v1/tenants', { query: { limit: 1 } })),
          () => viewer.GET('/v1/tenants/{tenant}/members', IN),
          () => viewer.GET('/v1/platform/admins'),
          () => viewer.POST('/v1/tenants', { body: { slug: 'mine', displayName: 'Mine' } }),
          () => viewer.POST('/v1/platform/admins', { body: { email, roles: ['engine'] } }),
          () =>
            viewer.POST('/v1/tenants/{tenant}/break-glass', {
              ...IN,
              body: { reason: 'Curious.', minutes: 1 },
            }),
          () =>
            viewer.POST('/v1/tenants/{tenant}/invitations', {
              ...IN,
              body: { email, roles: ['viewer'] },
            }),
        ]),
      ).toEqual(['done', 'done', 'done', LACKING, LACKING, LACKING, LACKING]);
    });
  });

  it('lets one person into two tenants by one account, and into no third', async () => {
    const ADA = 'ada@people.example';
    const invited = { email: ADA, roles: ['operator'] };
    await Promise.all(['north', 'south', 'west'].map((slug) => found(slug)));
    const { memberId } = await world.join(root, 'north', invited);
    await world.join(root, 'south', invited);
    const member = { params: { path: { tenant: 'north', member: memberId } } };

    const { tokens, tenant, tenants } = await world.signIn(ADA);
    const north = await world.exchange(tokens.accessToken, 'north');
    const south = await world.exchange(north, 'south');

    expect([tenant, tenants]).toEqual([null, ['north', 'south']]);
    expect((await world.bearer(south).GET('/v1/me')).data).toMatchObject({
      actor: { kind: 'person', email: ADA },
      tenant: { slug: 'south' },
    });
    const intoWest = (): Promise<string[]> =>
      outcomesOf([
        () => world.exchange(south, 'west'),
        () => world.signIn(ADA, { tenant: 'west' }),
        () =>
          world.bearer(south).GET('/v1/tenants/{tenant}', { params: { path: { tenant: 'west' } } }),
      ]);
    expect(await intoWest()).toEqual([INVALID_TARGET, OUT, '403 access.tenant_mismatch']);
    expect(await world.everywhere((node) => me(world.bearer(north, node)))).toEqual([
      'done',
      'done',
    ]);

    await root.POST('/v1/tenants/{tenant}/members/{member}/suspend', member);

    await world.enforced(GONE, (node) => me(world.bearer(north, node)));
    expect(await world.everywhere((node) => me(world.bearer(south, node)))).toEqual([
      'done',
      'done',
    ]);
    expect(
      await outcomesOf([
        () => world.exchange(south, 'north'),
        () => world.signIn(ADA, { tenant: 'north' }),
        () => world.signIn(ADA, { tenant: 'south' }),
      ]),
    ).toEqual([INVALID_TARGET, OUT, 'done']);
  });

  it('shows to whom the tenant’s own provider vouches for what they may on one resource', async () => {
    const tenant = 'guild';
    const IN = { params: { path: { tenant } } };
    await found(tenant);
    const { tokens } = await world.enter(root, tenant, {
      email: 'gil@guild.example',
      roles: ['tenant-admin'],
    });
    const gil = world.session(tokens);
    const permission = { name: 'workflow:approve', description: 'Approve a step of a workflow.' };
    await root.PUT('/v1/platform/permissions', { body: { permissions: [permission] } });
    const provider = await newSigningKey('EdDSA');
    const issuer = 'https://login.guild.example';
    const keys = { jwks: { keys: [provider.publicJwk] } };
    const { data: registration } = await root.POST('/v1/tenants/{tenant}/issuers', {
      params: { ...IN.params, query: { wait: 'first-validation' } },
      body: { issuer, audiences: ['tenantry'], keys },
    });
    for (const body of [
      { name: 'clerk', permissions: ['members:read', 'tenant:read'] },
      { name: 'approver', permissions: ['workflow:approve'] },
    ]) {
      await gil.POST('/v1/tenants/{tenant}/roles', { ...IN, body });
    }
    const email = 'sue@guild.example';
    const grants = [{ role: 'approver', resource: 'workflow/po-1234' }];
    const given = { email, subject: 'sue', issuerId: registration.id, roles: ['clerk'], grants };
    const { data: sue } = await gil.POST('/v1/tenants/{tenant}/members', { ...IN, body: given });
    const now = Math.floor(Date.now() / 1_000);
    const token = craftToken({
      header: { alg: 'EdDSA', kid: provider.kid, typ: 'JWT' },
      payload: { iss: issuer, aud: 'tenantry', sub: 'sue', iat: now, exp: now + 300 },
      key: provider.privateKey,
    });

    for (const shown of [token, await world.exchange(token, tenant, 'jwt')]) {
      const { data } = await world.bearer(shown).GET('/v1/me');
      expect(data).toMatchObject({
        actor: { kind: 'external', id: sue.id },
        tenant: { slug: tenant },
        roles: ['clerk'],
        permissions: ['members:read', 'tenant:read'],
        grants: [{ ...grants[0], permissions: ['workflow:approve'] }],
      });
    }
  });

  it('tells a program what was wrong, by types', async () => {
    const body = { name: 'x', roles: ['viewer', 'nobody'] };
    const IN = { params: { path: { tenant: 'guild' } } };

    const unknown = await refusalOf(
      root.POST('/v1/tenants/{tenant}/service-accounts', { ...IN, body }),
    );
    const taken = await refusalOf(found('guild'));

    expect(unknown.is('roles.unknown')).toBe(true);
    expect(unknown).toMatchObject({ status: 422, errors: [{ pointer: '/roles/1' }] });
    expect(taken).toMatchObject({ status: 409, code: 'tenants.slug_taken', errors: [] });
  });

  describe('two last admins who remove each other at the same moment, from two nodes', () => {
    // Whoever comes second is refused by the guard already, or as the last one's remover.
    const SECOND = /^(401 access\.token_invalid|409 (members|platform)\.last_admin)$/;

    it('leave one in a tenant, who stays', async () => {
      const tenant = 'duel';
      await found(tenant);
      const roles = ['tenant-admin'];
      const ann = await world.enter(root, tenant, { email: 'ann@duel.example', roles });
      const byAnn = world.bearer(ann.tokens.accessToken);
      const bob = await world.enter(byAnn, tenant, { email: 'bob@duel.example', roles });
      const byBob = world.bearer(bob.tokens.accessToken, world.second);
      const of = ({
        memberId,
      }: Joined): { params: { path: { tenant: string; member: string } } } => ({
        params: { path: { tenant, member: memberId } },
      });
      const remove = '/v1/tenants/{tenant}/members/{member}';

      const removals = await Promise.all([
        outcomeOf(byAnn.DELETE(remove, of(bob))),
        outcomeOf(byBob.DELETE(remove, of(ann))),
      ]);

      expect(removals.toSorted()).toEqual([expect.stringMatching(SECOND), 'done']);
      const [by, own] = removals[0] === 'done' ? [byAnn, ann] : [byBob, bob];
      expect(
        await outcomesOf([
          () => by.DELETE(remove, of(own)),
          () => by.POST(`${remove}/suspend`, of(own)),
          () => by.PATCH(remove, { ...of(own), body: { roles: ['viewer'] } }),
        ]),
      ).toEqual(['409 members.last_admin', '409 members.last_admin', '409 members.last_admin']);
      const members = await listed(by.list('/v1/tenants/{tenant}/members', { path: { tenant } }));
      expect(members.map(({ id }) => id)).toEqual([own.memberId]);
      const removed = (await world.trail(by, tenant)).filter(
        ({ deed }) => deed === 'member.removed',
      );
      expect(removed).toMatchObject([{ outcome: 'done', actor: { id: own.memberId } }]);
    });

    // The last test of all: nothing is left of the platform admins that others would call.
    it('leave one on the platform, who stays', async () => {
      const admins = await listed(root.list('/v1/platform/admins', { query: { limit: 1 } }));
      const idOf = (kind: string, email: string | null): string =>
        admins.find((one) => one.kind === kind && one.email === email)?.id ?? '';
      const of = (admin: string): { params: { path: { admin: string } } } => ({
        params: { path: { admin } },
      });
      const admin = '/v1/platform/admins/{admin}';
      const [rootId, graceId] = [idOf('person', ROOT), idOf('person', 'grace@platform.example')];
      const graceTokens = (await world.signIn('grace@platform.example')).tokens;
      const grace = world.session(graceTokens, world.second);
      await grace.POST(`${admin}/suspend`, of(idOf('service', null)));

      const removals = await Promise.all([
        outcomeOf(root.DELETE(admin, of(graceId))),
        outcomeOf(grace.DELETE(admin, of(rootId))),
      ]);

      expect(removals.toSorted()).toEqual([expect.stringMatching(SECOND), 'done']);
      const [by, own] = removals[0] === 'done' ? [root, rootId] : [grace, graceId];
      expect(
        await outcomesOf([
          () => by.DELETE(admin, of(own)),
          () => by.POST(`${admin}/suspend`, of(own)),
          () => by.PATCH(admin, { ...of(own), body: { roles: ['platform-viewer'] } }),
        ]),
      ).toEqual(['409 platform.last_admin', '409 platform.last_admin', '409 platform.last_admin']);
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
