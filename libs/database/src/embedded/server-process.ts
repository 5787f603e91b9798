import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import { freePort } from './free-port.js';
import { isReady, stopAbandoned } from './postmaster-file.js';
import type { Programs } from './programs.js';
import { BARE_ENVIRONMENT } from './run-program.js';
import type { ServerAccount } from './server-account.js';
import { ServerLog } from './server-log.js';
import { shutDown } from './shut-down.js';

const ATTEMPTS_MAX = 5;
const START_MAX_MS = 60_000;
const POLL_MS = 15;

/** A port that was taken meanwhile, or an abandoned server that had yet to write its process id. */
const PASSING = /Address already in use|lock file "postmaster\.pid" already exists/;

export interface ServerPlan {
  readonly cluster: string;
  readonly programs: Programs;
  readonly account: ServerAccount | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
  readonly onExit: (reason: string) => void;
}

/** The running postmaster, our child but in a session of its own: a Ctrl-C is not for it. */
export class ServerProcess {
  #isStopping = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly serverLog: ServerLog,
    readonly port: number,
  ) {}

  /** Returns once the server takes connections. */
  static async launch(plan: ServerPlan): Promise<ServerProcess> {
    for (let attempt = 1; ; attempt++) {
      await stopAbandoned(plan.cluster, plan.log);
      const server = await ServerProcess.spawn(plan, await freePort());
      if (await server.becomesReady(plan)) return server;

      const isPassing = PASSING.test(await server.serverLog.tail());
      if (isPassing && attempt < ATTEMPTS_MAX) continue;
      const reason = await server.serverLog.reason();
      throw new EmbeddedPostgresFailed(`PostgreSQL did not start: ${reason}`);
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const { pid } = this.child;
    if (pid !== undefined) await shutDown(pid, () => this.isRunning());
  }

  private static async spawn(plan: ServerPlan, port: number): Promise<ServerProcess> {
    const serverLog = await ServerLog.at(join(dirname(plan.cluster), 'postgres.log'));
    const output = await open(serverLog.path, 'a', 0o600);
    try {
      const child = spawn(plan.programs.postgres, argumentsOf(plan, port), {
        cwd: '/',
        detached: true,
        env: BARE_ENVIRONMENT,
        // A file, not a pipe: a pipe would break, and stop the server's words, when we die.
        stdio: ['ignore', output.fd, output.fd],
        ...plan.account,
      });
      await spawned(child);
      child.unref();
      return new ServerProcess(child, serverLog, port);
    } finally {
      await output.close();
    }
  }

  private async becomesReady({ cluster, onExit }: ServerPlan): Promise<boolean> {
    const deadline = Date.now() + START_MAX_MS;
    while (!(await isReady(cluster, this.child.pid ?? 0))) {
      if (!this.isRunning()) return false;
      if (Date.now() >= deadline) await this.stop();
      await sleep(POLL_MS);
    }
    this.child.once('exit', () => void this.tellExit(onExit));
    return this.isRunning();
  }

  private isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  private async tellExit(onExit: (reason: string) => void): Promise<void> {
    if (this.#isStopping) return;
    const reason = await this.serverLog.reason().catch(() => 'its log is gone');
    onExit(`PostgreSQL ended unexpectedly: ${reason}`);
  }
}

function argumentsOf({ cluster, settings }: ServerPlan, port: number): string[] {
  const all = {
    ...settings,
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
  };
  return [
    '-D',
    cluster,
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

async function spawned(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(
        new EmbeddedPostgresFailed(
          'PostgreSQL does not run on this system. Set DATABASE_URL instead.',
          { cause },
        ),
      );
    });
  });
}
