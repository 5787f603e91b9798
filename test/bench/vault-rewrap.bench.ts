import pg from 'pg';

import { scopeOfOwnWork } from '@tenantry/access';
import { LocalKek, MasterKey } from '@tenantry/crypto';
import { Database } from '@tenantry/database';
import { newId, SystemClock } from '@tenantry/kernel';
import { ResealingRepository } from '../../libs/secrets/src/rotation/resealing.repository.js';
import { aCaller, drain, RotationNode } from './rotation-node.js';
import type { BenchDatabase } from './bench-server.js';
import type { Figure } from './figure.js';
import { type Speed, speedOf, told } from './rounds.js';

const POOL_SIZE = 5;
/** A password and its name, a small key: what secrets mostly are. */
const VALUE_BYTES = 200;
const SAMPLE_EVERY_MS = 20;
const MIB = 1024 * 1024;

const TENANT = `insert into tenants (id, slug, display_name) values ($1, $2, $2)`;

interface Memory {
  readonly before: number;
  readonly peak: number;
  readonly after: number;
}

interface Bench {
  readonly database: Database;
  readonly node: RotationNode;
  readonly superuser: pg.Pool;
  readonly values: number;
}

/**
 * The values of a tenant sealed anew under another key, against the same rows written in the same
 * batches with the bytes that they had: what the keys cost, and what they hold in memory.
 */
export async function vaultRewrapBench(
  { url, superuserUrl }: BenchDatabase,
  { values }: { readonly values: number },
): Promise<Figure[]> {
  const database = new Database({ url, poolSize: POOL_SIZE, preparedStatements: true });
  const superuser = new pg.Pool({ connectionString: superuserUrl, max: 1 });
  const local = new LocalKek(new MasterKey(Buffer.alloc(32, 7)));
  const node = await RotationNode.start({
    ...{ database, url, clock: new SystemClock(), providers: [local], preferred: local },
  });
  const bench = { database, node, superuser, values };
  try {
    const copied = await rotated(bench, (tenantId) => copyAll(bench, tenantId));
    const resealed = await rotated(bench, () => drain(node));
    if (node.resealing.counts.resealed !== values) throw new Error('Not all were sealed anew.');
    return figuresOf(copied, resealed);
  } finally {
    await node.stop();
    await Promise.all([database.close(), superuser.end()]);
  }
}

/** A tenant whose key is being replaced, and how `work` does with its values. */
async function rotated(
  { node, superuser, values }: Bench,
  work: (tenantId: string) => Promise<void>,
): Promise<{ readonly speed: Speed; readonly memory: Memory }> {
  const id = newId();
  const tenant = { id, slug: `t-${id}`, status: 'active' as const, requiresSecondFactor: false };
  await superuser.query(TENANT, [id, tenant.slug]);
  await node.seed(
    scopeOfOwnWork(id),
    values,
    (text, given) => superuser.query(text, [...given]),
    VALUE_BYTES,
  );
  await superuser.query('vacuum analyze secret_versions');
  await node.keyRotation.begin(aCaller(tenant));
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLE_EVERY_MS);
  const { perSecond, cpuMicrosEach } = await speedOf({ times: 1, atOnce: 1 }, () => work(id));
  clearInterval(sampling);
  const speed = { perSecond: perSecond * values, cpuMicrosEach: cpuMicrosEach / values };
  return { speed, memory: { before, peak, after: process.memoryUsage.rss() } };
}

/** Everything that is done to seal a tenant's values anew, but for opening and sealing them. */
async function copyAll({ database }: Bench, tenantId: string): Promise<void> {
  const store = new ResealingRepository(database);
  const keys = await store.retiring(null, POOL_SIZE);
  const key = keys.find((one) => one.tenantId === tenantId);
  const pair = key && (await store.pair(key));
  if (!pair) throw new Error('No key is being replaced.');
  const { id } = pair.old;
  let after: Parameters<typeof store.pick>[2] = null;
  for (;;) {
    const from = after;
    const { places, isLast } = await database.within(scopeOfOwnWork(tenantId), async (tx) => {
      await store.hold(tx, pair);
      const picked = await store.pick(tx, id, from);
      await store.write(tx, pair, await store.read(tx, id, picked.places));
      return picked;
    });
    if (isLast) break;
    after = places.at(-1) ?? null;
  }
  const retiring = await database.within(scopeOfOwnWork(tenantId), (tx) =>
    store.retire(tx, id, new Date()),
  );
  if (!retiring) throw new Error('Not all were written.');
}

function figuresOf(
  copied: { readonly speed: Speed },
  { speed, memory }: { readonly speed: Speed; readonly memory: Memory },
): Figure[] {
  const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
  return [
    {
      what: 'values sealed anew',
      baseline: 'the same batches, values neither opened nor sealed',
      ratio: speed.perSecond / copied.speed.perSecond,
      aim: null,
      measured: `${told(speed)}; ${told(copied.speed)}`,
    },
    {
      what: 'memory of sealing anew, peak',
      baseline: 'before it began',
      ratio: memory.peak / memory.before,
      aim: null,
      measured: `${mib(memory.peak)}; ${mib(memory.before)}, ${mib(memory.after)} afterwards`,
    },
  ];
}
