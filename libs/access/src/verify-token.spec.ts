import { beforeAll, describe, expect, it } from '@jest/globals';

import { craftToken, newSigningKey, type SigningKey, TestClock } from '@tenantry/testing';
import type { TrustRules } from './issuer-directory.js';
import { type Trust, verifyToken } from './verify-token.js';

const ISSUER = 'https://idp.example.com';
const NOW = '2026-01-01T00:00:00.000Z';
const NOW_SECONDS = Date.parse(NOW) / 1_000;

describe('verifyToken', () => {
  let signingKey: SigningKey;
  let strangersKey: SigningKey;

  beforeAll(async () => {
    [signingKey, strangersKey] = await Promise.all([
      newSigningKey('ES256'),
      newSigningKey('ES256'),
    ]);
  });

  function trust(rules: Partial<TrustRules> = {}, algorithms = ['ES256']): Trust {
    return {
      clock: new TestClock(NOW),
      key: {
        kid: signingKey.kid,
        thumbprint: signingKey.kid,
        key: signingKey.publicKey,
        algorithms,
        trustedUntil: null,
      },
      issuer: {
        id: 'i1',
        tenancy: { kind: 'owner', tenantId: 't1' },
        rules: {
          issuer: ISSUER,
          issuerAliases: [],
          condition: null,
          audiences: ['tenantry', 'tenantry-old'],
          clockSkewSeconds: 30,
          maxTokenAgeSeconds: null,
          notAfter: null,
          ...rules,
        },
        claimNames: { subject: 'sub', email: 'email', name: 'name', groups: 'groups' },
        admission: { admission: 'anyone', roles: [], roleMapping: [], resource: null },
        keyFor: () => Promise.resolve(null),
      },
    };
  }

  function aToken(
    claims: Readonly<Record<string, unknown>> = {},
    header: Readonly<Record<string, unknown>> = {},
    key = signingKey.privateKey,
  ): string {
    return craftToken({
      header: { alg: 'ES256', ...header },
      payload: {
        iss: ISSUER,
        aud: 'tenantry',
        sub: 'ada',
        iat: NOW_SECONDS - 60,
        exp: NOW_SECONDS + 300,
        ...claims,
      },
      key,
    });
  }

  it('believes a token that its issuer signed for us', async () => {
    await expect(verifyToken(aToken(), trust())).resolves.toMatchObject({
      subject: 'ada',
      claims: { iss: ISSUER, aud: 'tenantry', exp: NOW_SECONDS + 300 },
    });
  });

  it.each([
    ['one of several audiences is ours', { aud: ['other', 'tenantry-old'] }],
    ['it expired within the skew', { exp: NOW_SECONDS - 29 }],
    ['it begins within the skew', { nbf: NOW_SECONDS + 29, iat: NOW_SECONDS + 29 }],
    ['it does not say when it was issued', { iat: undefined }],
    ['its subject is as long as one may be', { sub: 's'.repeat(255) }],
  ])('believes a token where %s', async (_, claims) => {
    await expect(verifyToken(aToken(claims), trust())).resolves.toMatchObject({ key: {} });
  });

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])(
    'believes the type %j',
    async (typ) => {
      await expect(verifyToken(aToken({}, { typ }), trust())).resolves.toMatchObject({ key: {} });
    },
  );

  it.each([
    ['bad_claims', 'another issuer', { iss: `${ISSUER}/` }],
    ['bad_claims', 'no issuer', { iss: undefined }],
    ['bad_audience', 'another audience', { aud: 'other' }],
    ['bad_audience', 'no audience', { aud: undefined }],
    ['bad_audience', 'an empty list of audiences', { aud: [] }],
    ['bad_audience', 'a list that is not of names alone', { aud: ['tenantry', 1] }],
    ['expired', 'an end beyond the skew', { exp: NOW_SECONDS - 31 }],
    ['bad_claims', 'no end', { exp: undefined }],
    ['bad_claims', 'an end that is no number', { exp: '9999999999' }],
    ['not_yet_valid', 'a beginning beyond the skew', { nbf: NOW_SECONDS + 31 }],
    ['not_yet_valid', 'an issue in the future', { iat: NOW_SECONDS + 31 }],
    ['bad_subject', 'no subject', { sub: undefined }],
    ['bad_subject', 'an empty subject', { sub: '' }],
    ['bad_subject', 'a subject that is too long', { sub: 's'.repeat(256) }],
    ['bad_subject', 'a subject that no database stores', { sub: 'ada\0' }],
  ])('refuses as %s a token with %s', async (fault, _, claims) => {
    await expect(verifyToken(aToken(claims), trust())).rejects.toMatchObject({
      code: 'access.token_invalid',
      message: 'The bearer token is not valid here.',
      fault,
    });
  });

  it.each([
    ['bad_type', 'another purpose', { typ: 'secevent+jwt' }],
    ['bad_algorithm', 'an algorithm that the key is not for', { alg: 'ES384' }],
    ['bad_algorithm', 'no signature by its own words', { alg: 'none' }],
    ['malformed', 'a critical header that nobody knows', { crit: ['exp2'], exp2: 1 }],
  ])('refuses as %s a token with %s', async (fault, _, header) => {
    await expect(verifyToken(aToken({}, header), trust())).rejects.toMatchObject({ fault });
  });

  it('refuses a token that another key signed', async () => {
    const forged = aToken({}, {}, strangersKey.privateKey);

    await expect(verifyToken(forged, trust())).rejects.toMatchObject({ fault: 'bad_signature' });
  });

  it('refuses what the registration no longer lets the key sign with', async () => {
    await expect(verifyToken(aToken(), trust({}, ['ES384']))).rejects.toMatchObject({
      fault: 'bad_algorithm',
    });
  });

  it('ends the trust at the moment that the registration names', async () => {
    const justBefore = trust({ notAfter: new Date(Date.parse(NOW) + 1) });
    const then = trust({ notAfter: new Date(NOW) });

    await expect(verifyToken(aToken(), justBefore)).resolves.toMatchObject({ subject: 'ada' });
    await expect(verifyToken(aToken(), then)).rejects.toMatchObject({ fault: 'issuer_expired' });
  });

  it('holds a token to the age that the registration allows', async () => {
    const rules = { maxTokenAgeSeconds: 60 };

    await expect(
      verifyToken(aToken({ iat: NOW_SECONDS - 90 }), trust(rules)),
    ).resolves.toMatchObject({ subject: 'ada' });
    await expect(
      verifyToken(aToken({ iat: NOW_SECONDS - 91 }), trust(rules)),
    ).rejects.toMatchObject({ fault: 'too_old' });
    await expect(verifyToken(aToken({ iat: undefined }), trust(rules))).rejects.toMatchObject({
      fault: 'too_old',
    });
  });

  it('takes the subject from the claim that the registration names, and never from a prototype', async () => {
    const own = trust();
    const named = (subject: string): Trust => ({
      ...own,
      issuer: { ...own.issuer, claimNames: { ...own.issuer.claimNames, subject } },
    });

    await expect(verifyToken(aToken({ oid: 'o1' }), named('oid'))).resolves.toMatchObject({
      subject: 'o1',
    });
    await expect(verifyToken(aToken(), named('toString'))).rejects.toMatchObject({
      fault: 'bad_subject',
    });
  });
});
