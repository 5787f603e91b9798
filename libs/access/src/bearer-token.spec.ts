import { describe, expect, it } from '@jest/globals';

import { craftToken } from '@tenantry/testing';
import { TokenMissing } from './access.errors.js';
import { bearerTokenOf, fingerprintOf, readUnverified } from './bearer-token.js';

const MALFORMED = expect.objectContaining({ code: 'access.token_invalid', fault: 'malformed' });

describe('bearerTokenOf', () => {
  it.each(['Bearer abc.def.ghi', 'bearer abc.def.ghi', 'BEARER   abc.def.ghi  '])(
    'finds the token in %j',
    (header) => {
      expect(bearerTokenOf(header)).toBe('abc.def.ghi');
    },
  );

  it.each([undefined, '', 'Basic YTpi', 'abc.def.ghi', 'Bearerabc.def.ghi', 'Bearer\tabc.def.ghi'])(
    'misses a token in %j',
    (header) => {
      expect(() => bearerTokenOf(header)).toThrow(new TokenMissing());
    },
  );

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a.b.c, Bearer d.e.f'])(
    'does not guess which token %j means',
    (header) => {
      expect(() => bearerTokenOf(header)).toThrow(MALFORMED);
    },
  );

  it('refuses a token that is longer than any honest one', () => {
    expect(bearerTokenOf(`Bearer ${'a'.repeat(16_384)}`)).toHaveLength(16_384);
    expect(() => bearerTokenOf(`Bearer ${'a'.repeat(16_385)}`)).toThrow(MALFORMED);
  });
});

describe('readUnverified', () => {
  it('tells header and claims, whatever the signature is', () => {
    const token = craftToken({
      header: { alg: 'ES256', kid: 'k1' },
      payload: { iss: 'https://idp.example.com', sub: 'ada' },
      signature: 'c2lnbmF0dXJl',
    });

    expect(readUnverified(token)).toEqual({
      header: { alg: 'ES256', kid: 'k1' },
      claims: { iss: 'https://idp.example.com', sub: 'ada' },
    });
  });

  it.each([
    ['two parts', 'e30.e30'],
    ['no signature', craftToken({ header: { alg: 'none' }, payload: {} })],
    ['five parts, as of an encrypted token', 'e30.e30.e30.e30.e30'],
    ['padding', 'e30=.e30=.e30='],
    ['a header that is no JSON', craftToken({ header: '{', payload: {}, signature: 'YQ' })],
    ['a header that is a list', craftToken({ header: '[]', payload: {}, signature: 'YQ' })],
    ['claims that are no JSON', craftToken({ header: {}, payload: '{', signature: 'YQ' })],
    ['claims that are an array', craftToken({ header: {}, payload: '[]', signature: 'YQ' })],
    ['claims that are null', craftToken({ header: {}, payload: 'null', signature: 'YQ' })],
  ])('refuses %s', (_, token) => {
    expect(() => readUnverified(token)).toThrow(MALFORMED);
  });
});

describe('fingerprintOf', () => {
  it('is the SHA-256 of the token, and never the token', () => {
    expect(fingerprintOf('abc')).toBe('ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=');
  });
});
