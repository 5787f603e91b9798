import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { settingsFor } from './settings.js';

const PROGRAM = fileURLToPath(new URL('../../dist/control-plane.js', import.meta.url));
const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 5;

/** The program as it is deployed, in a process of its own. */
export class ControlPlane {
  private constructor(
    readonly url: string,
    /** From the spawn to the first 200 of `/readyz`. */
    readonly readyAfterMs: number,
    private readonly child: ChildProcess,
  ) {}

  static async start(databaseUrl: string): Promise<ControlPlane> {
    const settings = await settingsFor(databaseUrl);
    const url = `http://127.0.0.1:${settings['PORT']}`;
    const begun = performance.now();
    const child = spawn(process.execPath, [PROGRAM], {
      env: settings,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    while (!(await isReady(url))) {
      if (child.exitCode !== null) throw new Error('The control plane ended while it started.');
      if (performance.now() - begun > READY_WITHIN_MS) throw new Error('It does not get ready.');
      await pause(LOOK_EVERY_MS);
    }
    return new ControlPlane(url, performance.now() - begun, child);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`);
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
