import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  flawOfValue,
  plainOf,
  type SecretValue,
  valueOf,
  VALUE_BYTES_MAX,
} from './secret-value.js';

const values = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((bytes) => ({ base64: Buffer.from(bytes).toString('base64') })),
);

describe('a value', () => {
  it('comes back as it was, whatever it is', () => {
    fc.assert(
      fc.property(values, (value: SecretValue) => {
        expect(flawOfValue(value)).toBeNull();
        expect(valueOf(plainOf(value))).toEqual(value);
      }),
    );
  });

  it.each([
    ['', 'must not be empty'],
    [{ base64: '' }, 'must not be empty'],
    ['€'.repeat(21_846), `must be at most ${VALUE_BYTES_MAX} bytes`],
    ['\ud800', 'must be well-formed text'],
    [{ base64: 'AA' }, 'must be base64 with its padding'],
    [{ base64: 'AB==' }, 'must be base64 with its padding'],
    [{ base64: 7 }, 'must be a text, or { "base64": "…" }'],
    [{ base64: 'AA==', more: 1 }, 'must be a text, or { "base64": "…" }'],
    [[], 'must be a text, or { "base64": "…" }'],
    [undefined, 'must be a text, or { "base64": "…" }'],
  ])('%j is refused', (value, flaw) => {
    expect(flawOfValue(value)).toBe(flaw);
  });
});
