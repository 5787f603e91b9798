import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  type Actor,
  builtInPermissionsOf,
  Caller,
  RoleBeyondOwn,
  RoleUnknown,
} from '@tenantry/access';
import { newSigningKey, type SigningKey } from '@tenantry/testing';
import type { Registration } from '../libs/issuers/src/issuer.js';
import type { IssuerOwner } from '../libs/issuers/src/issuer-owner.js';
import { IssuerVerbs } from '../libs/issuers/src/issuer-verbs.js';
import { IssuersService } from '../libs/issuers/src/issuers.service.js';
import { KeyDistrust } from '../libs/issuers/src/key-distrust.js';
import { Superuser } from './superuser.js';
import { type Household, TrustWorld } from './trust-world.js';

/** Which members can be reached by an issuer, besides those that everybody could be. */
const REACHABLE = {
  'an admin who comes by it': (issuerId: string) => ({ issuerId, subject: 'boss' }),
  'an admin whom it would bind by e-mail': (issuerId: string) => ({ issuerId }),
  'an admin whom any issuer would bind by e-mail': () => ({}),
};

describe('a caller who may change issuers, and no more than that', () => {
  let world: TrustWorld;
  let superuser: Superuser;
  let other: SigningKey;

  beforeAll(async () => {
    world = await TrustWorld.start();
    superuser = new Superuser(world.matrix.api);
    other = await newSigningKey('EdDSA');
  });
  afterAll(async () => {
    await superuser.close();
    await world.close();
  });

  const service = (): IssuersService => world.matrix.api.app.get(IssuersService);
  const verbs = (): IssuerVerbs => world.matrix.api.app.get(IssuerVerbs);
  const keys = (): KeyDistrust => world.matrix.api.app.get(KeyDistrust);

  /** As no built-in role makes one: a tenant's own roles can. */
  function weak({ id, slug }: Household, permissions: readonly string[] = []): IssuerOwner {
    const actor: Actor = {
      kind: 'external',
      id: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
      issuer: 'https://staff.example',
      subject: 'weak',
      email: null,
      name: null,
      keyId: null,
      sessionId: null,
      personId: null,
      by: 'token',
      hasSecondFactor: false,
      isPlatform: false,
      isEngine: false,
      roles: ['trust-keeper'],
      permissions: new Set([
        'issuers:read',
        'issuers:write',
        ...builtInPermissionsOf(['viewer']),
        ...permissions,
      ]),
      grants: [],
    };
    const origin = { requestId: 'spec', ip: '127.0.0.1', userAgent: null };
    const caller = new Caller(
      actor,
      { id, slug, status: 'active', requiresSecondFactor: false },
      origin,
    );
    return { caller, scope: caller.scope };
  }

  /** A tenant with an issuer; nobody in it is an admin, unless its spec adds one. */
  async function tenant(): Promise<Household & { readonly issuerId: string }> {
    const { id, slug } = await world.matrix.createTenant();
    const issuers = `/v1/tenants/${id}/issuers`;
    const household = { id, slug, issuers, ...world.admin };
    const given = { issuerAliases: [], condition: 'claims.sub != "eve"', roles: [] };
    const path = await world.vouched(household, `https://${world.host()}`, given);
    return { ...household, issuerId: path.slice(issuers.length + 1) };
  }

  async function add(to: Household, member: object): Promise<void> {
    const body = { email: 'boss@acme.example', roles: ['tenant-admin'], ...member };
    const { status, text } = await world.admin.post(`/v1/tenants/${to.id}/members`, body);
    if (status !== 201) throw new Error(text);
  }

  const rowsOf = (to: Household): Promise<unknown[]> =>
    superuser.query(
      `select to_jsonb(issuers) as issuer,
         (select jsonb_agg(to_jsonb(c)) from issuer_claims c where c.tenant_id = issuers.tenant_id)
           as claims
       from issuers where tenant_id = $1 order by id`,
      [to.id],
    );

  type Target = Awaited<ReturnType<typeof tenant>>;
  type Act = (target: Target, owner: IssuerOwner) => Promise<unknown>;

  const change =
    (wanted: (issuer: Registration) => Partial<Registration>): Act =>
    ({ issuerId }, owner) =>
      service().change(owner, issuerId, {
        change: (issuer) => ({ ...issuer, ...wanted(issuer) }),
        expected: '*',
        isAwaited: true,
      });

  const CHANGES: Readonly<Record<string, Act>> = {
    'swapped keys': change(() => ({
      keySource: { kind: 'inline', jwks: { keys: [{ ...other.publicJwk }] } },
    })),
    'another place for its keys': change(() => ({ keySource: { kind: 'discovery' } })),
    'more algorithms': change(() => ({ algorithms: ['EdDSA', 'RS512'] })),
    'a swapped subject claim': change(({ claims }) => ({ claims: { ...claims, subject: 'nick' } })),
    'a swapped e-mail claim': change(({ claims }) => ({ claims: { ...claims, email: 'nick' } })),
    'a role mapping': change(() => ({ roleMapping: [{ group: 'all', role: 'viewer' }] })),
    'default roles': change(() => ({ roles: ['viewer'] })),
    'another admission': change(() => ({ admission: 'members' })),
    'a weakened condition': change(() => ({ condition: null })),
    'an alias': change(() => ({ issuerAliases: [`https://${world.host()}`] })),
    'another URL': change(() => ({ issuer: `https://${world.host()}` })),
    'a wider audience': change(() => ({ audiences: ['tenantry', 'more'] })),
    'a discriminator': change(() => ({ match: { claim: 'hd', value: 'acme.example' } })),
    'more skew': change(() => ({ clockSkewSeconds: 300 })),
    'a later end': change(() => ({ notAfter: new Date('2120-01-01T00:00:00Z') })),
  };

  it.each(Object.entries(CHANGES))('is refused %s, and nothing is changed', async (_, act) => {
    const target = await tenant();
    await add(target, { issuerId: target.issuerId, subject: 'boss' });
    const before = await rowsOf(target);

    await expect(act(target, weak(target))).rejects.toThrow(RoleBeyondOwn);

    expect(await rowsOf(target)).toEqual(before);
  });

  it.each(Object.entries(REACHABLE))('is refused where %s can be reached', async (_, memberOf) => {
    const target = await tenant();
    await add(target, memberOf(target.issuerId));
    const act = change(({ claims }) => ({ claims: { ...claims, subject: 'nick' } }));

    await expect(act(target, weak(target))).rejects.toThrow(RoleBeyondOwn);
  });

  it.each(Object.entries(CHANGES))(
    'makes %s where nobody stronger can be reached',
    async (_, act) => {
      const target = await tenant();
      await add(target, { issuerId: target.issuerId, subject: 'peer', roles: ['viewer'] });
      const before = await rowsOf(target);

      await act(target, weak(target));

      expect(await rowsOf(target)).not.toEqual(before);
    },
  );

  it.each<[string, Partial<Registration>]>([
    ['default roles', { roles: ['viewer', 'builder'] }],
    ['a role mapping', { roleMapping: [{ group: 'all', role: 'tenant-admin' }] }],
  ])('is refused %s beyond its own, whoever can be reached', async (_, wanted) => {
    const target = await tenant();
    const before = await rowsOf(target);

    const act = change(() => wanted)(target, weak(target));

    await expect(act).rejects.toThrow(RoleBeyondOwn);
    expect(await rowsOf(target)).toEqual(before);
  });

  it.each<[string, (issuer: Registration) => Partial<Registration>]>([
    ['the roles that it gives', () => ({ roleMapping: [] })],
    ['its condition', () => ({ condition: null })],
  ])('is refused a change of %s where it gives more than the caller holds', async (_, wanted) => {
    const target = await tenant();
    const roleMapping = [{ group: 'chiefs', role: 'builder' }];
    await world.admin.patch(`${target.issuers}/${target.issuerId}`, { roleMapping });
    const before = await rowsOf(target);

    await expect(change(wanted)(target, weak(target))).rejects.toThrow(RoleBeyondOwn);

    expect(await rowsOf(target)).toEqual(before);
  });

  describe('in a tenant with roles of its own', () => {
    const OWN_ROLES: readonly [string, (role: string) => Partial<Registration>][] = [
      ['as a default role', (role) => ({ roles: [role] })],
      ['by a role mapping', (role) => ({ roleMapping: [{ group: 'all', role }] })],
    ];

    async function role({ id }: Household, permissions: readonly string[]): Promise<string> {
      const name = `own-${world.matrix.mark()}`;
      const path = `/v1/tenants/${id}/roles`;
      const { status, text } = await world.admin.post(path, { name, permissions });
      if (status !== 201) throw new Error(text);
      return name;
    }

    it.each(OWN_ROLES)('may not give one that holds more, %s', async (_, giving) => {
      const target = await tenant();
      const stronger = await role(target, ['tenant:read', 'secrets:reveal']);
      const before = await rowsOf(target);

      const act = change(() => giving(stronger))(target, weak(target));

      await expect(act).rejects.toThrow(RoleBeyondOwn);
      expect(await rowsOf(target)).toEqual(before);
    });

    it.each(OWN_ROLES)('may not give one that another tenant has, %s', async (_, giving) => {
      const [target, other] = [await tenant(), await tenant()];
      const foreign = await role(other, ['tenant:read']);

      const act = change(() => giving(foreign))(target, weak(target));

      await expect(act).rejects.toThrow(RoleUnknown);
    });

    it.each(OWN_ROLES)('gives one that holds no more than itself, %s', async (_, giving) => {
      const target = await tenant();
      const equal = await role(target, ['tenant:read', 'issuers:write']);

      await change(() => giving(equal))(target, weak(target));

      expect(await service().get(weak(target), target.issuerId)).toMatchObject(giving(equal));
    });

    it('may not swap the keys of an issuer by which somebody with a stronger one comes', async () => {
      const target = await tenant();
      const stronger = await role(target, ['secrets:reveal']);
      await add(target, { issuerId: target.issuerId, subject: 'boss', roles: [stronger] });
      const before = await rowsOf(target);

      const act = change(() => ({ algorithms: ['EdDSA', 'RS512'] }))(target, weak(target));

      await expect(act).rejects.toThrow(RoleBeyondOwn);
      expect(await rowsOf(target)).toEqual(before);
    });

    it('may not bring an issuer of its own that gives a stronger one', async () => {
      const target = await tenant();
      const stronger = await role(target, ['secrets:reveal']);
      const registration = await service().get(weak(target), target.issuerId);
      const own = { ...registration, issuer: `https://${world.host()}`, roles: [stronger] };

      await expect(service().register(weak(target), own, true)).rejects.toThrow(RoleBeyondOwn);
    });
  });

  describe('who does something with an issuer', () => {
    const VERBS: Readonly<Record<string, readonly [prepare: string, act: Act]>> = {
      enable: ['disable', ({ issuerId }, owner) => verbs().enable(owner, issuerId)],
      'trust a key again': [
        'distrust',
        ({ issuerId }, owner) => keys().trust(owner, issuerId, world.matrix.key.kid),
      ],
    };

    async function prepared(how: string): Promise<Target> {
      const target = await tenant();
      const path = `${target.issuers}/${target.issuerId}`;
      const verb = how === 'distrust' ? `keys/${world.matrix.key.kid}/distrust` : how;
      await world.admin.post(`${path}/${verb}`);
      return target;
    }

    it.each(Object.entries(VERBS))('may not %s for an admin', async (_, [how, act]) => {
      const target = await prepared(how);
      await add(target, { issuerId: target.issuerId, subject: 'boss' });
      const before = await rowsOf(target);

      await expect(act(target, weak(target))).rejects.toThrow(RoleBeyondOwn);

      expect(await rowsOf(target)).toEqual(before);
    });

    it.each(Object.entries(VERBS))('may %s for its peers', async (_, [how, act]) => {
      const target = await prepared(how);
      const before = await rowsOf(target);

      await act(target, weak(target));

      expect(await rowsOf(target)).not.toEqual(before);
    });

    it.each(['disable', 'distrust'])('may %s for an admin: that opens nothing', async (how) => {
      const target = await tenant();
      await add(target, { issuerId: target.issuerId, subject: 'boss' });
      const { issuerId } = target;
      const owner = weak(target);

      const { status, distrustedKeys } =
        how === 'disable'
          ? await verbs().disable(owner, issuerId)
          : await keys().distrust(owner, issuerId, { name: world.matrix.key.kid, reason: null });

      expect([status, distrustedKeys.length]).toEqual(
        how === 'disable' ? ['disabled', 0] : ['enabled', 1],
      );
    });
  });

  describe('who brings an issuer of its own', () => {
    async function brought(by: Target): Promise<Registration> {
      const { issuerId } = by;
      const registration = await service().get(weak(by), issuerId);
      return { ...registration, issuer: `https://${world.host()}`, audiences: ['own'] };
    }

    it('may not register it where an admin waits to be bound by e-mail', async () => {
      const target = await tenant();
      const registration = await brought(target);
      await add(target, {});
      const before = await rowsOf(target);

      const act = service().register(weak(target), registration, true);

      await expect(act).rejects.toThrow(RoleBeyondOwn);
      expect(await rowsOf(target)).toEqual(before);
    });

    it.each([
      ['may not prove it where an admin waits to be bound by e-mail', 'tenant-admin', false],
      ['may register and prove it where a peer waits', 'viewer', true],
    ])('%s', async (_, role, isProven) => {
      const target = await tenant();
      const owner = weak(target);
      const { id } = await service().register(owner, await brought(target), true);
      await add(target, { roles: [role] });
      world.publish((await world.issuer(`${target.issuers}/${id}`)).ownership);
      const before = await rowsOf(target);

      const act = verbs().prove(owner, id);

      if (isProven) await expect(act).resolves.toMatchObject({ ownershipMethod: 'dns' });
      else await expect(act).rejects.toThrow(RoleBeyondOwn);
      expect((await rowsOf(target)).length).toBe(before.length);
      expect((await world.issuer(`${target.issuers}/${id}`)).ownership.proven).toBe(isProven);
    });
  });
});
