import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type ClientCredentials, createClient, type TenantryClient } from '@tenantry/client';
import { craftToken, newSigningKey } from '@tenantry/testing';
import { listed, outcomeOf, outcomesOf, refusalOf, story } from './journey-outcomes.js';
import { at, DEEDS_TO_SECRETS, pathsToSecrets } from './journey-paths.js';
import { type Joined, JourneyWorld, PASSWORD, type SignedIn } from './journey-world.js';
import { type Api, ADMIN_PERSON } from './start-api.js';

const ROOT = ADMIN_PERSON.email;
const GRACE = 'grace@platform.example';
const GONE = '401 access.token_invalid';
const OUT = '403 access.membership_missing';
const LACKING = '403 access.permission_missing';
const INVALID_CLIENT = '401 invalid_client';
const INVALID_TARGET = '400 invalid_target';
const BOTH_DONE = ['done', 'done'];
/** Asked once: a second use of a refresh token is refused whatever became of its session. */
const SPENT = ['400 invalid_grant', '400 invalid_grant'];

const TENANT = '/v1/tenants/{tenant}';
const MEMBER = `${TENANT}/members/{member}` as const;
const ACCOUNTS = `${TENANT}/service-accounts` as const;
const ACCOUNT = `${ACCOUNTS}/{account}` as const;
const GLASS = `${TENANT}/break-glass` as const;
const ADMIN = '/v1/platform/admins/{admin}';

const chiefs = (email: string): { readonly email: string; readonly roles: readonly string[] } => ({
  email,
  roles: ['tenant-admin'],
});
const me = (client: TenantryClient): Promise<unknown> => client.GET('/v1/me');

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

  describe('a tenant, from its first admin to its last revoked key', () => {
    const tenant = 'acme';
    const here = at({ tenant });
    const CHIEF = 'chief@acme.example';
    const OTTO = 'otto@acme.example';
    let chief: TenantryClient;
    let otto: Joined & SignedIn;
    let robot: ClientCredentials & { readonly id: string };
    let robotToken: string;
    let key: { readonly id: string; readonly key: string };

    const ofRobot = (): ReturnType<typeof at<{ tenant: string; account: string }>> =>
      at({ tenant, account: robot.id });
    const byKey = ({ url }: Api): TenantryClient => createClient({ baseUrl: url, apiKey: key.key });
    const bySecret = ({ url }: Api, { clientId, clientSecret } = robot): TenantryClient =>
      createClient({ baseUrl: url, credentials: { clientId, clientSecret } });
    const byToken = (node: Api): TenantryClient => world.bearer(robotToken, node);
    const byOtto = (node: Api): TenantryClient => world.bearer(otto.tokens.accessToken, node);

    it('begins with the platform, whose invitation makes the tenant admin', async () => {
      const id = await found(tenant);

      const { tokens, memberId } = await world.enter(root, tenant, chiefs(CHIEF));
      chief = world.session(tokens);

      expect((await chief.GET('/v1/me')).data).toMatchObject({
        actor: { kind: 'person', id: memberId, email: CHIEF },
        tenant: { id, slug: tenant },
        roles: ['tenant-admin'],
        permissions: expect.arrayContaining(['members:write', 'secrets:reveal']),
      });
    });

    it('goes on with an operator, who works and does no more', async () => {
      otto = await world.enter(chief, tenant, { email: OTTO, roles: ['operator'] });
      const operator = byOtto(world.first);

      const page = { ...here.params, query: { limit: 1 } };
      const members = await listed(operator.list(`${TENANT}/members`, page));

      expect(members).toMatchObject([
        { email: CHIEF, status: 'active', roles: ['tenant-admin'] },
        { id: otto.memberId, email: OTTO, status: 'active', roles: ['operator'] },
      ]);
      const body = { name: 'mine', permissions: ['members:write'] };
      const outcomes = await outcomesOf([
        () => operator.GET(`${TENANT}/audit/events`, here),
        () => operator.POST(`${TENANT}/roles`, { ...here, body }),
        () => operator.GET(`${TENANT}/issuers`, here),
      ]);
      expect(outcomes).toEqual(['done', LACKING, LACKING]);
    });

    it('makes a machine once, over a line that breaks, and gives it a role and a key', async () => {
      const role = { name: 'auditor', permissions: ['audit:read', 'members:read'] };
      await chief.POST(`${TENANT}/roles`, { ...here, body: role });
      const { accessToken } = (await world.signIn(CHIEF, { tenant })).tokens;
      const sent: (string | null)[] = [];
      const unlucky = createClient({
        baseUrl: world.first.url,
        accessToken,
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
      robot = (await unlucky.POST(ACCOUNTS, { ...here, body })).data;
      key = (await chief.POST(`${ACCOUNT}/keys`, { ...ofRobot(), body: { name: 'ci' } })).data;

      expect(sent).toEqual([expect.any(String), sent[0]]);
      expect(await listed(chief.list(ACCOUNTS, here.params))).toMatchObject([{ id: robot.id }]);
    });

    it('lets the machine do exactly what its role says, by secret and by key', async () => {
      const elsewhere = at({ tenant: await found('elsewhere') });
      const guest = { email: 'eve@acme.example', roles: ['viewer'] };

      for (const client of [bySecret(world.first), byKey(world.second)]) {
        expect((await client.GET('/v1/me')).data).toMatchObject({
          actor: { kind: 'service', id: robot.id },
          roles: ['auditor'],
          permissions: ['audit:read', 'members:read'],
        });
        const outcomes = await outcomesOf([
          () => client.GET(`${TENANT}/members`, here),
          () => client.GET(`${TENANT}/audit/events`, here),
          () => client.GET(TENANT, here),
          () => client.POST(`${TENANT}/invitations`, { ...here, body: guest }),
          () => client.GET(`${TENANT}/members`, elsewhere),
        ]);
        expect(outcomes).toEqual(['done', 'done', LACKING, LACKING, '403 access.tenant_mismatch']);
      }
    });

    it('ends the key, the old secret and the account, on both nodes', async () => {
      expect(await world.everywhere((node) => me(byKey(node)))).toEqual(BOTH_DONE);
      const apiKey = at({ tenant, account: robot.id, apiKey: key.id });
      await chief.DELETE(`${ACCOUNT}/keys/{apiKey}`, apiKey);
      await world.enforced(GONE, (node) => me(byKey(node)));

      const old = robot;
      robot = (await chief.POST(`${ACCOUNT}/rotate`, { ...ofRobot(), body: {} })).data;
      await world.enforced(INVALID_CLIENT, (node) => me(bySecret(node, old)));
      robotToken = await world.machineToken(robot);
      expect(await world.everywhere((node) => me(byToken(node)))).toEqual(BOTH_DONE);

      const { data } = await chief.POST(`${ACCOUNT}/suspend`, ofRobot());
      expect(data.status).toBe('suspended');
      await world.enforced(OUT, (node) => me(byToken(node)));
      await world.enforced(INVALID_CLIENT, (node) => me(bySecret(node)));
    });

    it('shuts the operator out with all that he holds, on both nodes', async () => {
      expect(await world.everywhere((node) => me(byOtto(node)))).toEqual(BOTH_DONE);
      const ofOtto = at({ tenant, member: otto.memberId });

      const { data } = await chief.POST(`${MEMBER}/suspend`, ofOtto);

      expect(data.status).toBe('suspended');
      await world.enforced(GONE, (node) => me(byOtto(node)));
      expect(await world.everywhere((node) => me(world.spent(otto, node)))).toEqual(SPENT);
      expect(await outcomeOf(world.signIn(OTTO, { tenant }))).toBe(OUT);
      expect(await world.signIn(OTTO)).toMatchObject({ tenant: null, tenants: [] });
      await chief.DELETE(MEMBER, ofOtto);
      expect(await outcomeOf(chief.GET(MEMBER, ofOtto))).toBe('404 members.not_found');
    });

    it('refuses at the end all that there was, everywhere', async () => {
      await chief.DELETE(ACCOUNT, ofRobot());
      await chief.DELETE(`${TENANT}/roles/{role}`, at({ tenant, role: 'auditor' }));
      const last = await world.signIn(CHIEF, { tenant });
      const byLast = (node: Api): TenantryClient => world.bearer(last.tokens.accessToken, node);
      await byLast(world.first).POST('/v1/logout');

      await world.enforced(GONE, (node) => me(byLast(node)));
      for (const session of [last, otto]) {
        expect(await world.everywhere((node) => me(world.spent(session, node)))).toEqual(SPENT);
      }
      await world.enforced(GONE, (node) => me(byKey(node)));
      await world.enforced(INVALID_CLIENT, (node) => me(bySecret(node)));
      await world.enforced(OUT, (node) => me(byToken(node)));
      await world.enforced(GONE, (node) => me(byOtto(node)));
    });

    it('has all of it on its trail, in order, under the names of those who did it', async () => {
      const events = await world.trail(root, tenant);

      expect(story(events)).toEqual([
        `${ROOT} tenant.created`,
        `${ROOT} invitation.created`,
        `${CHIEF} invitation.accepted`,
        `${CHIEF} session.started`,
        `${CHIEF} invitation.created`,
        `${OTTO} invitation.accepted`,
        `${OTTO} session.started`,
        `${OTTO} access.refused access.permission_missing`,
        `${OTTO} access.refused access.permission_missing`,
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
    let grace: TenantryClient;
    let graceId: string;

    it('come by an invitation, of which the newest alone is good', async () => {
      const body = { email: GRACE, roles: ['platform-admin'] };
      graceId = (await root.POST('/v1/platform/admins', { body })).data.id;
      const stale = { token: world.first.mail.secretFor(GRACE), password: PASSWORD };
      await root.POST(`${ADMIN}/resend`, at({ admin: graceId }));

      const refused = world.nobody().POST('/v1/invitations/accept', { body: stale });
      expect(await outcomeOf(refused)).toBe('401 invitations.invalid');
      expect(await world.accept(GRACE)).toMatchObject({ tenant: null, memberId: graceId });
      grace = world.session((await world.signIn(GRACE)).tokens);
      expect((await grace.GET('/v1/me')).data).toMatchObject({
        actor: { kind: 'person', id: graceId, email: GRACE },
        tenant: null,
        roles: ['platform-admin'],
      });
      const events = await listed(root.list('/v1/platform/audit/events'));
      const onAccount = events.filter(({ target }) => target.kind === 'platform_admin').reverse();
      expect(onAccount).toMatchObject([
        { deed: 'platform_admin.invited', actor: { email: ROOT }, target: { id: graceId } },
        { deed: 'platform_admin.invited_again', actor: { email: ROOT }, target: { id: graceId } },
      ]);
    });

    it('are kept from a claimed tenant’s secrets on each path, but in a break-glass window', async () => {
      const [tenant, here] = ['vault', at({ tenant: 'vault' })];
      await found(tenant, grace);
      const entered = await world.enter(grace, tenant, chiefs('vera@vault.example'));
      const vera = world.session(entered.tokens);
      const clerk = { name: 'clerk', permissions: ['members:read'] };
      await vera.POST(`${TENANT}/roles`, { ...here, body: clerk });
      const made = { name: 'Deputy', roles: ['tenant-admin'] };
      const account = (await vera.POST(ACCOUNTS, { ...here, body: made })).data.id;
      const take = (by: TenantryClient): Promise<string[]> =>
        outcomesOf(pathsToSecrets(by, { tenant, account }));
      const shut = DEEDS_TO_SECRETS.map(() => '403 access.tenant_claimed');
      expect(await take(grace)).toEqual(shut);

      const body = { reason: 'The only admin lost her phone.', minutes: 15 };
      const { data: window } = await grace.POST(GLASS, { ...here, body });
      expect(await take(grace)).toEqual(DEEDS_TO_SECRETS.map(() => 'done'));
      expect(await take(root)).toEqual(shut);
      expect(await listed(vera.list(GLASS, here.params))).toMatchObject([
        { id: window.id, actorId: graceId, reason: body.reason, closedAt: null },
      ]);
      await grace.POST(`${GLASS}/{breakGlass}/close`, at({ tenant, breakGlass: window.id }));
      expect(await take(grace)).toEqual(shut);

      const byGrace = (await world.trail(vera, tenant)).filter(({ actor }) => actor.id === graceId);
      expect(byGrace.every(({ actor }) => actor.isPlatform)).toBe(true);
      const refused = shut.map(() => 'access.refused access.tenant_claimed');
      expect(story(byGrace)).toEqual(
        [
          ...['tenant.created', 'invitation.created', ...refused],
          ...['break_glass.opened', ...DEEDS_TO_SECRETS, 'break_glass.closed', ...refused],
        ].map((deed) => `${GRACE} ${deed}`),
      );
    });

    it('read and do not write as viewers', async () => {
      const here = at({ tenant: await found('museum') });
      const viewer = { email: 'vic@platform.example', roles: ['platform-viewer'] };
      await root.POST('/v1/platform/admins', { body: viewer });
      await world.accept(viewer.email);
      const vic = world.session((await world.signIn(viewer.email)).tokens);

      const guest = { email: 'vic@museum.example', roles: ['viewer'] };
      const window = { reason: 'Curiosity.', minutes: 1 };
      const outcomes = await outcomesOf([
        () => listed(vic.list('/v1/tenants', { query: { limit: 1 } })),
        () => vic.GET(`${TENANT}/members`, here),
        () => vic.GET('/v1/platform/admins'),
        () => found('mine', vic),
        () => vic.POST('/v1/platform/admins', { body: { ...guest, roles: ['engine'] } }),
        () => vic.POST(GLASS, { ...here, body: window }),
        () => vic.POST(`${TENANT}/invitations`, { ...here, body: guest }),
      ]);

      expect(outcomes).toEqual(['done', 'done', 'done', LACKING, LACKING, LACKING, LACKING]);
    });
  });

  it('lets one person into two tenants by one account, and into no third', async () => {
    const ADA = { email: 'ada@people.example', roles: ['operator'] };
    for (const slug of ['north', 'south', 'west']) await found(slug);
    const { memberId } = await world.join(root, 'north', ADA);
    await world.join(root, 'south', ADA);

    const { tokens, ...choice } = await world.signIn(ADA.email);
    const north = await world.exchange(tokens.accessToken, 'north');
    const south = await world.exchange(north, 'south');

    expect(choice).toEqual({ tenant: null, tenants: ['north', 'south'] });
    const bySouth = world.bearer(south);
    expect((await bySouth.GET('/v1/me')).data).toMatchObject({
      actor: { kind: 'person', email: ADA.email },
      tenant: { slug: 'south' },
    });
    const intoWest = await outcomesOf([
      () => world.exchange(south, 'west'),
      () => world.signIn(ADA.email, { tenant: 'west' }),
      () => bySouth.GET(TENANT, at({ tenant: 'west' })),
    ]);
    expect(intoWest).toEqual([INVALID_TARGET, OUT, '403 access.tenant_mismatch']);
    expect(await world.everywhere((node) => me(world.bearer(north, node)))).toEqual(BOTH_DONE);

    await root.POST(`${MEMBER}/suspend`, at({ tenant: 'north', member: memberId }));

    await world.enforced(GONE, (node) => me(world.bearer(north, node)));
    expect(await world.everywhere((node) => me(world.bearer(south, node)))).toEqual(BOTH_DONE);
    const outcomes = await outcomesOf([
      () => world.exchange(south, 'north'),
      () => world.signIn(ADA.email, { tenant: 'north' }),
      () => world.signIn(ADA.email, { tenant: 'south' }),
    ]);
    expect(outcomes).toEqual([INVALID_TARGET, OUT, 'done']);
  });

  it('shows to whom the tenant’s own provider vouches for what they may on one resource', async () => {
    const [tenant, here] = ['guild', at({ tenant: 'guild' })];
    await found(tenant);
    const gil = world.session(
      (await world.enter(root, tenant, chiefs('gil@guild.example'))).tokens,
    );
    const approve = { name: 'workflow:approve', description: 'Approve a step of a workflow.' };
    await root.PUT('/v1/platform/permissions', { body: { permissions: [approve] } });
    const { kid, publicJwk, privateKey } = await newSigningKey('EdDSA');
    const issuer = 'https://login.guild.example';
    const keys = { jwks: { keys: [publicJwk] } };
    const registration = await root.POST(`${TENANT}/issuers`, {
      params: { path: { tenant }, query: { wait: 'first-validation' } },
      body: { issuer, audiences: ['tenantry'], keys },
    });
    const clerk = { name: 'clerk', permissions: ['members:read', 'tenant:read'] };
    await gil.POST(`${TENANT}/roles`, { ...here, body: clerk });
    const approver = { name: 'approver', permissions: [approve.name] };
    await gil.POST(`${TENANT}/roles`, { ...here, body: approver });
    const [grant, issuerId] = [
      { role: 'approver', resource: 'workflow/po-1' },
      registration.data.id,
    ];
    const subject = { email: 'sue@guild.example', subject: 'sue', issuerId };
    const body = { ...subject, roles: ['clerk'], grants: [grant] };
    const { data: sue } = await gil.POST(`${TENANT}/members`, { ...here, body });
    const now = Math.floor(Date.now() / 1_000);
    const token = craftToken({
      header: { alg: 'EdDSA', kid, typ: 'JWT' },
      payload: { iss: issuer, aud: 'tenantry', sub: 'sue', iat: now, exp: now + 300 },
      key: privateKey,
    });

    for (const shown of [token, await world.exchange(token, tenant, 'jwt')]) {
      expect((await world.bearer(shown).GET('/v1/me')).data).toMatchObject({
        actor: { kind: 'external', id: sue.id },
        tenant: { slug: tenant },
        roles: ['clerk'],
        permissions: clerk.permissions,
        grants: [{ ...grant, permissions: [approve.name] }],
      });
    }
  });

  it('tells a program by types what was wrong', async () => {
    const here = at({ tenant: await found('error') });
    const body = { name: 'x', roles: ['viewer', 'nobody'] };

    const unknown = await refusalOf(root.POST(ACCOUNTS, { ...here, body }));
    const taken = await refusalOf(found('error'));

    expect([unknown.is('roles.unknown'), taken.is('tenants.slug_taken')]).toEqual([true, true]);
    expect(unknown).toMatchObject({ status: 422, errors: [{ pointer: '/roles/1' }] });
    expect(taken).toMatchObject({ status: 409, errors: [] });
  });

  describe('two last admins who remove each other at the same moment, from two nodes', () => {
    // Whoever comes second is stopped by the guard already, or else for removing the last one.
    const STOPPED =
      /^(401 access\.token_invalid|403 access\.membership_missing|409 (members|platform)\.last_admin)$/;

    it('leave one in a tenant, who stays', async () => {
      const tenant = 'duel';
      await found(tenant);
      const ann = await world.enter(root, tenant, chiefs('ann@duel.example'));
      const byAnn = world.bearer(ann.tokens.accessToken);
      const bob = await world.enter(byAnn, tenant, chiefs('bob@duel.example'));
      const byBob = world.bearer(bob.tokens.accessToken, world.second);
      const [ofAnn, ofBob] = [
        at({ tenant, member: ann.memberId }),
        at({ tenant, member: bob.memberId }),
      ];

      const removals = await Promise.all([
        outcomeOf(byAnn.DELETE(MEMBER, ofBob)),
        outcomeOf(byBob.DELETE(MEMBER, ofAnn)),
      ]);

      expect(removals.toSorted()).toEqual([expect.stringMatching(STOPPED), 'done']);
      const [by, own, { memberId: id }] =
        removals[0] === 'done' ? [byAnn, ofAnn, ann] : [byBob, ofBob, bob];
      const outcomes = await outcomesOf([
        () => by.DELETE(MEMBER, own),
        () => by.POST(`${MEMBER}/suspend`, own),
        () => by.PATCH(MEMBER, { ...own, body: { roles: ['viewer'] } }),
      ]);
      expect(outcomes).toEqual(Array(3).fill('409 members.last_admin'));
      expect(await listed(by.list(`${TENANT}/members`, { path: { tenant } }))).toMatchObject([
        { id },
      ]);
      const events = await world.trail(by, tenant);
      expect(events.filter(({ deed }) => deed === 'member.removed')).toMatchObject([
        { outcome: 'done', actor: { id } },
      ]);
    });

    // The last of all tests: of those who run the platform it leaves one of two.
    it('leave one on the platform, who stays', async () => {
      const admins = await listed(root.list('/v1/platform/admins', { query: { limit: 1 } }));
      const of = (who: string | null): ReturnType<typeof at<{ admin: string }>> =>
        at({ admin: admins.find(({ email }) => email === who)?.id ?? '' });
      const grace = world.session((await world.signIn(GRACE)).tokens, world.second);
      // The first one is a machine; it has no address.
      await grace.POST(`${ADMIN}/suspend`, of(null));

      const removals = await Promise.all([
        outcomeOf(root.DELETE(ADMIN, of(GRACE))),
        outcomeOf(grace.DELETE(ADMIN, of(ROOT))),
      ]);

      expect(removals.toSorted()).toEqual([expect.stringMatching(STOPPED), 'done']);
      const [by, own] = removals[0] === 'done' ? [root, of(ROOT)] : [grace, of(GRACE)];
      const outcomes = await outcomesOf([
        () => by.DELETE(ADMIN, own),
        () => by.POST(`${ADMIN}/suspend`, own),
        () => by.PATCH(ADMIN, { ...own, body: { roles: ['platform-viewer'] } }),
      ]);
      expect(outcomes).toEqual(Array(3).fill('409 platform.last_admin'));
    });
  });
});
