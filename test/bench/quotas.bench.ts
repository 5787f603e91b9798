import { setImmediate as turn } from 'node:timers/promises';

import { AuditTrail } from '@tenantry/audit';
import { ChangeFeed, Database } from '@tenantry/database';
import { newId, SystemClock, TenantScope } from '@tenantry/kernel';
import { LeasedQuotas } from '@tenantry/quotas';
import { QuotaStore } from '../../libs/quotas/src/engine/quota-store.js';
import { LimitBook } from '../../libs/quotas/src/limit-book.js';
import { RedisQuotas } from '../../libs/quotas/src/redis/redis-quotas.js';
import { ThresholdRecord } from '../../libs/quotas/src/thresholds/threshold-record.js';
import { ThresholdTelling } from '../../libs/quotas/src/thresholds/threshold-telling.js';
import { RedisServer } from '../redis-server.js';
import { type BenchDatabase, withSuperuser } from './bench-server.js';
import { type Figure, ratioOf } from './figure.js';
import { GuardServer } from './guard-process.js';
import { PlatformAdmin } from './platform-admin.js';
import { peerOnPostgres, peerOnRedis } from './quota-peers.js';
import { interleave, type Speed, speedOf } from './rounds.js';
import { settingsFor } from './settings.js';
import { TokenMaker } from './token-maker.js';

const TENANTS = 10;
const CAP = 1_000_000_000_000;
const DEMANDS = [{ kind: 'calls', amount: 1 }];
/** After so many checks in one go others get their turn, as they do where requests come in. */
const AT_A_STRETCH = 1_000;
const ISSUER = 'https://login.quotas.example';
const AUDIENCE = 'quotas';

interface Bounds {
  readonly seconds: number;
  readonly checks: number;
  readonly rounds: number;
}

/** Checks in process against the peer doing the same work, and over HTTP against an empty route. */
export async function quotasBench(
  database: BenchDatabase,
  overHttp: BenchDatabase,
  bounds: Bounds,
): Promise<Figure[]> {
  return [...(await inProcess(database, bounds)), ...(await byRoute(overHttp, bounds))];
}

async function inProcess(bench: BenchDatabase, { checks, rounds }: Bounds): Promise<Figure[]> {
  const redis = await RedisServer.start();
  const database = new Database({ url: bench.url, poolSize: 10, preparedStatements: true });
  const clock = new SystemClock();
  const feed = new ChangeFeed(database, clock, bench.url);
  await feed.start();
  const book = new LimitBook(database, feed, clock);
  const telling = new ThresholdTelling(new ThresholdRecord(database, new AuditTrail(database)));
  const leased = new LeasedQuotas(book, new QuotaStore(database), clock, feed, telling);
  leased.onModuleInit();
  const onRedis = new RedisQuotas(redis.url, book);
  const [postgresPeer, redisPeer] = [
    await peerOnPostgres(bench.superuserUrl),
    await peerOnRedis(redis.url),
  ];
  try {
    const tenantIds = await tenantsWithACap(bench);
    const scopes = tenantIds.map((id) => TenantScope.admit(id));
    const few = Math.ceil(checks / 100);
    const speeds = await interleave(
      {
        leased: () => stretches(leased, scopes, checks),
        ours: () =>
          speedOf({ times: few, atOnce: 64 }, async (nth) => {
            const scope = scopes[nth % TENANTS];
            if (scope) await onRedis.consume(scope, DEMANDS);
          }),
        postgres: () => postgresPeer.speed({ times: few, tenantIds }),
        redis: () => redisPeer.speed({ times: few, tenantIds }),
      },
      rounds,
    );
    const what = 'exact check in process, PostgreSQL, leased';
    const peer = 'rate-limiter-flexible on';
    return [
      ratioOf(what, speeds.leased, {
        baseline: `${peer} PostgreSQL`,
        against: speeds.postgres,
        aim: '>= 50, 500,000/s',
      }),
      ratioOf(what, speeds.leased, {
        baseline: `${peer} Redis`,
        against: speeds.redis,
        aim: '>= 10',
      }),
      ratioOf('exact check, one script in Redis', speeds.ours, {
        baseline: `${peer} Redis`,
        against: speeds.redis,
      }),
    ];
  } finally {
    await leased.onApplicationShutdown();
    await onRedis.onApplicationShutdown();
    await postgresPeer.close();
    await redisPeer.close();
    await feed.stop();
    await database.close();
    await redis.kill();
  }
}

/** Tenants in turn, one check after another; a check that has to wait is waited for. */
async function stretches(
  quotas: LeasedQuotas,
  scopes: readonly TenantScope[],
  checks: number,
): Promise<Speed> {
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  for (let nth = 0; nth < checks; nth += 1) {
    const scope = scopes[nth % TENANTS];
    if (!scope) continue;
    const decided = quotas.consume(scope, DEMANDS);
    const { allowed } = decided instanceof Promise ? await decided : decided;
    if (!allowed) throw new Error('A check was refused.');
    if (nth % AT_A_STRETCH === 0) await turn();
  }
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: checks / seconds, cpuMicrosEach: (user + system) / checks };
}

async function tenantsWithACap({ superuserUrl }: BenchDatabase): Promise<string[]> {
  const ids = Array.from({ length: TENANTS }, () => newId());
  await withSuperuser(superuserUrl, async (client) => {
    await client.query(
      `insert into quotas (tenant_id, kind, per_day)
       select id, 'calls', $2 from unnest($1::uuid[]) as id`,
      [ids, CAP],
    );
  });
  return ids;
}

async function byRoute(bench: BenchDatabase, { seconds, rounds }: Bounds): Promise<Figure[]> {
  const maker = await TokenMaker.create();
  const common = { issuer: ISSUER, audience: AUDIENCE, publicJwk: maker.publicJwk };
  const server = await GuardServer.start({ settings: await settingsFor(bench.url), ...common });
  try {
    const { appUrl } = server.urls;
    const admin = await PlatformAdmin.signIn(appUrl);
    await admin.registerIssuer('bench', { ...common, roles: ['operator'] });
    await admin.put('/v1/tenants/bench/quotas/calls', { windows: [{ period: 'day', limit: CAP }] });
    const token = await maker.token(ISSUER, AUDIENCE, 'ada');
    const body = { demands: DEMANDS };
    const ask = (path: string) => () =>
      server.load(`${appUrl}/v1/tenants/bench/${path}`, () => token, { seconds, body });
    const speeds = await interleave(
      { consume: ask('quotas/consume'), empty: ask('bench/empty') },
      rounds,
    );
    return [
      ratioOf('POST …/quotas/consume', speeds.consume, {
        baseline: 'an empty guarded POST',
        against: speeds.empty,
        aim: '>= 0.8',
      }),
    ];
  } finally {
    await server.stop();
  }
}
