import { access, chown, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { syncFolder } from './data-folder.js';
import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import type { Programs } from './programs.js';
import { runProgram } from './run-program.js';
import type { ServerAccount } from './server-account.js';
import { textOf } from './system-error.js';

const DRAFT_PREFIX = 'postgres.new-';

export interface ClusterPlan {
  readonly cluster: string;
  readonly programs: Programs;
  readonly account: ServerAccount | null;
  readonly superuserPassword: string;
  /** Whether the new files are flushed to the disk before they count. */
  readonly isDurable: boolean;
}

export const clusterIn = (home: string): string => join(home, 'postgres');

export async function isInitialised(cluster: string): Promise<boolean> {
  return access(join(cluster, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the cluster, whole or not at all: it is initialised under another name and then renamed.
 *
 * Each attempt has a name of its own, because the initdb of a killed attempt may still be writing.
 */
export async function initialise(home: string, plan: ClusterPlan): Promise<void> {
  await removeDrafts(home);
  const draft = await mkdtemp(join(home, DRAFT_PREFIX));
  const passwordFile = `${draft}.password`;
  try {
    await writeFile(passwordFile, plan.superuserPassword, { mode: 0o600, flag: 'wx' });
    if (plan.account) {
      const { uid, gid } = plan.account;
      await Promise.all([draft, passwordFile].map((path) => chown(path, uid, gid)));
    }
    await runInitdb(draft, passwordFile, plan);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, plan.cluster);
  await syncFolder(home);
}

/** Keeps a cluster whose passwords are lost out of the way, in the place of the one before it. */
export async function setAside(cluster: string): Promise<string> {
  const aside = `${cluster}.old`;
  await rm(aside, { recursive: true, force: true });
  await rename(cluster, aside);
  return aside;
}

async function removeDrafts(home: string): Promise<void> {
  const drafts = (await readdir(home)).filter((name) => name.startsWith(DRAFT_PREFIX));
  for (const draft of drafts) {
    // One that is still being written to may refuse; it is harmless, and goes at the next start.
    await rm(join(home, draft), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function runInitdb(draft: string, passwordFile: string, plan: ClusterPlan): Promise<void> {
  const args = [
    ...['-D', draft, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    '--no-instructions',
    ...(plan.isDurable ? [] : ['--no-sync']),
  ];
  try {
    await runProgram(plan.programs.initdb, args, plan.account);
  } catch (cause) {
    throw new EmbeddedPostgresFailed(`PostgreSQL could not be initialised: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  const lines = (textOf(cause, 'stderr') ?? '').split('\n').filter(Boolean);
  return (
    lines.find((line) => /error|FATAL/.test(line)) ??
    lines.at(-1) ??
    'its programs do not run on this system. Set DATABASE_URL instead.'
  );
}
