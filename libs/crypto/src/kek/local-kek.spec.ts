import { inspect } from 'node:util';

import { describe, expect, it } from '@jest/globals';

import { MasterKey } from '../master-key.js';
import { SealBroken } from '../sealing-key.js';
import type { KeyEncryptionKey } from './kek-provider.js';
import { KeyServiceRefused } from './kek.errors.js';
import { LocalKek } from './local-kek.js';

const ID = '01980000-0000-7000-8000-000000000001';
const OTHER_ID = '01980000-0000-7000-8000-000000000002';
const KEY = Buffer.alloc(32, 0x5a);
const ACME = { tenant: 'acme', key: 'd1' };

const local = new LocalKek(new MasterKey(Buffer.alloc(32, 1)));

async function wrapped(): Promise<{ kek: KeyEncryptionKey; bytes: Buffer }> {
  const kek = await local.create(ID);
  return { kek, bytes: await local.wrap(kek, KEY, ACME) };
}

describe('LocalKek', () => {
  it('unwraps what it wrapped, in whatever order the context stands', async () => {
    const { kek, bytes } = await wrapped();

    expect(await local.unwrap(kek, bytes, { key: 'd1', tenant: 'acme' })).toEqual(KEY);
  });

  it('stores the key sealed, and names it in what it wraps', async () => {
    const { kek, bytes } = await wrapped();

    expect(kek).toEqual({
      id: ID,
      provider: 'local',
      keyName: null,
      // Version, master key id, nonce, 32 bytes, tag.
      material: expect.objectContaining({ length: 1 + 8 + 12 + 32 + 16 }),
    });
    expect(bytes.subarray(0, 17).toString('hex')).toBe('0201980000000070008000000000000001');
    expect(bytes.includes(KEY.subarray(0, 4))).toBe(false);
    expect((await local.create(ID)).material).not.toEqual(kek.material);
  });

  it.each([
    ["another tenant's context", { tenant: 'globex', key: 'd1' }],
    ['a context of fewer words', { tenant: 'acme' }],
    ['a context of more words', { ...ACME, purpose: 'probe' }],
    ['exchanged words', { tenant: 'd1', key: 'acme' }],
    ['words that run together alike', { 'tenant","acme': 'd1' }],
    ['no context', {}],
  ])('refuses a wrapped key that was moved to %s', async (_, context) => {
    const { kek, bytes } = await wrapped();

    await expect(local.unwrap(kek, bytes, context)).rejects.toThrow(SealBroken);
  });

  it('refuses the material of one key under the id of another', async () => {
    const { kek, bytes } = await wrapped();
    const moved = { ...kek, id: OTHER_ID };

    await expect(local.unwrap(moved, bytes, ACME)).rejects.toThrow(SealBroken);
    await expect(local.wrap(moved, KEY, ACME)).rejects.toThrow(SealBroken);
    await expect(local.probe(moved)).rejects.toThrow(KeyServiceRefused);
  });

  it('refuses a wrapped key of another key-encryption key', async () => {
    const { bytes } = await wrapped();

    await expect(local.unwrap(await local.create(OTHER_ID), bytes, ACME)).rejects.toThrow(
      SealBroken,
    );
  });

  it('refuses to use a key under another master key, and says so when it is probed', async () => {
    const { kek, bytes } = await wrapped();
    const elsewhere = new LocalKek(new MasterKey(Buffer.alloc(32, 2)));

    await expect(elsewhere.unwrap(kek, bytes, ACME)).rejects.toThrow(SealBroken);
    await expect(elsewhere.probe(kek)).rejects.toThrow(
      'The master key does not open this key-encryption key.',
    );
    await expect(local.probe(kek)).resolves.toBeUndefined();
    await expect(elsewhere.probe(null)).resolves.toBeUndefined();
  });

  it.each([
    ['a key service holds', { provider: 'aws-kms', keyName: 'arn', material: null }],
    ['has lost its material', { provider: 'local', keyName: null, material: null }],
    ['has another material', { provider: 'local', keyName: null, material: KEY }],
  ] as const)('refuses a key that %s', async (_, stored) => {
    await expect(local.wrap({ id: ID, ...stored }, KEY, ACME)).rejects.toThrow(SealBroken);
  });

  it('wraps keys of 32 bytes alone, under a UUID alone', async () => {
    const { kek } = await wrapped();

    await expect(local.wrap(kek, KEY.subarray(1), ACME)).rejects.toThrow('A data key has 32 bytes');
    await expect(local.create('k1')).rejects.toThrow('A key id is a UUID');
  });

  it('leaves the wrapped key to who gave it, and shows nothing when it is printed', async () => {
    const given = Buffer.from(KEY);
    await local.wrap(await local.create(ID), given, ACME);

    expect(given).toEqual(KEY);
    expect(inspect(local, { depth: 10, showHidden: true })).not.toMatch(/Buffer|Uint8Array/);
  });
});
