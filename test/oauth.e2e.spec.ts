import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';

import { KeyRing } from '../libs/signin/src/keys/key-ring.js';
import { MatrixWorld } from './matrix-world.js';
import { type Answer, textOf } from './send.js';
import { SteppedClock } from './stepped-clock.js';

const CLIENT = 'test-admin';
const SECRET = 'a-secret-for-tests-alone-0123456789';
const GRANT = { grant_type: 'client_credentials' };
const ISSUER = 'http://tenantry.test';

describe('the built-in issuer', () => {
  let world: MatrixWorld;
  const clock = new SteppedClock();

  beforeAll(async () => {
    world = await MatrixWorld.start({ clock });
  });
  afterAll(() => world.close());

  const ask = (
    form: Readonly<Record<string, string>> | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> =>
    world.send({ method: 'POST', path: '/oauth/token', raw: new URLSearchParams(form), headers });
  const get = (path: string): Promise<Answer> => world.send({ method: 'GET', path });
  const basic = (id: string, secret: string): { readonly authorization: string } => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  });

  describe('its token endpoint', () => {
    it.each([
      ['by HTTP Basic', GRANT, basic(CLIENT, SECRET)],
      ['by the form', { ...GRANT, client_id: CLIENT, client_secret: SECRET }, {}],
      ['with parameters that it does not know', { ...GRANT, colour: 'red' }, basic(CLIENT, SECRET)],
    ])('gives a token to a client that authenticates %s', async (_, form, headers) => {
      const answer = await ask(form, headers);

      expect(answer).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
          pragma: 'no-cache',
        },
      });
      expect(answer.json).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 600,
      });
    });

    it('answers a wrong secret and an unknown client alike', async () => {
      const id = { 'x-request-id': 'one-and-the-same' };

      const wrong = await ask(GRANT, { ...basic(CLIENT, 'wrong'), ...id });
      const unknown = await ask(GRANT, { ...basic('nobody', 'wrong'), ...id });

      expect(wrong).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="tenantry"', 'cache-control': 'no-store' },
        json: { error: 'invalid_client' },
      });
      expect({ ...unknown.headers, date: '' }).toEqual({ ...wrong.headers, date: '' });
      expect(unknown.text).toBe(wrong.text);
    });

    it.each([
      ['nothing at all', {}],
      ['another scheme', { authorization: 'Bearer x' }],
      ['no colon', { authorization: `Basic ${Buffer.from('nobody').toString('base64')}` }],
      ['what is no base64', { authorization: 'Basic %%%' }],
      ['a broken escape', basic(CLIENT, '%zz')],
    ])('refuses a client that shows %s', async (_, headers) => {
      expect(await ask(GRANT, headers)).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="tenantry"', 'cache-control': 'no-store' },
        json: { error: 'invalid_client' },
      });
    });

    it.each([
      ['unsupported_grant_type', 'another grant', 'grant_type=password'],
      ['invalid_request', 'no grant', ''],
      ['invalid_request', 'an empty grant', 'grant_type='],
      ['invalid_request', 'a parameter given twice', 'grant_type=a&grant_type=b'],
      [
        'invalid_request',
        'two ways of authenticating',
        `grant_type=client_credentials&client_id=${CLIENT}&client_secret=${SECRET}`,
      ],
    ])('answers %s to %s', async (error, _, form) => {
      const answer = await ask(form, basic(CLIENT, SECRET));

      expect(answer).toMatchObject({
        status: 400,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
        },
      });
      expect(answer.json).toEqual({ error, error_description: expect.stringMatching(/^[ -~]+$/) });
    });

    it.each([
      ['JSON', 'application/json', JSON.stringify(GRANT)],
      ['text', 'text/plain', 'grant_type=client_credentials'],
    ])('takes no %s', async (_, type, raw) => {
      const headers = { ...basic(CLIENT, SECRET), 'content-type': type };

      const answer = await world.send({ method: 'POST', path: '/oauth/token', raw, headers });

      expect(answer).toMatchObject({ status: 415, json: { error: 'invalid_request' } });
    });

    it('replays nothing: a token is new each time', async () => {
      const headers = { ...basic(CLIENT, SECRET), 'idempotency-key': 'one-and-the-same' };

      const tokens = await Promise.all([ask(GRANT, headers), ask(GRANT, headers)]);

      const [one, other] = tokens.map((answer) => textOf(answer, 'access_token'));
      expect(one).not.toBe(other);
    });
  });

  describe('its tokens', () => {
    it('are access tokens by RFC 9068, which its published keys verify', async () => {
      const asked = Math.floor(Date.now() / 1_000);
      const token = textOf(await ask(GRANT, basic(CLIENT, SECRET)), 'access_token');
      const keys = (await get('/.well-known/jwks.json')).json as JSONWebKeySet;

      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys));

      const [{ id }] = (await world.superuser.query<{ id: string }>(
        'select id from platform_service_accounts where client_id = $1',
        [CLIENT],
      )) as [{ id: string }];
      expect(protectedHeader).toEqual({
        typ: 'at+jwt',
        alg: 'EdDSA',
        kid: expect.stringMatching(/^\S+$/),
      });
      expect(payload).toEqual({
        iss: ISSUER,
        aud: ISSUER,
        sub: id,
        client_id: CLIENT,
        roles: ['platform-admin'],
        iat: expect.any(Number),
        exp: (payload.iat ?? 0) + 600,
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      expect(payload.iat).toBeGreaterThanOrEqual(asked);
      expect(payload.iat).toBeLessThanOrEqual(asked + 30);
    });

    it('open the API', async () => {
      const token = textOf(await ask(GRANT, basic(CLIENT, SECRET)), 'access_token');

      const me = await world.send({ method: 'GET', path: '/v1/me', token });

      expect(me).toMatchObject({
        status: 200,
        json: {
          actor: { kind: 'service', issuer: ISSUER },
          tenant: null,
          roles: ['platform-admin'],
        },
      });
    });
  });

  describe('what it publishes', () => {
    it('are public keys, and no part that is secret', async () => {
      const { status, json, headers } = await get('/.well-known/jwks.json');

      const { keys } = json as { readonly keys: readonly object[] };
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('public, max-age=300');
      expect(keys.length).toBeGreaterThanOrEqual(1);
      for (const key of keys) {
        expect(key).toEqual({
          kty: 'OKP',
          crv: 'Ed25519',
          x: expect.stringMatching(/^[\w-]{43}$/),
          kid: expect.any(String),
          alg: 'EdDSA',
          use: 'sig',
        });
      }
      const { kid } = decodeProtectedHeader(world.api.adminToken);
      expect(keys).toContainEqual(expect.objectContaining({ kid }));
    });

    it('is its metadata by RFC 8414', async () => {
      expect((await get('/.well-known/oauth-authorization-server')).json).toEqual({
        issuer: ISSUER,
        token_endpoint: `${ISSUER}/oauth/token`,
        jwks_uri: `${ISSUER}/.well-known/jwks.json`,
        grant_types_supported: [
          'client_credentials',
          'refresh_token',
          'urn:ietf:params:oauth:grant-type:token-exchange',
        ],
        introspection_endpoint: `${ISSUER}/oauth/introspect`,
        introspection_endpoint_auth_methods_supported: [
          'client_secret_basic',
          'client_secret_post',
          'Bearer',
        ],
        revocation_endpoint: `${ISSUER}/oauth/revoke`,
        revocation_endpoint_auth_methods_supported: ['none'],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: [
          'client_secret_basic',
          'client_secret_post',
          'none',
        ],
        token_endpoint_auth_signing_alg_values_supported: ['EdDSA'],
        service_documentation: `${ISSUER}/docs`,
      });
    });
  });

  describe('its signing keys', () => {
    it('follow each other without a gap', async () => {
      const keyIdOf = (token: string): unknown => decodeProtectedHeader(token).kid;
      const aToken = async (): Promise<string> =>
        textOf(await ask(GRANT, basic(CLIENT, SECRET)), 'access_token');
      const opens = async (token: string): Promise<number> =>
        (await world.send({ method: 'GET', path: '/v1/me', token })).status;
      const published = async (): Promise<unknown[]> => {
        const { json } = await get('/.well-known/jwks.json');
        return (json as JSONWebKeySet).keys.map(({ kid }) => kid);
      };
      const ring = world.api.app.get(KeyRing, { strict: false });
      const [first] = await published();

      // A day before its time the next one is published, and does not sign yet.
      clock.advanceSeconds(30 * 86_400 - 300);
      await ring.rotateIfDue();
      const [old, next] = await published();
      const before = await aToken();
      // Its time has come: it signs, and what the old one signed is still good.
      clock.advanceSeconds(360);
      const after = await aToken();

      expect(old).toBe(first);
      expect([keyIdOf(before), keyIdOf(after)]).toEqual([first, next]);
      expect([await opens(before), await opens(after)]).toEqual([200, 200]);
      // Once every token of the old one has expired, it is gone.
      clock.advanceSeconds(3_600);
      await ring.rotateIfDue();
      expect(await published()).toEqual([next]);
    });
  });
});
