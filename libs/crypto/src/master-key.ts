import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;
const FILE = 'master.key';
const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=?$/;

/** The master key's file does not hold a key. The message is for the operator. */
export class MasterKeyUnreadable extends Error {
  override readonly name = 'MasterKeyUnreadable';
}

/** The one secret that the database does not hold; every other key is derived from it. */
export class MasterKey {
  // Private, so that no logger and no inspection ever prints it.
  readonly #secret: Buffer;
  /** Names the key without telling anything of it. */
  readonly id: Buffer;

  constructor(secret: Buffer) {
    if (secret.length !== KEY_BYTES)
      throw new MasterKeyUnreadable('The master key is not 32 bytes.');
    this.#secret = secret;
    this.id = createHash('sha256')
      .update('tenantry-master-key-id')
      .update(secret)
      .digest()
      .subarray(0, KEY_ID_BYTES);
  }

  /** A key of 32 bytes for one purpose (HKDF, RFC 5869): learning one tells nothing of another. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, '', `tenantry/${purpose}`, KEY_BYTES));
  }
}

/** The key of the data directory, made on first use with mode 0600: for development. */
export async function masterKeyOfDirectory(dataDir: string): Promise<MasterKey> {
  const path = join(dataDir, FILE);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  try {
    // Exclusive: two processes that start at once must not each make a key.
    await writeFile(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64');
  if (secret.length !== KEY_BYTES) {
    throw new MasterKeyUnreadable(
      `${FILE} in TENANTRY_DATA_DIR does not hold a key of 32 bytes. Restore it, or set TENANTRY_MASTER_KEY.`,
    );
  }
  return new MasterKey(secret);
}

/** The key of a file that somebody else provides, as TENANTRY_MASTER_KEY_FILE names it: never made here. */
export async function masterKeyOfFile(path: string): Promise<MasterKey> {
  const text = (await read(path)).trim();
  if (!BASE64_OF_32_BYTES.test(text)) {
    throw new MasterKeyUnreadable(
      'The file that TENANTRY_MASTER_KEY_FILE names does not hold a key of 32 bytes in base64. Restore it, or name another.',
    );
  }
  return new MasterKey(Buffer.from(text, 'base64'));
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new MasterKeyUnreadable(
      `The file that TENANTRY_MASTER_KEY_FILE names cannot be read (${code ?? 'no code'}).`,
    );
  }
}
