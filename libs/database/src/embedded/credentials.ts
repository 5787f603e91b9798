import { randomBytes, randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import { syncFolder } from './data-folder.js';
import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import { hasCode } from './system-error.js';

/** The passwords of the embedded server, kept in the data folder for its owner alone. */
export interface Credentials {
  readonly superuserPassword: string;
  readonly password: string;
}

/** `null`: there are none, so this folder never had a server, or was emptied. */
export async function readCredentials(path: string): Promise<Credentials | null> {
  try {
    return parse(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

export async function makeCredentials(path: string): Promise<Credentials> {
  const credentials = { superuserPassword: randomPassword(), password: randomPassword() };
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(credentials));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
  return credentials;
}

function parse(text: string, path: string): Credentials {
  try {
    const { superuserPassword, password } = JSON.parse(text) as Partial<Credentials>;
    if (typeof superuserPassword === 'string' && typeof password === 'string') {
      return { superuserPassword, password };
    }
  } catch {
    // A syntax error quotes the text, and the text holds the passwords.
  }
  throw new EmbeddedPostgresFailed(
    `The file ${path} is damaged. Restore it, or set TENANTRY_DATA_DIR to another folder.`,
  );
}

/** Hexadecimal, so that it stands in a URL and in SQL as it is. */
function randomPassword(): string {
  return randomBytes(24).toString('hex');
}
