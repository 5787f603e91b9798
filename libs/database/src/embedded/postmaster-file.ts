import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { identityOf, isServerOf } from './process-identity.js';
import { shutDown } from './shut-down.js';
import { hasCode } from './system-error.js';

const STATUS_LINE = 7;

/** Whether that server says, in its own postmaster.pid, that it takes connections. */
export async function isReady(cluster: string, pid: number): Promise<boolean> {
  const lines = (await read(cluster))?.split('\n') ?? [];
  return Number(lines[0]) === pid && lines[STATUS_LINE]?.trim() === 'ready';
}

/**
 * Clears the way for a new server of this cluster: stops the one that a killed instance left
 * running, and never touches a stranger that has got the id of a dead one.
 */
export async function stopAbandoned(cluster: string, log: (line: string) => void): Promise<void> {
  const text = await read(cluster);
  if (text === null) return;

  const [first = '', ...rest] = text.split('\n');
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 0) {
    // The remnant of a crash at the worst moment; PostgreSQL would refuse it for ever.
    await rm(pathOf(cluster));
  } else if (isServerOf(pid, cluster)) {
    log(`Stopping the PostgreSQL that an earlier run left behind (process ${pid}).`);
    await shutDown(pid, () => isServerOf(pid, cluster));
  } else if (identityOf(pid)) {
    // PostgreSQL takes any living process for its rival, except its parent, which we shall be. The
    // file stays, because by the shared memory it names PostgreSQL finds surviving children.
    await writeFile(pathOf(cluster), [process.pid, ...rest].join('\n'));
  }
}

async function read(cluster: string): Promise<string | null> {
  try {
    return await readFile(pathOf(cluster), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function pathOf(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}
