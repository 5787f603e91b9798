import { describe, expect, it } from '@jest/globals';

import { newTotpSecret, totpSecretText, totpStepOf, totpUri } from './totp.js';

/** The secret of RFC 6238, appendix B. */
const SECRET = Buffer.from('12345678901234567890');

function at(seconds: number): Date {
  return new Date(seconds * 1_000);
}

describe('totpStepOf', () => {
  // RFC 6238, appendix B, SHA-1: the last six of its eight digits.
  it.each([
    [59, '287082', 1],
    [1_111_111_109, '081804', 37_037_036],
    [1_111_111_111, '050471', 37_037_037],
    [1_234_567_890, '005924', 41_152_263],
    [2_000_000_000, '279037', 66_666_666],
    [20_000_000_000, '353130', 666_666_666],
  ])('agrees with RFC 6238 at %i s: %s is the code of step %i', (seconds, code, step) => {
    expect(totpStepOf(SECRET, code, at(seconds))).toBe(step);
  });

  it.each([
    ['two steps early', 37_037_035, null],
    ['one step early', 37_037_036, 37_037_037],
    ['in its step', 37_037_037, 37_037_037],
    ['one step late', 37_037_038, 37_037_037],
    ['two steps late', 37_037_039, null],
  ])('names the step of a code that arrives %s', (_, now, step) => {
    expect(totpStepOf(SECRET, '050471', at(now * 30))).toBe(step);
  });

  it('reads a code that is grouped as apps show it', () => {
    expect(totpStepOf(SECRET, ' 050 471 ', at(1_111_111_111))).toBe(37_037_037);
  });

  it.each([
    '',
    '05047',
    '0504711',
    '50471',
    'abcdef',
    '-50471',
    '05047\u0661',
    '050471\n',
    '050472',
  ])('does not take "%s"', (code) => {
    expect(totpStepOf(SECRET, code, at(1_111_111_111))).toBeNull();
  });

  it('does not take the code of another secret', () => {
    expect(totpStepOf(Buffer.from('12345678901234567891'), '050471', at(1_111_111_111))).toBeNull();
  });
});

describe('totpUri', () => {
  it('tells an app the service, the account and the secret, and nothing that apps ignore', () => {
    const uri = new URL(totpUri(SECRET, 'ada+x@example.com'));

    expect(uri.protocol).toBe('otpauth:');
    expect(uri.host).toBe('totp');
    expect(decodeURIComponent(uri.pathname)).toBe('/Tenantry:ada+x@example.com');
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Tenantry',
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(totpSecretText(SECRET)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  });
});

describe('newTotpSecret', () => {
  it('makes 20 bytes, other ones each time', () => {
    expect(newTotpSecret()).toHaveLength(20);
    expect(newTotpSecret()).not.toEqual(newTotpSecret());
  });
});
