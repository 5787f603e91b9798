import { once } from 'node:events';

import { Redis } from 'ioredis';
import pg from 'pg';
import { RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible';

import { type Speed, speedOf } from './rounds.js';

const DAY_SECONDS = 86_400;
/** Never reached, and still an `integer`, which the peer keeps its points in. */
const POINTS = 1_000_000_000;
const AT_ONCE = 64;
const POOL_SIZE = 10;

/** What is asked of a peer: so many checks, for one of these tenants each. */
interface PeerLoad {
  readonly times: number;
  readonly tenantIds: readonly string[];
}

/** `rate-limiter-flexible`, a day of points for each tenant, in a store that outlives the process. */
export interface QuotaPeer {
  /** As many checks as are asked for, 64 at once; fails where one is refused. */
  speed(load: PeerLoad): Promise<Speed>;
  close(): Promise<void>;
}

/** The peer on PostgreSQL, as it comes: a table of its own, one upsert a check, as durable as the server. */
export async function peerOnPostgres(databaseUrl: string): Promise<QuotaPeer> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_SIZE });
  const limiter = await new Promise<RateLimiterPostgres>((resolve, reject) => {
    const made = new RateLimiterPostgres(
      {
        storeClient: pool,
        tableName: 'rate_limiter_flexible',
        keyPrefix: 'peer',
        points: POINTS,
        duration: DAY_SECONDS,
      },
      (error?: Error) => {
        if (error) reject(error);
        else resolve(made);
      },
    );
  });
  return peerOf(limiter, () => pool.end());
}

/** The peer on Redis, as it comes: one script a check. */
export async function peerOnRedis(redisUrl: string): Promise<QuotaPeer> {
  const client = new Redis(redisUrl, { enableOfflineQueue: false });
  await once(client, 'ready');
  const limiter = new RateLimiterRedis({
    storeClient: client,
    keyPrefix: 'peer',
    points: POINTS,
    duration: DAY_SECONDS,
  });
  return peerOf(limiter, () => {
    client.disconnect();
    return Promise.resolve();
  });
}

function peerOf(
  limiter: RateLimiterPostgres | RateLimiterRedis,
  close: () => Promise<void>,
): QuotaPeer {
  return {
    speed: ({ times, tenantIds }) =>
      speedOf({ times, atOnce: AT_ONCE }, (turn) =>
        limiter.consume(tenantIds[turn % tenantIds.length] ?? '', 1),
      ),
    close,
  };
}
