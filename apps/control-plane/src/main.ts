import 'reflect-metadata';

import { type AppConfig, forgetSecrets, readConfig, SettingInvalid } from '@tenantry/config';
import { banner } from './banner.js';
import type { RunningControlPlane } from './start.js';

const STOP_WITHIN_MS = 25_000;
const ORPHAN_CHECK_MS = 1_000;

/** Whoever has started this process: read before anything can have ended it. */
const PARENT = process.ppid;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`tenantry: ${line}\n`);

let config: AppConfig | undefined;
try {
  config = readConfig(process.env);
  forgetSecrets(process.env);
  await run(config);
} catch (error) {
  complain(await sayWhy(error));
  process.exit(1);
}

async function sayWhy(error: unknown): Promise<string> {
  if (error instanceof SettingInvalid) return error.message;
  const { explain } = await import('./start-failure.js');
  const line = explain(error, config);
  return line ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** What a signal finds when it comes. */
interface Progress {
  running?: RunningControlPlane;
  askedToStop?: NodeJS.Signals;
}

async function run(settings: AppConfig): Promise<void> {
  let stopping: Promise<void> | undefined;
  const progress: Progress = {};
  const stop = (reason: string, code: number): void => {
    stopping ??= stopWithin(progress.running, reason).then(() => process.exit(code));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Before it serves there is nothing to finish but what `start` itself lets go of.
      if (progress.running) stop(signal, 0);
      else progress.askedToStop = signal;
    });
  }
  // Loaded only now: whoever mistyped a setting does not wait for the whole application first.
  const { start } = await import('./start.js');
  const running = await start(settings, {
    log: print,
    onFailure: (reason) => {
      complain(reason);
      stop(reason, 1);
    },
  });
  progress.running = running;
  if (progress.askedToStop) stop(progress.askedToStop, 0);
  else print(banner(running, settings));
  stopWithNpm(() => {
    stop('npm is gone', 0);
  });
}

async function stopWithin(running: RunningControlPlane | undefined, reason: string): Promise<void> {
  print(`Stopping (${reason}).`);
  const limit = setTimeout(() => {
    complain(`Not stopped within ${STOP_WITHIN_MS / 1_000} seconds; ending as it is.`);
    process.exit(1);
  }, STOP_WITHIN_MS);
  limit.unref();
  try {
    await running?.stop();
    print('Stopped.');
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
  }
}

/** `npm start` killed outright leaves its child behind, on the port and on the data: not this one. */
function stopWithNpm(stop: () => void): void {
  if (process.env['npm_lifecycle_event'] !== 'start') return;
  const timer = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(timer);
    stop();
  }, ORPHAN_CHECK_MS);
  timer.unref();
}
