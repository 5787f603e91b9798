import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedPostgres } from '@tenantry/database';

import { removeMemoryTablespace } from './memory-tablespace.js';

const PREFIX = 'tenantry-test-';
/** Not durable, as nothing outlives the run. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
};

/** An embedded server for one run of the tests, in a data folder that is its own. */
export interface EmbeddedServer {
  readonly server: EmbeddedPostgres;
  readonly dataDir: string;
}

export async function startEmbeddedServer(): Promise<EmbeddedServer> {
  await removeAbandoned();
  const dataDir = await mkdtemp(join(tmpdir(), PREFIX));
  return { dataDir, server: await EmbeddedPostgres.start({ dataDir, settings: SETTINGS }) };
}

export async function stopEmbeddedServer({ server, dataDir }: EmbeddedServer): Promise<void> {
  await server.stop();
  await removeAll(dataDir);
}

/** A run that was killed could not stop its server, which is no child that dies with it. */
async function removeAbandoned(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const dataDir = join(tmpdir(), name);
    if (await isAbandoned(dataDir)) await removeAll(dataDir);
  }
}

/** Without a lock it is about to be started, or about to be removed. */
async function isAbandoned(dataDir: string): Promise<boolean> {
  try {
    const { pid } = JSON.parse(await readFile(join(dataDir, 'lock.json'), 'utf8')) as {
      readonly pid: number;
    };
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function removeAll(dataDir: string): Promise<void> {
  await EmbeddedPostgres.remove(dataDir);
  await removeMemoryTablespace(dataDir);
  await rm(dataDir, { recursive: true, force: true });
}
