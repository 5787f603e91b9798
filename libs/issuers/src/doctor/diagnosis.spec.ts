import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  type AdmissionPreview,
  builtInPermissionsOf,
  TenantDirectory,
  type TenantState,
} from '@tenantry/access';
import { PLATFORM_ID } from '@tenantry/kernel';
import { craftToken, newSigningKey, type SigningKey } from '@tenantry/testing';
import { DEFAULT_ALGORITHMS, DEFAULT_CLAIM_NAMES, type Issuer } from '../issuer.js';
import { thumbprintOf } from '../keys/thumbprint.js';
import { CHECK_NAMES } from './checks/finding.js';
import { type Diagnosis, diagnosisOf } from './diagnosis.js';
import { entryOf } from './entry.js';
import { examine } from './examination.js';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const SECONDS = NOW.getTime() / 1_000;
const BUILT_IN = 'https://tenantry.example';
const ACME: TenantState = {
  id: 'tenant-1',
  slug: 'acme',
  status: 'active',
  requiresSecondFactor: false,
};
const ADMITTED: AdmissionPreview = { outcome: 'admitted', reason: null, roles: ['viewer'] };

const SECOND = { audiences: ['second'] };

type Members = Readonly<Record<string, unknown>>;

/** What there is in the world of one diagnosis; whatever is not said is well. */
interface Setting {
  readonly registrations?: readonly Issuer[];
  readonly candidate?: Issuer;
  readonly tenant?: TenantState;
  readonly admission?: AdmissionPreview;
  readonly isOfPlatform?: boolean;
  /** Asked by the platform of its own issuers. */
  readonly byPlatform?: boolean;
}

class OneTenant extends TenantDirectory {
  constructor(private readonly tenant: TenantState) {
    super();
  }

  find(name: string): Promise<TenantState | null> {
    const { id, slug } = this.tenant;
    return Promise.resolve(name === id || name === slug ? this.tenant : null);
  }
}

describe('the diagnosis of a token', () => {
  let key: SigningKey;
  let second: SigningKey;
  let stranger: SigningKey;

  beforeAll(async () => {
    [key, second, stranger] = await Promise.all([
      newSigningKey('ES256'),
      newSigningKey('EdDSA'),
      newSigningKey('ES256'),
    ]);
  });

  const anIssuer = (given: Partial<Issuer> = {}): Issuer => {
    const jwks = { keys: [{ ...key.publicJwk }, { ...second.publicJwk }] };
    return {
      id: 'registration-1',
      tenantId: ACME.id,
      issuer: 'https://login.acme.example',
      issuerAliases: ['https://login.internal.example'],
      audiences: ['tenantry'],
      keySource: { kind: 'inline', jwks },
      algorithms: DEFAULT_ALGORITHMS,
      match: null,
      claims: DEFAULT_CLAIM_NAMES,
      admission: 'anyone',
      roles: ['viewer'],
      roleMapping: [{ group: 'staff', role: 'operator' }],
      condition: null,
      tenantClaim: null,
      clockSkewSeconds: 30,
      maxTokenAgeSeconds: null,
      notAfter: null,
      status: 'enabled',
      healthState: 'healthy',
      healthReason: null,
      healthSince: NOW,
      lastCheckedAt: NOW,
      nextCheckAt: null,
      ownershipProvenAt: NOW,
      ownershipMethod: 'platform',
      ownershipChallenge: 'challenge',
      epoch: 1,
      checkSettled: 1,
      checksFailed: 0,
      keySet: jwks,
      keySetConfirmedAt: NOW,
      distrustedKeys: [],
      guest: null,
      registeredBy: null,
      signInClientId: null,
      signInClientSecret: null,
      revision: 1,
      createdAt: NOW,
      updatedAt: NOW,
      ...given,
    };
  };

  const aToken = (claims: Members = {}, header: Members = {}, signer = key): string =>
    craftToken({
      header: { alg: signer.algorithm, kid: signer.kid, ...header },
      payload: {
        iss: 'https://login.acme.example',
        aud: 'tenantry',
        sub: 'ada',
        iat: SECONDS - 60,
        exp: SECONDS + 300,
        ...claims,
      },
      key: signer.privateKey,
      algorithm: signer.algorithm,
    });

  async function diagnose(token: string, setting: Setting = {}): Promise<Diagnosis> {
    const { registrations = [anIssuer()], candidate = null, tenant = ACME } = setting;
    const exam = await examine({ token, registrations, candidate, now: NOW });
    const entry = await entryOf(exam, {
      members: { preview: () => Promise.resolve(setting.admission ?? ADMITTED) },
      roles: { permissionsOf: (_, roles) => Promise.resolve(builtInPermissionsOf(roles)) },
      tenants: new OneTenant(tenant),
      tenantId: setting.byPlatform ? null : ACME.id,
    });
    const { isOfPlatform = false } = setting;
    return diagnosisOf(exam, entry, { builtIn: BUILT_IN, isOfPlatform });
  }

  const failuresOf = ({ checks }: Diagnosis): string[] =>
    checks.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check);
  const checkOf = ({ checks }: Diagnosis, name: string): Diagnosis['checks'][number] => {
    const found = checks.find(({ check }) => check === name);
    if (!found) throw new Error(`There is no check ${name}.`);
    return found;
  };

  it('finds nothing wrong with a good token', async () => {
    const diagnosis = await diagnose(aToken({ groups: ['staff'] }));

    expect(diagnosis).toMatchObject({
      verdict: 'accepted',
      refusal: null,
      issuer: { id: 'registration-1', issuer: 'https://login.acme.example' },
      tenant: { id: 'tenant-1', slug: 'acme', status: 'active' },
      nearMatches: [],
      roles: ['viewer'],
      permissions: [
        'audit:read',
        'members:read',
        'quotas:read',
        'registry:read',
        'roles:read',
        'tenant:read',
        'usage:read',
      ],
      admission: { outcome: 'admitted' },
    });
    expect(diagnosis.checks.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual([
      'shape passed',
      'header passed',
      'issuer passed',
      'keys passed',
      'kid passed',
      'algorithm passed',
      'signature passed',
      'exp passed',
      'nbf skipped',
      'iat passed',
      'audience passed',
      'subject passed',
      'discriminator skipped',
      'condition skipped',
      'mapping passed',
      'admission passed',
      'tenant passed',
    ]);
  });

  it.each<[string, Members, string[]]>([
    ['has expired', { exp: SECONDS - 31 }, ['exp']],
    ['never ends', { exp: undefined }, ['exp']],
    ['ends at a text', { exp: '2030' }, ['exp']],
    ['is not valid yet', { nbf: SECONDS + 31 }, ['nbf']],
    ['is of the future', { iat: SECONDS + 31 }, ['iat']],
    ['is for somebody else', { aud: ['other', 'another'] }, ['audience']],
    ['is for nobody', { aud: undefined }, ['audience']],
    ['is for a number as well', { aud: ['tenantry', 7] }, ['audience']],
    ['names no subject', { sub: undefined }, ['subject']],
    ['has an empty subject', { sub: '' }, ['subject']],
    ['has a subject that nobody stores', { sub: 'a\0b' }, ['subject']],
    ['is wrong in several ways', { exp: 1, aud: 'other', sub: 7 }, ['exp', 'audience', 'subject']],
    ['names its issuer with a last slash', { iss: 'https://login.acme.example/' }, ['issuer']],
    ['names its issuer in capitals', { iss: 'https://LOGIN.acme.example' }, ['issuer']],
    ['names no issuer', { iss: undefined }, ['issuer']],
    ['is of an unknown issuer', { iss: 'https://nobody.example' }, ['issuer']],
    ['is our own', { iss: BUILT_IN }, ['issuer']],
  ])('tells of a token that %s', async (_, claims, failures) => {
    const diagnosis = await diagnose(aToken(claims));

    expect(diagnosis).toMatchObject({ verdict: 'refused', refusal: 'access.token_invalid' });
    expect(failuresOf(diagnosis)).toEqual(failures);
  });

  it.each<[string, Members, string[]]>([
    ['is of another type', { typ: 'logout+jwt' }, ['header']],
    ['insists on an extension', { crit: ['exotic'], exotic: true }, ['header']],
    ['insists on no extension', { crit: [] }, ['header']],
    ['names another key', { kid: 'other' }, ['kid']],
    ['names no key by no text', { kid: 7 }, ['kid']],
    ['is signed by nobody', { alg: 'none' }, ['algorithm']],
    ['has a shared secret', { alg: 'HS256' }, ['algorithm']],
    ['has an algorithm that the registration lacks', { alg: 'ES384' }, ['algorithm']],
    ['has an algorithm of another key', { alg: 'EdDSA' }, ['algorithm']],
  ])('tells of a header that %s', async (_, header, failures) => {
    const diagnosis = await diagnose(aToken({}, header));

    expect(diagnosis).toMatchObject({ verdict: 'refused', refusal: 'access.token_invalid' });
    expect(failuresOf(diagnosis)).toEqual(failures);
  });

  it.each<[string, Partial<Issuer>, string[], string]>([
    ['is disabled', { status: 'disabled' }, ['issuer'], 'access.token_invalid'],
    ['has ended', { notAfter: NOW }, ['issuer'], 'access.token_invalid'],
    ['is unproven', { ownershipProvenAt: null }, ['issuer'], 'access.token_invalid'],
    ['is not checked yet', { healthState: 'pending' }, ['keys'], 'issuers.unavailable'],
    ['has no usable keys', { healthState: 'disabled' }, ['keys'], 'access.token_invalid'],
    [
      'was not confirmed for a day',
      {
        keySource: { kind: 'discovery' },
        keySetConfirmedAt: new Date(NOW.getTime() - 86_400_000),
      },
      ['keys'],
      'access.token_invalid',
    ],
    ['has a limit of age', { maxTokenAgeSeconds: 29 }, ['iat'], 'access.token_invalid'],
    [
      'has another match',
      { match: { claim: 'hd', value: 'x' } },
      ['discriminator'],
      'access.token_invalid',
    ],
    [
      'has a condition',
      { condition: 'claims.sub == "bob"' },
      ['condition'],
      'access.token_invalid',
    ],
    ['has an unreadable condition', { condition: '((' }, ['condition'], 'access.token_invalid'],
  ])('tells of a registration that %s', async (_, given, failures, refusal) => {
    const diagnosis = await diagnose(aToken(), { registrations: [anIssuer(given)] });

    expect(diagnosis).toMatchObject({ verdict: 'refused', refusal });
    expect(failuresOf(diagnosis)).toEqual(failures);
  });

  it('tells of a distrusted key, by whatever name it goes', async () => {
    const thumbprint = thumbprintOf(key.publicJwk);
    const distrusted = { thumbprint, kid: 'old', at: NOW.toISOString(), reason: null };
    const registrations = [anIssuer({ distrustedKeys: [distrusted] })];

    expect(failuresOf(await diagnose(aToken(), { registrations }))).toEqual(['kid']);
  });

  describe('of a token that fits a guest', () => {
    const guest = { sponsor: 'member-1', resource: 'workflow/po-1', subject: 'ad*' };
    const EXCHANGE = /^Exchange the token at POST \/oauth\/token/;

    it.each([
      ['is to be exchanged', {}, EXCHANGE],
      ['waits for an approval', { ownershipProvenAt: null }, /^Have a second person approve/],
    ])('says that it %s', async (_, given, remedy) => {
      const registrations = [anIssuer({ guest, ...given }), anIssuer(SECOND)];

      const diagnosis = await diagnose(aToken(), { registrations });

      expect(diagnosis).toMatchObject({ verdict: 'refused', refusal: 'access.token_invalid' });
      expect(checkOf(diagnosis, 'issuer')).toMatchObject({
        outcome: 'failed',
        remedy: expect.stringMatching(remedy),
      });
    });

    it('says nothing of the guest where an ordinary registration takes it', async () => {
      const registrations = [anIssuer({ guest }), anIssuer()];

      expect(failuresOf(await diagnose(aToken(), { registrations }))).toEqual([]);
    });

    it('knows no guest by another subject', async () => {
      const diagnosis = await diagnose(aToken({ sub: 'bob' }), {
        registrations: [anIssuer({ guest })],
      });

      expect(checkOf(diagnosis, 'issuer').remedy).toMatch(/^Register an issuer/);
      expect(diagnosis.nearMatches).toEqual([]);
    });
  });

  it('looks nobody up for whoever cannot sign', async () => {
    const forged = aToken({ sub: 'somebody' }, { kid: key.kid }, stranger);

    const diagnosis = await diagnose(forged);

    expect(failuresOf(diagnosis)).toEqual(['signature']);
    expect(checkOf(diagnosis, 'admission')).toMatchObject({ outcome: 'skipped' });
    expect(diagnosis).toMatchObject({ admission: null, roles: [], permissions: [] });
  });

  it('says how far the clocks are apart', async () => {
    const diagnosis = await diagnose(aToken({ exp: SECONDS - 90 }));

    expect(checkOf(diagnosis, 'exp')).toEqual({
      check: 'exp',
      outcome: 'failed',
      found: { value: SECONDS - 90, at: '2026-11-21T11:58:30.000Z', secondsFromNow: -90 },
      expected: { now: SECONDS, clockSkewSeconds: 30 },
      remedy:
        'Get a new token: this one has expired; if it is fresh, set the clocks right, or raise clockSkewSeconds of the registration.',
      detail: null,
    });
  });

  it('gives the value of each part of a condition', async () => {
    const registrations = [anIssuer({ condition: 'claims.level >= 3 && claims.sub == "ada"' })];

    const diagnosis = await diagnose(aToken({ level: 2 }), { registrations });

    expect(checkOf(diagnosis, 'condition').found).toEqual({
      admits: false,
      error: null,
      steps: [
        { expression: 'claims.level', value: 2, error: null },
        { expression: 'claims.level >= 3', value: false, error: null },
        { expression: 'claims.level >= 3 && claims.sub == "ada"', value: false, error: null },
      ],
    });
  });

  it('shows which roles the groups lead to, and says where a provider left them out', async () => {
    const mapped = await diagnose(aToken({ groups: ['staff', 'other'] }));
    const overage = await diagnose(aToken({ _claim_names: { groups: 'src1' } }));

    expect(checkOf(mapped, 'mapping').found).toEqual({
      claim: 'groups',
      groups: ['staff', 'other'],
      roles: ['operator'],
    });
    expect(checkOf(overage, 'mapping')).toMatchObject({
      outcome: 'passed',
      detail: 'The provider has left out the groups, because there are too many.',
    });
  });

  it.each([
    ['unknown_subject', /^Add the subject as a member/],
    ['suspended', /^Reactivate the member/],
    ['removed', /^Add the subject as a member again/],
    ['admission_closed', /^Give the member a role/],
  ] as const)('tells of a subject that is refused as %s', async (reason, remedy) => {
    const admission: AdmissionPreview = { outcome: 'refused', reason, roles: [] };

    const diagnosis = await diagnose(aToken(), { admission });

    expect(diagnosis.refusal).toBe('access.membership_missing');
    expect(failuresOf(diagnosis)).toEqual(['admission']);
    expect(checkOf(diagnosis, 'admission').remedy).toMatch(remedy);
  });

  it('tells of a tenant that is suspended, and of one that is leaving', async () => {
    const suspended = await diagnose(aToken(), { tenant: { ...ACME, status: 'suspended' } });
    const leaving = await diagnose(aToken(), { tenant: { ...ACME, status: 'terminating' } });

    expect([suspended.refusal, leaving.refusal]).toEqual(['tenants.suspended', null]);
    expect(failuresOf(suspended)).toEqual(['tenant']);
  });

  it.each([
    ['nothing', '.', 'Send the token to the letter'],
    ['an opaque token', 'ya29a0AfH6SMBx', 'Have the provider issue JWTs'],
    ['an encrypted token', 'a.b.c.d.e', 'Have the provider sign its tokens and not encrypt them'],
    ['a whole header', 'Bearer a.b.c', 'Send the token alone'],
    ['a broken line', 'a.b\n.c', 'Send the token without the blanks'],
    ['no JSON', 'a.b.c', 'Send the token to the letter'],
  ])('says what to do with %s', async (_, token, remedy) => {
    const diagnosis = await diagnose(token);

    expect(failuresOf(diagnosis)).toEqual(['shape']);
    expect(checkOf(diagnosis, 'shape').remedy).toContain(remedy);
    expect(diagnosis).toMatchObject({ verdict: 'refused', issuer: null });
  });

  it('reads a token that is too long for the guard all the same', async () => {
    const diagnosis = await diagnose(aToken({ padding: 'x'.repeat(20_000) }));

    expect(failuresOf(diagnosis)).toEqual(['shape']);
    expect(checkOf(diagnosis, 'exp').outcome).toBe('passed');
  });

  it('takes blanks around a token for none', async () => {
    expect(await diagnose(`  ${aToken()}\n`)).toMatchObject({ verdict: 'accepted' });
  });

  it('refuses a token that two registrations take, as the guard does', async () => {
    const registrations = [anIssuer(), anIssuer({ id: 'registration-2', audiences: ['second'] })];

    const diagnosis = await diagnose(aToken({ aud: ['tenantry', 'second'] }), { registrations });

    expect(diagnosis.verdict).toBe('refused');
    expect(failuresOf(diagnosis)).toEqual(['issuer']);
    expect(diagnosis.nearMatches).toMatchObject([{ id: 'registration-2', differs: [] }]);
  });

  it('names registrations that nearly matched, the nearest first', async () => {
    const registrations = [
      anIssuer({ id: 'elsewhere', issuer: 'https://nobody.example', issuerAliases: [] }),
      anIssuer({ id: 'realm', issuer: 'https://login.acme.example/realms/a', issuerAliases: [] }),
      anIssuer({ id: 'other', audiences: ['other'], status: 'disabled' }),
      anIssuer(),
    ];

    const { issuer, nearMatches } = await diagnose(aToken(), { registrations });

    expect(issuer).toMatchObject({ id: 'registration-1' });
    expect(nearMatches).toEqual([
      { id: 'other', issuer: 'https://login.acme.example', differs: ['audiences', 'status'] },
      { id: 'realm', issuer: 'https://login.acme.example/realms/a', differs: ['issuer'] },
    ]);
  });

  it('holds a token against a candidate instead, which has no id', async () => {
    const candidate = anIssuer({ id: 'new', audiences: ['another'] });

    const diagnosis = await diagnose(aToken(), { candidate });

    expect(diagnosis).toMatchObject({
      verdict: 'refused',
      issuer: { id: null, issuer: 'https://login.acme.example' },
      nearMatches: [{ id: 'registration-1', differs: [] }],
    });
    expect(failuresOf(diagnosis)).toEqual(['audience']);
  });

  it('says of an issuer of the platform that it is one, and no more', async () => {
    const diagnosis = await diagnose(aToken({ iss: 'https://shared.example' }), {
      isOfPlatform: true,
    });

    expect(checkOf(diagnosis, 'issuer').remedy).toMatch(/^Ask the platform to diagnose/);
    expect(diagnosis.issuer).toBeNull();
  });

  describe('of an issuer of the platform', () => {
    const setting = (): Setting => ({
      byPlatform: true,
      registrations: [anIssuer({ tenantId: PLATFORM_ID, tenantClaim: 'org' })],
    });

    it.each(['tenant-1', 'acme'])('finds the tenant by its claim: %s', async (org) => {
      expect(await diagnose(aToken({ org }), setting())).toMatchObject({
        verdict: 'accepted',
        tenant: { id: 'tenant-1' },
      });
    });

    it.each([undefined, '', 7, ['acme'], 'nobody'])('tells of a claim that is %j', async (org) => {
      const diagnosis = await diagnose(aToken({ org }), setting());

      expect(diagnosis).toMatchObject({ refusal: 'access.tenant_missing', tenant: null });
      expect(failuresOf(diagnosis)).toEqual(['tenant']);
    });
  });

  describe('whatever the token and the registrations are', () => {
    /** A few of these fields, drawn at random: mostly one thing is wrong, or two are. */
    const fewOf = <Fields extends object>(fields: {
      [Name in keyof Fields]: fc.Arbitrary<Fields[Name]>;
    }): fc.Arbitrary<Partial<Fields>> => {
      const all = fc.record(fields);
      return fc
        .tuple(fc.subarray(Object.keys(fields), { maxLength: 2 }), all)
        .map(([names, drawn]) => {
          const kept = Object.entries(drawn).filter(([name]) => names.includes(name));
          return Object.fromEntries(kept) as Partial<Fields>;
        });
    };
    const near = (seconds: number): fc.Arbitrary<unknown> =>
      fc.constantFrom(-1, 0, 1).map((offset) => SECONDS + seconds + offset);
    const time = fc.oneof(
      ...[-300, -31, -30, 0, 30, 31, 300].map(near),
      fc.constantFrom<unknown>(undefined, null, 'soon', 1e300, -1e300, true, [], 0.5),
    );
    const junk = fc.constantFrom<unknown>(undefined, null, '', 7, [], {}, ['x'], 'a\0b', '\ud800');
    const many = Array.from({ length: 21 }, (_, index) => (index === 0 ? 'tenantry' : `a${index}`));
    const claims = fewOf<Members>({
      iss: fc.oneof(
        fc.constantFrom<unknown>(
          'https://login.internal.example',
          'https://login.acme.example/',
          'https://other.example',
        ),
        junk,
      ),
      aud: fc.oneof(
        fc.subarray<unknown>(['tenantry', 'second', 'third', 7, null, 'a\0b']),
        fc.constantFrom(many, many.slice(0, 20)),
        junk,
      ),
      sub: fc.oneof(junk, fc.constantFrom('s'.repeat(256), 'grace')),
      exp: time,
      nbf: time,
      iat: time,
      hd: fc.constantFrom<unknown>('acme', 'ACME', 7),
      groups: fc.oneof(fc.constantFrom<unknown>('staff', ['staff', 7], { a: 1 }), junk),
      level: fc.constantFrom<unknown>(1, 3, '3'),
    });
    const header = fewOf<Members>({
      alg: fc.constantFrom<unknown>('none', 'HS256', 'EdDSA', 'ES384', 7, undefined),
      typ: fc.constantFrom<unknown>('JWT', 'at+jwt', 'dpop+jwt', 7, null, ''),
      kid: fc.constantFrom<unknown>('nobody', null, 7, undefined),
      crit: fc.constantFrom<unknown>([], ['b64'], ['exp'], ['b64', 'b64'], 'b64', null),
      b64: fc.boolean(),
    });
    const yesterday = new Date(NOW.getTime() - 86_400_000);
    const registration = fewOf<Partial<Issuer>>({
      status: fc.constant('disabled'),
      healthState: fc.constantFrom('unverified', 'pending', 'disabled'),
      ownershipProvenAt: fc.constant(null),
      notAfter: fc.constantFrom(NOW, new Date(NOW.getTime() + 1)),
      maxTokenAgeSeconds: fc.constantFrom(29, 30, 300),
      clockSkewSeconds: fc.constant(0),
      match: fc.constant({ claim: 'hd', value: 'acme' }),
      condition: fc.constantFrom('claims.level >= 2', 'claims.sub == "ada"', '(('),
      algorithms: fc.constant(['EdDSA'] as const),
      keySource: fc.constant({ kind: 'discovery' }),
      keySetConfirmedAt: fc.constantFrom(null, yesterday),
      keySet: fc.constant(null),
      audiences: fc.constantFrom(['second'], ['tenantry', 'third']),
    });
    const refused: AdmissionPreview = { outcome: 'refused', reason: 'suspended', roles: [] };
    const world = fc.record({
      claims: fc.oneof(fc.constant<Members>({}), claims),
      header: fc.oneof(fc.constant<Members>({}), header),
      registrations: fc.array(fc.oneof(fc.constant<Partial<Issuer>>({}), registration), {
        minLength: 1,
        maxLength: 2,
      }),
      textClaims: fc.constantFrom(0, 0, 0, 90, 101),
      admission: fc.constantFrom(ADMITTED, ADMITTED, ADMITTED, refused),
      status: fc.constantFrom('active', 'active', 'terminating', 'suspended'),
      signature: fc.constantFrom('own', 'own', 'own', 'own', 'forged', 'a', 'cut'),
    });

    it('accepts where no check has failed, and nowhere else', async () => {
      const seen = { accepted: 0, refused: 0 };
      const judged = fc.asyncProperty(world, async (drawn) => {
        const texts = Array.from({ length: drawn.textClaims }, (_, index) => [`t${index}`, 'x']);
        const payload = { ...drawn.claims, ...(Object.fromEntries(texts) as Members) };
        const token = withSignature(aToken(payload, drawn.header), drawn.signature);
        const registrations = drawn.registrations.map((given, index) =>
          // Where there are two, they overlap only as the registry would have let them.
          anIssuer({ id: `registration-${index}`, ...(index === 1 ? SECOND : {}), ...given }),
        );

        const diagnosis = await diagnose(token, {
          registrations,
          admission: drawn.admission,
          tenant: { ...ACME, status: drawn.status },
        });

        seen[diagnosis.verdict] += 1;
        expect(diagnosis.checks.map(({ check }) => check)).toEqual(CHECK_NAMES);
        expect(failuresOf(diagnosis).length === 0).toBe(diagnosis.verdict === 'accepted');
      });

      await fc.assert(judged, { numRuns: 250 });
      expect(seen.accepted).toBeGreaterThan(20);
      expect(seen.refused).toBeGreaterThan(20);
    });

    it('answers briefly, and never with the signature', async () => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), fc.jsonValue({ maxDepth: 8 }), async (one, other) => {
          const long = 'x'.repeat(5_000);
          const token = aToken({
            iss: one,
            aud: other,
            groups: [long, other],
            sub: long,
            nbf: one,
          });

          const text = JSON.stringify(await diagnose(token));

          expect(text).not.toContain(token.split('.')[2]);
          expect(text.length).toBeLessThan(60_000);
        }),
        { numRuns: 100 },
      );
    });
  });

  function withSignature(token: string, how: string): string {
    const [head = '', body = '', signature = ''] = token.split('.');
    if (how === 'own') return token;
    if (how === 'cut') return `${head}.${body}.${signature.slice(0, -4)}`;
    if (how === 'a') return `${head}.${body}.a`;
    const [, , other = ''] = aToken({}, {}, stranger).split('.');
    return `${head}.${body}.${other}`;
  }
});
