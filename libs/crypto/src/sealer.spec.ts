import { describe, expect, it } from '@jest/globals';

import { MasterKey } from './master-key.js';
import { Sealer } from './sealer.js';
import { SealBroken } from './sealing-key.js';

const sealer = new Sealer(new MasterKey(Buffer.alloc(32, 1)));
const secret = Buffer.from('the private half');

describe('Sealer', () => {
  it('opens what it sealed', () => {
    expect(sealer.open(sealer.seal(secret, 'signing-key:k1'), 'signing-key:k1')).toEqual(secret);
  });

  it('seals the same value differently each time', () => {
    expect(sealer.seal(secret, 'a')).not.toEqual(sealer.seal(secret, 'a'));
  });

  it('refuses a value that was moved to another place', () => {
    const sealed = sealer.seal(secret, 'signing-key:k1');

    expect(() => sealer.open(sealed, 'signing-key:k2')).toThrow(SealBroken);
  });

  it('refuses a value of another master key', () => {
    const other = new Sealer(new MasterKey(Buffer.alloc(32, 2)));

    expect(() => other.open(sealer.seal(secret, 'a'), 'a')).toThrow(SealBroken);
  });

  it.each([0, 1, 9, 20, 25, -1, -17])('refuses a value whose byte %i was flipped', (position) => {
    const sealed = sealer.seal(secret, 'a');
    const index = position < 0 ? sealed.length + position : position;
    sealed[index] = (sealed[index] ?? 0) ^ 1;

    expect(() => sealer.open(sealed, 'a')).toThrow(SealBroken);
  });

  it.each([0, 8, 36])('refuses a value cut to %i bytes', (length) => {
    expect(() => sealer.open(sealer.seal(secret, 'a').subarray(0, length), 'a')).toThrow(
      SealBroken,
    );
  });
});

describe('MasterKey', () => {
  it('derives a different key for each purpose', () => {
    const key = new MasterKey(Buffer.alloc(32, 1));

    expect(key.derive('cursor')).not.toEqual(key.derive('sealing'));
    expect(key.derive('cursor')).toEqual(key.derive('cursor'));
  });

  it('shows nothing of itself when it is printed', () => {
    const key = new MasterKey(Buffer.alloc(32, 0x41));

    expect(JSON.stringify(key)).not.toContain('QUFB');
  });
});
