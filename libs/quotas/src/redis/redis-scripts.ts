import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';

import { QuotasUnavailable } from '../quotas.errors.js';
import type { Script } from './scripts.js';

const COMMAND_TIMEOUT_MS = 1_000;
/** A connection over which nothing comes for so long is replaced. */
const SOCKET_TIMEOUT_MS = 5_000;
const RECONNECT_MS_MAX = 1_000;
const COMPLAIN_EVERY_MS = 60_000;

/**
 * Runs scripts in Redis, each once at most: one that was sent and not answered may have had its
 * effect, and is never sent again. Whatever goes wrong is `QuotasUnavailable`.
 */
export class RedisScripts {
  readonly #redis: Redis;
  readonly #logger = new Logger('Quotas');
  #complainedAtMs = Number.NEGATIVE_INFINITY;
  #calls = 0;

  constructor(url: string) {
    this.#redis = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * 50, RECONNECT_MS_MAX),
      // A primary that was demoted accepts no more writes: the name may lead to another by now.
      reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    });
    this.#redis.on('error', (error: Error) => {
      this.#complain(error);
    });
  }

  /** How often a script was to be run. */
  get calls(): number {
    return this.#calls;
  }

  /** What `parse` makes of the reply; what it throws is nonsense that Redis replied. */
  async run<Parsed>(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    parse: (reply: unknown) => Parsed,
  ): Promise<Parsed> {
    this.#calls += 1;
    try {
      return parse(await this.#run(script, keys, args));
    } catch (error) {
      this.#complain(error);
      throw new QuotasUnavailable({ cause: error });
    }
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #run(
    { text, digest }: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await this.#redis.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      // It was not run: nobody has told this Redis its text yet.
      const isUnknown = error instanceof Error && error.message.startsWith('NOSCRIPT');
      if (!isUnknown) throw error;
      return await this.#redis.eval(text, keys.length, ...keys, ...args);
    }
  }

  #complain(error: unknown): void {
    const now = performance.now();
    if (now - this.#complainedAtMs < COMPLAIN_EVERY_MS) return;
    this.#complainedAtMs = now;
    const reason = error instanceof Error ? error.message : 'unknown reason';
    this.#logger.error(`REDIS_URL cannot be used (${reason}); no quota can be spent until it can.`);
  }
}
