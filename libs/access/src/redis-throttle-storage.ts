import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';

import { recordOf, type ThrottleRecord, ThrottleStorage } from './throttle-storage.js';

const PREFIX = 'tenantry:throttle:';
const COMMAND_TIMEOUT_MS = 250;
const COMPLAIN_EVERY_MS = 60_000;

const INCREMENT = `
local hits = redis.call('incr', KEYS[1])
if hits == 1 then redis.call('pexpire', KEYS[1], ARGV[1]) end
return { hits, redis.call('pttl', KEYS[1]) }`;

const FORGIVE = `
if tonumber(redis.call('get', KEYS[1]) or '0') > 0 then return redis.call('decr', KEYS[1]) end
return 0`;

/**
 * Counts in Redis or Valkey, for all nodes together: one script, one key, one round trip.
 *
 * While Redis is out of reach every node counts by itself: a cache that fails must neither stop
 * honest traffic nor open the gates.
 */
export class RedisThrottleStorage extends ThrottleStorage {
  readonly #redis: Redis;
  readonly #logger = new Logger(RedisThrottleStorage.name);
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(
    url: string,
    private readonly fallback: ThrottleStorage,
  ) {
    super();
    this.#redis = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
    this.#redis.on('error', (error: Error) => {
      this.#complain(error);
    });
  }

  async increment(key: string, ttlMs: number, limit: number): Promise<ThrottleRecord> {
    try {
      const [hits, msLeft] = (await this.#redis.eval(INCREMENT, 1, PREFIX + key, ttlMs)) as [
        number,
        number,
      ];
      return recordOf(hits, limit, msLeft);
    } catch (error) {
      this.#complain(error);
      return this.fallback.increment(key, ttlMs, limit);
    }
  }

  async forgive(key: string): Promise<void> {
    try {
      await this.#redis.eval(FORGIVE, 1, PREFIX + key);
    } catch {
      await this.fallback.forgive(key);
    }
  }

  onModuleDestroy(): void {
    this.#redis.disconnect();
  }

  #complain(error: unknown): void {
    const now = performance.now();
    if (now - this.#complainedAt < COMPLAIN_EVERY_MS) return;
    this.#complainedAt = now;
    const reason = error instanceof Error ? error.message : 'unknown reason';
    this.#logger.warn(`REDIS_URL cannot be used (${reason}); each node throttles by itself.`);
  }
}
