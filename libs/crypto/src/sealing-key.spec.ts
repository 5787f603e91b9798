import { inspect } from 'node:util';

import { describe, expect, it } from '@jest/globals';

import { MasterKey } from './master-key.js';
import { Sealer } from './sealer.js';
import { KeyDestroyed, keyIdBytes, SealBroken, SealingKey } from './sealing-key.js';

const UUID = '01980000-0000-7000-8000-000000000001';
const OTHER_UUID = '01980000-0000-7000-8000-000000000002';
const KEY = Buffer.alloc(32, 0x5a);
const SECRET = Buffer.from('hunter2');

const key = new SealingKey(KEY, keyIdBytes(UUID));
const sealed = key.seal(SECRET, 'a');

/** Where a change of a sealed value goes unnoticed. */
function unnoticed(changed: readonly Buffer[]): readonly number[] {
  return [...changed.keys()].filter((index) => {
    try {
      key.open(changed[index] ?? sealed, 'a');
      return true;
    } catch (error) {
      if (error instanceof SealBroken) return false;
      throw error;
    }
  });
}

describe('SealingKey', () => {
  it('opens what it sealed, and a value of no bytes as well', () => {
    expect(key.open(sealed, 'a')).toEqual(SECRET);
    expect(key.open(key.seal(new Uint8Array(), 'a'), 'a')).toHaveLength(0);
    expect(key.seal(SECRET, 'a')).not.toEqual(key.seal(SECRET, 'a'));
  });

  it('names its version and its key in the open, and nothing of the value', () => {
    expect(sealed.subarray(0, 17).toString('hex')).toBe('0201980000000070008000000000000001');
    expect(sealed).toHaveLength(1 + 16 + 12 + 7 + 16);
    expect(sealed.includes(SECRET)).toBe(false);
  });

  it('opens a value of format 1 that was sealed before there was a second', () => {
    const before =
      '01ed63b418f831ccdc8e2ab3ca728e12057ffa57d4b22c0afad9a101333c09b83aadab38b1596c6ec2935b480e29d0b0fc2948db76';
    const sealer = new Sealer(new MasterKey(Buffer.alloc(32, 1)));

    expect(sealer.open(Buffer.from(before, 'hex'), 'signing-key:k1').toString()).toBe(
      'the private half',
    );
  });

  it('refuses a value of which any one bit was flipped', () => {
    const flipped = Array.from({ length: sealed.length * 8 }, (_, bit) => {
      const copy = Buffer.from(sealed);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return copy;
    });

    expect(flipped).toHaveLength(416);
    expect(unnoticed(flipped)).toEqual([]);
  });

  it('refuses a value that was cut anywhere, at its end or its beginning, or made longer', () => {
    const cuts = Array.from({ length: sealed.length }, (_, length) => sealed.subarray(0, length));
    const tails = Array.from({ length: sealed.length }, (_, at) => sealed.subarray(at + 1));
    const longer = [Buffer.concat([sealed, Buffer.of(0)]), Buffer.concat([Buffer.of(2), sealed])];

    expect(unnoticed([...cuts, ...tails, ...longer])).toEqual([]);
  });

  it.each([
    ['another key of the same id', new SealingKey(Buffer.alloc(32, 1), keyIdBytes(UUID))],
    ['the same key under another id', new SealingKey(KEY, keyIdBytes(OTHER_UUID))],
    ['the same key under an id of format 1', new SealingKey(KEY, keyIdBytes(UUID).subarray(0, 8))],
  ])('refuses a value that %s sealed', (_, other) => {
    expect(() => key.open(other.seal(SECRET, 'a'), 'a')).toThrow(SealBroken);
    expect(() => other.open(sealed, 'a')).toThrow(SealBroken);
  });

  it('refuses a value of format 1 that poses as format 2, whatever fits', () => {
    const short = new SealingKey(KEY, keyIdBytes(UUID).subarray(0, 8)).seal(SECRET, 'a');
    const relabelled = Buffer.concat([Buffer.of(2), short.subarray(1)]);
    const withLongId = Buffer.concat([sealed.subarray(0, 17), short.subarray(9)]);

    expect(unnoticed([relabelled, withLongId])).toEqual([]);
  });

  it('refuses a value that was moved to another context', () => {
    for (const context of ['b', '', 'aa', 'A', 'a\0']) {
      expect(() => key.open(sealed, context)).toThrow(SealBroken);
    }
  });

  it('says the same of whatever does not open', () => {
    const shown = [sealed.subarray(1), Buffer.alloc(80), Buffer.from(sealed).fill(0, 40)].map(
      (value) => {
        try {
          return key.open(value, 'a');
        } catch (error) {
          return error instanceof Error ? { text: String(error), cause: error.cause } : error;
        }
      },
    );

    expect(new Set(shown.map((each) => inspect(each)))).toEqual(
      new Set(["{ text: 'SealBroken: The value does not open.', cause: undefined }"]),
    );
  });

  it('neither seals nor opens once it is destroyed: it has no key of zeros', () => {
    const gone = new SealingKey(KEY, keyIdBytes(UUID));
    gone.destroy();
    gone.destroy();

    expect(() => gone.seal(SECRET, 'a')).toThrow(KeyDestroyed);
    expect(() => gone.open(sealed, 'a')).toThrow(KeyDestroyed);
  });

  it('keeps a copy of its own, which nobody sees: neither who made it nor who prints it', () => {
    const given = Buffer.from(KEY);
    const own = new SealingKey(given, keyIdBytes(UUID));
    given.fill(0);

    expect(own.open(sealed, 'a')).toEqual(SECRET);
    own.destroy();
    expect(given).toEqual(Buffer.alloc(32));
    expect(inspect(key, { depth: 10, showHidden: true })).not.toMatch(/Buffer|5a/);
  });

  it.each([
    [31, 16],
    [33, 16],
    [0, 16],
    [32, 0],
    [32, 12],
    [32, 17],
  ])('is not made of %i bytes under an id of %i bytes', (keyBytes, idBytes) => {
    expect(() => new SealingKey(Buffer.alloc(keyBytes), Buffer.alloc(idBytes))).toThrow(/bytes\.$/);
  });
});

describe('keyIdBytes', () => {
  it('has the 16 bytes of a UUID, however it is written', () => {
    const bytes = Buffer.from('0198abcd0000700080000000000000ff', 'hex');

    expect(keyIdBytes('0198abcd-0000-7000-8000-0000000000ff')).toEqual(bytes);
    expect(keyIdBytes('0198ABCD-0000-7000-8000-0000000000FF')).toEqual(bytes);
  });

  it.each(['', 'k1', `${UUID}0`, UUID.replaceAll('-', ''), `${UUID}\n`, UUID.replace('1', 'g')])(
    'refuses %j, which is none',
    (text) => {
      expect(() => keyIdBytes(text)).toThrow('A key id is a UUID.');
    },
  );
});
