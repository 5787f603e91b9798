import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newSecretText } from '@tenantry/crypto';
import { ApiKeyLookup } from '@tenantry/members';
import { type Answer, itemsOf, pointersOf, send, textOf } from './send.js';
import { SteppedClock } from './stepped-clock.js';
import { answeredWith, type Caller, type TenantView, World } from './world.js';

/** A service account, as it was made. */
interface Made {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Its path. */
  readonly path: string;
}

interface Key {
  readonly id: string;
  readonly key: string;
  readonly hint: string;
}

const KEEPER = { name: 'keeper', permissions: ['credentials:write', 'members:read'] };

describe('service accounts and their keys', () => {
  const clock = new SteppedClock();
  let world: World;

  beforeAll(async () => {
    world = await World.start({ clock });
  });
  afterAll(() => world.close());

  const accountsOf = ({ id }: TenantView): string => `/v1/tenants/${id}/service-accounts`;

  const make = async (by: Caller, tenant: TenantView, roles: readonly string[]): Promise<Made> => {
    const answer = await by.post(accountsOf(tenant), { name: `Robot ${roles.join()}`, roles });
    const made = answeredWith(201, answer) as Made;
    return { ...made, path: `${accountsOf(tenant)}/${made.id}` };
  };

  const ask = (clientId: string, secret: string): Promise<Answer> =>
    send(world.api.url, {
      method: 'POST',
      path: '/oauth/token',
      raw: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: secret,
      }),
    });

  const signedIn = async ({ clientId, clientSecret }: Made): Promise<Caller> =>
    world.bearer(textOf(await ask(clientId, clientSecret), 'access_token'));

  const issue = async (by: Caller, { path }: Made, given: object = {}): Promise<Key> =>
    answeredWith(201, await by.post(`${path}/keys`, { name: 'ci', ...given })) as Key;

  const patch = (by: Caller, path: string, body: object, ifMatch?: string): Promise<Answer> =>
    send(world.api.url, {
      method: 'PATCH',
      path,
      token: by.token,
      body,
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    });

  /** A tenant that a service account administers: it is claimed. */
  const administered = async (): Promise<{
    readonly tenant: TenantView;
    readonly root: Made;
    readonly admin: Caller;
  }> => {
    const tenant = await world.createTenant();
    const root = await make(world.admin, tenant, ['tenant-admin']);
    return { tenant, root, admin: await signedIn(root) };
  };

  /** Somebody who may make credentials there, and hardly anything else. */
  const keeperOf = async (admin: Caller, tenant: TenantView): Promise<Made & { by: Caller }> => {
    answeredWith(201, await admin.post(`/v1/tenants/${tenant.id}/roles`, KEEPER));
    const made = await make(admin, tenant, ['keeper']);
    return { ...made, by: await signedIn(made) };
  };

  it('shows the secret once, and lets its holder in', async () => {
    const { tenant, admin } = await administered();

    const made = await admin.post(accountsOf(tenant), { name: 'Import', roles: ['operator'] });

    const { id, clientId, clientSecret } = answeredWith(201, made) as Made;
    expect(made.headers['location']).toBe(`${accountsOf(tenant)}/${id}`);
    expect(clientId).toMatch(/^svc-[0-9a-f]{24}$/);
    expect(clientSecret).toMatch(/^tnc_[0-9A-Za-z]{36}$/);
    const seen = [
      await admin.get(`${accountsOf(tenant)}/${id}`),
      await admin.get(accountsOf(tenant)),
      await admin.get(`/v1/tenants/${tenant.id}/audit/events`),
    ];
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(seen.map(({ text }) => text).join()).not.toContain(clientSecret);
    const robot = await signedIn({ id, clientId, clientSecret, path: '' });
    expect(await robot.get('/v1/me')).toMatchObject({
      status: 200,
      json: { actor: { kind: 'service', id }, tenant: { id: tenant.id }, roles: ['operator'] },
    });
  });

  it('ends the old secret at a rotation, unless it is given some time', async () => {
    const { tenant, admin } = await administered();
    const robot = await make(admin, tenant, ['viewer']);
    const { clientId, clientSecret: first } = robot;
    const rotate = async (body: object): Promise<string> =>
      textOf(await admin.post(`${robot.path}/rotate`, body), 'clientSecret');
    const statusOf = async (secret: string): Promise<number> =>
      (await ask(clientId, secret)).status;

    const second = await rotate({});
    expect(await Promise.all([first, second].map(statusOf))).toEqual([401, 200]);

    const third = await rotate({ overlapSeconds: 60 });
    expect(await Promise.all([first, second, third].map(statusOf))).toEqual([401, 200, 200]);

    clock.advanceSeconds(61);
    expect(await Promise.all([second, third].map(statusOf))).toEqual([401, 200]);
    expect(await admin.post(`${robot.path}/rotate`, { overlapSeconds: 604_801 })).toMatchObject({
      status: 422,
      json: { code: 'request.invalid' },
    });
  });

  it('lets a key in until it is revoked, and shows it once', async () => {
    const { tenant, admin } = await administered();
    const robot = await make(admin, tenant, ['viewer']);
    const { id, key, hint } = await issue(admin, robot);
    const holder = world.bearer(key);

    expect(key).toMatch(/^tnt_[0-9A-Za-z]{36}$/);
    expect(hint).toBe(key.slice(-4));
    expect(await holder.get('/v1/me')).toMatchObject({
      status: 200,
      json: { actor: { kind: 'service', id: robot.id }, roles: ['viewer'] },
    });
    const listed = await admin.get(`${robot.path}/keys`);
    expect(itemsOf(listed)).toMatchObject([{ id, name: 'ci', hint, expiresAt: null }]);
    expect(listed.text).not.toContain(key);

    expect(await admin.delete(`${robot.path}/keys/${id}`)).toMatchObject({ status: 204 });
    expect(await holder.get('/v1/me')).toMatchObject({
      status: 401,
      json: { code: 'access.token_invalid' },
    });
    expect(await admin.delete(`${robot.path}/keys/${id}`)).toMatchObject({
      status: 404,
      json: { code: 'api_keys.not_found' },
    });
  });

  it('ends a key at its time', async () => {
    const { tenant, admin } = await administered();
    const robot = await make(admin, tenant, ['viewer']);
    const expiresAt = new Date(clock.now().getTime() + 30_000).toISOString();
    const holder = world.bearer((await issue(admin, robot, { expiresAt })).key);
    expect(await holder.get('/v1/me')).toMatchObject({ status: 200 });

    clock.advanceSeconds(31);

    expect(await holder.get('/v1/me')).toMatchObject({ status: 401 });
    const past = await admin.post(`${robot.path}/keys`, { name: 'late', expiresAt });
    expect(past).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
    expect(pointersOf(past)).toEqual(['/expiresAt']);
  });

  it('writes down the last use of a key, once for many requests', async () => {
    const { tenant, admin } = await administered();
    const robot = await make(admin, tenant, ['viewer']);
    const holder = world.bearer((await issue(admin, robot)).key);
    const lookup = world.api.app.get(ApiKeyLookup);
    const writes = (): number => world.api.database.crossings.get('api-key-used') ?? 0;
    await lookup.flush();
    const before = writes();

    for (let count = 0; count < 12; count += 1) await holder.get('/v1/me');
    expect(writes()).toBe(before);
    await lookup.flush();

    expect(writes()).toBe(before + 1);
    const [shown] = itemsOf(await admin.get(`${robot.path}/keys`));
    expect(shown).toMatchObject({ lastUsedIp: '127.0.0.1', lastUsedAt: expect.any(String) });
  });

  it('asks the database for no key whose checksum is wrong', async () => {
    const looked = (): number => world.api.database.crossings.get('api-key') ?? 0;
    const before = looked();
    const unknown = newSecretText('tnt_');
    const misspelt = unknown.slice(0, -1) + (unknown.endsWith('0') ? '1' : '0');

    expect(await world.bearer(misspelt).get('/v1/me')).toMatchObject({ status: 401 });
    expect(looked()).toBe(before);
    expect(await world.bearer(unknown).get('/v1/me')).toMatchObject({ status: 401 });
    expect(looked()).toBe(before + 1);
  });

  it('gives an account twenty keys at most', async () => {
    const { tenant, admin } = await administered();
    const robot = await make(admin, tenant, ['viewer']);
    for (let count = 0; count < 20; count += 1) await issue(admin, robot);

    expect(await admin.post(`${robot.path}/keys`, { name: 'one more' })).toMatchObject({
      status: 409,
      json: { code: 'api_keys.limit_reached' },
    });
  });

  it('shuts a suspended account out with all it has, and revives no key', async () => {
    const { tenant, admin } = await administered();
    const robot = await make(admin, tenant, ['viewer']);
    const byToken = await signedIn(robot);
    const byKey = world.bearer((await issue(admin, robot)).key);
    const statuses = async (): Promise<number[]> => [
      (await byToken.get('/v1/me')).status,
      (await byKey.get('/v1/me')).status,
      (await ask(robot.clientId, robot.clientSecret)).status,
    ];
    expect(await statuses()).toEqual([200, 200, 200]);

    expect(await admin.post(`${robot.path}/suspend`)).toMatchObject({
      status: 200,
      json: { status: 'suspended' },
    });
    expect(await statuses()).toEqual([403, 401, 401]);
    expect(await admin.post(`${robot.path}/keys`, { name: 'sleeper' })).toMatchObject({
      status: 409,
      json: { code: 'service_accounts.suspended' },
    });

    expect(await admin.post(`${robot.path}/reactivate`)).toMatchObject({
      status: 200,
      json: { status: 'active' },
    });
    expect((await byKey.get('/v1/me')).status).toBe(401);
    expect((await ask(robot.clientId, robot.clientSecret)).status).toBe(200);
    expect(itemsOf(await admin.get(`${robot.path}/keys`))).toEqual([]);
  });

  it('leaves nothing of a removed account', async () => {
    const { tenant, admin } = await administered();
    const robot = await make(admin, tenant, ['viewer']);
    const byToken = await signedIn(robot);
    const byKey = world.bearer((await issue(admin, robot)).key);

    expect(await admin.delete(robot.path)).toMatchObject({ status: 204 });

    expect((await byToken.get('/v1/me')).status).toBe(403);
    expect((await byKey.get('/v1/me')).status).toBe(401);
    expect((await ask(robot.clientId, robot.clientSecret)).status).toBe(401);
    expect(await admin.get(robot.path)).toMatchObject({
      status: 404,
      json: { code: 'service_accounts.not_found' },
    });
  });

  it('changes what is named, and only of the revision that was read', async () => {
    const { tenant, admin } = await administered();
    const robot = await make(admin, tenant, ['viewer']);
    const grants = [{ role: 'operator', resource: 'workflow/po-1234', expiresAt: null }];

    const changed = await patch(admin, robot.path, { grants }, '"1"');

    expect(changed).toMatchObject({ status: 200, json: { roles: ['viewer'], grants } });
    expect(changed.headers['etag']).toBe('"2"');
    expect(await patch(admin, robot.path, { name: 'Late' }, '"1"')).toMatchObject({
      status: 412,
      json: { code: 'request.revision_stale' },
    });
  });

  it('gives nobody by any path what they lack', async () => {
    const { tenant, root, admin } = await administered();
    const { by: keeper, path: own } = await keeperOf(admin, tenant);
    const powerful = await make(admin, tenant, ['tenant-admin']);
    const onOne = [{ role: 'tenant-admin', resource: 'workflow/po-1' }];
    const scoped = answeredWith(
      201,
      await admin.post(accountsOf(tenant), { name: 'Scoped', roles: [], grants: onOne }),
    ) as Made;
    await admin.post(`${powerful.path}/suspend`);

    const attempts = [
      await keeper.post(accountsOf(tenant), { name: 'x', roles: ['tenant-admin'] }),
      await keeper.post(accountsOf(tenant), { name: 'x', roles: [], grants: onOne }),
      await patch(keeper, own, { roles: ['keeper', 'tenant-admin'] }),
      await patch(keeper, own, { grants: onOne }),
      await keeper.post(`${root.path}/rotate`),
      await keeper.post(`${root.path}/keys`, { name: 'x' }),
      await keeper.post(`${accountsOf(tenant)}/${scoped.id}/keys`, { name: 'x' }),
      await keeper.post(`${powerful.path}/reactivate`),
    ];

    expect(attempts.map(({ status }) => status)).toEqual(attempts.map(() => 403));
    expect(attempts.map(({ json }) => json)).toEqual(
      attempts.map(() => expect.objectContaining({ code: 'members.escalation' })),
    );
    expect(await keeper.get(own)).toMatchObject({ json: { roles: ['keeper'], grants: [] } });
    const like = await make(keeper, tenant, ['keeper']);
    await issue(keeper, like);
    const unknown = await keeper.post(accountsOf(tenant), {
      name: 'x',
      roles: ['keeper'],
      grants: [{ role: 'nobody', resource: 'workflow/po-1' }],
    });
    expect(unknown).toMatchObject({ status: 422, json: { code: 'roles.unknown' } });
    expect(pointersOf(unknown)).toEqual(['/grants/0/role']);
  });

  it('keeps the platform from the credentials of a claimed tenant’s admins', async () => {
    const { tenant, root } = await administered();

    const attempts = [
      await world.admin.post(accountsOf(tenant), { name: 'x', roles: ['tenant-admin'] }),
      await world.admin.post(`${root.path}/rotate`),
      await world.admin.post(`${root.path}/keys`, { name: 'x' }),
      await patch(world.admin, root.path, { roles: ['viewer'] }),
      await world.admin.post(`${root.path}/suspend`),
      await world.admin.delete(root.path),
    ];

    expect(attempts.map(({ json }) => json)).toEqual(
      attempts.map(() => expect.objectContaining({ status: 403, code: 'access.tenant_claimed' })),
    );
    await make(world.admin, tenant, ['viewer']);
  });

  it('keeps one of two last admins that are removed at the same moment', async () => {
    const { tenant, root, admin } = await administered();
    const other = await make(admin, tenant, ['tenant-admin']);
    const { by: keeper } = await keeperOf(admin, tenant);

    const removals = await Promise.all([root, other].map(({ path }) => keeper.delete(path)));

    expect(removals.map(({ status }) => status).sort()).toEqual([204, 409]);
    const refused = removals.find(({ status }) => status === 409);
    expect(refused?.json).toMatchObject({ code: 'members.last_admin' });
    const left = itemsOf(await keeper.get(accountsOf(tenant)));
    expect(left.map(({ roles }) => roles)).toContainEqual(['tenant-admin']);
  });
});
