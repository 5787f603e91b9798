import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import autocannon, { type Request } from 'autocannon';

import type { GuardServerOptions, GuardServerUrls } from './guard-server.js';
import type { Speed } from './rounds.js';

const SERVER = fileURLToPath(new URL('./guard-server.ts', import.meta.url));
const CONNECTIONS = 32;

/** The server in its own process, and what it spends. */
export class GuardServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly urls: GuardServerUrls,
  ) {}

  static async start(options: GuardServerOptions): Promise<GuardServer> {
    const child = fork(SERVER, [JSON.stringify(options)]);
    const [urls] = (await once(child, 'message')) as [GuardServerUrls];
    return new GuardServer(child, urls);
  }

  /** Asks one route for so long, over connections that stay open; each answer must be a 200. */
  async load(
    url: string,
    tokenOf: () => string,
    { seconds, body }: { readonly seconds: number; readonly body?: object },
  ): Promise<Speed> {
    const posting = body && { method: 'POST' as const, body: JSON.stringify(body) };
    const type = body && { 'content-type': 'application/json' };
    const setupRequest = (request: Request): Request => ({
      ...request,
      ...posting,
      headers: { authorization: `Bearer ${tokenOf()}`, ...type },
    });
    const before = await this.#cpuMicros();
    const result = await autocannon({
      url,
      connections: CONNECTIONS,
      duration: seconds,
      requests: [{ setupRequest }],
    });
    const answered = result['2xx'];
    if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url} did not answer 200.`);
    const elapsed = (result.finish.getTime() - result.start.getTime()) / 1_000;
    const cpuMicrosEach = ((await this.#cpuMicros()) - before) / answered;
    return { perSecond: answered / elapsed, cpuMicrosEach };
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  async #cpuMicros(): Promise<number> {
    const told = once(this.child, 'message') as Promise<[NodeJS.CpuUsage]>;
    this.child.send('cpu');
    const [{ user, system }] = await told;
    return user + system;
  }
}
