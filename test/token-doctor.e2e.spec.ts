import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';

import { newId } from '@tenantry/kernel';
import { craftToken, newSigningKey, type SigningKey } from '@tenantry/testing';
import { type Answer, pointersOf, send } from './send.js';
import { Superuser } from './superuser.js';
import { answeredWith, type IssuerView, type TenantView, World } from './world.js';

const SKEW_SECONDS = 60;
const MAX_AGE_SECONDS = 600;
/** Below what one tenant may have diagnosed at once. */
const TOKENS_A_TENANT = 28;
const TENANTS = 8;

type Members = Readonly<Record<string, unknown>>;

/** What a spec needs to know of a diagnosis. */
interface DiagnosisView {
  readonly verdict: string;
  readonly refusal: string | null;
  readonly issuer: { readonly id: string | null } | null;
  readonly checks: readonly CheckView[];
  readonly roles: readonly string[];
  readonly admission: { readonly outcome: string } | null;
}

interface CheckView {
  readonly check: string;
  readonly outcome: string;
  readonly found: unknown;
  readonly remedy: string | null;
}

describe('the token doctor', () => {
  const log: string[] = [];
  let world: World;
  let superuser: Superuser;
  let key: SigningKey;
  let second: SigningKey;
  let stranger: SigningKey;

  beforeAll(async () => {
    world = await World.start({ settings: { LOG_LEVEL: 'trace' } });
    listenToLog(world.api, log);
    superuser = new Superuser(world.api);
    [key, second, stranger] = await Promise.all([
      newSigningKey('ES256'),
      newSigningKey('EdDSA'),
      newSigningKey('ES256'),
    ]);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await superuser.close();
    await world.close();
  });

  const seconds = (): number => Math.floor(Date.now() / 1_000);

  const aToken = (claims: Members, header: Members = {}, signer = key): string =>
    craftToken({
      header: { alg: signer.algorithm, kid: signer.kid, typ: 'JWT', ...header },
      payload: {
        aud: 'tenantry',
        sub: `subject-${newId()}`,
        iat: seconds() - 30,
        exp: seconds() + 300,
        ...claims,
      },
      key: signer.privateKey,
      algorithm: signer.algorithm,
    });

  const ask = (tenant: TenantView, body: object): Promise<Answer> =>
    world.admin.post(`/v1/tenants/${tenant.slug}/issuers/diagnose`, body);

  const diagnose = async (tenant: TenantView, body: object): Promise<DiagnosisView> =>
    answeredWith(200, await ask(tenant, body)) as DiagnosisView;

  /** Registers an issuer whose keys nobody has to fetch. */
  const registered = (tenant: TenantView, name: string, given: object = {}): Promise<IssuerView> =>
    world.registerIssuer(tenant, { issuer: urlOf(tenant, name) }, { keys: keysOf(), ...given });

  const keysOf = (): object => ({ jwks: { keys: [key.publicJwk, second.publicJwk] } });

  /** Whatever a diagnosis could have left behind in the tenant. */
  async function tracesIn({ id }: TenantView): Promise<unknown> {
    const [traces] = await superuser.query(
      `select
         (select json_agg(m order by id) from members m where tenant_id = $1) as members,
         (select json_agg(i order by id) from issuers i where tenant_id = $1) as issuers,
         (select count(*) from audit_records where tenant_id = $1) as audit,
         (select count(*) from idempotency_keys) as answers`,
      [id],
    );
    return traces;
  }

  const failuresOf = ({ checks }: DiagnosisView): string[] =>
    checks.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check);

  const checkOf = ({ checks }: DiagnosisView, name: string): CheckView | undefined =>
    checks.find(({ check }) => check === name);

  describe('agrees with the guard', () => {
    const seen: string[] = [];

    /** A tenant with one registration of every sort, and members of every sort. */
    async function clinic(): Promise<TenantView> {
      const tenant = await world.createTenant();
      const plain = await registered(tenant, 'plain', {
        issuerAliases: [urlOf(tenant, 'alias')],
        clockSkewSeconds: SKEW_SECONDS,
        roleMapping: [{ group: 'staff', role: 'operator' }],
      });
      await registered(tenant, 'matched', {
        match: { claim: 'hd', value: 'acme.example' },
        admission: 'members',
        roles: [],
        clockSkewSeconds: SKEW_SECONDS,
        maxTokenAgeSeconds: MAX_AGE_SECONDS,
      });
      await registered(tenant, 'matched', {
        audiences: ['second'],
        algorithms: ['EdDSA'],
        claims: { subject: '/identity/id' },
      });
      await registered(tenant, 'conditioned', {
        condition: 'claims.level >= 3 && "vpn" in claims.networks',
        claims: { groups: '/realm_access/roles' },
        roleMapping: [{ group: 'staff', role: 'builder' }],
      });
      const off = await registered(tenant, 'off');
      const path = `/v1/tenants/${tenant.id}`;
      answeredWith(200, await world.admin.post(`${path}/issuers/${off.id}/disable`));
      for (const name of ['known', 'suspended', 'removed']) {
        const email = `${name}@acme.example`;
        const member = { email, roles: ['operator'], issuerId: plain.id, subject: name };
        const { id } = answeredWith(201, await world.admin.post(`${path}/members`, member)) as {
          readonly id: string;
        };
        if (name === 'suspended') await world.admin.post(`${path}/members/${id}/suspend`);
        if (name === 'removed') await world.admin.delete(`${path}/members/${id}`);
      }
      for (const index of [1, 2, 3]) {
        const email = `new-${index}@acme.example`;
        await world.addMember(tenant, { email, roles: ['tenant-admin'] });
      }
      return tenant;
    }

    /** What the guard says of the token, and whether the doctor said so before. */
    async function compare(tenant: TenantView, token: string): Promise<void> {
      const before = await tracesIn(tenant);
      const diagnosis = await diagnose(tenant, { token });
      const after = await tracesIn(tenant);
      const answer = await world.bearer(token).get('/v1/me');
      const { code, roles } = answer.json as { readonly code?: string; readonly roles?: string[] };

      seen.push(code ?? 'accepted');
      expect(after).toEqual(before);
      expect({
        verdict: diagnosis.verdict,
        refusal: diagnosis.refusal,
        isFlawless: failuresOf(diagnosis).length === 0,
        roles: answer.status === 200 ? diagnosis.roles : [],
      }).toEqual({
        verdict: answer.status === 200 ? 'accepted' : 'refused',
        refusal: answer.status === 200 ? null : code,
        isFlawless: answer.status === 200,
        roles: roles ?? [],
      });
    }

    it.each(Array.from({ length: TENANTS }, (_, index) => index))(
      'on good and bad tokens of every registration, in tenant %i',
      async () => {
        const tenant = await clinic();
        const agreed = fc.asyncProperty(tokens, (drawn) => compare(tenant, forge(tenant, drawn)));

        // Whoever were to shrink would ask more often than one tenant may.
        await fc.assert(agreed, { numRuns: TOKENS_A_TENANT, endOnFailure: true });
      },
    );

    it('of which there were enough, of many kinds', () => {
      const count = (code: string): number => seen.filter((one) => one === code).length;

      expect(seen.length).toBeGreaterThanOrEqual(200);
      expect(count('accepted')).toBeGreaterThan(30);
      expect(count('access.token_invalid')).toBeGreaterThan(30);
      expect(count('access.membership_missing')).toBeGreaterThan(3);
    });

    it('on tokens that lead to a suspended tenant', async () => {
      const tenant = await world.createTenant();
      await registered(tenant, 'plain');
      await world.admin.post(`/v1/tenants/${tenant.id}/suspend`, { reason: 'Unpaid.' });

      await compare(tenant, aToken({ iss: urlOf(tenant, 'plain') }));
    });

    it('on tokens signed by a distrusted key', async () => {
      const tenant = await world.createTenant();
      const { id } = await registered(tenant, 'plain');
      const keys = `/v1/tenants/${tenant.id}/issuers/${id}/keys`;
      await world.admin.post(`${keys}/${key.kid}/distrust`, { reason: 'Leaked.' });

      await compare(tenant, aToken({ iss: urlOf(tenant, 'plain') }));
      await compare(tenant, aToken({ iss: urlOf(tenant, 'plain') }, {}, second));
    });
  });

  it('explains an expired token, and judges the rest of it all the same', async () => {
    const tenant = await world.createTenant();
    const issuer = await registered(tenant, 'plain', { condition: 'claims.level > 1' });
    const token = aToken({ iss: urlOf(tenant, 'plain'), exp: seconds() - 600, level: 2 });

    const diagnosis = await diagnose(tenant, { token });

    expect(failuresOf(diagnosis)).toEqual(['exp']);
    expect(diagnosis).toMatchObject({
      verdict: 'refused',
      refusal: 'access.token_invalid',
      issuer: { id: issuer.id, issuer: urlOf(tenant, 'plain') },
      tenant: { id: tenant.id, slug: tenant.slug, status: 'active' },
      roles: ['viewer'],
      admission: { outcome: 'admitted', reason: null },
    });
    expect(checkOf(diagnosis, 'condition')).toMatchObject({
      outcome: 'passed',
      found: { steps: [{ value: 2 }, { value: true }] },
    });
  });

  describe('with a candidate', () => {
    it('that brings its keys along, says what would be', async () => {
      const tenant = await world.createTenant();
      const iss = urlOf(tenant, 'new');
      const candidate = { issuer: iss, audiences: ['tenantry'], keys: keysOf() };
      const before = await tracesIn(tenant);

      const closed = await diagnose(tenant, { token: aToken({ iss }), candidate });
      const open = await diagnose(tenant, {
        token: aToken({ iss }),
        candidate: { ...candidate, admission: 'anyone', roles: ['builder'] },
      });

      expect(failuresOf(closed)).toEqual(['admission']);
      expect(open).toMatchObject({
        verdict: 'accepted',
        issuer: { id: null, issuer: iss },
        roles: ['builder'],
      });
      expect(await tracesIn(tenant)).toEqual(before);
    });

    it('that is discovered, fetches its keys once, and says what went wrong', async () => {
      const tenant = await world.createTenant();
      const idp = await world.idp();
      const token = await idp.token({ subject: 'ada' });
      const candidate = { issuer: idp.issuer, audiences: ['tenantry'], admission: 'anyone' };
      idp.resetHits();

      const well = await diagnose(tenant, { token, candidate });
      const hits = idp.hits;
      idp.lie({ kind: 'no-keys', at: 'jwks' });
      const ill = await diagnose(tenant, { token, candidate });

      expect(well).toMatchObject({ verdict: 'accepted', issuer: { id: null } });
      expect(hits).toMatchObject({ discovery: 1, jwks: 1 });
      expect(failuresOf(ill)).toEqual(['keys']);
      expect(checkOf(ill, 'keys')?.found).toMatchObject({
        reason: 'The key set holds no usable signing key.',
      });
    });

    it('refuses what could not be registered, and points at it', async () => {
      const tenant = await world.createTenant();
      const candidate = { issuer: 'https://a.example', audiences: ['a'], keys: keysOf() };
      const refusals = await Promise.all(
        [
          { ...candidate, issuer: 'https://A.example' },
          { ...candidate, condition: '((' },
          { ...candidate, roles: ['nobody'] },
          { ...candidate, audiences: [] },
          { ...candidate, colour: 'red' },
        ].map((wrong) => ask(tenant, { token: 'a.b.c', candidate: wrong })),
      );

      expect(refusals.map(({ status, json }) => [status, codeOf(json)])).toEqual([
        [422, 'issuers.issuer_invalid'],
        [422, 'issuers.condition_invalid'],
        [422, 'roles.unknown'],
        [422, 'request.invalid'],
        [422, 'request.invalid'],
      ]);
      expect(refusals.flatMap(pointersOf)).toEqual([
        '/candidate/issuer',
        '/candidate/condition',
        '/candidate/roles/0',
        '/candidate/audiences',
        '/candidate/colour',
      ]);
    });

    it('fetches for a tenant now and then, and no oftener', async () => {
      const tenant = await world.createTenant();
      const idp = await world.idp();
      const candidate = { issuer: idp.issuer, audiences: ['tenantry'] };
      const asked = Array.from({ length: 7 }, () => ask(tenant, { token: 'a.b.c', candidate }));

      const answers = await Promise.all(asked);
      const inline = await ask(tenant, {
        token: 'a.b.c',
        candidate: { ...candidate, keys: keysOf() },
      });

      expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
      expect(answers.find(({ status }) => status !== 200)).toMatchObject({
        status: 429,
        headers: { 'retry-after': '10' },
        json: { code: 'access.throttled' },
      });
      expect(idp.hits.discovery).toBe(5);
      expect(inline.status).toBe(200);
    });
  });

  it('knows nothing of other tenants: their tokens are those of nobody', async () => {
    const [tenant, other] = [await world.createTenant(), await world.createTenant()];
    await registered(other, 'login');
    const nobody = { ...other, slug: `t-${newId()}` };
    const claims = { sub: 'ada', iat: seconds(), exp: seconds() + 300 };
    const foreign = aToken({ ...claims, iss: urlOf(other, 'login') });
    const unknown = aToken({ ...claims, iss: urlOf(nobody, 'login') });
    // Its own admin may come in by it: it is a good one.
    expect((await world.bearer(foreign).get('/v1/me')).status).toBe(200);

    const [of, none] = [
      await ask(tenant, { token: foreign }),
      await ask(tenant, { token: unknown }),
    ];

    const timeless = ({ text }: Answer): string =>
      text.replaceAll(/"(?:now|secondsFromNow)":-?\d+/g, '"time":0');
    expect(of.status).toBe(200);
    expect(timeless(of).replaceAll(other.slug, 'WHOSE')).toBe(
      timeless(none).replaceAll(nobody.slug, 'WHOSE'),
    );
    expect(failuresOf(of.json as DiagnosisView)).toEqual(['issuer']);
    expect(of.json).toMatchObject({ issuer: null, nearMatches: [], admission: null, roles: [] });
  });

  describe('of issuers of the platform', () => {
    it('finds the tenant by the claim, and looks at what becomes of the subject there', async () => {
      const tenant = await world.createTenant();
      const iss = `https://realm.${newId()}.example`;
      const body = {
        issuer: iss,
        audiences: ['tenantry'],
        keys: keysOf(),
        tenantClaim: 'org',
        admission: 'anyone',
        roles: ['viewer'],
      };
      const registration = await world.admin.post(
        '/v1/platform/issuers?wait=first-validation',
        body,
      );
      answeredWith(201, registration);
      const tokens = [tenant.slug, tenant.id, 'nobody', '', 7].map((org) => aToken({ iss, org }));
      const before = await tracesIn(tenant);

      const answers = [];
      for (const token of tokens) {
        answers.push(await world.admin.post('/v1/platform/issuers/diagnose', { token }));
      }
      const traces = await tracesIn(tenant);
      const guard = await Promise.all(tokens.map((token) => world.bearer(token).get('/v1/me')));
      const asked = await diagnose(tenant, { token: tokens[0] });

      const refusals = answers.map(({ json }) => (json as DiagnosisView).refusal);
      expect(refusals).toEqual(guard.map(({ json }) => codeOf(json) ?? null));
      expect(refusals).toEqual([
        null,
        null,
        'access.tenant_missing',
        'access.tenant_missing',
        'access.tenant_missing',
      ]);
      expect(answers[0]?.json).toMatchObject({ tenant: { id: tenant.id }, roles: ['viewer'] });
      expect(traces).toEqual(before);
      expect(checkOf(asked, 'issuer')?.remedy).toMatch(/^Ask the platform to diagnose/);
      expect(asked.issuer).toBeNull();
    });
  });

  it('asks for a token, and bounds what it reads', async () => {
    const tenant = await world.createTenant();
    const answers = await Promise.all(
      [{}, { token: '' }, { token: 7 }, { token: 'x'.repeat(65_537) }, { token: 'x', now: 1 }].map(
        (body) => ask(tenant, body),
      ),
    );
    const long = await diagnose(tenant, { token: aToken({ padding: 'x'.repeat(20_000) }) });

    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422]);
    expect(answers.flatMap(pointersOf)).toEqual(['/token', '/token', '/token', '/token', '/now']);
    expect(failuresOf(long)).toContain('shape');
  });

  it('takes thirty at once of a tenant, and leaves the others alone', async () => {
    const [tenant, other] = [await world.createTenant(), await world.createTenant()];
    const asked = Array.from({ length: 40 }, () => ask(tenant, { token: 'a.b.c' }));

    const answers = await Promise.all(asked);

    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(30);
    expect(refused[0]).toMatchObject({
      headers: { 'retry-after': '2' },
      json: { code: 'access.throttled' },
    });
    expect((await ask(other, { token: 'a.b.c' })).status).toBe(200);
  });

  it('is for those who may change issuers', async () => {
    const tenant = await world.createTenant();
    const { id } = await registered(tenant, 'plain');
    const roles = { viewer: 403, builder: 403, 'tenant-admin': 200 };
    const statuses = [];
    for (const role of Object.keys(roles)) {
      const email = `${role}@acme.example`;
      await world.addMember(tenant, { email, roles: [role], issuerId: id, subject: role });
      const caller = world.bearer(aToken({ iss: urlOf(tenant, 'plain'), sub: role }));
      const path = `/v1/tenants/${tenant.id}/issuers/diagnose`;
      statuses.push((await caller.post(path, { token: 'a.b.c' })).status);
    }

    expect(statuses).toEqual([403, 403, 200]);
  });

  it('keeps a token nowhere: in no row, no answer for repetitions and no log', async () => {
    const tenant = await world.createTenant();
    await registered(tenant, 'plain');
    const marks = ['the-good-one', 'the-bad-one'].map((name) => `${name}-${newId()}`);
    const tokens = marks.map((sub, index) =>
      aToken({ iss: urlOf(tenant, 'plain'), sub, exp: index === 0 ? seconds() + 300 : 1 }),
    );
    const path = `/v1/tenants/${tenant.id}/issuers/diagnose`;
    const { adminToken: token } = world.api;

    const answers = [];
    for (const body of [
      ...tokens.map((one) => ({ token: one })),
      { token: tokens[0], colour: 1 },
    ]) {
      const headers = { 'idempotency-key': newId() };
      answers.push(await send(world.api.url, { method: 'POST', path, token, headers, body }));
    }

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 422]);
    expect(answers[0]?.headers['cache-control']).toBe('no-store');
    const rows = JSON.stringify(await everything(superuser));
    const lines = log.join('');
    expect(rows).toContain(tenant.slug);
    expect(lines).toContain('/v1/tenants/:tenant/issuers/diagnose');
    for (const secret of [...tokens.flatMap((one) => one.split('.').slice(1)), ...marks]) {
      expect(rows).not.toContain(secret);
      expect(lines).not.toContain(secret);
    }
    for (const [index, one] of tokens.entries()) {
      expect(answers[index]?.text).not.toContain(one.split('.')[2]);
    }
  });

  /** A token as it was drawn, for this tenant. */
  function forge(tenant: TenantView, drawn: Drawn): string {
    const { junk, claims, header, registration, signature, signer } = drawn;
    const now = seconds();
    const base = baseOf(registration);
    const { iss, exp, nbf, iat, ...others } = claims;
    const times = Object.entries({ exp, nbf, iat }).filter(([name]) => Object.hasOwn(claims, name));
    const payload = {
      iss: Object.hasOwn(claims, 'iss') ? issOf(tenant, iss) : urlOf(tenant, base.name),
      ...base.claims,
      ...others,
      ...Object.fromEntries(
        times.map(([name, time]) => [name, typeof time === 'number' ? now + time : time]),
      ),
    };
    const own = registration === 'second' ? second : key;
    const token = aToken(payload, header, { own, second, stranger }[signer]);
    return junk === null ? withSignature(token, signature) : junk.replaceAll('TOKEN', token);
  }
});

function withSignature(token: string, how: Drawn['signature']): string {
  const [head = '', body = '', tail = ''] = token.split('.');
  if (how === 'whole') return token;
  return `${head}.${body}.${how === 'cut' ? tail.slice(0, -4) : ''}`;
}

/** What a token needs so that one of the registrations of a tenant takes it. */
function baseOf(registration: Drawn['registration']): { name: string; claims: Members } {
  switch (registration) {
    case 'matched':
      return { name: 'matched', claims: { hd: 'acme.example' } };
    case 'second':
      return { name: 'matched', claims: { aud: 'second', identity: { id: `id-${newId()}` } } };
    case 'conditioned':
      return { name: 'conditioned', claims: { level: 3, networks: ['vpn'] } };
    default:
      return { name: registration, claims: {} };
  }
}

/** `@plain` stands for the URL of that registration in the tenant at hand. */
function issOf(tenant: TenantView, iss: unknown): unknown {
  if (typeof iss !== 'string') return iss;
  return iss.replace(/@(\w+)/, (_, name: string) => urlOf(tenant, name));
}

function urlOf({ slug }: Pick<TenantView, 'slug'>, name: string): string {
  return `https://${name}.${slug}.example`;
}

interface Drawn {
  readonly registration: 'plain' | 'alias' | 'matched' | 'second' | 'conditioned' | 'off';
  readonly claims: Members;
  readonly header: Members;
  readonly signer: 'own' | 'second' | 'stranger';
  readonly signature: 'whole' | 'cut' | 'none';
  readonly junk: string | null;
}

/** Twenty seconds around each bound: the guard is asked a little later than the doctor. */
const aside = (...bounds: readonly number[]): fc.Arbitrary<unknown> =>
  fc.constantFrom<unknown>(...bounds.flatMap((bound) => [bound - 20, bound + 20]));
const oddTimes = fc.constantFrom<unknown>(undefined, null, 'soon', true, [], {});
const odd = fc.constantFrom<unknown>(undefined, null, '', 7, true, [], {}, ['x'], 'a\0b', '\ud800');
const crowd = Array.from({ length: 21 }, (_, index) => (index === 0 ? 'tenantry' : `a${index}`));
const texts = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`t${index}`, 'x']));

/** One or two things of a token that are not as usual. */
const fewOf = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Members> =>
  fc
    .subarray(Object.keys(fields), { minLength: 1, maxLength: 2 })
    .chain((names) =>
      fc.record(Object.fromEntries(names.map((name) => [name, fields[name] ?? odd]))),
    );

const someClaims = fewOf({
  iss: fc.oneof(
    fc.constantFrom('@alias', '@plain/', '@matched', '@off', '@nobody', 'https://nobody.example'),
    odd,
  ),
  aud: fc.oneof(
    fc.subarray<unknown>(['tenantry', 'second', 'other', 7]),
    fc.constantFrom<unknown>(crowd, crowd.slice(0, 20), ['tenantry', 'a\0b'], 'other'),
    odd,
  ),
  sub: fc.oneof(
    fc.constantFrom('known', 'suspended', 'removed', 's'.repeat(256), 's'.repeat(255)),
    odd,
  ),
  exp: fc.oneof(aside(-SKEW_SECONDS, 0), oddTimes),
  nbf: fc.oneof(aside(SKEW_SECONDS, 0), oddTimes),
  iat: fc.oneof(aside(SKEW_SECONDS, -MAX_AGE_SECONDS, -MAX_AGE_SECONDS - SKEW_SECONDS), oddTimes),
  hd: fc.oneof(fc.constantFrom('acme.example', 'ACME.example', 'other.example'), odd),
  level: fc.constantFrom<unknown>(2, 3, '3', null),
  networks: fc.constantFrom<unknown>(['lan'], ['lan', 'vpn'], 'vpn', null),
  groups: fc.constantFrom<unknown>('staff', ['staff', 7], ['other'], { staff: true }, null),
  realm_access: fc.constantFrom<unknown>({ roles: ['staff'] }, { roles: 'staff' }, 'staff', null),
  identity: fc.constantFrom<unknown>({ id: 7 }, {}, null, { id: 'known' }),
});

/** Somebody who was added by an address alone, and takes up that membership. */
const binding = fc.record({
  email: fc.constantFrom('new-1@acme.example', 'NEW-2@acme.example', 'new-3@acme.example', 'x@y.z'),
  email_verified: fc.constantFrom<unknown>(true, true, false, 'true'),
});

const someHeader = fewOf({
  alg: fc.constantFrom<unknown>('none', 'HS256', 'EdDSA', 'ES384', 'es256', 7, null, undefined),
  kid: fc.constantFrom<unknown>('nobody', '', 7, null, undefined),
  typ: fc.constantFrom<unknown>('at+jwt', 'AT+JWT', 'dpop+jwt', 7, null, '', undefined),
  crit: fc.constantFrom<unknown>([], ['b64'], ['exp'], 'exp', null),
  b64: fc.boolean(),
  jku: fc.constant('https://keys.example'),
});

const shapes = fc.constantFrom(
  ...['.', '..', 'a', 'a.b', 'a.b.c', 'a.b.c.d.e', 'e30.e30.e30', 'bnVsbA.bnVsbA.bnVsbA'],
  ...['TOKEN.', '.TOKEN', 'xTOKEN', 'TOKEN.x', 'TOKEN=', 'Bearer TOKEN', 'TOKEN TOKEN', '"TOKEN"'],
);

const nothing = fc.constant<Members>({});
const tokens: fc.Arbitrary<Drawn> = fc.record({
  registration: fc.constantFrom<Drawn['registration']>(
    ...([
      'plain',
      'plain',
      'alias',
      'matched',
      'second',
      'conditioned',
      'conditioned',
      'off',
    ] as const),
  ),
  claims: fc.oneof(
    { weight: 3, arbitrary: nothing },
    { weight: 8, arbitrary: someClaims },
    { weight: 2, arbitrary: binding },
    { weight: 1, arbitrary: fc.constant<Members>(texts) },
  ),
  header: fc.oneof({ weight: 5, arbitrary: nothing }, { weight: 2, arbitrary: someHeader }),
  signer: fc.constantFrom<Drawn['signer']>('own', 'own', 'own', 'own', 'own', 'second', 'stranger'),
  signature: fc.constantFrom<Drawn['signature']>(
    ...(['whole', 'whole', 'whole', 'whole', 'whole', 'whole', 'whole', 'cut', 'none'] as const),
  ),
  junk: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: shapes }),
});

function codeOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, 'code') : undefined;
}

/** Every row of every table. */
async function everything(superuser: Superuser): Promise<unknown> {
  const tables = await superuser.query<{ readonly name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const found = [];
  for (const { name } of tables) found.push(await superuser.query(`select t::text from ${name} t`));
  return found;
}

/** Has the application's log written here, and not to stdout. */
function listenToLog({ app }: World['api'], lines: string[]): void {
  const { log } = app.getHttpAdapter().getInstance();
  const stream = Reflect.get(log, pino.symbols.streamSym) as { write: (line: string) => void };
  jest.spyOn(stream, 'write').mockImplementation((line) => void lines.push(line));
}
