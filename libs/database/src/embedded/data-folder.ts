import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerAccount } from './server-account.js';

const ROOT_HOME = '/var/lib/tenantry';

export const LOCK_FILE = 'lock.json';
export const CREDENTIALS_FILE = 'postgres.json';

/** Makes the data folder, closed to others, and returns its real path. */
export async function openDataFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const folder = await realpath(path);
  const entries = await readdir(folder);
  // A folder that holds other things is left as it is: closing /srv or /tmp would break the machine.
  const isOurs = [LOCK_FILE, CREDENTIALS_FILE].some((file) => entries.includes(file));
  if (isOurs || entries.length === 0) await chmod(folder, 0o700);
  return folder;
}

/**
 * The folder that holds the cluster and its log.
 *
 * As root it is never below the data folder, which is closed to the user postgres and may itself
 * lie below a private home.
 */
export function homeOf(dataFolder: string, account: ServerAccount | null): string {
  if (!account) return dataFolder;
  return join(ROOT_HOME, createHash('sha256').update(dataFolder).digest('hex').slice(0, 16));
}

/** Where root keeps what every data folder shares. */
export async function openSharedFolder(): Promise<string> {
  return openPassage(ROOT_HOME);
}

export async function openHome(dataFolder: string, account: ServerAccount | null): Promise<string> {
  if (!account) return dataFolder;
  await openSharedFolder();
  return openPassage(homeOf(dataFolder, account));
}

/** Others may pass through whatever the umask is; what lies in it is closed by itself. */
async function openPassage(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o711);
  return path;
}

/** Makes the names in a folder survive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
