import { inspect } from 'node:util';

import { describe, expect, it } from '@jest/globals';

import { CommonPasswords } from './common-passwords.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordRefused } from './passwords.errors.js';

const policy = new PasswordPolicy(new CommonPasswords());
const ADA = { email: 'Ada.Lovelace+signup@Example.com', pointer: '/password' };

function refusalOf(password: string, owner = ADA): PasswordRefused | null {
  try {
    policy.check(password, owner);
    return null;
  } catch (error) {
    if (error instanceof PasswordRefused) return error;
    throw error;
  }
}

/** What the refusal says, or null where the password may be set. */
function adviceOn(password: string, owner = ADA): string | null {
  return refusalOf(password, owner)?.errors[0]?.message ?? null;
}

describe('PasswordPolicy', () => {
  it.each([
    ['words in lower case alone', 'correct horse battery staple'],
    ['twelve characters of a generator', 'kV7#qTz9!mRb'],
    ['letters of another script', 'наводнение-огурец-штык'],
    ['twelve characters outside the basic plane', '😀🚲🌵🎻🧊🪁🦉🍋🚀🧵🐙🎲'],
    ['a common word with many random digits', 'monkey 940275386'],
    ['a long piece twice', 'kV7#qTz9!mRbkV7#qTz9!mRb'],
    ['256 characters', 'kV7#qTz9!mRbw2Lx'.repeat(16)],
    ['the common name of the host', 'the example of glue'],
  ])('lets %s be set', (_, password) => {
    expect(adviceOn(password)).toBeNull();
  });

  it.each([
    ['eleven characters', 'kV7#qTz9!mR'],
    ['eleven of two code units each', '😀🚲🌵🎻🧊🪁🦉🍋🚀🧵🐙'],
    ['one character that becomes eighteen', '\ufdfa'],
    ['twelve code points that become six', 'a\u0301e\u0301i\u0301o\u0301u\u0301y\u0301'],
  ])('refuses %s as too short', (_, password) => {
    expect(adviceOn(password)).toBe('must have at least 12 characters');
  });

  it.each([
    ['257 characters', `${'kV7#qTz9!mRbw2Lx'.repeat(16)}0`],
    ['fifteen that become 270', '\ufdfa'.repeat(15)],
  ])('refuses %s as too long', (_, password) => {
    expect(adviceOn(password)).toBe('must have at most 256 characters');
  });

  it.each([
    'needforspeed',
    'COUNTERSTRIKE',
    'ｎｅｅｄｆｏｒｓｐｅｅｄ',
    '1qaz2wsx3edc',
    'leavemealone!!',
    'password2024',
    'P@ssw0rd2024!',
    '1q2w3e4r!!!!',
    '***monkey***',
    '2024 iloveyou',
    'Trustno1 2026',
  ])('refuses %s, which is on the list or dressed up', (password) => {
    expect(adviceOn(password)).toMatch(/^is among the passwords that attackers try first/);
  });

  it.each(['aaaaaaaaaaaa', 'abcabcabcabc', 'zx81!zx81!zx8', 'vogelfreivogelfrei'])(
    'refuses %s, which repeats a piece shorter than a password',
    (password) => {
      expect(adviceOn(password)).toMatch(/^repeats a short piece/);
    },
  );

  it.each([
    'abcdefghijkl',
    '890123456789',
    '210987654321',
    'QWERTYasdfgh',
    'aaaabbbbcccc',
    'lkjhgf654321',
  ])('refuses %s, which is typed in a few runs', (password) => {
    expect(adviceOn(password)).toMatch(/^is a row of/);
  });

  it.each([
    'ada.lovelace+signup@example.com',
    'my ADA.Lovelace rocks',
    'x9 ada.lovelace+signup',
    'ａｄａ.lovelace 93',
  ])('refuses %s, which holds the address or its name', (password) => {
    expect(adviceOn(password)).toMatch(/^must contain neither the e-mail address/);
  });

  it('does not mind a short name of an address', () => {
    expect(
      adviceOn('royal canal boat', { email: 'al@example.com', pointer: '/password' }),
    ).toBeNull();
  });

  it('refuses the name of the service', () => {
    expect(adviceOn('my Tenantry login')).toMatch(/^must not contain the name of this service/);
  });

  it('points at the field that the caller named, and never repeats the password', () => {
    const refusal = refusalOf('needforspeed', { ...ADA, pointer: '/newPassword' });

    expect(refusal).toMatchObject({
      code: 'signin.password_refused',
      kind: 'invalid',
      message: 'Choose another password: errors says why.',
      errors: [
        {
          pointer: '/newPassword',
          message:
            'is among the passwords that attackers try first, with or without numbers around it: use several unrelated words instead',
        },
      ],
    });
    expect(inspect(refusal)).not.toContain('needforspeed');
  });
});

describe('CommonPasswords', () => {
  it('holds the entries of its source that a password can be built around, folded', () => {
    const common = new CommonPasswords();
    const asked = [
      '!qaz2wsx',
      'letmein',
      'counterstrike',
      'zzzzzzz1',
      'Letmein',
      'abc',
      '12345',
      '',
    ];

    expect(asked.filter((password) => common.has(password))).toEqual([
      '!qaz2wsx',
      'letmein',
      'counterstrike',
      'zzzzzzz1',
    ]);
  });
});
