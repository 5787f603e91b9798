import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import { hasCode } from './system-error.js';

const PATIENCE_MS = 10_000;
const POLL_MS = 20;

/** Stops a server: fast, and if it does not obey, at once, which costs a recovery at the next start. */
export async function shutDown(pid: number, isRunning: () => boolean): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!isRunning()) return;
    send(pid, signal);
    if (await ends(isRunning)) return;
  }
  throw new EmbeddedPostgresFailed(`PostgreSQL (process ${pid}) does not stop. End it by hand.`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

async function ends(isRunning: () => boolean): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS;
  while (isRunning()) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
