import { describe, expect, it } from '@jest/globals';

import { MasterKey } from '@tenantry/crypto';
import { RecoveryCodes } from './recovery-codes.js';

const codes = new RecoveryCodes(new MasterKey(Buffer.alloc(32, 1)));
const GROUPED = /^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/;

describe('RecoveryCodes', () => {
  it('makes ten different codes, grouped for reading, of every letter of its alphabet', () => {
    const sets = Array.from({ length: 20 }, () => codes.generate());

    expect(sets[0]).toHaveLength(10);
    expect(new Set(sets.flat()).size).toBe(200);
    expect(sets.flat().filter((code) => !GROUPED.test(code))).toEqual([]);
    expect(new Set(sets.flat().join('').replaceAll('-', '')).size).toBe(32);
  });

  it('digests each of its codes, each differently', () => {
    const digests = codes.generate().map((code) => codes.digest(code)?.toString('hex'));

    expect(new Set(digests).size).toBe(10);
    expect(digests).toEqual(Array(10).fill(expect.stringMatching(/^[0-9a-f]{64}$/)));
  });

  it.each([
    'A0B1-C2D3-E4F5-G6H7',
    'a0b1-c2d3-e4f5-g6h7',
    'A0B1C2D3E4F5G6H7',
    ' a0b1 c2d3 e4f5 g6h7\n',
    'AOBI-C2D3-E4F5-G6H7',
    'aobl-c2d3-e4f5-g6h7',
  ])('reads "%s" as the same code', (written) => {
    expect(codes.digest(written)).toEqual(codes.digest('A0B1C2D3E4F5G6H7'));
    expect(codes.digest(written)).toHaveLength(32);
  });

  it.each([
    ['nothing', ''],
    ['a code cut short', 'A0B1-C2D3-E4F5-G6H'],
    ['a code with one letter more', 'A0B1-C2D3-E4F5-G6H78'],
    ['a letter that is in no code', 'U0B1-C2D3-E4F5-G6H7'],
    ['a letter of another script', 'А0B1-C2D3-E4F5-G6H7'],
    ['a very long text', `A0B1C2D3E4F5G6H7${'-'.repeat(1_000_000)}`],
  ])('takes %s for no code', (_, written) => {
    expect(codes.digest(written)).toBeNull();
  });

  it('digests under a key of the master key: a table alone cannot be searched', () => {
    const elsewhere = new RecoveryCodes(new MasterKey(Buffer.alloc(32, 2)));

    expect(elsewhere.digest('A0B1C2D3E4F5G6H7')).not.toEqual(codes.digest('A0B1C2D3E4F5G6H7'));
  });
});
