import { chmod, cp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { DataLock } from './data-lock.js';
import { openSharedFolder } from './data-folder.js';
import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import { installedPrograms, Programs } from './programs.js';
import { runProgram } from './run-program.js';
import type { ServerAccount } from './server-account.js';
import { textOf } from './system-error.js';

const COPY_WAIT_MS = 60_000;

/** Programs that the server's account can run: the installed ones, or a copy that it can reach. */
export async function programsFor(
  account: ServerAccount | null,
  log: (line: string) => void,
): Promise<Programs> {
  const installed = await installedPrograms();
  if (!account || (await refusalToRun(installed, account)) === null) return installed;

  const copy = await copyOf(installed, log);
  const refusal = await refusalToRun(copy, account);
  if (refusal === null) return copy;
  throw new EmbeddedPostgresFailed(
    `PostgreSQL cannot be run as the user postgres (${refusal}): run Tenantry as an ordinary user, or set DATABASE_URL.`,
  );
}

/** Trying tells more than permission bits would: access lists, mount options and namespaces count too. */
async function refusalToRun(programs: Programs, account: ServerAccount): Promise<string | null> {
  try {
    await runProgram(programs.postgres, ['--version'], account);
    await runProgram(programs.initdb, ['--version'], account);
    return null;
  } catch (error) {
    return textOf(error, 'code') ?? 'its programs do not start';
  }
}

async function copyOf(installed: Programs, log: (line: string) => void): Promise<Programs> {
  const shared = await openSharedFolder();
  const copy = new Programs(join(shared, installed.name), installed.name);
  const lock = await DataLock.take(
    `${copy.folder}.lock`,
    COPY_WAIT_MS,
    (holder) => `${copy.folder} is still being copied by another instance (process ${holder}).`,
  );
  try {
    if (await isThere(copy.folder)) return copy;
    // What an interrupted copy left behind goes first.
    const draft = `${copy.folder}.partial`;
    await rm(draft, { recursive: true, force: true });
    await cp(installed.folder, draft, { recursive: true, verbatimSymlinks: true });
    await openToAll(draft);
    await rename(draft, copy.folder);
    log(`Copied PostgreSQL to ${copy.folder}, where the user postgres can reach it.`);
    return copy;
  } finally {
    await lock.release();
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Root may have installed with a umask that closes everything to others. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}
