import pg from 'pg';

import { readConfig } from '@tenantry/config';
import { MasterKey, Sealer } from '@tenantry/crypto';
import { Database } from '@tenantry/database';
import { newId, SystemClock, TenantScope } from '@tenantry/kernel';
import { AuditRepository } from '../../libs/audit/src/audit.repository.js';
import { AuditTrail } from '../../libs/audit/src/audit-trail.js';
import { AuditKeys } from '../../libs/audit/src/chain/audit-keys.js';
import { Checkpointing } from '../../libs/audit/src/chain/checkpointing.js';
import { CheckpointsRepository } from '../../libs/audit/src/chain/checkpoints.repository.js';
import { Verifying } from '../../libs/audit/src/chain/verifying.js';
import { TENANTRY } from '../../libs/audit/src/deed.js';
import { eventOf } from '../../libs/audit/src/event.js';
import { Trails } from '../../libs/audit/src/trails.js';
import type { BenchDatabase } from './bench-server.js';
import { type Figure, ratioOf } from './figure.js';
import { interleave, type Speed, speedOf } from './rounds.js';

const POOL_SIZE = 16;
const AT_ONCE = 64;
const TENANTS = 200;
const BATCH = 1_000;
const PAGE = 1_000;

/** What a deed changes, without its record: one row, in one statement. */
const DEED = 'update bench_things set level = level + 1 where tenant_id = $1 and n = $2';

/** Deeds with their record against the same without; verifying and exporting a long trail. */
export async function auditBench(
  { url, superuserUrl }: BenchDatabase,
  settings: { readonly times: number; readonly rounds: number; readonly records: number },
): Promise<Figure[]> {
  const database = new Database({ url, poolSize: POOL_SIZE, preparedStatements: true });
  const superuser = new pg.Pool({ connectionString: superuserUrl, max: 2 });
  const tenants = Array.from({ length: TENANTS }, () => newId());
  try {
    await superuser.query(`
      create table bench_things (tenant_id uuid, n integer, level integer default 0, primary key (tenant_id, n));
      grant select, update on bench_things to tenantry_tenant`);
    await superuser.query(
      'insert into bench_things select id, n from unnest($1::uuid[]) id, generate_series(0, 99) n',
      [tenants],
    );
    return [
      ...(await appending(database, tenants, settings)),
      ...(await reading(database, settings.records)),
    ];
  } finally {
    await Promise.all([database.close(), superuser.end()]);
  }
}

async function appending(
  database: Database,
  tenants: readonly string[],
  { times, rounds }: { readonly times: number; readonly rounds: number },
): Promise<Figure[]> {
  const trail = new AuditTrail(database);
  const scopes = tenants.map((id) => TenantScope.admit(id));
  const scopeAt = (turn: number): TenantScope =>
    scopes[turn % scopes.length] ?? TenantScope.admit(newId());
  const within = (scope: TenantScope, turn: number, isOnRecord: boolean): Promise<unknown> =>
    database.within(scope, async (tx) => {
      await tx.query(DEED, [scope.tenantId, turn % 100]);
      const target = { kind: 'thing', id: String(turn), name: 'Thing' };
      if (isOnRecord) trail.record(tx, TENANTRY, { deed: 'thing.changed', target });
    });
  const outright = (scope: TenantScope, turn: number): Promise<unknown> =>
    trail.recordNow(scope, TENANTRY, [
      { deed: 'thing.used', target: { kind: 'thing', id: String(turn), name: 'Thing' } },
    ]);
  const each = { times, atOnce: AT_ONCE };
  const first = scopeAt(0);
  const speeds = await interleave(
    {
      audited: () => speedOf(each, (turn) => within(scopeAt(turn), turn, true)),
      bare: () => speedOf(each, (turn) => within(scopeAt(turn), turn, false)),
      one: () => speedOf(each, (turn) => within(first, turn, true)),
      outright: () => speedOf(each, (turn) => outright(scopeAt(turn), turn)),
      update: () =>
        speedOf(each, (turn) =>
          database.query(scopeAt(turn), DEED, [scopeAt(turn).tenantId, turn % 100]),
        ),
    },
    rounds,
  );
  const bare = { baseline: 'the same without its record', against: speeds.bare };
  return [
    ratioOf('deeds of many tenants, in a transaction', speeds.audited, { ...bare, aim: '>= 0.7' }),
    ratioOf('deeds of one tenant, in a transaction', speeds.one, bare),
    ratioOf('deeds that are nothing but their record, of many tenants', speeds.outright, {
      ...{ baseline: 'one UPDATE', against: speeds.update, aim: '>= 3,000/s' },
    }),
  ];
}

async function reading(database: Database, records: number): Promise<Figure[]> {
  const scope = TenantScope.admit(newId());
  const trail = new AuditTrail(database);
  const trails = new Trails(database);
  const own = trails.of(scope);
  for (let done = 0; done < records; done += BATCH) {
    const deeds = Array.from({ length: BATCH }, (_, n) => ({
      ...({ deed: 'thing.used', target: { kind: 'thing', id: String(n), name: 'Thing' } } as const),
    }));
    await trail.recordNow(scope, TENANTRY, deeds);
  }
  const checkpoints = new CheckpointsRepository(database);
  const repository = new AuditRepository();
  const keys = new AuditKeys(
    database,
    new Sealer(new MasterKey(Buffer.alloc(32, 1))),
    readConfig({}),
  );
  const signing = new Checkpointing(checkpoints, repository, keys, trails, new SystemClock());
  const verifying = new Verifying(checkpoints, keys);
  const rest = process.memoryUsage().rss;
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 100);
  const once = async (work: () => Promise<unknown>): Promise<Speed> =>
    perRecord(await speedOf({ times: 1, atOnce: 1 }, work), records);
  const select = await once(() => pages(repository, own, () => undefined));
  const signed = await once(() => signing.sign(scope.tenantId));
  const verified = await once(() => verifying.verify(own));
  const exported = await once(() =>
    pages(repository, own, (row) => JSON.stringify(eventOf(row)).length),
  );
  clearInterval(watch);
  const grown = `${Math.round((peak - rest) / 2 ** 20)} MiB grown`;
  const alone = { baseline: 'reading the rows alone', against: select };
  const flat = { ...alone, aim: 'flat memory' };
  const of = `of ${records.toLocaleString('en')} records`;
  return [
    ratioOf(`signing ${of}`, signed, alone),
    ratioOf(`verifying ${of} (${grown})`, verified, flat),
    ratioOf(`exporting ${of}`, exported, flat),
  ];
}

async function pages(
  repository: AuditRepository,
  trail: Parameters<AuditRepository['oldest']>[0],
  take: (row: Parameters<typeof eventOf>[0]) => unknown,
): Promise<void> {
  for (let beyond = 0; ;) {
    const rows = await repository.oldest(trail, {}, { beyond, limit: PAGE });
    for (const row of rows) take(row);
    if (rows.length < PAGE) return;
    beyond = Number(rows.at(-1)?.sequence);
  }
}

function perRecord({ perSecond, cpuMicrosEach }: Speed, records: number): Speed {
  return { perSecond: perSecond * records, cpuMicrosEach: cpuMicrosEach / records };
}
