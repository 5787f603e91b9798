import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';

import { Redis } from 'ioredis';

import { freePort } from './free-port.js';

const PROGRAM = 'redis-server';
/** It keeps nothing: what it knew is gone with the process. */
const ARGUMENTS = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];

/** A real Redis, a process of its own, that a test can end and start again at the same address. */
export class RedisServer {
  #process: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  /** Whether this machine has one. */
  static get isInstalled(): boolean {
    return spawnSync(PROGRAM, ['--version']).status === 0;
  }

  /** Whether its specs run. Where there is none, CI must say so; elsewhere what needs none is tested alone. */
  static get isExpected(): boolean {
    return RedisServer.isInstalled || process.env['CI'] !== undefined;
  }

  static async start(): Promise<RedisServer> {
    if (!RedisServer.isInstalled) {
      throw new Error(`${PROGRAM} is not installed: apt-get install -y redis-server.`);
    }
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Returns once it answers. */
  async start(): Promise<void> {
    this.#process = spawn(PROGRAM, ['--port', String(this.port), ...ARGUMENTS], {
      stdio: 'ignore',
    });
    await once(this.#process, 'spawn');
    const client = new Redis(this.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    client.on('error', () => undefined);
    await client.ping();
    client.disconnect();
  }

  /** It keeps its connections, and answers nobody. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  /** How many windows it counts in. */
  async windows(): Promise<number> {
    const client = new Redis(this.url);
    const keys = await client.keys('tenantry:throttle:*');
    client.disconnect();
    return keys.length;
  }
}
