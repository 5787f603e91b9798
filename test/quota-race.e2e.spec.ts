import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Pool } from 'undici';

import { newId } from '@tenantry/kernel';
import { createTestDatabase, type DatabaseCopy } from '@tenantry/testing';
import { ControlPlaneProcess } from './control-plane-process.js';
import { eventually } from './eventually.js';
import type { RaceNews } from './quota-race-node.js';
import { RedisServer } from './redis-server.js';
import { send } from './send.js';

const START_LIMIT_MS = 120_000;
const RACE_LIMIT_MS = 120_000;
const CAP = 10_000;
const NODES = 4;
const LANES = 16;
/** The one that is killed has admitted this much at least. */
const KILLED_AFTER = 400;
const OK = 200;
/** Demands on one request, a line each: what is raced for is budget, not HTTP. */
const LINES = `${JSON.stringify({ demands: [{ kind: 'calls', amount: 1 }] })}\n`.repeat(20);
const ADMIN = { clientId: 'platform-admin', clientSecret: 'a-secret-for-tests-alone-0123456789' };
const SETTINGS = {
  LOG_LEVEL: 'error',
  PUBLIC_URL: 'http://tenantry.test',
  TENANTRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  TENANTRY_ADMIN_CLIENT_ID: ADMIN.clientId,
  TENANTRY_ADMIN_CLIENT_SECRET: ADMIN.clientSecret,
  THROTTLE_ACTOR_PER_SECOND: '0',
  THROTTLE_TENANT_PER_SECOND: '0',
};

interface Answered {
  readonly admitted: number;
  readonly refused: number;
}

/** One process, and the connections to it, which stay open. */
interface RacingNode {
  readonly running: ControlPlaneProcess;
  readonly http: Pool;
}

describe('four processes and one cap, on PostgreSQL', () => {
  let copy: DatabaseCopy;
  let nodes: readonly RacingNode[] = [];
  let token: string;

  beforeAll(async () => {
    copy = await createTestDatabase();
    const settings = { ...SETTINGS, DATABASE_URL: copy.url };
    nodes = await Promise.all(
      Array.from({ length: NODES }, async () => {
        const running = await ControlPlaneProcess.start({ settings });
        return { running, http: new Pool(running.url, { connections: LANES }) };
      }),
    );
    token = (await nodes[0]?.running.token(ADMIN)) ?? '';
  }, START_LIMIT_MS);
  afterAll(async () => {
    await ControlPlaneProcess.endAll();
    await Promise.all(nodes.map(({ http }) => http.destroy()));
    await copy.drop();
  });

  /** A tenant with this cap a month: a day would end now and then while it runs. */
  async function aTenantWithACap(slug: string): Promise<string> {
    const change = async (method: string, path: string, body: object): Promise<void> => {
      const url = nodes[0]?.running.url ?? '';
      const { status, text } = await send(url, { method, path, token, body });
      if (status >= 300) throw new Error(`${path} answered ${status}: ${text}`);
    };
    await change('POST', '/v1/tenants', { slug, displayName: slug });
    await change('PUT', `/v1/tenants/${slug}/quotas/calls`, {
      windows: [{ period: 'month', limit: CAP }],
    });
    return `/v1/tenants/${slug}/quotas/consume`;
  }

  /** So many demands on one request; null where the node ended before it had answered. */
  async function spend({ http }: RacingNode, path: string): Promise<Answered | null> {
    const answer = await http
      .request({
        method: 'POST',
        path,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
        body: LINES,
      })
      .then(async ({ statusCode, body }) => ({ statusCode, text: await body.text() }))
      .catch(() => null);
    if (!answer) return null;
    const { statusCode, text } = answer;
    if (statusCode !== OK) throw new Error(`A node answered ${statusCode}: ${text}`);
    const answers = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly allowed?: boolean });
    return {
      admitted: answers.filter(({ allowed }) => allowed === true).length,
      refused: answers.filter(({ allowed }) => allowed === false).length,
    };
  }

  /** Every lane of every node spends until it is refused, or its node ends. */
  async function race(
    path: string,
    onAdmitted: (node: RacingNode, admitted: number) => void,
  ): Promise<void> {
    const lanes = nodes.flatMap((node) => Array.from({ length: LANES }, () => node));
    const ends = lanes.map(async (node) => {
      for (;;) {
        const answered = await spend(node, path);
        if (!answered) return;
        onAdmitted(node, answered.admitted);
        // What could not be decided is neither: it is asked again.
        if (answered.refused > 0) return;
      }
    });
    await Promise.all(ends);
  }

  it(
    'admit exactly the cap',
    async () => {
      const path = await aTenantWithACap('exact');
      let admitted = 0;
      const count = (_: RacingNode, more: number): void => {
        admitted += more;
      };

      // What one node holds, another may be refused for: it comes back, and is spent.
      await eventually(
        async () => {
          await race(path, count);
          return admitted;
        },
        (found) => found >= CAP,
      );
      await race(path, count);

      expect(admitted).toBe(CAP);
    },
    RACE_LIMIT_MS,
  );

  it(
    'never admit more when one is killed in the middle',
    async () => {
      const path = await aTenantWithACap('killed');
      const last = nodes.at(-1);
      let admitted = 0;
      let ofLast = 0;
      let killed: Promise<unknown> | undefined;

      await race(path, (node, more) => {
        admitted += more;
        if (node !== last) return;
        ofLast += more;
        if (ofLast >= KILLED_AFTER) killed ??= last.running.kill();
      });
      await killed;
      await race(path, (_, more) => {
        admitted += more;
      });

      expect(ofLast).toBeGreaterThanOrEqual(KILLED_AFTER);
      expect(admitted).toBeGreaterThan(CAP / 2);
      expect(admitted).toBeLessThanOrEqual(CAP);
    },
    RACE_LIMIT_MS,
  );
});

if (RedisServer.isExpected) {
  describe('four processes and one cap, on Redis', () => {
    const program = fileURLToPath(new URL('./quota-race-node.ts', import.meta.url));
    const loader = new URL('../libs/testing/src/typescript.js', import.meta.url).href;
    let redis: RedisServer;
    let children: readonly ChildProcess[];

    beforeAll(async () => {
      redis = await RedisServer.start();
      const order = JSON.stringify({ redisUrl: redis.url, lanes: LANES });
      children = Array.from({ length: NODES }, () =>
        fork(program, [order], { execArgv: ['--import', loader] }),
      );
      await Promise.all(children.map((child) => once(child, 'message')));
    }, START_LIMIT_MS);
    afterAll(async () => {
      for (const child of children) child.kill('SIGKILL');
      await redis.kill();
    });

    /** Has all of them spend until they are refused; adds up what they tell. */
    async function race(
      tenantId: string,
      onAdmitted: (child: ChildProcess, amount: number) => void,
    ): Promise<void> {
      const ends = children.map(
        (child) =>
          new Promise<void>((resolve) => {
            const hear = (news: RaceNews): void => {
              if (typeof news === 'object') onAdmitted(child, news.admitted);
              if (news === 'refused') end();
            };
            const end = (): void => {
              child.off('message', hear);
              child.off('exit', end);
              resolve();
            };
            child.on('message', hear);
            child.on('exit', end);
            child.send({ tenantId, cap: CAP });
          }),
      );
      await Promise.all(ends);
    }

    /** What was drawn, as Redis knows it. */
    async function drawnOf(tenantId: string): Promise<number> {
      const client = new Redis(redis.url);
      const counter = await client.get(`tenantry:quota:{${tenantId}}:calls:month`);
      client.disconnect();
      return Number(counter?.split(' ')[1]);
    }

    it('admit exactly the cap', async () => {
      const tenantId = newId();
      const admitted = new Map<ChildProcess, number>();

      await race(tenantId, (child, amount) => {
        admitted.set(child, (admitted.get(child) ?? 0) + amount);
      });

      expect([...admitted.values()].reduce((sum, amount) => sum + amount, 0)).toBe(CAP);
      expect([...admitted.values()].filter((amount) => amount > 0)).toHaveLength(NODES);
      expect(await drawnOf(tenantId)).toBe(CAP);
    });

    it('never admit more when one is killed in the middle', async () => {
      const tenantId = newId();
      const [victim] = children;
      let admitted = 0;
      let ofVictim = 0;

      await race(tenantId, (child, amount) => {
        admitted += amount;
        if (child !== victim) return;
        ofVictim += amount;
        if (ofVictim >= KILLED_AFTER) child.kill('SIGKILL');
      });

      expect(victim?.signalCode).toBe('SIGKILL');
      expect(admitted).toBeLessThanOrEqual(CAP);
      expect(await drawnOf(tenantId)).toBe(CAP);
    });
  });
}
