import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JWTPayload,
  jwtVerify,
} from 'jose';

import { IdentityProvider } from './identity-provider.js';
import { type Place, PUBLISHED_SECRET } from './lies.js';
import { type SigningAlgorithm } from './signing-key.js';

const DISCOVERY = '/.well-known/openid-configuration';
const URL_OF: Readonly<Record<Place, string>> = { discovery: DISCOVERY, jwks: '/jwks' };

describe('IdentityProvider', () => {
  let idp: IdentityProvider;

  beforeEach(async () => {
    idp = await IdentityProvider.start({ extraClaims: { region: 'eu' } });
  });

  afterEach(() => idp.close());

  it('publishes discovery and keys at its own address', async () => {
    const discovery = await documentAt(idp, DISCOVERY);
    const jwks = await documentAt(idp, '/jwks');

    expect(discovery).toMatchObject({ issuer: idp.issuer, jwks_uri: idp.jwksUri });
    expect(jwks).toEqual({ keys: [idp.currentKey.publicJwk] });
  });

  it('issues a token that says what was asked for', async () => {
    const token = await idp.token({
      subject: 'alice',
      email: 'alice@example.com',
      name: 'Alice',
      groups: ['admins'],
      hostedDomain: 'example.com',
      audience: ['tenantry', 'other'],
      claims: { department: 'sales' },
      expiresInSeconds: 60,
    });

    const payload = await verified(idp, token);
    expect(payload).toMatchObject({
      iss: idp.issuer,
      sub: 'alice',
      email: 'alice@example.com',
      email_verified: true,
      name: 'Alice',
      groups: ['admins'],
      hd: 'example.com',
      aud: ['tenantry', 'other'],
      department: 'sales',
      region: 'eu',
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: idp.currentKey.kid,
    });
  });

  it('issues a token of another type', async () => {
    const token = await idp.token({ subject: 'alice', type: 'logout+jwt' });

    expect(decodeProtectedHeader(token).typ).toBe('logout+jwt');
  });

  it('issues an expired token', async () => {
    const token = await idp.token({ subject: 'alice', expiresInSeconds: -60 });

    await expect(verified(idp, token)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  });

  it('keeps tokens apart that are asked for at the same time', async () => {
    const subjects = Array.from({ length: 20 }, (_, index) => `subject-${index}`);

    const tokens = await Promise.all(subjects.map((subject) => idp.token({ subject })));

    expect(tokens.map((token) => decodeJwt(token).sub)).toEqual(subjects);
  });

  it('counts who comes, until it is told to forget', async () => {
    await idp.token({ subject: 'alice' });
    await documentAt(idp, DISCOVERY);
    await documentAt(idp, '/jwks');
    await documentAt(idp, '/jwks');
    const hits = idp.hits;
    idp.resetHits();

    expect(hits).toEqual({ discovery: 1, jwks: 2, token: 1, redirected: 0 });
    expect(idp.hits).toEqual({ discovery: 0, jwks: 0, token: 0, redirected: 0 });
  });

  it('signs with a new key after a rotation that keeps the old one', async () => {
    const before = await idp.token({ subject: 'alice' });
    const [oldKid] = idp.kids;
    await idp.rotateKeys({ keepOld: true });
    const after = await idp.token({ subject: 'alice' });

    expect(idp.kids).toEqual([idp.currentKey.kid, oldKid]);
    expect(decodeProtectedHeader(after).kid).toBe(idp.currentKey.kid);
    await expect(verified(idp, before)).resolves.toMatchObject({ sub: 'alice' });
    await expect(verified(idp, after)).resolves.toMatchObject({ sub: 'alice' });
  });

  it('disowns the old key after a rotation that drops it', async () => {
    const before = await idp.token({ subject: 'alice' });
    await idp.rotateKeys({ keepOld: false, algorithm: 'EdDSA' });
    const after = await idp.token({ subject: 'alice' });

    expect(idp.kids).toHaveLength(1);
    await expect(verified(idp, before)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    await expect(verified(idp, after)).resolves.toMatchObject({ sub: 'alice' });
  });

  it('refuses connections while it is down, and comes back at the same address', async () => {
    await idp.goDown();
    const token = await idp.token({ subject: 'alice' });
    const down = await fetch(idp.jwksUri).catch((error: unknown) => error);
    await idp.comeUp();

    expect(down).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await expect(verified(idp, token)).resolves.toMatchObject({ sub: 'alice' });
  });

  it('answers every path with one status until it comes up', async () => {
    idp.respondWith(503);
    const ill = await fetch(idp.issuer + DISCOVERY);
    await idp.comeUp();
    const well = await fetch(idp.issuer + DISCOVERY);

    expect([ill.status, well.status]).toEqual([503, 200]);
  });

  it('hangs until it comes up, and then answers who waited', async () => {
    idp.hang();
    const waiting = fetch(idp.jwksUri);
    const early = await Promise.race([waiting, quickly('nothing yet')]);
    await idp.comeUp();

    expect(early).toBe('nothing yet');
    expect((await waiting).status).toBe(200);
  });

  it('answers late while it is slow', async () => {
    idp.slowDown(60);
    const begin = performance.now();
    await documentAt(idp, '/jwks');

    expect(performance.now() - begin).toBeGreaterThan(50);
  });

  it('closes while somebody waits for an answer', async () => {
    const other = await IdentityProvider.start();
    other.hang();
    const waiting = fetch(other.jwksUri).catch(() => 'cut off');
    await quickly(undefined);
    await other.close();

    expect(await waiting).toBe('cut off');
  });
});

describe('IdentityProvider, lying', () => {
  let idp: IdentityProvider;

  beforeEach(async () => {
    idp = await IdentityProvider.start();
  });

  afterEach(() => idp.close());

  it('names another issuer until it tells the truth again', async () => {
    idp.lie({ kind: 'wrong-issuer', at: 'discovery' });
    const lie = await documentAt(idp, DISCOVERY);
    idp.tellTheTruth();

    expect(lie).toMatchObject({ issuer: 'https://impostor.example', jwks_uri: idp.jwksUri });
    expect(await documentAt(idp, DISCOVERY)).toMatchObject({ issuer: idp.issuer });
  });

  it('sends whoever discovers it to a place of its choice', async () => {
    idp.lie({ kind: 'foreign-jwks-uri', at: 'discovery', jwksUri: 'http://169.254.169.254/' });

    expect(await documentAt(idp, DISCOVERY)).toMatchObject({ jwks_uri: 'http://169.254.169.254/' });
  });

  it('publishes no key, a secret, a weak key, its private key, or garbage', async () => {
    const { kid } = idp.currentKey;
    const keysUnder = async (
      kind: 'no-keys' | 'symmetric-key' | 'weak-rsa-key' | 'private-jwk' | 'garbage-key',
    ): Promise<unknown> => {
      idp.lie({ kind, at: 'jwks' });
      return documentAt(idp, '/jwks');
    };

    expect(await keysUnder('no-keys')).toEqual({ keys: [] });
    expect(await keysUnder('symmetric-key')).toMatchObject({
      keys: [{ kty: 'oct', kid, k: PUBLISHED_SECRET.toString('base64url') }],
    });
    expect(await keysUnder('weak-rsa-key')).toEqual({ keys: [idp.weakKey.publicJwk] });
    expect(await keysUnder('private-jwk')).toEqual({ keys: [idp.currentKey.privateJwk] });
    expect(await keysUnder('garbage-key')).toMatchObject({
      keys: [{ n: '*not base64*' }, {}, null, 'a key'],
    });
  });

  it('leaves the place of its keys out of discovery', async () => {
    idp.lie({ kind: 'no-keys', at: 'discovery' });

    expect(await documentAt(idp, DISCOVERY)).not.toHaveProperty('jwks_uri');
  });

  it.each(['discovery', 'jwks'] as const)('redirects from %s to the truth', async (at) => {
    idp.lie({ kind: 'redirect', at });
    const refused = await fetch(idp.issuer + URL_OF[at], { redirect: 'manual' });
    const followed = await fetch(idp.issuer + URL_OF[at]);

    expect(refused.status).toBe(302);
    expect(followed.status).toBe(200);
    expect(idp.hits).toMatchObject({ [at]: 2, redirected: 1 });
  });

  it.each(['discovery', 'jwks'] as const)(
    'answers %s with something that is not JSON',
    async (at) => {
      idp.lie({ kind: 'not-json', at });

      await expect(documentAt(idp, URL_OF[at])).rejects.toThrow('is not valid JSON');
    },
  );

  it.each([
    ['huge-body', 8_000_000],
    ['gzip-bomb', 32_000_000],
  ] as const)('answers with a %s that is true', async (kind, bytes) => {
    idp.lie({ kind, at: 'jwks' });
    const body = await (await fetch(idp.jwksUri)).text();

    expect(body.length).toBeGreaterThan(bytes);
    expect(JSON.parse(body)).toEqual({ keys: [idp.currentKey.publicJwk] });
  });

  it('drips, without an end', async () => {
    idp.lie({ kind: 'drip', at: 'jwks' });
    const { body, status } = await fetch(idp.jwksUri);
    const reader = body?.getReader();
    const first = await reader?.read();
    const second = await reader?.read();
    await reader?.cancel();

    expect(status).toBe(200);
    expect([first?.done, second?.done]).toEqual([false, false]);
  });

  it('hangs at one document and serves the other', async () => {
    idp.lie({ kind: 'hang', at: 'jwks' });
    const stop = new AbortController();
    const waiting = fetch(idp.jwksUri, { signal: stop.signal }).catch(() => 'given up');
    await documentAt(idp, DISCOVERY);
    const early = await Promise.race([waiting, quickly('nothing yet')]);
    stop.abort();

    expect(early).toBe('nothing yet');
    expect(await waiting).toBe('given up');
  });
});

describe('IdentityProvider, by algorithm', () => {
  const algorithms: readonly SigningAlgorithm[] = [
    ...(['RS256', 'PS256', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const),
  ];

  it.each(algorithms)('signs with %s', async (algorithm) => {
    const idp = await IdentityProvider.start({ algorithm, alsoPublishes: ['ES256'] });

    const token = await idp.token({ subject: 'alice' });

    expect(decodeProtectedHeader(token)).toMatchObject({ alg: algorithm, kid: idp.kids[0] });
    await expect(verified(idp, token)).resolves.toMatchObject({ sub: 'alice' });
    await idp.close();
  });
});

async function documentAt(idp: IdentityProvider, path: string): Promise<unknown> {
  const response = await fetch(idp.issuer + path);
  return response.json();
}

async function verified(idp: IdentityProvider, token: string): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(idp.jwksUri));
  const { payload } = await jwtVerify(token, keys, { issuer: idp.issuer, audience: 'tenantry' });
  return payload;
}

function quickly<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => {
    setTimeout(resolve, 40, value);
  });
}
