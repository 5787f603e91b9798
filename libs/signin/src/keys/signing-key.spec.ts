import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { nextKeyDue, PUBLISHED_AHEAD_MS, type SigningKey, signingKeyAt } from './signing-key.js';

const { publicKey } = generateKeyPairSync('ed25519');
const at = (time: string): Date => new Date(`2026-11-${time}:00:00Z`);
const key = (kid: string, from: string, until: string): SigningKey => ({
  kid,
  publicKey,
  publicJwk: {},
  signsFrom: at(from),
  signsUntil: at(until),
  publishedTill: at(until),
});

describe('signingKeyAt', () => {
  const keys = [key('old', '01T00', '10T00'), key('new', '10T00', '20T00')];

  it.each([
    ['09T23', 'old'],
    ['10T00', 'new'],
    ['19T23', 'new'],
  ])('signs at %s with the %s key', (time, kid) => {
    expect(signingKeyAt(keys, at(time))?.kid).toBe(kid);
  });

  it('has no key past the last one', () => {
    expect(signingKeyAt(keys, at('20T00'))).toBeNull();
  });
});

describe('nextKeyDue', () => {
  const keys = [key('only', '01T00', '20T00')];

  it('is now where there is no key', () => {
    expect(nextKeyDue([], at('05T00'))).toEqual(at('05T00'));
  });

  it('is not yet while the last key lasts', () => {
    expect(nextKeyDue(keys, at('05T00'))).toBeNull();
  });

  it('is the end of the last key once that is near, so that there is no gap', () => {
    const now = new Date(at('20T00').getTime() - PUBLISHED_AHEAD_MS);

    expect(nextKeyDue(keys, now)).toEqual(at('20T00'));
  });

  it('is now where every key has lapsed', () => {
    expect(nextKeyDue(keys, at('25T00'))).toEqual(at('25T00'));
  });
});
