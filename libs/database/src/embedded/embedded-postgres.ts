import { join } from 'node:path';

import { LOCK_FILE, openDataFolder } from './data-folder.js';
import { DataLock } from './data-lock.js';
import { toFailure } from './failure.js';
import { loginUrl, superuserUrl } from './login.js';
import { openServer, type OpenServer } from './open-server.js';
import { removeCluster } from './remove-cluster.js';

export { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';

const LOCK_WAIT_MS = 5_000;

export interface EmbeddedPostgresOptions {
  /** An absolute path. As root the cluster itself lies elsewhere, where the user postgres can reach it. */
  readonly dataDir: string;
  readonly log?: (line: string) => void;
  /** Settings of the server, as in `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called at most once, when the server ends though nobody stopped it. */
  readonly onExit?: (reason: string) => void;
  /** How long to wait for another instance to let go of the folder. */
  readonly lockWaitMs?: number;
}

/** A PostgreSQL server of our own, on the loopback alone, for one data folder and one process. */
export class EmbeddedPostgres {
  /** An ordinary login that owns its database and may make roles and databases. */
  readonly url: string;
  readonly superuserUrl: string;
  /** Where the cluster really is. */
  readonly dataDirectory: string;
  #stopped: Promise<void> | undefined;

  private constructor(
    private readonly lock: DataLock,
    private readonly opened: OpenServer,
  ) {
    const { server, credentials, cluster } = opened;
    this.url = loginUrl(server.port, credentials);
    this.superuserUrl = superuserUrl(server.port, credentials);
    this.dataDirectory = cluster;
  }

  /** Starts the server of that folder, and initialises it the first time. */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const { dataDir, log = ignore, onExit = ignore, settings = {}, lockWaitMs } = options;
    return holding(dataDir, lockWaitMs, async (folder, lock) => {
      try {
        return new EmbeddedPostgres(lock, await openServer(folder, { log, onExit, settings }));
      } catch (error) {
        await lock.release();
        throw error;
      }
    });
  }

  /** Deletes the cluster of that folder, wherever it is; refuses while an instance uses it. */
  static async remove(dataDir: string): Promise<void> {
    await holding(dataDir, LOCK_WAIT_MS, async (folder, lock) => {
      try {
        await removeCluster(folder);
      } finally {
        await lock.release();
      }
    });
  }

  /** Stops the server and lets go of the folder; the data stays. */
  async stop(): Promise<void> {
    this.#stopped ??= this.opened.server.stop().then(() => this.lock.release());
    await this.#stopped;
  }
}

/** Does work on a data folder that nobody else uses; it is up to the work when to let go of it. */
async function holding<Result>(
  dataDir: string,
  waitMs = LOCK_WAIT_MS,
  work: (folder: string, lock: DataLock) => Promise<Result>,
): Promise<Result> {
  try {
    const folder = await openDataFolder(dataDir);
    const lock = await DataLock.take(
      join(folder, LOCK_FILE),
      waitMs,
      (holder) =>
        `${dataDir} is in use by another running instance (process ${holder}). Stop it, or set TENANTRY_DATA_DIR to another folder.`,
    );
    return await work(folder, lock);
  } catch (error) {
    throw toFailure(error, dataDir);
  }
}

const ignore = (): void => undefined;
