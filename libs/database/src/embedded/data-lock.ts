import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.js';
import { hasCode } from './system-error.js';

const RETRY_MS = 100;

/** A file that at most one living process holds; the lock of a dead one is taken over. */
export class DataLock {
  private constructor(
    private readonly path: string,
    private readonly content: string,
  ) {}

  /** Waits at most `waitMs` for a living holder, then refuses in the words of `refusal`. */
  static async take(
    path: string,
    waitMs: number,
    refusal: (holder: number) => string,
  ): Promise<DataLock> {
    const content = JSON.stringify({ ...identityOf(process.pid), token: randomUUID() });
    const deadline = Date.now() + waitMs;

    for (;;) {
      const holder = await claim(path, content);
      if (!holder) return new DataLock(path, content);
      if (Date.now() >= deadline) throw new EmbeddedPostgresFailed(refusal(holder.pid));
      await sleep(Math.min(RETRY_MS, waitMs));
    }
  }

  async release(): Promise<void> {
    if ((await readIfThere(this.path)) === this.content) await rm(this.path, { force: true });
  }
}

/** Makes the lock ours, or tells who lives and holds it. */
async function claim(path: string, content: string): Promise<ProcessIdentity | null> {
  for (;;) {
    if (await placeNew(path, content)) return null;
    const found = await readIfThere(path);
    if (found === null) continue;

    const holder = parseHolder(found);
    if (holder && isAlive(holder)) return holder;
    const rival = await takeOver(path, content, found);
    if (rival !== 'changed') return rival;
  }
}

/**
 * Replaces the lock of a dead process.
 *
 * Two that saw the same dead lock must not replace each other's, so this happens under a lock of
 * its own, and only if the dead one is still there. A crash in here leaves that second lock to be
 * taken over in the same way.
 */
async function takeOver(
  path: string,
  content: string,
  dead: string,
): Promise<ProcessIdentity | 'changed' | null> {
  const guard = `${path}.takeover`;
  const rival = await claim(guard, content);
  if (rival) return rival;
  try {
    if ((await readIfThere(path)) !== dead) return 'changed';
    await withDraft(path, content, (draft) => rename(draft, path));
    return null;
  } finally {
    await rm(guard, { force: true });
  }
}

async function placeNew(path: string, content: string): Promise<boolean> {
  try {
    await withDraft(path, content, (draft) => link(draft, path));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Written whole before it gets its name: nobody must ever read half a lock. */
async function withDraft(
  path: string,
  content: string,
  place: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await place(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** `null`: nothing that a living process would have written. */
function parseHolder(text: string): ProcessIdentity | null {
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<ProcessIdentity>;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return null;
    return { pid, startedAt: typeof startedAt === 'string' ? startedAt : null };
  } catch {
    return null;
  }
}
