import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import { type Answer, itemsOf, pointersOf, textOf } from './send.js';
import { type Household, refusalOf, TrustWorld, type Voice } from './trust-world.js';

const KEEPER = [
  'issuers:read',
  'issuers:write',
  'members:read',
  'members:write',
  'roles:read',
  'roles:write',
];

interface Somebody extends Voice {
  readonly id: string;
}

interface Me {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly grants: readonly unknown[];
}

describe('roles, and what may be given by them', () => {
  let world: TrustWorld;
  let house: Household;

  beforeAll(async () => {
    world = await TrustWorld.start();
    house = await world.household();
  });
  afterAll(() => world.close());

  const pathOf = ({ id }: Household, part: string): string => `/v1/tenants/${id}/${part}`;

  async function issuerOf(of: Household): Promise<string> {
    return String(itemsOf(await world.admin.get(of.issuers))[0]?.['id']);
  }

  async function define(name: string, permissions: readonly string[], in_ = house): Promise<void> {
    textOf(await in_.post(pathOf(in_, 'roles'), { name, permissions }), 'name');
  }

  /** Somebody whom the tenant's own issuer vouches for. */
  async function somebody(given: object, of = house): Promise<Somebody> {
    const sub = world.matrix.mark();
    const added = await of.post(pathOf(of, 'members'), {
      email: `${sub}@acme.example`,
      issuerId: await issuerOf(of),
      subject: sub,
      roles: [],
      ...given,
    });
    const token = world.matrix.token(`https://staff.${of.slug}.example`, { sub });
    return { id: textOf(added, 'id'), ...world.voice(token) };
  }

  async function me(voice: Voice): Promise<Me> {
    const { status, json, text } = await voice.get('/v1/me');
    if (status !== 200) throw new Error(text);
    return json as Me;
  }

  const permissionsOf = async (voice: Voice): Promise<string[]> =>
    (await me(voice)).permissions.toSorted();

  async function held(of: Household): Promise<unknown> {
    const { roles, members, issuers } = await world.matrix.superuser.rowsOf(of.id);
    return { roles, members, issuers };
  }

  async function person(of: Household, given: object): Promise<string> {
    const row = { id: newId(), status: 'active', kind: 'person', roles: [], ...given };
    const { id, status, kind, roles } = row as typeof row & { readonly roles: string[] };
    await world.matrix.superuser.query(
      `insert into members (tenant_id, issuer_owner_id, id, kind, email, roles, status)
       values ($1, $1, $2, $3, $4, $5, $6)`,
      [of.id, id, kind, `${id}@acme.example`, roles, status],
    );
    return id;
  }

  describe('a role of the tenant’s own', () => {
    it('gives exactly what it holds, and each change of it at once', async () => {
      await define('deployer', ['registry:read', 'adapters:write']);
      const ada = await somebody({ roles: ['deployer'] });
      const role = pathOf(house, 'roles/deployer');
      const roles = pathOf(house, 'roles');

      expect(await me(ada)).toMatchObject({ roles: ['deployer'], grants: [] });
      expect(await permissionsOf(ada)).toEqual(['adapters:write', 'registry:read']);
      expect(refusalOf(await ada.get(roles))).toBe('403 access.permission_missing');

      const changed = await house.patch(role, { permissions: ['roles:read'] }, '"1"');
      expect(changed).toMatchObject({
        status: 200,
        headers: { etag: '"2"' },
        json: { name: 'deployer', permissions: ['roles:read'], builtIn: false, revision: 2 },
      });
      const listed = itemsOf(await ada.get(roles)).map(({ name }) => name);
      expect(listed.slice(0, 4)).toEqual(['builder', 'operator', 'tenant-admin', 'viewer']);
      expect(listed).toContain('deployer');

      await house.patch(role, { permissions: [], description: 'Nothing.' });
      expect(refusalOf(await ada.get(roles))).toBe('403 access.permission_missing');
      const deeds = await house.get(pathOf(house, 'audit/events?target=deployer'));
      expect(itemsOf(deeds).map(({ deed }) => deed)).toEqual([
        'role.changed',
        'role.changed',
        'role.created',
      ]);
    });

    it('is refused where it cannot be', async () => {
      await define('plain', ['tenant:read']);
      const post = (name: string, permissions: readonly string[] = []): Promise<Answer> =>
        house.post(pathOf(house, 'roles'), { name, permissions });
      const plain = pathOf(house, 'roles/plain');

      expect(refusalOf(await post('plain'))).toBe('409 roles.exists');
      expect(refusalOf(await post('viewer'))).toBe('409 roles.exists');
      expect(refusalOf(await post('platform-admin'))).toBe('409 roles.exists');
      expect(pointersOf(await post('Loud'))).toEqual(['/name']);
      for (const unknown of ['tenant:fly', 'platform:write']) {
        const refused = await post('odd', ['tenant:read', unknown]);
        expect(refusalOf(refused)).toBe('422 roles.permission_unknown');
        expect(pointersOf(refused)).toEqual(['/permissions/1']);
      }
      const viewer = pathOf(house, 'roles/viewer');
      expect(refusalOf(await house.patch(viewer, {}))).toBe('409 roles.built_in');
      expect(refusalOf(await house.delete(viewer))).toBe('409 roles.built_in');
      expect(refusalOf(await house.patch(plain, {}, null))).toBe(
        '428 request.precondition_required',
      );
      expect(refusalOf(await house.patch(plain, {}, '"7"'))).toBe('412 request.revision_stale');
      expect(refusalOf(await house.get(pathOf(house, 'roles/none')))).toBe('404 roles.not_found');
      expect(refusalOf(await house.patch(pathOf(house, 'roles/none'), {}))).toBe(
        '404 roles.not_found',
      );
      const member = { email: 'x@acme.example', roles: ['none'] };
      expect(refusalOf(await house.post(pathOf(house, 'members'), member))).toBe(
        '422 roles.unknown',
      );
    });

    it('is removed once nobody names it any more', async () => {
      await define('passing', ['tenant:read']);
      const role = pathOf(house, 'roles/passing');
      const ada = pathOf(house, `members/${(await somebody({ roles: ['passing'] })).id}`);
      const issuer = `${house.issuers}/${await issuerOf(house)}`;

      expect(refusalOf(await house.delete(role))).toBe('409 roles.in_use');
      await house.patch(ada, { roles: [], grants: [{ role: 'passing', resource: 'a/b' }] });
      expect(refusalOf(await house.delete(role))).toBe('409 roles.in_use');
      await world.admin.patch(issuer, { roleMapping: [{ group: 'all', role: 'passing' }] });
      await house.patch(ada, { grants: [] });
      expect(refusalOf(await house.delete(role))).toBe('409 roles.in_use');
      await world.admin.patch(issuer, { roleMapping: [] });
      expect(refusalOf(await house.delete(role))).toBe('204');
      expect(refusalOf(await house.get(role))).toBe('404 roles.not_found');
    });

    it('is one of a hundred at most, shown page by page', async () => {
      const crowded = await world.household();
      await world.matrix.superuser.query(
        `insert into roles (tenant_id, name, permissions)
         select $1, 'role-' || n, '{}' from generate_series(1, 100) n`,
        [crowded.id],
      );
      const path = pathOf(crowded, 'roles');

      const one = await crowded.post(path, { name: 'one-more', permissions: [] });
      expect(refusalOf(one)).toBe('409 roles.limit_reached');
      const first = await crowded.get(`${path}?limit=100`);
      const second = await crowded.get(`${path}?limit=100&cursor=${textOf(first, 'nextCursor')}`);
      expect(itemsOf(first)).toHaveLength(100);
      expect(itemsOf(second).map(({ name }) => name)).toEqual([
        'role-96',
        'role-97',
        'role-98',
        'role-99',
      ]);
    });
  });

  describe('somebody who may change all, and holds little', () => {
    let keeper: Somebody;
    let chief: Somebody;
    let peer: Somebody;

    beforeAll(async () => {
      await define('keeper', KEEPER);
      await define('weak', ['members:read']);
      await define('strong', ['quotas:write']);
      keeper = await somebody({ roles: ['keeper'] });
      chief = await somebody({ roles: ['tenant-admin'] });
      peer = await somebody({ roles: ['weak'] });
      await house.post(pathOf(house, `members/${chief.id}/suspend`));
    });

    const added = (given: object): object => ({ email: 'eve@acme.example', roles: [], ...given });
    const grants = [{ role: 'builder', resource: 'workflow/po-1' }];

    it.each<[string, () => Promise<Answer>]>([
      [
        'a role with it',
        () =>
          keeper.post(pathOf(house, 'roles'), { name: 'mine', permissions: ['secrets:reveal'] }),
      ],
      [
        'it into a role that others have',
        () =>
          keeper.patch(pathOf(house, 'roles/weak'), {
            permissions: ['members:read', 'audit:read'],
          }),
      ],
      [
        'a new admin',
        () => keeper.post(pathOf(house, 'members'), added({ roles: ['tenant-admin'] })),
      ],
      [
        'a new holder of a stronger role',
        () => keeper.post(pathOf(house, 'members'), added({ roles: ['strong'] })),
      ],
      ['a new grantee', () => keeper.post(pathOf(house, 'members'), added({ grants }))],
      [
        'a role to a member',
        () => keeper.patch(pathOf(house, `members/${peer.id}`), { roles: ['strong'] }),
      ],
      ['itself a grant', () => keeper.patch(pathOf(house, `members/${keeper.id}`), { grants })],
      [
        'it to a group',
        () =>
          keeper.post(
            house.issuers,
            world.body(`https://${world.host()}`, {
              roles: [],
              roleMapping: [{ group: 'all', role: 'strong' }],
            }),
          ),
      ],
      [
        'an admin back to the tenant',
        () => keeper.post(pathOf(house, `members/${chief.id}/reactivate`)),
      ],
    ])('gives nobody what it lacks: %s', async (_, act) => {
      const before = await held(house);

      expect(refusalOf(await act())).toBe('403 members.escalation');

      expect(await held(house)).toEqual(before);
    });

    it('gives what it holds', async () => {
      const role = await keeper.post(pathOf(house, 'roles'), {
        name: 'helper',
        permissions: ['members:read', 'roles:read'],
      });
      const member = await keeper.post(pathOf(house, 'members'), added({ roles: ['helper'] }));

      expect([role.status, member.status]).toEqual([201, 201]);
    });

    it('takes from a role what it lacks itself', async () => {
      await define('heavy', ['audit:read', 'tenant:read']);

      const lightened = await keeper.patch(pathOf(house, 'roles/heavy'), {
        permissions: ['audit:read'],
      });

      expect(lightened).toMatchObject({ status: 200, json: { permissions: ['audit:read'] } });
    });
  });

  describe('permissions of engines', () => {
    const register = (by: Voice, ...names: string[]): Promise<Answer> =>
      by.ask({
        method: 'PUT',
        path: '/v1/platform/permissions',
        body: { permissions: names.map((name) => ({ name, description: `To ${name}.` })) },
      });

    it('are held by admins and by roles until their engine withdraws them', async () => {
      const engine = world.voice(await world.matrix.platformToken(['engine']));
      expect(await permissionsOf(house)).not.toContain('sandbox:exec');

      const registered = await register(engine, 'sandbox:exec', 'workflow:approve');
      expect(registered).toMatchObject({ status: 200, json: { nextCursor: null } });
      expect(itemsOf(registered)).toEqual([
        { name: 'sandbox:exec', description: 'To sandbox:exec.', engine: true },
        { name: 'workflow:approve', description: 'To workflow:approve.', engine: true },
      ]);
      expect(await permissionsOf(house)).toContain('sandbox:exec');
      await define('runner', ['sandbox:exec', 'tenant:read']);
      await define('clerk', ['members:write', 'roles:read', 'tenant:read']);
      const ada = await somebody({ roles: ['runner'] });
      expect(await permissionsOf(ada)).toEqual(['sandbox:exec', 'tenant:read']);
      const known = itemsOf(await ada.get('/v1/permissions'));
      expect(known).toHaveLength(27);
      expect(known.at(-2)).toMatchObject({ name: 'sandbox:exec', engine: true });
      expect(known[0]).toEqual({
        name: 'adapters:write',
        description: 'Deploy and change adapters.',
        engine: false,
      });

      await register(engine, 'workflow:approve');
      expect(await permissionsOf(ada)).toEqual(['tenant:read']);
      expect(await permissionsOf(house)).not.toContain('sandbox:exec');
      const again = { name: 'again', permissions: ['sandbox:exec'] };
      expect(refusalOf(await house.post(pathOf(house, 'roles'), again))).toBe(
        '422 roles.permission_unknown',
      );
      const kept = await house.patch(pathOf(house, 'roles/runner'), {
        permissions: ['sandbox:exec', 'tenant:read', 'roles:read'],
      });
      expect(kept.status).toBe(200);
      const clerk = await somebody({ roles: ['clerk'] });
      const given = { email: 'mole@acme.example', roles: ['runner'] };
      expect(refusalOf(await clerk.post(pathOf(house, 'members'), given))).toBe(
        '403 members.escalation',
      );
      expect((await house.post(pathOf(house, 'members'), given)).status).toBe(201);
      const trail = await world.admin.get(
        '/v1/platform/audit/events?deed=permissions.registered&limit=1',
      );
      expect(itemsOf(trail)[0]).toMatchObject({
        changes: {
          permissions: {
            before: ['sandbox:exec', 'workflow:approve'],
            after: ['workflow:approve'],
          },
        },
      });
    });

    it('are one engine’s each, and none of Tenantry’s own', async () => {
      const [one, other] = [
        world.voice(await world.matrix.platformToken(['engine'])),
        world.voice(await world.matrix.platformToken(['engine'])),
      ];
      await register(one, 'crane:lift');

      expect(refusalOf(await register(other, 'crane:lift'))).toBe('409 permissions.taken');
      for (const name of ['secrets:reveal', 'platform:write']) {
        const refused = await register(other, 'crane:drop', name);
        expect(refusalOf(refused)).toBe('422 permissions.built_in');
        expect(pointersOf(refused)).toEqual(['/permissions/1/name']);
      }
      expect(refusalOf(await register(other, 'crane:drop', 'crane:drop'))).toBe(
        '422 request.invalid',
      );
      expect(refusalOf(await register(other, 'Crane'))).toBe('422 request.invalid');
      expect(refusalOf(await register(house, 'house:own'))).toBe('403 access.permission_missing');
      const names = itemsOf(await house.get('/v1/permissions?limit=200')).map(({ name }) => name);
      expect(names.filter((name) => String(name).startsWith('crane:'))).toEqual(['crane:lift']);
    });
  });

  describe('a grant', () => {
    it('holds for its resource alone, and until it ends', async () => {
      const lasting = { role: 'operator', resource: 'workflow/po-1', expiresAt: null };
      const ended = { ...lasting, resource: 'workflow/po-2', expiresAt: '2026-01-01T00:00:00Z' };

      const ada = await somebody({ grants: [lasting, ended] });

      expect(await me(ada)).toMatchObject({ roles: [], permissions: [] });
      expect((await me(ada)).grants).toEqual([
        expect.objectContaining({ role: 'operator', resource: 'workflow/po-1' }),
      ]);
      expect(refusalOf(await ada.get(pathOf(house, 'audit/events')))).toBe(
        '403 access.permission_missing',
      );
      const shown = await house.get(pathOf(house, `members/${ada.id}`));
      expect(shown.json).toMatchObject({ grants: [lasting, ended], roles: [], account: false });
    });

    it.each([
      [{ role: 'operator', resource: 'workflow' }, '422 request.invalid', '/grants/0/resource'],
      [
        { role: 'operator', resource: 'a/b', expiresAt: 'soon' },
        '422 request.invalid',
        '/grants/0/expiresAt',
      ],
      [{ role: 'nobody', resource: 'a/b' }, '422 roles.unknown', '/grants/0/role'],
    ])('is refused as %j', async (grant, refusal, pointer) => {
      const body = { email: 'g@acme.example', roles: [], grants: [grant] };

      const refused = await house.post(pathOf(house, 'members'), body);

      expect(refusalOf(refused)).toBe(refusal);
      expect(pointersOf(refused)).toEqual([pointer]);
    });
  });

  describe('members', () => {
    it('are removed by whoever has read them as they are, but not the last admin who can come', async () => {
      const home = await world.household();
      const [chief] = itemsOf(await home.get(pathOf(home, 'members')));
      const chiefPath = pathOf(home, `members/${String(chief?.['id'])}`);
      const waiting = { email: 'heir@acme.example', roles: ['tenant-admin'] };
      const heir = textOf(await home.post(pathOf(home, 'members'), waiting), 'id');
      const heirPath = pathOf(home, `members/${heir}`);
      const removeAt = (ifMatch: string): Promise<Answer> =>
        home.ask({ method: 'DELETE', path: heirPath, headers: { 'if-match': ifMatch } });

      expect(refusalOf(await home.delete(chiefPath))).toBe('409 members.last_admin');
      expect(refusalOf(await home.delete(`${home.issuers}/${await issuerOf(home)}`))).toBe(
        '409 members.last_admin',
      );
      await home.patch(heirPath, { displayName: 'Heir' });
      const removals = [await removeAt('"1"'), await removeAt('"2"')];
      expect(removals.map(refusalOf)).toEqual(['412 request.revision_stale', '204']);
    });

    it('are found by their standing, their kind, and their name', async () => {
      const home = await world.household();
      const invited = await person(home, { status: 'invited' });
      const active = await person(home, {});
      const ids = async (query: string): Promise<unknown[]> =>
        itemsOf(await home.get(pathOf(home, `members?${query}`))).map(({ id }) => id);

      expect(await ids('status=invited')).toEqual([invited]);
      expect(await ids('kind=person&status=active')).toEqual([active]);
      expect(await ids(`q=${active.slice(-12)}@ACME`)).toEqual([active]);
      expect(await ids('q=%25')).toEqual([]);
      expect(await ids('')).toHaveLength(3);
    });

    it('who have an account, or are to have one, are bound to no subject by their address', async () => {
      const home = await world.household();
      const invited = await person(home, { status: 'invited', roles: ['tenant-admin'] });
      const active = await person(home, { roles: ['tenant-admin'] });
      const open = (id: string): Promise<string | number> =>
        world.opens(
          world.matrix.token(`https://staff.${home.slug}.example`, {
            sub: id,
            email: `${id}@acme.example`,
            email_verified: true,
          }),
        );

      expect([await open(invited), await open(active)]).toEqual([403, 403]);
      const suspend = await home.post(pathOf(home, `members/${invited}/suspend`));
      const reactivate = await home.post(pathOf(home, `members/${invited}/reactivate`));
      expect([suspend, reactivate].map(refusalOf)).toEqual([
        '409 members.invited',
        '409 members.invited',
      ]);
      expect(refusalOf(await home.delete(pathOf(home, `members/${invited}`)))).toBe('204');
    });
  });

  describe('a tenant that has an admin with an account of its own', () => {
    let home: Household;
    let admin: Voice;
    let reader: Somebody;
    let chief: string;
    let whileUnclaimed: Answer;

    beforeAll(async () => {
      home = await world.household();
      admin = world.admin;
      await define('reader', ['secrets:reveal'], home);
      reader = await somebody({ roles: ['reader'] }, home);
      const members = itemsOf(await home.get(pathOf(home, 'members')));
      chief = String(members.find(({ email }) => email === 'chief@acme.example')?.['id']);
      whileUnclaimed = await appoint(admin);
      await person(home, { roles: ['tenant-admin'] });
    });

    const appoint = (by: Voice, roles = ['tenant-admin']): Promise<Answer> =>
      by.post(pathOf(home, 'members'), { email: `${newId()}@acme.example`, roles });
    const open = (by: Voice, given: object = {}): Promise<Answer> =>
      by.post(pathOf(home, 'break-glass'), {
        reason: 'Their only admin has left the company.',
        minutes: 15,
        ...given,
      });

    it('is the platform’s to set up before, and no longer once it is claimed', async () => {
      expect(refusalOf(whileUnclaimed)).toBe('201');
      const before = await held(home);

      const refused = [
        await appoint(admin),
        await appoint(admin, ['reader']),
        await admin.patch(pathOf(home, `members/${reader.id}`), { roles: [] }),
        await admin.post(pathOf(home, `members/${chief}/suspend`)),
        await admin.delete(pathOf(home, `members/${chief}`)),
        await admin.post(pathOf(home, 'roles'), { name: 'spy', permissions: ['secrets:reveal'] }),
        await admin.post(pathOf(home, 'roles'), { name: 'key', permissions: ['secrets:unseal'] }),
        await admin.patch(pathOf(home, 'roles/reader'), { permissions: [] }),
        await admin.delete(pathOf(home, 'roles/reader')),
      ];

      expect(new Set(refused.map(refusalOf))).toEqual(new Set(['403 access.tenant_claimed']));
      expect(await held(home)).toEqual(before);
      expect(refusalOf(await appoint(admin, ['viewer']))).toBe('201');
      expect(refusalOf(await appoint(home))).toBe('201');
    });

    it('is opened by breaking the glass, to one actor, for a while, for all to see', async () => {
      const colleague = world.voice(await world.matrix.platformToken(['platform-admin']));
      const viewer = world.voice(await world.matrix.platformToken(['platform-viewer']));
      expect(refusalOf(await open(viewer))).toBe('403 access.permission_missing');
      expect(refusalOf(await open(home))).toBe('403 access.permission_missing');
      expect(pointersOf(await open(admin, { minutes: 61, reason: '' }))).toEqual([
        '/reason',
        '/minutes',
      ]);

      const opened = await open(admin);
      expect(opened).toMatchObject({ status: 201, json: { closedAt: null } });
      const path = String(opened.headers['location']);
      expect(refusalOf(await appoint(admin))).toBe('201');
      expect(refusalOf(await appoint(colleague))).toBe('403 access.tenant_claimed');
      expect(itemsOf(await home.get(pathOf(home, 'break-glass')))).toEqual([opened.json]);

      const closed = await admin.post(`${path}/close`);
      expect(closed).toMatchObject({ status: 200, json: { closedAt: expect.any(String) } });
      expect((await admin.post(`${path}/close`)).json).toEqual(closed.json);
      expect((await home.get(path)).json).toEqual(closed.json);
      expect(refusalOf(await appoint(admin))).toBe('403 access.tenant_claimed');
      const deeds = await home.get(pathOf(home, `audit/events?target=${textOf(opened, 'id')}`));
      expect(itemsOf(deeds)).toMatchObject([
        { deed: 'break_glass.closed', actor: { isPlatform: true } },
        { deed: 'break_glass.opened', reason: 'Their only admin has left the company.' },
      ]);
      const nowhere = pathOf(home, `break-glass/${newId()}`);
      expect(refusalOf(await home.get(nowhere))).toBe('404 break_glass.not_found');
      expect(refusalOf(await admin.post(`${nowhere}/close`))).toBe('404 break_glass.not_found');
    });

    it('is closed again when the time is up', async () => {
      const { id } = (await open(admin, { minutes: 1 })).json as { readonly id: string };
      expect(refusalOf(await appoint(admin))).toBe('201');

      await world.matrix.superuser.query(
        'update break_glass set expires_at = now() where id = $1',
        [id],
      );

      expect(refusalOf(await appoint(admin))).toBe('403 access.tenant_claimed');
    });
  });
});
