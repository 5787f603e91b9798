import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type IdentityProvider, newSigningKey } from '@tenantry/testing';
import { eventually } from './eventually.js';
import { type Answer, pointersOf, send, textOf } from './send.js';
import { answeredWith, type Caller, type Trusting, World } from './world.js';

const codeOf = (answer: Answer): string => textOf(answer, 'code');

/** All that a caller sees of an answer, when the request id is the caller's own. */
const seen = ({ status, text, headers }: Answer): unknown => ({
  status,
  text,
  headers: { ...headers, date: null },
});

describe('a refusal', () => {
  let world: World;
  let idp: IdentityProvider;
  let own: Trusting;
  let foreign: Trusting;
  let ada: Caller;
  let audiences = 0;

  beforeAll(async () => {
    world = await World.start();
    idp = await world.idp();
    own = await world.trusting(idp);
    foreign = await world.trusting(await world.idp());
    ada = world.bearer(await idp.token({ subject: 'ada' }));
  });
  afterAll(() => world.close());

  /** A tenant of its own, and somebody in it. */
  async function somebody(): Promise<Trusting & { readonly caller: Caller }> {
    const audience = `audience-${++audiences}`;
    const trusting = await world.trusting(idp, { audiences: [audience] });
    const caller = world.bearer(await idp.token({ subject: 'eve', audience }));
    answeredWith(200, await caller.get('/v1/me'));
    return { ...trusting, caller };
  }

  describe('of a token', () => {
    it('asks for one where there is none', async () => {
      const answer = await send(world.api.url, { method: 'GET', path: '/v1/me' });

      expect(answer.status).toBe(401);
      expect(codeOf(answer)).toBe('access.token_missing');
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="tenantry"');
    });

    it('comes where no issuer is known by that name', async () => {
      const stranger = await world.idp();

      const answer = await world.bearer(await stranger.token({ subject: 'ada' })).get('/v1/me');

      expect([answer.status, codeOf(answer)]).toEqual([401, 'access.token_invalid']);
      expect(stranger.hits).toMatchObject({ discovery: 0, jwks: 0 });
    });

    it.each(['sub', 'exp'])('comes where the claim %s is missing', async (claim) => {
      const token = await idp.token({ subject: 'ada', claims: { [claim]: undefined } });

      const answer = await world.bearer(token).get('/v1/me');

      expect([answer.status, codeOf(answer)]).toEqual([401, 'access.token_invalid']);
    });
  });

  describe('of another tenant', () => {
    it('comes for a header that names it, wherever the request goes', async () => {
      const { id, slug } = foreign.tenant;

      const answers = await Promise.all([
        ada.get('/v1/me', { 'x-tenant-id': id }),
        ada.get('/v1/me', { 'x-tenant-id': slug }),
        ada.get(`/v1/tenants/${own.tenant.id}`, { 'x-tenant-id': id }),
        ada.get(`/v1/tenants/${id}`, { 'x-tenant-id': own.tenant.id }),
        ada.get(`/v1/tenants/${id}`, { 'x-tenant-id': id }),
        ada.get('/v1/me', { 'x-tenant-id': '' }),
        ada.get('/v1/me', { 'x-tenant-id': own.tenant.slug.toUpperCase() }),
        ada.get('/v1/me', { 'x-tenant-id': `${own.tenant.id}, ${id}` }),
      ]);

      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
      expect(new Set(answers.map(codeOf))).toEqual(new Set(['access.tenant_mismatch']));
    });

    it('is the same, byte for byte, as of a tenant that never was', async () => {
      const unknown = '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d';
      const ask = (path: string, headers = {}): Promise<Answer> =>
        ada.get(path, { 'x-request-id': 'the-same', ...headers });
      const { id, slug } = foreign.tenant;
      const there = [
        await ask(`/v1/tenants/${id}`),
        await ask(`/v1/tenants/${slug}`),
        await ask(`/v1/tenants/${slug}/issuers/${foreign.issuer.id}`),
        await ask('/v1/me', { 'x-tenant-id': slug }),
      ];
      const nowhere = [
        await ask(`/v1/tenants/${unknown}`),
        await ask('/v1/tenants/nobody'),
        await ask(`/v1/tenants/nobody/issuers/${unknown}`),
        await ask('/v1/me', { 'x-tenant-id': 'nobody' }),
      ];

      expect(there.map(seen)).toEqual(nowhere.map(seen));
      expect(there[0]?.text).toBe(
        '{"type":"urn:tenantry:problem:access.tenant_mismatch","title":"Forbidden","status":403,' +
          '"code":"access.tenant_mismatch",' +
          '"detail":"The request names a tenant that this token does not belong to.",' +
          '"requestId":"the-same"}',
      );
    });

    it('is the same for somebody else’s issuer as for one that never was', async () => {
      const unknown = '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d';
      const path = `/v1/tenants/${own.tenant.id}/issuers`;
      const ask = (id: string): Promise<Answer> =>
        world.admin.get(`${path}/${id}`, { 'x-request-id': 'the-same' });

      const there = await ask(foreign.issuer.id);
      const nowhere = await ask(unknown);

      expect(there.status).toBe(404);
      expect(seen(there)).toEqual(seen(nowhere));
    });

    it('comes to a platform admin too, where header and path disagree', async () => {
      const answers = await Promise.all([
        world.admin.get(`/v1/tenants/${own.tenant.id}`, { 'x-tenant-id': foreign.tenant.id }),
        world.admin.get('/v1/me', { 'x-tenant-id': own.tenant.id }),
        world.admin.get(`/v1/tenants/${own.tenant.id}`, { 'x-tenant-id': own.tenant.slug }),
      ]);

      expect(answers.map(({ status }) => status)).toEqual([403, 403, 200]);
    });
  });

  it('comes where a role lacks the permission, and names it', async () => {
    const answer = await ada.post(`/v1/tenants/${own.tenant.id}/issuers`, {
      issuer: 'http://127.0.0.1:1',
      audiences: ['a'],
    });

    expect([answer.status, codeOf(answer)]).toEqual([403, 'access.permission_missing']);
    expect(answer.json).toMatchObject({ detail: 'This needs the permission issuers:write.' });
  });

  describe('of a tenant that is suspended', () => {
    it('comes at once, to a token that was let by already, and to nobody else', async () => {
      const { tenant, caller } = await somebody();
      await world.admin.post(`/v1/tenants/${tenant.id}/suspend`, { reason: 'unpaid' });

      const suspended = await caller.get('/v1/me');
      const byAdmin = await world.admin.get(`/v1/tenants/${tenant.id}`);
      const others = await ada.get('/v1/me');
      await world.admin.post(`/v1/tenants/${tenant.id}/resume`);
      const resumed = await caller.get('/v1/me');

      expect([suspended.status, codeOf(suspended)]).toEqual([403, 'tenants.suspended']);
      expect([byAdmin, others, resumed].map(({ status }) => status)).toEqual([200, 200, 200]);
    });

    it('comes on another node as well, without a restart', async () => {
      const { tenant, caller } = await somebody();
      const node = await World.start({ databaseUrl: world.api.databaseUrl });
      const there = node.bearer(caller.token);
      answeredWith(200, await there.get('/v1/me'));
      await world.admin.post(`/v1/tenants/${tenant.id}/suspend`, { reason: 'unpaid' });

      const suspended = await eventually(
        () => there.get('/v1/me'),
        ({ status }) => status === 403,
      );
      await world.admin.post(`/v1/tenants/${tenant.id}/resume`);
      const resumed = await eventually(
        () => there.get('/v1/me'),
        ({ status }) => status === 200,
      );
      await node.close();

      expect(codeOf(suspended)).toBe('tenants.suspended');
      expect(resumed.status).toBe(200);
    });
  });

  it('comes to whoever would change a tenant that is leaving, and not to whoever reads it', async () => {
    const { tenant, caller, path } = await somebody();
    await world.admin.delete(`/v1/tenants/${tenant.id}`);

    const read = await caller.get(`/v1/tenants/${tenant.id}`);
    const written = await caller.post(`${path}/disable`);

    expect(read.status).toBe(200);
    expect(read.json).toMatchObject({ status: 'terminating' });
    expect([written.status, codeOf(written)]).toEqual([403, 'tenants.terminating']);
  });

  describe('of a registration', () => {
    const GOOD = { issuer: 'https://idp.example.com', audiences: ['a'] };
    const SHARED = 'issuers.match_required';

    it.each([
      ['no issuer', { issuer: undefined }, 'request.invalid', '/issuer'],
      ['a query', { issuer: 'https://idp.example.com/?a=b' }, 'issuers.issuer_invalid', '/issuer'],
      [
        'an empty query',
        { issuer: 'https://idp.example.com?' },
        'issuers.issuer_invalid',
        '/issuer',
      ],
      ['a fragment', { issuer: 'https://idp.example.com#a' }, 'issuers.issuer_invalid', '/issuer'],
      [
        'a user name',
        { issuer: 'https://me@idp.example.com' },
        'issuers.issuer_invalid',
        '/issuer',
      ],
      ['no URL', { issuer: 'idp.example.com' }, 'issuers.issuer_invalid', '/issuer'],
      [
        'this service itself',
        { issuer: 'http://tenantry.test' },
        'issuers.issuer_reserved',
        '/issuer',
      ],
      ['Google alone', { issuer: 'https://accounts.google.com' }, SHARED, '/match'],
      ['GitHub', { issuer: 'https://token.actions.githubusercontent.com' }, SHARED, '/match'],
      ['Entra', { issuer: 'https://login.microsoftonline.com/common/v2.0' }, SHARED, '/match'],
      ['no audience', { audiences: [] }, 'request.invalid', '/audiences'],
      ['HMAC', { algorithms: ['HS256'] }, 'request.invalid', '/algorithms'],
      ['no signature', { algorithms: ['none'] }, 'request.invalid', '/algorithms'],
      [
        'two sources',
        { keys: { discovery: true, jwksUri: 'https://a.example' } },
        'request.invalid',
        '/keys',
      ],
      ['no source', { keys: {} }, 'request.invalid', '/keys'],
      ['no keys', { keys: { jwks: { keys: [] } } }, 'issuers.keys_invalid', '/keys/jwks'],
      [
        '21 keys',
        { keys: { jwks: { keys: Array(21).fill({}) } } },
        'issuers.keys_invalid',
        '/keys/jwks',
      ],
      ['no set', { keys: { jwks: {} } }, 'issuers.keys_invalid', '/keys/jwks'],
      ['an unknown role', { roles: ['king'] }, 'roles.unknown', '/roles/0'],
      [
        'a role unknown',
        { roleMapping: [{ group: 'a', role: 'king' }] },
        'roles.unknown',
        '/roleMapping/0/role',
      ],
      [
        'an admin by admission',
        { roles: ['viewer', 'tenant-admin'] },
        'issuers.admission_too_powerful',
        '/roles/1',
      ],
      ['an unknown field', { audience: 'a' }, 'request.invalid', '/audience'],
      [
        'a field of a field',
        { match: { claim: 'hd', value: 'a', values: [] } },
        'request.invalid',
        '/match/values',
      ],
      ['a tenant', { tenantId: 'acme' }, 'request.invalid', '/tenantId'],
      ['a day of skew', { clockSkewSeconds: 86_400 }, 'request.invalid', '/clockSkewSeconds'],
      ['no date', { notAfter: 'soon' }, 'request.invalid', '/notAfter'],
    ])('says where %s does not do, and saves nothing', async (_, change, code, pointer) => {
      const { tenant } = own;

      const answer = await world.register(tenant, GOOD.issuer, { ...GOOD, ...change });
      const list = await world.admin.get(`/v1/tenants/${tenant.id}/issuers`);

      expect([answer.status, codeOf(answer)]).toEqual([422, code]);
      expect(pointersOf(answer)).toEqual([pointer]);
      expect(list.json).toMatchObject({ items: [{ id: own.issuer.id }] });
    });

    it('comes for a private key, and does not repeat it', async () => {
      const { privateJwk } = await newSigningKey('EdDSA');

      const answer = await world.register(own.tenant, GOOD.issuer, {
        keys: { jwks: { keys: [privateJwk] } },
      });

      expect([answer.status, codeOf(answer)]).toEqual([422, 'issuers.keys_invalid']);
      expect(pointersOf(answer)).toEqual(['/keys/jwks']);
      expect(answer.text).not.toContain(privateJwk.d);
    });
  });
});
