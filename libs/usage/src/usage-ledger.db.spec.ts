import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';

import { DatabaseUnavailable } from '@tenantry/database';
import { newId, type TenantScope } from '@tenantry/kernel';
import { openTestDatabase, scopeOf, TestClock, type TestDatabase } from '@tenantry/testing';
import { UsageMeter } from './metering/usage-meter.js';
import { Partitions } from './partitions.js';
import type { TenantUsageEvent, UsageEvent } from './usage-event.js';
import { type Recorded, UsageLedger } from './usage-ledger.js';

const NOON = Date.parse('2026-06-15T12:00:00Z');
const HOUR_MS = 3_600_000;

function anEvent(given: Partial<UsageEvent> = {}): UsageEvent {
  const nothing = { resource: null, actor: null, labels: null };
  return { id: newId(), meter: 'cpu_seconds', value: 1, at: NOON, ...nothing, ...given };
}

let db: TestDatabase;
let nodes: readonly UsageLedger[];
let ledger: UsageLedger;

beforeAll(async () => {
  // Counts that fail on purpose are complained about.
  Logger.overrideLogger(false);
  db = await openTestDatabase();
  nodes = [db.database, db.anotherNode(), db.anotherNode()].map(
    (database) => new UsageLedger(database, new Partitions(database)),
  );
  ledger = nodeOf(0);
});
afterAll(() => db.close());

/** One of the nodes, in turn. */
function nodeOf(turn: number): UsageLedger {
  const node = nodes[turn % nodes.length];
  if (!node) throw new Error('There is no node.');
  return node;
}

const aScope = (): TenantScope => scopeOf(newId());

/** What the raw events come to must be what the sums say, in both directions. */
async function driftOf(tenantId: string): Promise<unknown[]> {
  const drift = (unit: string, table: string): string => {
    const kept = `select ${unit} as period, meter, resource, actor, labels, value, events
      from ${table} where tenant_id = $1`;
    const due = `select date_trunc('${unit}', at, 'UTC'), meter, coalesce(resource, ''),
        coalesce(actor, ''), labels, sum(value), count(*)
      from usage_events where tenant_id = $1 group by 1, 2, 3, 4, 5`;
    return `(${kept} except ${due}) union all (${due} except ${kept})`;
  };
  const sql = `${drift('hour', 'usage_hourly')} union all ${drift('day', 'usage_daily')}`;
  return db.query(sql, [tenantId]);
}

async function sumsOf({ tenantId }: TenantScope): Promise<unknown[]> {
  return db.query(
    `select day, meter, resource, actor, labels, trim_scale(value)::text as value, events::int
     from usage_daily where tenant_id = $1 order by day, meter, resource, actor, labels_digest`,
    [tenantId],
  );
}

async function countOf({ tenantId }: TenantScope): Promise<unknown> {
  const [row] = await db.query<{ raw: number; summed: number }>(
    `select (select count(*)::int from usage_events where tenant_id = $1) as raw,
       (select coalesce(sum(events), 0)::int from usage_hourly where tenant_id = $1) as summed`,
    [tenantId],
  );
  return row;
}

describe('UsageLedger', () => {
  it('counts an id once: in a batch, in a later one, in another month, and for each tenant', async () => {
    const [acme, globex] = [aScope(), aScope()];
    const first = anEvent({ id: 'one', value: 3 });
    const again = anEvent({ id: 'one', value: 500, at: NOON - 40 * 24 * HOUR_MS });

    expect(await ledger.record(acme, 'tenant', [first, again])).toEqual({
      accepted: 1,
      duplicates: 1,
    });
    expect(await ledger.record(acme, 'tenant', [again])).toEqual({ accepted: 0, duplicates: 1 });
    expect(await ledger.record(globex, 'tenant', [again])).toEqual({ accepted: 1, duplicates: 0 });
    expect(await sumsOf(acme)).toMatchObject([{ value: '3', events: 1 }]);
    expect(await sumsOf(globex)).toMatchObject([{ value: '500', events: 1 }]);
  });

  it('counts an id of the platform’s beside the same one of the tenant’s own, each of them once', async () => {
    const acme = aScope();
    const taken = anEvent({ id: 'run-1', value: 0 });
    const used = anEvent({ id: 'run-1', value: 7 });
    const again = { ...used, tenantId: acme.tenantId };

    expect(await ledger.record(acme, 'tenant', [taken])).toEqual({ accepted: 1, duplicates: 0 });
    expect(await ledger.record(acme, 'platform', [used])).toEqual({ accepted: 1, duplicates: 0 });
    expect(await ledger.recordOfMany([again])).toEqual({ accepted: 0, duplicates: 1 });
    expect(await ledger.record(acme, 'tenant', [used])).toEqual({ accepted: 0, duplicates: 1 });
    expect(await sumsOf(acme)).toMatchObject([{ value: '7', events: 2 }]);
    const kept = 'select reporter, value::int from usage_events where tenant_id = $1 order by 1';
    expect(await db.query(kept, [acme.tenantId])).toEqual([
      { reporter: 'platform', value: 7 },
      { reporter: 'tenant', value: 0 },
    ]);
  });

  it('sums up by period, meter, resource, actor and labels, in whatever order they come', async () => {
    const scope = aScope();
    const late = anEvent({ value: 0.000001, at: Date.parse('2026-06-14T23:59:59.999Z') });
    const labels = { b: '1', a: '2' };

    await ledger.record(scope, 'tenant', [
      anEvent({ value: 2.5 }),
      anEvent({ resource: 'r', labels }),
    ]);
    await ledger.record(scope, 'tenant', [late, anEvent({ value: 1e15, at: NOON + HOUR_MS })]);
    await ledger.record(scope, 'tenant', [anEvent({ resource: 'r', labels: { a: '2', b: '1' } })]);

    const [day, before] = [new Date('2026-06-15T00:00:00Z'), new Date('2026-06-14T00:00:00Z')];
    const common = { meter: 'cpu_seconds', actor: '', resource: '', labels: {} };
    expect(await sumsOf(scope)).toEqual([
      { ...common, day: before, value: '0.000001', events: 1 },
      { ...common, day, value: '1000000000000002.5', events: 2 },
      { ...common, day, resource: 'r', labels, value: '2', events: 2 },
    ]);
  });

  it('holds a thousand of the largest values in one sum', async () => {
    const scope = aScope();
    const events = Array.from({ length: 1_000 }, () => anEvent({ value: 1e15 }));

    await ledger.record(scope, 'tenant', events);
    await ledger.record(
      scope,
      'tenant',
      events.map((event) => ({ ...event, id: newId() })),
    );

    expect(await sumsOf(scope)).toMatchObject([{ value: '2000000000000000000', events: 2_000 }]);
  });

  it('counts once what many nodes send at once, in any order, and nobody waits in a circle', async () => {
    const [acme, globex] = [aScope(), aScope()];
    const events = Array.from({ length: 200 }, (_, n) =>
      anEvent({ id: `e${n}`, resource: `r${n % 7}`, at: NOON - (n % 5) * 20 * 24 * HOUR_MS }),
    );
    const batches = Array.from({ length: 24 }, (_, n) => {
      const start = (n * 37) % 150;
      const part = events.slice(start, start + 50);
      return n % 2 === 0 ? part : part.toReversed();
    });

    const recorded = await Promise.all(
      batches.flatMap((batch, n) => {
        const node = nodeOf(n);
        const other = batch.map((event) => ({ ...event, tenantId: globex.tenantId }));
        return [node.record(acme, 'tenant', batch), node.recordOfMany(other)];
      }),
    );

    const distinct = new Set(batches.flat().map(({ id }) => id)).size;
    expect(recorded.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(2 * distinct);
    for (const scope of [acme, globex]) {
      expect(await countOf(scope)).toEqual({ raw: distinct, summed: distinct });
      expect(await driftOf(scope.tenantId)).toEqual([]);
    }
  });

  it('keeps sums that are what the events come to, however they are cut into batches', async () => {
    const event = fc.record({
      id: fc.integer({ min: 0, max: 40 }).map(String),
      meter: fc.constantFrom('cpu_seconds', 'requests'),
      value: fc.integer({ min: 0, max: 1e9 }).map((micros) => micros / 1e6),
      at: fc.integer({ min: 0, max: 60 * 24 }).map((hours) => NOON - hours * HOUR_MS + hours),
      resource: fc.constantFrom(null, 'a', 'b'),
      actor: fc.constantFrom(null, 'ada'),
      labels: fc.constantFrom(null, { pool: '' }, { pool: 'eu', tier: 'é' }),
    });
    const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 6,
    });

    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        const scope = aScope();

        const recorded = await Promise.all(
          given.map((batch, n) => nodeOf(n).record(scope, 'tenant', batch)),
        );

        const distinct = new Set(given.flat().map(({ id }) => id)).size;
        expect(recorded.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(distinct);
        expect(await countOf(scope)).toEqual({ raw: distinct, summed: distinct });
        expect(await driftOf(scope.tenantId)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses a value that the table refuses, once and as what it is', async () => {
    await expect(ledger.record(aScope(), 'tenant', [anEvent({ value: -1 })])).rejects.toMatchObject(
      {
        constraint: 'usage_events_value_counts',
      },
    );
  });
});

describe('UsageMeter', () => {
  /** Writes, and then fails so many times as if the answer had got lost. */
  class ForgetfulLedger extends UsageLedger {
    failures = 0;
    error: Error = new DatabaseUnavailable();

    override async recordOfMany(events: readonly TenantUsageEvent[]): Promise<Recorded> {
      const recorded = await super.recordOfMany(events);
      if (this.failures === 0) return recorded;
      this.failures -= 1;
      throw this.error;
    }
  }

  function aMeter(): { meter: UsageMeter; forgetful: ForgetfulLedger; clock: TestClock } {
    const clock = new TestClock('2026-06-15T12:59:59.000Z');
    const forgetful = new ForgetfulLedger(db.database, new Partitions(db.database));
    return { meter: new UsageMeter(forgetful, clock), forgetful, clock };
  }

  it('puts counts of many tenants on the ledger, by meter and actor, at the end of the interval', async () => {
    const { meter, clock } = aMeter();
    const [acme, globex] = [aScope(), aScope()];
    for (let n = 0; n < 1_000; n += 1) meter.count(acme.tenantId, 'requests', 1, 'ada');
    meter.count(acme.tenantId, 'requests', 1, 'two\nlines');
    meter.count(acme.tenantId, 'secret_reveals', 2.5);
    meter.count(globex.tenantId, 'requests');
    meter.count(globex.tenantId, 'requests', 0, 'nobody');
    clock.advance(2_000);

    await meter.flush();
    await meter.flush();

    const common = { resource: '', labels: {}, events: 1 };
    expect(await sumsOf(acme)).toMatchObject([
      { ...common, meter: 'requests', actor: '', value: '1' },
      { ...common, meter: 'requests', actor: 'ada', value: '1000' },
      { ...common, meter: 'secret_reveals', actor: '', value: '2.5' },
    ]);
    expect(await sumsOf(globex)).toMatchObject([{ meter: 'requests', actor: '', value: '1' }]);
    const hours = 'select distinct hour from usage_hourly where tenant_id = $1';
    expect(await db.query(hours, [acme.tenantId])).toEqual([
      { hour: new Date('2026-06-15T13:00:00Z') },
    ]);
  });

  it('counts once what it had to send again', async () => {
    const { meter, forgetful } = aMeter();
    const acme = aScope();
    forgetful.failures = 2;

    for (const amount of [3, 4, 5]) {
      meter.count(acme.tenantId, 'requests', amount);
      await meter.flush();
    }

    expect(await sumsOf(acme)).toMatchObject([{ value: '12', events: 3 }]);
  });

  it('does not try for ever what the ledger will not take, and loses nothing beside it', async () => {
    const { meter, forgetful } = aMeter();
    const acme = aScope();
    forgetful.error = new Error('not this one');
    forgetful.failures = 5;
    meter.count('no tenant at all', 'requests');

    for (let n = 0; n < 6; n += 1) await meter.flush();
    forgetful.failures = 0;
    meter.count(acme.tenantId, 'requests');
    await meter.flush();

    expect(await sumsOf(acme)).toMatchObject([{ value: '1' }]);
  });

  it('sends early where there is much to keep, and the rest at the end', async () => {
    const { meter } = aMeter();
    const acme = aScope();

    for (let n = 0; n < 10_010; n += 1) meter.count(acme.tenantId, 'requests', 1, `a${n}`);
    await meter.onApplicationShutdown();

    expect(await countOf(acme)).toEqual({ raw: 10_010, summed: 10_010 });
  });
});
