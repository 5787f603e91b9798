import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { newSecretText } from '@tenantry/crypto';
import { MailUnavailable } from '@tenantry/mail';
import { type Answer, itemsOf, pointersOf, send, textOf } from './send.js';
import { SteppedClock } from './stepped-clock.js';
import { Superuser } from './superuser.js';
import { answeredWith, type Caller, type TenantView, World } from './world.js';

const PASSWORD = 'eleven grey herons by the weir';
const INVITER = { name: 'inviter', permissions: ['members:read', 'members:write'] };

interface Invited {
  readonly id: string;
  readonly memberId: string;
  readonly email: string;
  /** What stood in the mail. */
  readonly token: string;
}

describe('invitations', () => {
  const clock = new SteppedClock();
  let world: World;
  let count = 0;

  beforeAll(async () => {
    world = await World.start({ clock });
  });
  afterEach(() => {
    clock.reset();
  });
  afterAll(() => world.close());

  const newEmail = (): string => `guest-${String(++count)}@people.example`;
  const listOf = ({ id }: TenantView): string => `/v1/tenants/${id}/invitations`;

  /** A service account's key does not end when the clock is set ahead. */
  const robotOf = async (by: Caller, { id }: TenantView, role: string): Promise<Caller> => {
    const path = `/v1/tenants/${id}/service-accounts`;
    const robot = textOf(await by.post(path, { name: role, roles: [role] }), 'id');
    return world.bearer(textOf(await by.post(`${path}/${robot}/keys`, { name: 'spec' }), 'key'));
  };

  /** A tenant with an admin of its own. */
  const administered = async (): Promise<{ tenant: TenantView; admin: Caller }> => {
    const tenant = await world.createTenant();
    const path = `/v1/tenants/${tenant.id}/service-accounts`;
    const made = await world.admin.post(path, { name: 'root', roles: ['tenant-admin'] });
    const id = textOf(made, 'id');
    // The tenant is claimed now: only the account itself may give itself a key.
    const token = await send(world.api.url, {
      method: 'POST',
      path: '/oauth/token',
      raw: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: textOf(made, 'clientId'),
        client_secret: textOf(made, 'clientSecret'),
      }),
    });
    const byToken = world.bearer(textOf(token, 'access_token'));
    const key = textOf(await byToken.post(`${path}/${id}/keys`, { name: 'spec' }), 'key');
    return { tenant, admin: world.bearer(key) };
  };

  const invite = async (
    by: Caller,
    tenant: TenantView,
    given: { readonly email?: string; readonly roles?: string[]; expiresInHours?: number } = {},
  ): Promise<Invited> => {
    const { email = newEmail(), roles = ['viewer'], ...rest } = given;
    const answer = await by.post(listOf(tenant), { email, roles, ...rest });
    const made = answeredWith(201, answer) as Omit<Invited, 'token'>;
    return { ...made, token: world.api.mail.secretFor(email) };
  };

  const accept = (body: object): Promise<Answer> =>
    send(world.api.url, { method: 'POST', path: '/v1/invitations/accept', body });

  const login = (email: string, password: string, tenant: string): Promise<Answer> =>
    send(world.api.url, { method: 'POST', path: '/v1/login', body: { email, password, tenant } });

  const told = ({ status, json, headers }: Answer): object => ({
    status,
    json: { ...(json as object), requestId: null },
    challenge: headers['www-authenticate'],
  });

  it('brings somebody in who shows what stood in the mail, and nowhere else', async () => {
    const { tenant, admin } = await administered();
    const email = newEmail();

    const made = await admin.post(listOf(tenant), { email, roles: ['operator'] });

    const token = world.api.mail.secretFor(email);
    const { id, memberId } = answeredWith(201, made) as Invited;
    expect(made).toMatchObject({
      headers: { location: `${listOf(tenant)}/${id}` },
      json: { email, roles: ['operator'], status: 'open', displayName: null },
    });
    const listed = await admin.get(listOf(tenant));
    const trail = await admin.get(`/v1/tenants/${tenant.id}/audit/events`);
    expect(itemsOf(listed)).toMatchObject([{ id, memberId }]);
    expect([made, listed, trail].map(({ text }) => text).join()).not.toContain(token);
    expect(world.api.mail.sent.at(-1)).toMatchObject({
      to: email,
      text: expect.stringContaining(`http://tenantry.test/invitations/accept#token=${token}\n`),
    });

    expect(await accept({ token, password: PASSWORD, displayName: 'Ada' })).toMatchObject({
      status: 200,
      json: { tenant: { id: tenant.id, slug: tenant.slug }, memberId, email, roles: ['operator'] },
    });
    expect(itemsOf(await admin.get(listOf(tenant)))).toEqual([]);
    const session = await login(email, PASSWORD, tenant.slug);
    const me = await world.bearer(textOf(session, 'accessToken')).get('/v1/me');
    expect(me).toMatchObject({ status: 200, json: { tenant: { id: tenant.id } } });
    expect(await admin.get(`/v1/tenants/${tenant.id}/members/${memberId}`)).toMatchObject({
      json: { kind: 'person', status: 'active', email, displayName: 'Ada', roles: ['operator'] },
    });
  });

  it('tells a stranger the same whatever is wrong with an invitation', async () => {
    const { tenant, admin } = await administered();
    const suspended = await administered();
    const [used, withdrawn, resent, expired] = [
      await invite(admin, tenant),
      await invite(admin, tenant),
      await invite(admin, tenant, { expiresInHours: 2 }),
      await invite(admin, tenant, { expiresInHours: 1 }),
    ];
    const locked = await invite(suspended.admin, suspended.tenant);
    const reason = { reason: 'Invoice 4711 is unpaid.' };
    answeredWith(200, await world.admin.post(`/v1/tenants/${suspended.tenant.id}/suspend`, reason));
    answeredWith(200, await accept({ token: used.token, password: PASSWORD }));
    answeredWith(204, await admin.delete(`${listOf(tenant)}/${withdrawn.id}`));
    const path = `/v1/tenants/${tenant.id}/members/${withdrawn.memberId}`;
    expect(await admin.get(path)).toMatchObject({ status: 404 });
    answeredWith(200, await admin.post(`${listOf(tenant)}/${resent.id}/resend`));
    clock.advanceSeconds(3_601);

    const tokens = {
      forged: newSecretText('tni_'),
      misspelt: `${used.token.slice(0, -1)}!`,
      ofAnotherKind: newSecretText('tnp_'),
      used: used.token,
      withdrawn: withdrawn.token,
      resent: resent.token,
      expired: expired.token,
      locked: locked.token,
    };
    const answers: Record<string, object> = {};
    for (const [what, token] of Object.entries(tokens)) {
      answers[what] = told(await accept({ token, password: PASSWORD }));
    }

    const { forged } = answers;
    expect(forged).toMatchObject({ status: 401, json: { code: 'invitations.invalid' } });
    expect(answers).toEqual(Object.fromEntries(Object.keys(tokens).map((what) => [what, forged])));
    expect(itemsOf(await admin.get(listOf(tenant)))).toMatchObject([
      { id: resent.id, status: 'open' },
      { id: expired.id, status: 'expired' },
    ]);
    const anew = world.api.mail.secretFor(resent.email);
    expect(await accept({ token: anew, password: PASSWORD })).toMatchObject({ status: 200 });
  });

  it('lets exactly one in of two who accept at the same moment', async () => {
    const { tenant, admin } = await administered();
    const { token, email } = await invite(admin, tenant);

    const answers = await Promise.all(
      [PASSWORD, 'four brown ledgers on a shelf'].map((password) => accept({ token, password })),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const members = itemsOf(await admin.get(`/v1/tenants/${tenant.id}/members`));
    expect(members.filter((member) => member['email'] === email)).toMatchObject([
      { kind: 'person', status: 'active' },
    ]);
  });

  it('opens no tenant but the one that invited, and no account without its password', async () => {
    const [acme, globex] = [await administered(), await administered()];
    const { token, email } = await invite(acme.admin, acme.tenant);
    answeredWith(200, await accept({ token, password: PASSWORD }));
    expect((await login(email, PASSWORD, globex.tenant.slug)).status).not.toBe(200);

    const second = await invite(globex.admin, globex.tenant, { email: email.toUpperCase() });
    expect(await accept({ token: second.token })).toMatchObject({
      status: 422,
      json: { code: 'signin.password_refused' },
    });
    expect(await accept({ token: second.token, password: 'a guess at seven' })).toMatchObject({
      status: 401,
      json: { code: 'signin.refused' },
    });
    expect((await login(email, PASSWORD, globex.tenant.slug)).status).not.toBe(200);
    expect(itemsOf(await globex.admin.get(listOf(globex.tenant)))).toHaveLength(1);

    expect(await accept({ token: second.token, password: PASSWORD })).toMatchObject({
      status: 200,
      json: { tenant: { id: globex.tenant.id } },
    });
    expect((await login(email, PASSWORD, globex.tenant.slug)).status).toBe(200);
  });

  it('invites nobody twice into one tenant, and says nothing of others', async () => {
    const [acme, globex] = [await administered(), await administered()];
    const { token, email } = await invite(acme.admin, acme.tenant);
    const again = (): Promise<Answer> =>
      acme.admin.post(listOf(acme.tenant), { email: email.toUpperCase(), roles: ['viewer'] });

    expect(await again()).toMatchObject({ status: 409, json: { code: 'invitations.exists' } });
    answeredWith(200, await accept({ token, password: PASSWORD }));
    expect(await again()).toMatchObject({ status: 409, json: { code: 'members.exists' } });
    await invite(globex.admin, globex.tenant, { email });
  });

  it('gives nobody by an invitation what the inviter lacks', async () => {
    const { tenant, admin } = await administered();
    answeredWith(201, await admin.post(`/v1/tenants/${tenant.id}/roles`, INVITER));
    const inviter = await robotOf(admin, tenant, 'inviter');
    const powerful = await invite(admin, tenant, { roles: ['tenant-admin'] });
    const grants = [{ role: 'tenant-admin', resource: 'workflow/po-1' }];
    const sent = world.api.mail.sent.length;

    const attempts = [
      await inviter.post(listOf(tenant), { email: newEmail(), roles: ['tenant-admin'] }),
      await inviter.post(listOf(tenant), { email: newEmail(), roles: [], grants }),
      await inviter.post(`${listOf(tenant)}/${powerful.id}/resend`),
    ];

    expect(attempts.map(({ json }) => json)).toEqual(
      attempts.map(() => expect.objectContaining({ status: 403, code: 'members.escalation' })),
    );
    expect(world.api.mail.sent).toHaveLength(sent);
    const platform = await world.admin.delete(`${listOf(tenant)}/${powerful.id}`);
    expect(platform).toMatchObject({ status: 403, json: { code: 'access.tenant_claimed' } });
    await invite(inviter, tenant, { roles: ['inviter'] });
  });

  it('holds nothing of what the platform gave before the tenant was claimed', async () => {
    const tenant = await world.createTenant();
    const admins = { roles: ['tenant-admin'] };
    const [first, second] = [
      await invite(world.admin, tenant, admins),
      await invite(world.admin, tenant, admins),
    ];
    const viewer = await invite(world.admin, tenant);
    const enter = async ({ token }: Invited): Promise<number> =>
      (await accept({ token, password: PASSWORD })).status;

    expect([await enter(first), await enter(second), await enter(viewer)]).toEqual([200, 401, 200]);
    const glass = { reason: 'The admin has left.', minutes: 5 };
    answeredWith(201, await world.admin.post(`/v1/tenants/${tenant.id}/break-glass`, glass));
    const heir = await invite(world.admin, tenant, admins);
    clock.advanceSeconds(301);
    expect(await enter(heir)).toBe(200);
  });

  it('takes no address that is another form of somebody’s', async () => {
    const { tenant, admin } = await administered();
    const given = { email: 'ａda@people.example', roles: ['viewer'] };

    const answers = [
      await admin.post(listOf(tenant), given),
      await admin.post(`/v1/tenants/${tenant.id}/members`, given),
      await world.admin.post('/v1/platform/admins', { ...given, roles: ['platform-viewer'] }),
    ];

    expect(answers.map((answer) => [answer.status, pointersOf(answer)])).toEqual(
      answers.map(() => [422, ['/email']]),
    );
  });

  it('counts and keeps no invitation for good that nobody accepted', async () => {
    const { tenant, admin } = await administered();
    const superuser = new Superuser(world.api);
    await superuser.query(
      `insert into invitations (tenant_id, id, member_id, email, digest, invited_by, expires_at)
       select $1::uuid, gen_random_uuid(), gen_random_uuid(), 'nobody@people.example',
         decode(md5($1::text || number), 'hex'), 'nobody', $2::timestamptz - interval '1 hour'
       from generate_series(1, 1000) as number`,
      [tenant.id, clock.now()],
    );
    await superuser.close();
    const stale = await invite(admin, tenant, { expiresInHours: 1 });
    clock.advanceSeconds(31 * 86_400);

    const fresh = [await invite(admin, tenant), await invite(admin, tenant)].map(({ id }) => id);

    expect(itemsOf(await admin.get(listOf(tenant))).map(({ id }) => id)).toEqual(fresh);
    expect(await admin.get(`/v1/tenants/${tenant.id}/members/${stale.memberId}`)).toMatchObject({
      status: 404,
    });
  });

  it('changes nothing where the mail cannot be sent', async () => {
    const { tenant, admin } = await administered();
    const email = newEmail();
    const refused = { status: 503, json: { code: 'mail.unavailable' } };
    const { mail } = world.api;
    const failOnce = (): void => {
      jest.spyOn(mail, 'send').mockRejectedValueOnce(new MailUnavailable());
    };

    failOnce();
    expect(await admin.post(listOf(tenant), { email, roles: ['viewer'] })).toMatchObject(refused);
    const readiness: { isReady: boolean } = mail;
    const unset = jest.replaceProperty(readiness, 'isReady', false);
    expect(await admin.post(listOf(tenant), { email, roles: ['viewer'] })).toMatchObject(refused);
    unset.restore();
    expect(itemsOf(await admin.get(listOf(tenant)))).toEqual([]);

    const { id, token } = await invite(admin, tenant, { email });
    failOnce();
    expect(await admin.post(`${listOf(tenant)}/${id}/resend`)).toMatchObject(refused);
    expect(await accept({ token, password: PASSWORD })).toMatchObject({ status: 200 });
  });
});
