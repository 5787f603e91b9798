import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';

import {
  readUnverified,
  type SessionRegistration,
  type TrustedIssuer,
  verifyToken,
} from '@tenantry/access';
import { IssuerTrust } from '@tenantry/issuers';
import { Clock, newId, PLATFORM_ID } from '@tenantry/kernel';
import { IdentityProvider } from '@tenantry/testing';
import { type Answer, itemsOf, pointersOf, textOf } from './send.js';
import { ADMIN_PERSON } from './start-api.js';
import { Superuser } from './superuser.js';
import {
  type Household,
  refusalOf,
  type Registered,
  TrustWorld,
  type Voice,
} from './trust-world.js';

const DAY_MS = 86_400_000;
const RESOURCE = 'workflow/po-1234';
const INVALID = '422 issuers.guest_invalid';
const UNKNOWN_SPONSOR = '422 issuers.sponsor_unknown';
const ALONE = '403 issuers.second_person_required';
const SECRET = 'the-secret-of-the-client-0123456789';

const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

describe('the issuer of guests', () => {
  let world: TrustWorld;
  let superuser: Superuser;
  let acme: Household;
  let deputy: Voice;
  /** A platform admin who is a person. */
  let root: Voice;
  let sponsor: string;

  beforeAll(async () => {
    world = await TrustWorld.start();
    superuser = new Superuser(world.matrix.api);
    acme = await world.household();
    ({ voice: deputy, id: sponsor } = await member(acme, ['tenant-admin']));
    const login = { method: 'POST', path: '/v1/login', body: ADMIN_PERSON } as const;
    root = world.voice(textOf(await world.matrix.send(login), 'accessToken'));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    await superuser.close();
    await world.close();
  });

  const trust = (): IssuerTrust => world.matrix.api.app.get(IssuerTrust);

  /** Somebody who comes by the staff issuer of a household. */
  async function member(
    of: Household,
    roles: readonly string[],
  ): Promise<{ readonly id: string; readonly voice: Voice }> {
    const issuer = `https://staff.${of.slug}.example`;
    const [staff] = itemsOf(await of.get(of.issuers)).filter((one) => one['issuer'] === issuer);
    const subject = world.matrix.mark();
    const body = { email: `${subject}@acme.example`, roles, issuerId: staff?.['id'], subject };
    const added = await of.post(`/v1/tenants/${of.id}/members`, body);
    return {
      id: textOf(added, 'id'),
      voice: world.voice(world.token(issuer, { sub: subject })),
    };
  }

  /** A body that is in order, but for what is given. */
  const body = (issuer: string, given: object = {}, guest: object = {}): object => ({
    ...world.matrix.registration(issuer),
    roles: ['viewer'],
    notAfter: inDays(29),
    guest: { sponsor, resource: RESOURCE, subject: 'auditor-*', ...guest },
    ...given,
  });

  interface Invited {
    readonly issuer: string;
    readonly id: string;
    readonly path: string;
  }

  /** Registered by the chief, and approved by nobody. */
  async function invited(given: object = {}, guest: object = {}): Promise<Invited> {
    const issuer = `https://${world.host()}`;
    return invitedBy(acme, issuer, body(issuer, given, guest));
  }

  async function invitedBy(by: Voice, issuer: string, registration: object): Promise<Invited> {
    const id = textOf(await by.post(acme.issuers, registration), 'id');
    return { issuer, id, path: `${acme.issuers}/${id}` };
  }

  async function approved(given: object = {}, guest: object = {}): Promise<Invited> {
    const one = await invited(given, guest);
    expect((await deputy.post(`${one.path}/approve`)).status).toBe(200);
    return one;
  }

  const token = ({ issuer }: Pick<Invited, 'issuer'>, claims: object = {}): string =>
    world.token(issuer, { sub: 'auditor-7', ...claims });

  const findGuest = (text: string, tenantId = acme.id): Promise<TrustedIssuer | null> =>
    trust().findGuest(readUnverified(text), tenantId);

  const sessionOf = ({ id }: Invited, given: Partial<SessionRegistration> = {}) =>
    trust().stillVouching({
      id,
      ownerId: acme.id,
      keyThumbprint: null,
      subject: 'auditor-7',
      email: null,
      groups: [],
      ...given,
    });

  describe('is registered', () => {
    const FAULTS: readonly (readonly [string, object, object, string, string])[] = [
      ['no end', { notAfter: undefined }, {}, INVALID, '/notAfter'],
      ['an end too far ahead', { notAfter: inDays(31) }, {}, INVALID, '/notAfter'],
      ['no roles', { roles: [] }, {}, INVALID, '/roles'],
      [
        'an admin’s role',
        { roles: ['tenant-admin'] },
        {},
        '422 issuers.admission_too_powerful',
        '/roles/0',
      ],
      ['a role that is none', { roles: ['king'] }, {}, '422 roles.unknown', '/roles/0'],
      [
        'a role mapping',
        { roleMapping: [{ group: 'all', role: 'viewer' }] },
        {},
        INVALID,
        '/roleMapping',
      ],
      ['members alone', { admission: 'members' }, {}, INVALID, '/admission'],
      ['everybody', {}, { subject: '*' }, INVALID, '/guest/subject'],
      ['everybody, twice', {}, { subject: '**' }, INVALID, '/guest/subject'],
      [
        'a subject too long',
        {},
        { subject: 'a'.repeat(256) },
        '422 request.invalid',
        '/guest/subject',
      ],
      [
        'a resource without a kind',
        {},
        { resource: 'po' },
        '422 request.invalid',
        '/guest/resource',
      ],
      [
        'a resource of two words',
        {},
        { resource: 'a/b c' },
        '422 request.invalid',
        '/guest/resource',
      ],
      ['no sponsor', {}, { sponsor: undefined }, '422 request.invalid', '/guest/sponsor'],
      ['a sponsor who is nobody', {}, { sponsor: newId() }, UNKNOWN_SPONSOR, '/guest/sponsor'],
      [
        'a shared issuer, and no discriminator',
        { issuer: 'https://accounts.google.com' },
        {},
        '422 issuers.match_required',
        '/match',
      ],
    ];

    it.each(FAULTS)('not with %s', async (_, given, guest, refusal, pointer) => {
      const answer = await acme.post(acme.issuers, body(`https://${world.host()}`, given, guest));

      expect([refusalOf(answer), pointersOf(answer)]).toEqual([refusal, [pointer]]);
    });

    it('not with a sponsor of another tenant, nor with a suspended one', async () => {
      const globex = await world.household();
      const [foreign, gone] = [await member(globex, []), await member(acme, ['viewer'])];
      await acme.post(`/v1/tenants/${acme.id}/members/${gone.id}/suspend`);

      for (const { id } of [foreign, gone]) {
        const registration = body(`https://${world.host()}`, {}, { sponsor: id });

        expect(refusalOf(await acme.post(acme.issuers, registration))).toBe(UNKNOWN_SPONSOR);
      }
    });

    it('in no other way than as a tenant’s, and for good', async () => {
      const ordinary = await world.proven(acme, `https://${world.host()}`);
      const { path } = await invited();
      const guest = { sponsor, resource: RESOURCE, subject: 'ada' };
      const realm = { ...body(`https://${world.host()}`), tenantClaim: 'organization' };

      const answers = [
        await world.admin.post('/v1/platform/issuers', realm),
        await acme.patch(ordinary, { guest }),
        await acme.patch(path, { guest: null }),
        await acme.patch(path, { notAfter: null }),
        await acme.patch(path, { notAfter: inDays(31) }),
      ];

      expect(answers.map((answer) => [refusalOf(answer), ...pointersOf(answer)])).toEqual([
        ['422 request.invalid', '/guest'],
        [INVALID, '/guest'],
        [INVALID, '/guest'],
        [INVALID, '/notAfter'],
        [INVALID, '/notAfter'],
      ]);
    });

    it('by the tenant or the platform alike, and waits; the tenant’s health does not', async () => {
      const own = `https://${world.host()}`;
      const two = [await invited(), await invitedBy(root, own, body(own))];

      for (const { path } of two) {
        expect(await world.issuer(path)).toMatchObject({
          admission: 'anyone',
          guest: { sponsor, resource: RESOURCE, subject: 'auditor-*' },
          signIn: null,
          health: { state: 'pending', reason: 'approval_pending', nextCheckAt: null },
          ownership: { proven: false, method: null, name: null, names: [] },
        });
      }
      const bare = await world.matrix.createTenant();
      const chair = { email: 'chair@bare.example', roles: ['viewer'] };
      const { json } = await world.admin.post(`/v1/tenants/${bare.id}/members`, chair);
      const { id } = json as Registered;
      const waiting = await root.post(
        `/v1/tenants/${bare.id}/issuers`,
        body(`https://${world.host()}`, {}, { sponsor: id }),
      );
      expect(refusalOf(waiting)).toBe('201');
      expect((await world.admin.get(`/v1/tenants/${bare.id}`)).json).toMatchObject({
        health: 'healthy',
      });
    });
  });

  describe('is approved', () => {
    it('by a second person, who is neither the first nor a viewer', async () => {
      const { path, id } = await invited();
      const viewer = await member(acme, ['viewer', 'builder']);

      const refused = [
        await acme.post(`${path}/approve`),
        await viewer.voice.post(`${path}/approve`),
      ];
      const answer = await deputy.post(`${path}/approve`);

      expect(refused.map(refusalOf)).toEqual([ALONE, '403 access.permission_missing']);
      expect(answer).toMatchObject({
        status: 200,
        json: {
          health: { state: 'healthy', reason: null },
          ownership: { proven: true, method: 'approval' },
        },
      });
      const trail = await acme.get(
        `/v1/tenants/${acme.id}/audit/events?target=${id}&deed=issuer.guest_approved`,
      );
      expect(itemsOf(trail)).toMatchObject([
        { actor: { id: sponsor }, changes: { guest: { after: { resource: RESOURCE } } } },
      ]);
    });

    it('by the platform, unless that has registered it', async () => {
      const issuer = `https://${world.host()}`;
      const [own, foreign] = [await invitedBy(root, issuer, body(issuer)), await invited()];

      const answers = [
        await root.post(`${own.path}/approve`),
        await root.post(`${foreign.path}/approve`),
        await acme.post(`${own.path}/approve`),
      ];

      expect(answers.map(refusalOf)).toEqual([ALONE, '200', '200']);
    });

    it('by people alone, as it is registered and changed by them', async () => {
      const { path } = await invited();

      const answers = [
        await world.admin.post(acme.issuers, body(`https://${world.host()}`)),
        await world.admin.patch(path, { clockSkewSeconds: 1 }),
        await world.admin.post(`${path}/approve`),
        await deputy.post(`${path}/approve`),
      ];

      expect(answers.map(refusalOf)).toEqual([ALONE, ALONE, ALONE, '200']);
    });

    it('and is removed by whoever has read it as it is', async () => {
      const { path } = await invited();
      const remove = (ifMatch: string): Promise<Answer> =>
        acme.ask({ method: 'DELETE', path, headers: { 'if-match': ifMatch } });
      await acme.patch(path, { clockSkewSeconds: 1 });

      const answers = [await remove('"1"'), await remove('"2"')];

      expect(answers.map(refusalOf)).toEqual(['412 request.revision_stale', '204']);
    });

    it('as it was read, and while its sponsor is there', async () => {
      const going = await member(acme, ['viewer']);
      const { path } = await invited({}, { sponsor: going.id });
      await acme.patch(path, { clockSkewSeconds: 1 });

      const stale = await deputy.ask({
        method: 'POST',
        path: `${path}/approve`,
        headers: { 'if-match': '"1"' },
      });
      await acme.post(`/v1/tenants/${acme.id}/members/${going.id}/suspend`);
      const unsponsored = await deputy.post(`${path}/approve`);

      expect([stale, unsponsored].map(refusalOf)).toEqual([
        '412 request.revision_stale',
        UNKNOWN_SPONSOR,
      ]);
    });

    it('by no record, and an ordinary one by no tenant', async () => {
      const { path } = await invited();
      const { id } = await world.registered(acme, `https://${world.host()}`);

      const proof = await deputy.post(`${path}/prove`);
      const ordinary = await deputy.post(`${acme.issuers}/${id}/approve`);

      expect(refusalOf(proof)).toBe('409 issuers.ownership_unproven');
      expect(refusalOf(ordinary)).toBe('403 access.permission_missing');
    });

    it('anew after each change, by another than who changed it', async () => {
      const one = await approved();
      const { path } = one;
      const before = await findGuest(token(one));

      const changed = await deputy.patch(path, {
        guest: { sponsor, resource: 'a/b', subject: 'x*' },
      });
      const between = [await findGuest(token(one)), await findGuest(token(one, { sub: 'x1' }))];
      const again = [await deputy.post(`${path}/approve`), await acme.post(`${path}/approve`)];

      expect(before?.id).toBe(one.id);
      expect(changed.json).toMatchObject({ health: { reason: 'approval_pending' } });
      expect(between).toEqual([null, null]);
      expect(again.map(refusalOf)).toEqual([ALONE, '200']);
      expect(await findGuest(token(one))).toBeNull();
      expect((await findGuest(token(one, { sub: 'x1' })))?.admission.resource).toBe('a/b');
    });
  });

  describe('is found', () => {
    it('where the tenant is named, with its rules, and never by the guard', async () => {
      const one = await approved({ condition: 'claims.level > 1' });
      const [good, bad] = [token(one, { level: 2 }), token(one, { level: 1 })];

      const issuer = await findGuest(good);
      const key = await issuer?.keyFor(readUnverified(good));
      if (!issuer || !key) throw new Error('Nobody is found.');
      const clock = world.matrix.api.app.get(Clock);

      expect(issuer).toMatchObject({
        id: one.id,
        tenancy: { kind: 'owner', tenantId: acme.id },
        admission: { admission: 'anyone', roles: ['viewer'], resource: RESOURCE },
      });
      expect((await verifyToken(good, { issuer, key, clock })).subject).toBe('auditor-7');
      await expect(verifyToken(bad, { issuer, key, clock })).rejects.toMatchObject({
        fault: 'condition_unmet',
      });
      expect(await trust().find(readUnverified(good))).toBeNull();
      expect(await world.opens(good)).toBe(401);
    });

    it('beside whoever the provider belongs to', async () => {
      const one = await approved({}, { subject: 'ada' });
      const firm = await world.household();
      await world.proven(firm, one.issuer);
      const text = token(one, { sub: 'ada' });

      expect(await world.opens(text)).toBe(firm.id);
      expect((await findGuest(text))?.id).toBe(one.id);
    });

    it.each<[string, object]>([
      ['another subject', { sub: 'chief-auditor-7' }],
      ['no subject', { sub: undefined }],
      ['another audience', { aud: 'elsewhere' }],
      ['another discriminator', { hd: 'evil.example' }],
      ['no discriminator', { hd: undefined }],
    ])('by no token with %s', async (_, claims) => {
      const one = await approved({ match: { claim: 'hd', value: 'firm.example' } });
      const good = token(one, { hd: 'firm.example' });

      const found = await findGuest(good);

      expect(found?.id).toBe(one.id);
      expect(await findGuest(token(one, { hd: 'firm.example', ...claims }))).toBeNull();
    });

    it('in no other tenant, not twice, not unapproved, switched off or at its end', async () => {
      const one = await approved();
      const text = token(one);
      const seen = [await findGuest(text), await findGuest(text, (await world.household()).id)];

      await invitedBy(acme, one.issuer, body(one.issuer));
      seen.push(await findGuest(text));
      const twin = await invitedBy(acme, one.issuer, body(one.issuer, {}, { subject: '*-7' }));
      await deputy.post(`${twin.path}/approve`);
      seen.push(await findGuest(text));
      await acme.post(`${twin.path}/disable`);
      seen.push(await findGuest(text));
      jest
        .spyOn(world.matrix.api.app.get(Clock), 'now')
        .mockReturnValue(new Date(Date.now() + 29 * DAY_MS));
      seen.push(await findGuest(text));

      expect(seen.map((found) => found?.id ?? null)).toEqual([
        one.id,
        null,
        one.id,
        null,
        one.id,
        null,
      ]);
    });

    it('by the doctor, who says what to do with the token', async () => {
      const one = await approved();

      const { json } = await acme.post(`${acme.issuers}/diagnose`, { token: token(one) });

      expect(json).toMatchObject({
        verdict: 'refused',
        refusal: 'access.token_invalid',
        checks: expect.arrayContaining([
          expect.objectContaining({
            check: 'issuer',
            outcome: 'failed',
            remedy: expect.stringContaining('Exchange the token'),
          }),
        ]),
      });
    });
  });

  describe('vouches for a session', () => {
    it('of its own tenant, for whom it is meant, until it ends', async () => {
      const notAfter = inDays(3);
      const one = await approved({ notAfter });

      expect(await sessionOf(one, { keyThumbprint: 'rotated-away' })).toEqual({
        rules: { admission: 'anyone', roles: ['viewer'], roleMapping: [], resource: RESOURCE },
        trustedUntil: new Date(notAfter),
      });
      expect(await sessionOf(one, { ownerId: (await world.household()).id })).toBeNull();
      expect(await sessionOf(one, { ownerId: PLATFORM_ID })).toBeNull();
      expect(await sessionOf(one, { subject: 'ada' })).toBeNull();
      jest
        .spyOn(world.matrix.api.app.get(Clock), 'now')
        .mockReturnValue(new Date(Date.parse(notAfter)));
      expect(await sessionOf(one)).toBeNull();
    });

    it.each<[string, (one: Invited) => Promise<unknown>]>([
      ['switched off', ({ path }) => acme.post(`${path}/disable`)],
      ['changed', ({ path }) => acme.patch(path, { clockSkewSeconds: 9 })],
      ['removed', ({ path }) => acme.delete(path)],
    ])('until it is %s', async (_, end) => {
      const one = await approved();
      const before = await sessionOf(one);

      await end(one);

      expect(before).not.toBeNull();
      expect(await sessionOf(one)).toBeNull();
    });

    it('until its key is distrusted, and only that one', async () => {
      const ordinary = await world.vouched(acme, `https://${world.host()}`);
      const { publicKeys } = (await acme.get(ordinary)).json as {
        readonly publicKeys: readonly [{ readonly thumbprint: string }];
      };
      const id = ordinary.slice(acme.issuers.length + 1);
      const one = { id, path: ordinary, issuer: '' };
      const keyThumbprint = publicKeys[0].thumbprint;
      const before = await sessionOf(one, { keyThumbprint });
      await acme.post(`${ordinary}/keys/${keyThumbprint}/distrust`);

      expect(before).toMatchObject({ rules: { resource: null }, trustedUntil: null });
      expect(await sessionOf(one, { keyThumbprint })).toBeNull();
      expect(await sessionOf(one, { keyThumbprint: 'another' })).not.toBeNull();
    });
  });

  describe('that people sign in at', () => {
    let idp: IdentityProvider;

    beforeAll(async () => {
      idp = await IdentityProvider.start();
    });
    afterEach(() => {
      logOf().level = 'silent';
    });
    afterAll(() => idp.close());

    const logOf = () => world.matrix.api.app.getHttpAdapter().getInstance().log;

    const put = (path: string, wanted: object, by: Voice = acme) =>
      by.ask({ method: 'PUT', path: `${path}/sign-in`, body: wanted });

    const clientAt = (path: string) =>
      trust().signInClient(acme.id, path.slice(acme.issuers.length + 1));

    it('has a client, whose secret nobody ever sees again', async () => {
      const log = listenToLog();
      const match = { claim: 'hd', value: 'acme.example' };
      const path = await world.vouched(acme, idp.issuer, { keys: undefined, match });
      const id = path.slice(acme.issuers.length + 1);

      const refused = await put(path, { clientId: [SECRET], clientSecret: SECRET });
      const set = await put(path, { clientId: 'tenantry', clientSecret: SECRET });
      const trail = await acme.get(
        `/v1/tenants/${acme.id}/audit/events?target=${id}&deed=issuer.sign_in_set`,
      );
      const answers = [refused, set, trail, await acme.get(path), await acme.get(acme.issuers)];
      const client = await clientAt(path);

      const start = `http://tenantry.test/v1/signin/oidc/start?tenant=${acme.id}&issuer=${id}`;
      expect(set.json).toMatchObject({
        signIn: {
          clientId: 'tenantry',
          redirectUri: `http://tenantry.test/v1/signin/oidc/callback/${id}`,
          loginUrl: start,
        },
      });
      expect(client).toMatchObject({
        issuer: idp.issuer,
        clientId: 'tenantry',
        clientSecret: SECRET,
        trusted: { id, rules: { issuer: idp.issuer, audiences: ['tenantry'] } },
      });
      const { condition } = client?.trusted.rules ?? {};
      expect(condition?.admits({ hd: 'acme.example' })).toBe(true);
      expect(condition?.admits({ hd: 'evil.example' })).toBe(false);
      expect(condition?.admits({})).toBe(false);

      expect(itemsOf(trail)).toMatchObject([
        { changes: { clientId: { after: 'tenantry' }, hasSecret: { after: true } } },
      ]);
      const rows = await superuser.rowsOf(acme.id);
      const kept = [...answers.map(({ text }) => text), JSON.stringify(rows), ...log].join('\n');
      expect(log.length).toBeGreaterThan(0);
      expect(kept).not.toContain(SECRET);
      expect(kept).not.toContain(Buffer.from(SECRET).toString('hex'));
    });

    it('has one only while it is trusted, and forgets it with its URL', async () => {
      const path = await world.vouched(acme, idp.issuer, {
        keys: undefined,
        match: { claim: 'hd', value: 'second.example' },
      });
      await put(path, { clientId: 'public' });
      const globex = await world.household();
      const id = path.slice(acme.issuers.length + 1);
      const seen = [
        await clientAt(path),
        await trust().signInClient(globex.id, id),
        await trust().signInClient(acme.id, 'no-id'),
      ];

      await acme.post(`${path}/disable`);
      seen.push(await clientAt(path));
      await acme.post(`${path}/enable`);
      seen.push(await clientAt(path));
      await acme.delete(`${path}/sign-in`);
      seen.push(await clientAt(path));

      expect(seen.map((client) => client && [client.clientId, client.clientSecret])).toEqual([
        ['public', null],
        null,
        null,
        null,
        ['public', null],
        null,
      ]);
      await put(path, { clientId: 'tenantry', clientSecret: SECRET });
      const moved = await acme.patch(path, { issuer: `https://${world.host()}` });
      const [row] = await superuser.query<{ secret: unknown }>(
        'select sign_in_client_secret as secret from issuers where id = $1',
        [id],
      );
      expect(moved.json).toMatchObject({ signIn: null });
      expect(row).toEqual({ secret: null });
    });

    it('is no guest’s, has a discovery, and is set by whoever may swap its keys', async () => {
      const inline = await world.vouched(acme, `https://${world.host()}`);
      const { path } = await approved();
      const builder = await member(acme, ['builder']);
      const wanted = { clientId: 'tenantry' };

      const answers = [
        await put(inline, wanted),
        await put(path, wanted),
        await put(inline, wanted, builder.voice),
        await put(inline, {}),
        await put(`${acme.issuers}/${newId()}`, wanted),
      ];

      expect(answers.map(refusalOf)).toEqual([
        '422 issuers.sign_in_unavailable',
        '422 issuers.sign_in_unavailable',
        '403 access.permission_missing',
        '422 request.invalid',
        '404 issuers.not_found',
      ]);
    });

    /** Whatever the application writes to its log from now on. */
    function listenToLog(): string[] {
      const lines: string[] = [];
      const log = logOf();
      log.level = 'trace';
      const stream = Reflect.get(log, pino.symbols.streamSym) as { write: (line: string) => void };
      jest.spyOn(stream, 'write').mockImplementation((line) => void lines.push(line));
      return lines;
    }
  });

  it('is not switched off by the platform where a tenant has an admin of its own', async () => {
    const { id } = await world.matrix.createTenant();
    const path = `/v1/tenants/${id}`;
    const issuer = `https://${world.host()}`;
    const issuerId = await world.matrix.trust(id, issuer);
    const boss = { email: 'boss@acme.example', roles: ['tenant-admin'], issuerId, subject: 'boss' };
    await world.admin.post(`${path}/members`, boss);
    const voice = world.voice(world.token(issuer, { sub: 'boss' }));
    const robot = { name: 'robot', roles: ['tenant-admin'] };
    expect((await voice.post(`${path}/service-accounts`, robot)).status).toBe(201);
    const own = `${path}/issuers/${issuerId}`;
    const { kid } = world.matrix.key;

    const answers = [
      await world.admin.post(`${own}/disable`),
      await world.admin.post(`${own}/keys/${kid}/distrust`),
      await world.admin.patch(own, { clockSkewSeconds: 1 }),
      await world.admin.delete(own),
      await voice.post(`${own}/keys/${kid}/distrust`),
    ];

    expect(answers.map(refusalOf)).toEqual([
      ...Array.from({ length: 4 }, () => '403 access.tenant_claimed'),
      '200',
    ]);
  });
});
