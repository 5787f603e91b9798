import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';

import { KeyedDigest, MasterKey } from '@tenantry/crypto';
import { newId } from '@tenantry/kernel';
import { craftToken, newSigningKey, type SigningKey } from '@tenantry/testing';
import { SuccessThrottle } from '../libs/signin/src/login/success-throttle.js';
import { LoginWorld } from './login-world.js';
import { type Answer, itemsOf, type Request, send, textOf } from './send.js';
import { ADMIN_PERSON } from './start-api.js';
import { answeredWith, type TenantView } from './world.js';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const INACTIVE = { active: false };
const GONE = { status: 401, json: { code: 'access.token_invalid' } };
const BAD_TARGET = {
  status: 400,
  json: { error: 'invalid_target', error_description: 'The subject token opens no such tenant.' },
};
const BAD_SUBJECT = {
  status: 400,
  json: { error: 'invalid_grant', error_description: 'The subject token is not good here.' },
};

/** A tenant that trusts an issuer whose every subject is a viewer. */
interface Trusting {
  readonly tenant: TenantView;
  readonly issuer: string;
  /** The path of the registration. */
  readonly path: string;
  readonly registrationId: string;
}

/** A service account of a tenant. */
interface Machine {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly token: string;
  /** Its path. */
  readonly path: string;
}

describe('exchanging, looking into and taking back tokens', () => {
  let here: LoginWorld;
  let key: SigningKey;

  beforeAll(async () => {
    [here, key] = await Promise.all([LoginWorld.start(), newSigningKey('EdDSA')]);
  });
  afterAll(() => here.close());

  const now = (): number => Math.floor(here.clock.now().getTime() / 1_000);

  const ask = (
    path: string,
    form: Readonly<Record<string, string>>,
    headers: Request['headers'] = {},
  ): Promise<Answer> =>
    send(here.world.api.url, {
      method: 'POST',
      path,
      headers: { 'x-forwarded-for': here.network(), ...headers },
      raw: new URLSearchParams(form),
    });

  const exchange = (token: string, given: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    ask('/oauth/token', {
      grant_type: EXCHANGE,
      subject_token: token,
      subject_token_type: JWT,
      ...given,
    });

  const exchanged = async (
    token: string,
    given: Readonly<Record<string, string>> = {},
  ): Promise<string> => textOf(await exchange(token, given), 'access_token');

  const me = (token: string): Promise<Answer> => here.as(token, '/v1/me');

  const registration = (given: object = {}): object => ({
    keys: { jwks: { keys: [key.publicJwk] } },
    ...given,
  });

  const trusting = async (given: object = {}): Promise<Trusting> => {
    const tenant = await here.world.createTenant();
    const issuer = `https://${newId()}.example`;
    const { id } = await here.world.registerIssuer(tenant, { issuer }, registration(given));
    return {
      tenant,
      issuer,
      registrationId: id,
      path: `/v1/tenants/${tenant.id}/issuers/${id}`,
    };
  };

  const external = (
    issuer: string,
    claims: Readonly<Record<string, unknown>> = {},
    by: SigningKey = key,
  ): string =>
    craftToken({
      header: { alg: 'EdDSA', kid: by.kid, typ: 'JWT' },
      payload: {
        iss: issuer,
        aud: 'tenantry',
        sub: 'ada',
        iat: now(),
        exp: now() + 300,
        groups: ['staff'],
        ...claims,
      },
      key: by.privateKey,
    });

  const clientToken = async (clientId: string, clientSecret: string): Promise<string> => {
    const form = { client_id: clientId, client_secret: clientSecret };
    const answer = await ask('/oauth/token', { grant_type: 'client_credentials', ...form });
    return textOf(answer, 'access_token');
  };

  /** A token of a new service account of the platform. */
  const platformToken = async (roles: readonly string[]): Promise<string> => {
    const [clientId, secret] = [`client-${newId()}`, newId()];
    const hash = new KeyedDigest(here.world.api.app.get(MasterKey), 'client-secrets').of(secret);
    await here.superuser.query(
      `insert into platform_service_accounts (id, name, client_id, secret_hash, roles)
       values ($1, $2, $2, $3, $4)`,
      [newId(), clientId, hash, roles],
    );
    return clientToken(clientId, secret);
  };

  const machineOf = async ({ id }: TenantView, roles: readonly string[]): Promise<Machine> => {
    const accounts = `/v1/tenants/${id}/service-accounts`;
    const made = await here.world.admin.post(accounts, { name: 'Robot', roles });
    const [clientId, clientSecret] = [textOf(made, 'clientId'), textOf(made, 'clientSecret')];
    const token = await clientToken(clientId, clientSecret);
    return { clientId, clientSecret, token, path: `${accounts}/${textOf(made, 'id')}` };
  };

  const apiKeyOf = async ({ path }: Machine): Promise<string> =>
    textOf(await here.world.admin.post(`${path}/keys`, { name: 'ci' }), 'key');

  const deedsOf = async (tenant: TenantView): Promise<readonly object[]> =>
    itemsOf(await here.world.admin.get(`/v1/tenants/${tenant.id}/audit/events?limit=200`));

  describe('a token of an external issuer', () => {
    it('becomes one of ours, which carries the registration and ends no later', async () => {
      const { tenant, issuer, registrationId } = await trusting();

      const answer = await exchange(external(issuer, { exp: now() + 90 }));

      const token = textOf(answer, 'access_token');
      expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
      expect(answer.json).toEqual({
        access_token: token,
        token_type: 'Bearer',
        expires_in: 90,
        issued_token_type: ACCESS_TOKEN,
      });
      expect(decodeJwt(token)).toMatchObject({
        iss: 'http://tenantry.test',
        tid: tenant.id,
        registration: registrationId,
        exp: now() + 90,
      });
      expect(await me(token)).toMatchObject({
        status: 200,
        json: { actor: { kind: 'external' }, tenant: { id: tenant.id }, roles: ['viewer'] },
      });
      const sid = decodeJwt(token)['sid'];
      expect(await deedsOf(tenant)).toContainEqual(
        expect.objectContaining({
          deed: 'token.exchanged',
          target: expect.objectContaining({ id: sid }),
        }),
      );
    });

    it('names its own tenant or none, and is for an access token of nobody else', async () => {
      const { tenant, issuer } = await trusting();
      const other = await here.world.createTenant();
      const token = external(issuer);

      expect((await exchange(token, { audience: tenant.slug })).status).toBe(200);
      const urn = `urn:tenantry:tenant:${tenant.id}`;
      expect((await exchange(token, { audience: urn })).status).toBe(200);
      const foreign = await exchange(token, { audience: other.id });
      const unknown = await exchange(token, { audience: newId() });
      expect(foreign).toMatchObject(BAD_TARGET);
      expect(unknown.text).toBe(foreign.text);
      for (const given of [
        { actor_token: token },
        { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
        { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' },
      ]) {
        expect(await exchange(token, given)).toMatchObject({
          status: 400,
          json: { error: 'invalid_request' },
        });
      }
    });

    it('is refused alike for whatever makes it bad, wherever it wants to go', async () => {
      const { tenant, issuer } = await trusting({ clockSkewSeconds: 60 });
      const stranger = await newSigningKey('EdDSA');

      const answers = [
        await exchange(external(issuer, { exp: now() - 100 })),
        // Still believed at the door, within the skew: nothing is made of it any more.
        await exchange(external(issuer, { exp: now() - 10 })),
        await exchange(external(issuer, {}, stranger)),
        await exchange(external(issuer, { aud: 'elsewhere' })),
        await exchange(external('https://nobody.example'), { audience: tenant.id }),
        await exchange(external('https://nobody.example'), { audience: newId() }),
        await exchange('no-token-at-all'),
        await exchange('tnt_0000'),
      ];

      for (const answer of answers) expect(answer).toMatchObject(BAD_SUBJECT);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    });

    it('opens nothing where nobody is admitted, or the tenant is suspended', async () => {
      const closed = await trusting({ admission: 'members', roles: [] });
      const open = await trusting();
      expect((await exchange(external(open.issuer))).status).toBe(200);
      const suspension = { reason: 'Not paid.' };
      const path = `/v1/tenants/${open.tenant.id}`;
      answeredWith(200, await here.world.admin.post(`${path}/suspend`, suspension));

      expect(await exchange(external(closed.issuer))).toMatchObject(BAD_TARGET);
      expect(await exchange(external(open.issuer))).toMatchObject(BAD_TARGET);
    });

    it('opens one session however often it is shown, and at most so many with others', async () => {
      const { tenant, issuer, registrationId } = await trusting();
      const token = external(issuer);

      const [first, again] = [await exchanged(token), await exchanged(token)];

      const { sid, sub } = decodeJwt(first);
      expect(decodeJwt(again)['sid']).toBe(sid);
      expect(decodeJwt(await exchanged(external(issuer, { exp: now() + 299 })))['sid']).not.toBe(
        sid,
      );
      await here.superuser.query(
        `insert into sessions (id, tenant_id, member_id, registration_id, registration_owner_id,
           subject, groups, created_at, last_used_at, expires_at)
         select gen_random_uuid(), $1, $2, $3, $1, 'ada', '{}', now(),
           $4::timestamptz + interval '1 minute', $4::timestamptz + interval '1 hour'
         from generate_series(1, 255)`,
        [tenant.id, sub, registrationId, here.clock.now()],
      );
      const latest = await exchanged(external(issuer, { exp: now() + 298 }));
      expect(await me(first)).toMatchObject(GONE);
      expect((await me(latest)).status).toBe(200);
    });

    it('ends with what it rests on', async () => {
      const byIssuer = await trusting();
      const byMember = await trusting();
      const byKey = await trusting();
      const byTime = await trusting();
      const brief = await exchanged(external(byTime.issuer, { exp: now() + 60 }));
      const tokens = await Promise.all(
        [byIssuer, byMember, byKey].map(({ issuer }) => exchanged(external(issuer))),
      );
      for (const token of [brief, ...tokens]) expect((await me(token)).status).toBe(200);
      const [ofIssuer = '', ofMember = '', ofKey = ''] = tokens;
      const { admin } = here.world;

      answeredWith(200, await admin.post(`${byIssuer.path}/disable`));
      const member = `/v1/tenants/${byMember.tenant.id}/members/${String(decodeJwt(ofMember).sub)}`;
      answeredWith(200, await admin.post(`${member}/suspend`));
      const distrust = `${byKey.path}/keys/${key.kid}/distrust`;
      answeredWith(200, await admin.post(distrust, { reason: 'Leaked.' }));
      here.clock.advance(66_000);

      expect(await me(ofIssuer)).toMatchObject(GONE);
      expect(await me(ofMember)).toMatchObject(GONE);
      expect(await me(ofKey)).toMatchObject(GONE);
      expect(await me(brief)).toMatchObject(GONE);
      expect(await exchange(external(byIssuer.issuer))).toMatchObject(BAD_SUBJECT);
      expect(await exchange(external(byKey.issuer))).toMatchObject(BAD_SUBJECT);
      expect(await exchange(external(byMember.issuer))).toMatchObject(BAD_TARGET);
    });

    it('stays over though its issuer is trusted again, or is another by now', async () => {
      const [switched, changed, retimed] = [await trusting(), await trusting(), await trusting()];
      const shared = `https://${newId()}.example`;
      const { admin } = here.world;
      const body = { issuer: shared, audiences: ['tenantry'], tenantClaim: 'org' };
      const open = registration({ ...body, admission: 'anyone', roles: ['viewer'] });
      const realm = await admin.post('/v1/platform/issuers?wait=first-validation', open);
      const platform = `/v1/platform/issuers/${textOf(realm, 'id')}`;
      const tokens = [
        await exchanged(external(switched.issuer)),
        await exchanged(external(shared, { org: switched.tenant.id })),
        await exchanged(external(changed.issuer)),
        await exchanged(external(retimed.issuer)),
      ];
      for (const token of tokens) expect((await me(token)).status).toBe(200);

      for (const path of [switched.path, platform]) {
        answeredWith(200, await admin.post(`${path}/disable`));
        answeredWith(200, await admin.post(`${path}/enable`));
      }
      const change = (path: string, changes: object): Promise<Answer> =>
        send(here.world.api.url, {
          method: 'PATCH',
          path,
          token: admin.token,
          body: changes,
          headers: { 'if-match': '*' },
        });
      answeredWith(200, await change(changed.path, { condition: 'claims.sub == "ada"' }));
      answeredWith(200, await change(retimed.path, { clockSkewSeconds: 9 }));

      expect(await Promise.all(tokens.map(async (token) => (await me(token)).status))).toEqual([
        401, 401, 401, 200,
      ]);
      for (const { issuer } of [switched, changed]) {
        expect((await me(await exchanged(external(issuer)))).status).toBe(200);
      }
    });

    it('is never switched to another tenant once it is ours', async () => {
      const { issuer } = await trusting();
      const other = await trusting();
      const ours = await exchanged(external(issuer));

      const answer = await exchange(ours, { audience: other.tenant.id });

      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    });
  });

  describe('a guest’s token', () => {
    it('opens the one tenant that invited it, when that is named, and one resource there', async () => {
      const { tenant, path: issuers } = await trusting();
      const base = issuers.slice(0, issuers.lastIndexOf('/'));
      const person = await here.person();
      const sponsor = await here.join(tenant, person);
      const issuer = `https://${newId()}.example`;
      const notAfter = new Date(here.clock.now().getTime() + 86_400_000).toISOString();
      const guest = { sponsor, resource: 'workflow/po-1234', subject: 'auditor-*' };
      const body = { issuer, audiences: ['tenantry'], admission: 'anyone', roles: ['viewer'] };
      const { access: root } = await here.tokens(ADMIN_PERSON, { password: ADMIN_PERSON.password });
      const registered = registration({ ...body, notAfter, guest });
      const made = await here.world.bearer(root).post(base, registered);
      const deputy = await here.person();
      const chair = await here.join(tenant, deputy);
      await here.superuser.query(`update members set roles = '{tenant-admin}' where id = $1`, [
        chair,
      ]);
      const { access: chief } = await here.tokens(deputy, { tenant: tenant.id });
      const approve = `${base}/${textOf(made, 'id')}/approve`;
      answeredWith(200, await here.world.bearer(chief).post(approve));
      const auditor = external(issuer, { sub: 'auditor-7' });

      const token = await exchanged(auditor, { audience: tenant.slug });

      expect(await me(token)).toMatchObject({
        json: {
          tenant: { id: tenant.id },
          roles: [],
          grants: [{ resource: 'workflow/po-1234', role: 'viewer' }],
        },
      });
      expect(await exchange(auditor)).toMatchObject(BAD_SUBJECT);
      expect(await exchange(auditor, { audience: (await trusting()).tenant.id })).toMatchObject(
        BAD_SUBJECT,
      );
      const email = `waiting-${newId()}@acme.example`;
      await here.world.addMember(tenant, { email, roles: ['builder'] });
      const posing = external(issuer, { sub: 'auditor-8', email, email_verified: true });
      const { json: poser } = await me(await exchanged(posing, { audience: tenant.id }));
      expect(poser).toMatchObject({ roles: [], grants: [{ role: 'viewer' }] });
      const intruder = external(issuer, { sub: 'intruder' });
      expect(await exchange(intruder, { audience: tenant.id })).toMatchObject(BAD_SUBJECT);
      const forged = external(issuer, { sub: 'auditor-7' }, await newSigningKey('EdDSA'));
      expect(await exchange(forged, { audience: tenant.id })).toMatchObject(BAD_SUBJECT);
    });
  });

  describe('a person', () => {
    it('goes over to another of their tenants, and to no other', async () => {
      const { tenant, ...person } = await here.member();
      const [second, strange] = [await here.world.createTenant(), await here.world.createTenant()];
      await here.join(second, person);
      const { access } = await here.tokens(person, { tenant: tenant.id });

      const answer = await exchange(access, {
        subject_token_type: ACCESS_TOKEN,
        audience: second.slug,
      });

      expect(answer).toMatchObject({ status: 200, json: { issued_token_type: ACCESS_TOKEN } });
      expect(await me(textOf(answer, 'access_token'))).toMatchObject({
        json: { actor: { email: person.email }, tenant: { id: second.id } },
      });
      expect(answer.json).not.toHaveProperty('refresh_token');
      expect((await me(access)).status).toBe(200);
      const refused = await exchange(access, { audience: strange.id });
      expect(refused).toMatchObject(BAD_TARGET);
      for (const audience of [newId(), tenant.id]) {
        expect((await exchange(access, { audience })).text).toBe(refused.text);
      }
      expect(await exchange(access)).toMatchObject({ json: { error: 'invalid_request' } });
      const refusals = (await deedsOf(tenant)).filter((one) => 'reason' in one);
      expect(refusals).toContainEqual(
        expect.objectContaining({ deed: 'access.refused', reason: 'oauth.invalid_target' }),
      );
    });

    it('has a token there that is good for ten minutes, and no longer by going to and fro', async () => {
      const { tenant, ...person } = await here.member();
      const second = await here.world.createTenant();
      await here.join(second, person);
      const { access } = await here.tokens(person, { tenant: tenant.id });
      const endOf = async (token: string): Promise<unknown> => {
        const values = [decodeJwt(token)['sid']];
        const statement = 'select expires_at as "endsAt" from sessions where id = $1::uuid';
        const [row] = await here.superuser.query<{ endsAt: Date }>(statement, values);
        return row?.endsAt.getTime();
      };
      const endsAtMs = here.clock.now().getTime() + 600_000;

      const there = await exchanged(access, { audience: second.id });
      here.clock.advance(60_000);
      const back = await exchange(there, { audience: tenant.id });

      expect(await endOf(there)).toBe(endsAtMs);
      expect(await endOf(textOf(back, 'access_token'))).toBe(endsAtMs);
      expect(back).toMatchObject({ json: { expires_in: expect.closeTo(540, 0) } });
      expect(back.json).not.toHaveProperty('refresh_token');
    });

    it('needs the second factor that the other tenant asks for, and takes it along', async () => {
      const { tenant, ...person } = await here.member();
      const strict = await here.world.createTenant();
      await here.join(strict, person);
      await here.superuser.query('update tenants set requires_second_factor = true where id = $1', [
        strict.id,
      ]);
      const { access: without } = await here.tokens(person, { tenant: tenant.id });
      const factor = await here.secondFactor(person);
      const code = here.codeOf(factor);
      const { access: withCode } = await here.tokens(person, { tenant: tenant.id, code });

      const refused = await exchange(without, { audience: strict.id });
      const letIn = await exchanged(withCode, { audience: strict.id });

      expect(refused.json).not.toHaveProperty('access_token');
      expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
      expect(await me(letIn)).toMatchObject({ status: 200, json: { tenant: { id: strict.id } } });
    });

    it('goes nowhere with a session that has ended, or as a machine', async () => {
      const { tenant, ...person } = await here.member();
      const second = await here.world.createTenant();
      await here.join(second, person);
      const { access, refresh } = await here.tokens(person, { tenant: tenant.id });
      expect((await ask('/oauth/revoke', { token: refresh })).status).toBe(200);
      const machine = await machineOf(tenant, ['viewer']);

      expect(await exchange(access, { audience: second.id })).toMatchObject(BAD_SUBJECT);
      expect(await exchange(machine.token, { audience: second.id })).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      });
      expect(await exchange(here.world.api.adminToken, { audience: second.id })).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      });
    });
  });

  describe('looking into a token', () => {
    const lookInto = (token: string, asker: string): Promise<Answer> =>
      ask('/oauth/introspect', { token }, { authorization: `Bearer ${asker}` });

    it('shows to a service account what its own tenant’s tokens are good for, and no others', async () => {
      const { tenant, issuer } = await trusting();
      const other = await trusting();
      const machine = await machineOf(tenant, ['viewer']);
      const subject = external(issuer);
      const ours = await exchanged(subject);
      const { client_id, jti, sid, sub } = decodeJwt(ours);
      const credentials = { client_id: machine.clientId, client_secret: machine.clientSecret };

      const answer = await ask('/oauth/introspect', { token: ours, ...credentials });

      expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
      expect(answer.json).toEqual({
        active: true,
        iss: 'http://tenantry.test',
        sub,
        actor_id: sub,
        actor_kind: 'external',
        client_id,
        aud: ['http://tenantry.test'],
        token_type: 'Bearer',
        exp: now() + 300,
        iat: now(),
        jti,
        tid: tenant.id,
        tslug: tenant.slug,
        sid,
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
        grants: [],
      });
      expect((await lookInto(ours, machine.token)).json).toEqual(answer.json);
      expect((await lookInto(subject, machine.token)).json).toMatchObject({
        active: true,
        iss: issuer,
        sub: 'ada',
        actor_id: sub,
      });
      const apiKey = await apiKeyOf(machine);
      expect((await lookInto(apiKey, apiKey)).json).toMatchObject({
        active: true,
        actor_kind: 'service',
        tid: tenant.id,
      });
      const foreign = await exchanged(external(other.issuer));
      expect((await lookInto(foreign, machine.token)).json).toEqual(INACTIVE);
      expect((await lookInto(here.world.api.adminToken, machine.token)).json).toEqual(INACTIVE);
    });

    it('makes nobody a member', async () => {
      const { tenant, issuer } = await trusting();
      const engine = await platformToken(['engine']);
      const unseen = external(issuer, { sub: 'never-seen' });

      expect((await lookInto(unseen, engine)).json).toEqual(INACTIVE);

      const members = await here.world.admin.get(`/v1/tenants/${tenant.id}/members`);
      expect(itemsOf(members)).toEqual([]);
    });

    it('says nothing but that of whatever opens nothing', async () => {
      const engine = await platformToken(['engine']);
      const { tenant, issuer } = await trusting();
      const { tenant: home, ...person } = await here.member();
      const { access, refresh } = await here.tokens(person, { tenant: home.id });
      const ofSuspended = await exchanged(external(issuer));
      const machine = await machineOf(tenant, ['viewer']);
      for (const token of [access, ofSuspended, machine.token]) {
        expect((await lookInto(token, engine)).json).toMatchObject({ active: true });
      }
      const path = `/v1/tenants/${tenant.id}/suspend`;
      answeredWith(200, await here.world.admin.post(path, { reason: 'Not paid.' }));
      await here.superuser.query('update tenants set requires_second_factor = true where id = $1', [
        home.id,
      ]);
      const { access: weak } = await here.tokens(person, { tenant: null });
      expect((await lookInto(weak, engine)).json).toMatchObject({ active: true });

      const dead = [
        ofSuspended,
        machine.token,
        refresh,
        'no-token-at-all',
        'tnt_0000',
        'x'.repeat(20_000),
        external('https://nobody.example'),
        `${access.slice(0, -4)}AAAA`,
      ];
      for (const token of dead) {
        const answer = await lookInto(token, engine);
        expect([answer.status, answer.json]).toEqual([200, INACTIVE]);
      }
      expect(await lookInto(access, machine.token)).toMatchObject({ status: 403 });
    });

    it('is for service accounts and engines alone', async () => {
      const { tenant, issuer } = await trusting();
      const { access } = await here.tokens(await here.member());
      const ours = await exchanged(external(issuer));
      const viewer = await platformToken(['platform-viewer']);

      for (const asker of [access, ours, external(issuer), viewer]) {
        expect(await lookInto(ours, asker)).toMatchObject({
          status: 403,
          json: { error: 'access_denied' },
        });
      }
      expect((await lookInto(ours, here.world.api.adminToken)).json).toMatchObject({
        active: true,
        tid: tenant.id,
      });
      expect(await lookInto(ours, 'no-token-at-all')).toMatchObject({
        status: 401,
        json: { error: 'invalid_token' },
      });
      expect(await ask('/oauth/introspect', { token: ours })).toMatchObject({
        status: 401,
        json: { error: 'invalid_client' },
      });
    });
  });

  it('gives a client three hundred tokens a minute, and no more', async () => {
    const { clientId, clientSecret } = await machineOf(await here.world.createTenant(), ['viewer']);
    const successes = here.world.api.app.get(SuccessThrottle);
    const used = Array.from({ length: 298 }, () => successes.count('client', clientId));
    await Promise.all(used);
    const form = { client_id: clientId, client_secret: clientSecret };
    const askFor = (secret = clientSecret): Promise<Answer> =>
      ask('/oauth/token', { grant_type: 'client_credentials', ...form, client_secret: secret });

    expect(await askFor('a guess')).toMatchObject({ status: 401 });
    expect(await askFor()).toMatchObject({ status: 200 });
    expect(await askFor()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
      json: { error: 'temporarily_unavailable' },
    });
  });

  describe('taking a token back', () => {
    const revoke = (token: string): Promise<Answer> => ask('/oauth/revoke', { token });

    it('ends the session of a refresh token, and of an access token only itself', async () => {
      const person = await here.member();
      const { access, refresh } = await here.tokens(person);
      const renewed = await here.refresh(refresh);
      const [next, chain] = [textOf(renewed, 'access_token'), textOf(renewed, 'refresh_token')];
      for (const token of [access, next]) expect((await me(token)).status).toBe(200);

      expect(await revoke(access)).toMatchObject({ status: 200, text: '' });
      expect(await me(access)).toMatchObject(GONE);
      expect((await me(next)).status).toBe(200);

      // The one that was used up will do.
      expect(await revoke(refresh)).toMatchObject({ status: 200, text: '' });
      expect(await me(next)).toMatchObject(GONE);
      expect(await here.refresh(chain)).toMatchObject({ json: { error: 'invalid_grant' } });
      const deeds = (await deedsOf(person.tenant)).map((one) => ('deed' in one ? one.deed : ''));
      expect(deeds).toEqual(expect.arrayContaining(['token.revoked', 'session.ended']));
    });

    it('answers alike for what is unknown, and leaves the rest alone', async () => {
      const { tenant, issuer } = await trusting();
      const machine = await machineOf(tenant, ['viewer']);
      const subject = external(issuer);
      const forged = craftToken({
        header: { alg: 'EdDSA', kid: key.kid, typ: 'at+jwt' },
        payload: Buffer.from(machine.token.split('.')[1] ?? '', 'base64url'),
        key: key.privateKey,
      });

      for (const token of [forged, subject, 'no-token-at-all', 'x'.repeat(20_000)]) {
        expect(await revoke(token)).toMatchObject({ status: 200, text: '' });
      }

      expect((await me(machine.token)).status).toBe(200);
      expect((await me(subject)).status).toBe(200);
      const apiKey = await apiKeyOf(machine);
      expect(await revoke(apiKey)).toMatchObject({
        status: 400,
        json: { error: 'unsupported_token_type' },
      });
      expect((await me(apiKey)).status).toBe(200);
      expect(await revoke('')).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    });
  });
});
