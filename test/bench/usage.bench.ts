import pg from 'pg';

import { Database } from '@tenantry/database';
import { newId, TenantScope } from '@tenantry/kernel';
import { Partitions } from '../../libs/usage/src/partitions.js';
import { readEvents } from '../../libs/usage/src/reporting/read-events.js';
import { UsageLedger } from '../../libs/usage/src/usage-ledger.js';
import type { BenchDatabase } from './bench-server.js';
import type { Figure } from './figure.js';
import { interleave, type Speed, speedOf, told } from './rounds.js';

const POOL_SIZE = 10;
const BATCH = 1_000;
const AT_ONCE = 4;
const RESOURCES = 50;
const DAY_MS = 86_400_000;

const PLAIN = `
  create table plain_events (
    tenant_id uuid not null, id text not null, meter text not null, value numeric not null,
    at timestamptz not null, resource text, actor text, labels jsonb,
    primary key (tenant_id, id)
  )`;

const INSERT = `
  insert into plain_events select $1::uuid, event.* from unnest(
    $2::text[], $3::text[], $4::numeric[], $5::timestamptz[], $6::text[], $7::text[], $8::jsonb[]
  ) as event`;

/** A batch as an engine reports it: what a tenant's resources used in this hour. */
function aBatch(): Record<string, unknown>[] {
  const now = Date.now();
  return Array.from({ length: BATCH }, (_, n) => ({
    id: newId(),
    meter: n % 2 === 0 ? 'cpu_seconds' : 'requests',
    value: (n % 100) / 4,
    at: new Date(now - n * 60).toISOString(),
    resource: `workflow/${n % RESOURCES}`,
  }));
}

/** Events on the ledger in batches of a thousand, against the same put into one plain table. */
export async function usageBench(
  { url, superuserUrl }: BenchDatabase,
  { batches, rounds }: { readonly batches: number; readonly rounds: number },
): Promise<Figure[]> {
  const database = new Database({ url, poolSize: POOL_SIZE, preparedStatements: true });
  const plain = new pg.Pool({ connectionString: superuserUrl, max: POOL_SIZE });
  const ledger = new UsageLedger(database, new Partitions(database));
  const tenants = Array.from({ length: AT_ONCE }, () => newId());
  const tenantOf = (turn: number): string => tenants[turn % AT_ONCE] ?? '';
  const acceptance = { from: Date.now() - DAY_MS, until: Date.now() + DAY_MS };
  const take = (tenantId: string): Promise<unknown> =>
    ledger.record(
      TenantScope.admit(tenantId),
      'platform',
      readEvents({ events: aBatch() }, acceptance),
    );
  const times = { times: batches, atOnce: AT_ONCE };
  try {
    await plain.query(PLAIN);
    const speeds = await interleave(
      {
        many: () => speedOf(times, (turn) => take(tenantOf(turn))),
        one: () => speedOf(times, () => take(tenantOf(0))),
        plain: () =>
          speedOf(times, (turn) =>
            plain.query({ name: 'insert', text: INSERT, values: columnsOf(tenantOf(turn)) }),
          ),
      },
      rounds,
    );
    return [
      figure('usage taken in, of several tenants', speeds.many, speeds.plain),
      figure('usage taken in, of one tenant', speeds.one, speeds.plain),
    ];
  } finally {
    await Promise.all([database.close(), plain.end()]);
  }
}

function columnsOf(tenantId: string): unknown[] {
  const events = aBatch();
  const fields = ['id', 'meter', 'value', 'at', 'resource', 'actor', 'labels'];
  return [tenantId, ...fields.map((field) => events.map((event) => event[field] ?? null))];
}

function figure(what: string, speed: Speed, plain: Speed): Figure {
  const [events, inserted] = [eachOf(speed), eachOf(plain)];
  return {
    what,
    baseline: 'INSERT into one plain table',
    ratio: events.perSecond / inserted.perSecond,
    aim: '>= 10,000 events/s',
    measured: `${told(events)}; ${told(inserted)}`,
  };
}

/** Of a speed in batches, that in events. */
function eachOf({ perSecond, cpuMicrosEach }: Speed): Speed {
  return { perSecond: perSecond * BATCH, cpuMicrosEach: cpuMicrosEach / BATCH };
}
