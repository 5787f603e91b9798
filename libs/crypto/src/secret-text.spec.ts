import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { KeyedDigest } from './keyed-digest.js';
import { MasterKey } from './master-key.js';
import { isSecretText, newSecretText, type SecretPrefix } from './secret-text.js';

const PREFIXES: readonly SecretPrefix[] = ['tnt_', 'tnr_', 'tni_', 'tnp_', 'tns_', 'tnc_'];
const LENGTH = 40;

const prefixes = fc.constantFrom(...PREFIXES);
const characters = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('0', '1', '9', 'A', 'Z', 'a', 'z', '_', '-') },
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);

function withCharacter(text: string, position: number, character: string): string {
  return text.slice(0, position) + character + text.slice(position + 1);
}

describe('newSecretText', () => {
  it('makes secrets that pass their own check, and no other prefix', () => {
    fc.assert(
      fc.property(prefixes, prefixes, (prefix, other) => {
        const text = newSecretText(prefix);

        expect(text).toMatch(/^tn[tripsc]_[0-9A-Za-z]{36}$/);
        expect(isSecretText(prefix, text)).toBe(true);
        expect(isSecretText(other, text)).toBe(prefix === other);
      }),
    );
  });

  it('uses every letter of its alphabet, and makes no secret twice', () => {
    const texts = Array.from({ length: 500 }, () => newSecretText('tnt_'));

    expect(new Set(texts).size).toBe(500);
    expect(new Set(texts.map((text) => text.slice(4, 34)).join('')).size).toBe(62);
  });
});

describe('isSecretText', () => {
  it('knows a secret that was made elsewhere by the same rule', () => {
    // The CRC-32 of "tnt_" and thirty zeros, as zlib of Python computes it, in base 62.
    expect(isSecretText('tnt_', 'tnt_0000000000000000000000000000002yaFDc')).toBe(true);
  });

  it('refuses a secret of which any one character was changed', () => {
    fc.assert(
      fc.property(
        prefixes,
        fc.integer({ min: 0, max: LENGTH - 1 }),
        characters,
        (prefix, position, character) => {
          const text = newSecretText(prefix);
          fc.pre(text[position] !== character);

          expect(isSecretText(prefix, withCharacter(text, position, character))).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses a secret whose prefix was exchanged for another', () => {
    const text = newSecretText('tnr_');

    expect(isSecretText('tnt_', `tnt_${text.slice(4)}`)).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['the prefix alone', 'tnt_'],
    ['one character too few', newSecretText('tnt_').slice(0, -1)],
    ['one character too many', `${newSecretText('tnt_')}0`],
    ['a line break at the end', `${newSecretText('tnt_')}\n`],
    ['a space before it', ` ${newSecretText('tnt_')}`],
    ['ten million characters', 'tnt_'.padEnd(10_000_000, '0')],
  ])('refuses %s', (_, text) => {
    expect(isSecretText('tnt_', text)).toBe(false);
  });
});

describe('KeyedDigest', () => {
  const masterKey = new MasterKey(Buffer.alloc(32, 1));
  const digests = new KeyedDigest(masterKey, 'api-keys');

  it('matches what it digested, and nothing else', () => {
    const digest = digests.of('tnt_one');

    expect(digest).toHaveLength(32);
    expect(digests.matches('tnt_one', digest)).toBe(true);
    expect(digests.matches('tnt_two', digest)).toBe(false);
    expect(digests.matches('tnt_one', digest.subarray(0, 31))).toBe(false);
    expect(digests.matches('tnt_one', new Uint8Array())).toBe(false);
  });

  it('digests differently for another purpose and under another master key', () => {
    const elsewhere = new KeyedDigest(new MasterKey(Buffer.alloc(32, 2)), 'api-keys');

    expect(new KeyedDigest(masterKey, 'refresh-tokens').of('a')).not.toEqual(digests.of('a'));
    expect(elsewhere.of('a')).not.toEqual(digests.of('a'));
  });
});
