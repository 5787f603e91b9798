import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { MasterKey, masterKeyOfFile, MasterKeyUnreadable } from './master-key.js';

const KEY = Buffer.alloc(32, 1).toString('base64');

let directory: string;

async function fileWith(text: string): Promise<string> {
  const path = join(directory, 'key');
  await writeFile(path, text);
  return path;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenantry-master-key-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe('masterKeyOfFile', () => {
  it.each([
    ['as it is', KEY],
    ['with a line break, as editors and secrets of Kubernetes have it', `${KEY}\n`],
    ['without padding', KEY.slice(0, -1)],
  ])('reads a key %s', async (_, text) => {
    const key = await masterKeyOfFile(await fileWith(text));

    expect(key.id).toEqual(new MasterKey(Buffer.alloc(32, 1)).id);
  });

  it.each([
    ['nothing', ''],
    ['31 bytes', Buffer.alloc(31, 1).toString('base64')],
    ['33 bytes', Buffer.alloc(33, 1).toString('base64')],
    ['hexadecimal', Buffer.alloc(32, 1).toString('hex')],
    ['two keys', `${KEY}\n${KEY}`],
    ['what is no base64, but as long', KEY.replace('A', '-')],
    ['raw bytes', 'Z'.repeat(32)],
  ])('refuses a file that holds %s, and shows none of it', async (_, text) => {
    const error = await masterKeyOfFile(await fileWith(text)).catch((reason: unknown) => reason);

    expect(error).toEqual(
      new MasterKeyUnreadable(
        'The file that TENANTRY_MASTER_KEY_FILE names does not hold a key of 32 bytes in base64. Restore it, or name another.',
      ),
    );
  });

  it('makes no key where there is none', async () => {
    const missing = join(directory, 'missing');

    for (const [path, code] of [
      [missing, 'ENOENT'],
      [missing, 'ENOENT'],
      [directory, 'EISDIR'],
    ] as const) {
      await expect(masterKeyOfFile(path)).rejects.toThrow(
        `The file that TENANTRY_MASTER_KEY_FILE names cannot be read (${code}).`,
      );
    }
  });
});
