import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { RedisServer } from './redis-server.js';
import { type Answer, send } from './send.js';
import { type Api, startApi } from './start-api.js';

const SECRET_GUESSES_MAX = 60;
const LIMIT_MS = 60_000;

/** Tries a wrong client secret from an address that the trusted proxy names. */
function guess({ url }: Api, from: string): Promise<Answer> {
  return send(url, {
    method: 'POST',
    path: '/oauth/token',
    headers: {
      authorization: `Basic ${Buffer.from('test-admin:a-guess').toString('base64')}`,
      'x-forwarded-for': from,
    },
    raw: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
}

async function guesses(api: Api, from: string, times: number): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: times }, () => guess(api, from)));
  return answers.map(({ status }) => status);
}

function settingsOf(redisUrl: string): Readonly<Record<string, string>> {
  return { REDIS_URL: redisUrl, TRUSTED_PROXIES: '127.0.0.1', THROTTLE_ACTOR_PER_SECOND: '1000' };
}

if (RedisServer.isExpected) {
  describe('two nodes that count in one Redis', () => {
    let redis: RedisServer;
    let first: Api;
    let second: Api;

    beforeAll(async () => {
      redis = await RedisServer.start();
      const settings = settingsOf(redis.url);
      first = await startApi({ settings });
      second = await startApi({ settings, databaseUrl: first.databaseUrl });
    }, LIMIT_MS);
    afterAll(async () => {
      await second.close();
      await first.close();
      await redis.kill();
    });

    it('give an address one budget for both', async () => {
      const half = SECRET_GUESSES_MAX / 2;

      const atFirst = await guesses(first, '198.51.100.1', half);
      const atSecond = await guesses(second, '198.51.100.1', half);
      const late = [await guess(first, '198.51.100.1'), await guess(second, '198.51.100.1')];

      expect(new Set([...atFirst, ...atSecond])).toEqual(new Set([401]));
      expect(late.map(({ status }) => status)).toEqual([429, 429]);
    });

    it('count each by itself while Redis is away, and together again when it is back', async () => {
      await redis.kill();
      const served = await send(second.url, {
        method: 'GET',
        path: '/v1/me',
        token: first.adminToken,
      });
      const alone = await guesses(first, '198.51.100.2', SECRET_GUESSES_MAX);
      const late = [await guess(first, '198.51.100.2'), await guess(second, '198.51.100.2')];
      await redis.start();
      const windows = await eventually(
        async () => {
          await Promise.all([guess(first, '198.51.100.3'), guess(second, '198.51.100.3')]);
          return redis.windows();
        },
        (count) => count > 0,
      );

      expect(served.status).toBe(200);
      expect(new Set(alone)).toEqual(new Set([401]));
      expect(late.map(({ status }) => status)).toEqual([429, 401]);
      expect(windows).toBe(1);
    });

    it('wait for a Redis that hangs no longer than a moment', async () => {
      redis.pause();

      const answer = await guess(first, '198.51.100.4');

      expect(answer.status).toBe(401);
    });
  });
}

describe('a node whose Redis was never there', () => {
  it(
    'counts by itself',
    async () => {
      const api = await startApi({ settings: settingsOf(`redis://127.0.0.1:${await freePort()}`) });

      const early = await guesses(api, '198.51.100.5', SECRET_GUESSES_MAX);
      const late = await guess(api, '198.51.100.5');
      await api.close();

      expect(new Set(early)).toEqual(new Set([401]));
      expect(late.status).toBe(429);
    },
    LIMIT_MS,
  );
});
