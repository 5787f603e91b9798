import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { AuditTrail } from '@tenantry/audit';
import { ChangeFeed, type Database } from '@tenantry/database';
import { SystemClock, type TenantScope } from '@tenantry/kernel';
import { aTenant, openTestDatabase, type TestDatabase } from '@tenantry/testing';
import { LimitBook } from '../limit-book.js';
import { ThresholdTelling } from '../thresholds/threshold-telling.js';
import { LeasedQuotas } from './leased-quotas.js';
import type { Decision, Demand } from './quota-engine.js';
import { QuotaStore } from './quota-store.js';

interface Node {
  readonly engine: LeasedQuotas;
  readonly feed: ChangeFeed;
  stop(): Promise<void>;
}

interface Columns {
  readonly per_minute?: number;
  readonly per_hour?: number;
  readonly per_day?: number;
  readonly per_month?: number;
  readonly rate_micros?: number;
  readonly burst?: number;
  readonly mode?: 'enforce' | 'shadow';
}

describe('LeasedQuotas', () => {
  let db: TestDatabase;
  let scope: TenantScope;
  let nodes: Node[];

  beforeEach(async () => {
    db = await openTestDatabase();
    ({ scope } = await aTenant(db.database));
    nodes = [];
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop();
    await db.close();
  });

  async function node(database: Database = db.database): Promise<Node> {
    const clock = new SystemClock();
    const feed = new ChangeFeed(database, clock, db.url);
    await feed.start();
    const book = new LimitBook(database, feed, clock);
    const telling = new ThresholdTelling(database, new AuditTrail(database));
    const engine = new LeasedQuotas(book, new QuotaStore(database), clock, feed, telling);
    engine.onModuleInit();
    const made = {
      engine,
      feed,
      stop: async () => {
        await engine.onModuleDestroy();
        await feed.stop();
      },
    };
    nodes.push(made);
    return made;
  }

  async function limit(kind: string, columns: Columns): Promise<void> {
    const names = Object.keys(columns);
    await db.query(
      `insert into quotas (tenant_id, kind, ${names.join(', ')})
       values ($1, $2, ${names.map((_, index) => `$${index + 3}`).join(', ')})
       on conflict (tenant_id, kind) do update set
       ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
      [scope.tenantId, kind, ...Object.values(columns)],
    );
    await db.database.within(scope, (tx) => {
      tx.announce({ kind: 'quota', id: scope.tenantId, tenantId: scope.tenantId, key: kind });
      return Promise.resolve();
    });
  }

  async function drawn(kind: string, name: string): Promise<number> {
    const [row] = await db.query<{ drawn: string }>(
      'select drawn from quota_counters where kind = $1 and name = $2',
      [kind, name],
    );
    return Number(row?.drawn);
  }

  it('lets by what has no limit, without asking anybody', async () => {
    const { engine } = await node();

    const decision = await engine.consume(scope, [{ kind: 'calls', amount: 1_000_000 }]);

    expect(decision).toMatchObject({ allowed: true, limits: [] });
    expect(await db.query('select * from quota_counters')).toEqual([]);
  });

  it('admits as much as the window holds, and says what is left and when there is more', async () => {
    await limit('calls', { per_day: 3 });
    const { engine } = await node();
    const decisions: Decision[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      decisions.push(await engine.consume(scope, [{ kind: 'calls', amount: 1 }]));
    }

    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
    expect(decisions.map(({ limits }) => limits[0]?.remaining)).toEqual([2, 1, 0, 0]);
    expect(decisions[3]?.refusedBy).toMatchObject({ kind: 'calls', name: 'day', quota: 3 });
    expect(decisions[3]?.retryAfterSeconds).toBeGreaterThan(0);
    expect(decisions[3]?.retryAfterSeconds).toBeLessThanOrEqual(86_400);
  });

  it('admits exactly the cap when three nodes race for it, and no more than that afterwards', async () => {
    await limit('calls', { per_day: 1_000 });
    const racing = [await node(), await node(db.anotherNode()), await node(db.anotherNode())];
    let admitted = 0;
    const lane = async ({ engine }: Node): Promise<void> => {
      for (let turn = 0; turn < 60; turn += 1) {
        const { allowed } = await engine.consume(scope, [{ kind: 'calls', amount: 1 }]);
        if (allowed) admitted += 1;
      }
    };

    await Promise.all(racing.flatMap((one) => Array.from({ length: 10 }, () => lane(one))));

    expect(admitted).toBe(1_000);
    expect(await drawn('calls', 'day')).toBe(1_000);
  });

  it('spends nothing of one limit where another refuses', async () => {
    await limit('calls', { per_day: 100, per_minute: 5 });
    await limit('tokens', { per_day: 50 });
    const { engine } = await node();
    const both: Demand[] = [
      { kind: 'calls', amount: 1 },
      { kind: 'tokens', amount: 20 },
    ];
    const decisions = [];
    for (let turn = 0; turn < 4; turn += 1) decisions.push(await engine.consume(scope, both));

    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, false, false]);
    expect(decisions[2]?.refusedBy).toMatchObject({ kind: 'tokens', name: 'day' });
    await engine.release();
    expect(await drawn('calls', 'day')).toBe(2);
    expect(await drawn('calls', 'minute')).toBe(2);
    expect(await drawn('tokens', 'day')).toBe(40);
  });

  it('takes a kind that is named twice in sum', async () => {
    await limit('calls', { per_day: 3 });
    const { engine } = await node();
    const twice: Demand[] = [
      { kind: 'calls', amount: 2 },
      { kind: 'calls', amount: 2 },
    ];

    expect(await engine.consume(scope, twice)).toMatchObject({ allowed: false });
    expect(await engine.consume(scope, [{ kind: 'calls', amount: 3 }])).toMatchObject({
      allowed: true,
    });
  });

  it('gives back what nobody draws any more, so that another node can have all of it', async () => {
    await limit('calls', { per_day: 1_000 });
    const [one, other] = [await node(), await node(db.anotherNode())];
    const spend = async ({ engine }: Node, times: number): Promise<number> => {
      const decisions = await Promise.all(
        Array.from({ length: times }, () => engine.consume(scope, [{ kind: 'calls', amount: 1 }])),
      );
      return decisions.filter(({ allowed }) => allowed).length;
    };
    for (let turn = 0; turn < 5; turn += 1) await spend(one, 40);

    expect(await spend(other, 900)).toBe(800);
    expect(await drawn('calls', 'day')).toBe(1_000);
  });

  it('counts once for each key, however many send it at the same time', async () => {
    await limit('calls', { per_day: 10 });
    const [one, other] = [await node(), await node(db.anotherNode())];
    const once = { actor: 'somebody', key: 'k-1', digest: Buffer.from('the same') };
    const demands = [{ kind: 'calls', amount: 4 }];

    const decisions = await Promise.all(
      [one, other, one, other].map(({ engine }) => engine.consumeOnce(scope, once, demands)),
    );

    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, true]);
    expect(decisions.map(({ limits }) => limits[0]?.remaining)).toEqual([6, 6, 6, 6]);
    expect(await drawn('calls', 'day')).toBe(4);
    await expect(
      one.engine.consumeOnce(scope, { ...once, digest: Buffer.from('another') }, demands),
    ).rejects.toMatchObject({ code: 'request.idempotency_mismatch' });
  });

  it('leaves a key free that was refused, and keeps nothing of a demand that one limit refused', async () => {
    await limit('calls', { per_day: 10, per_minute: 3 });
    const { engine } = await node();
    const once = { actor: 'somebody', key: 'k-1', digest: Buffer.from('the same') };

    const refusal = await engine.consumeOnce(scope, once, [{ kind: 'calls', amount: 5 }]);
    expect(refusal).toMatchObject({ allowed: false, refusedBy: { name: 'minute' } });
    await limit('calls', { per_day: 10, per_minute: 6 });
    const decision = await engine.consumeOnce(scope, once, [{ kind: 'calls', amount: 5 }]);

    expect(decision).toMatchObject({ allowed: true });
    expect(await drawn('calls', 'day')).toBe(5);
  });

  it('finds for a key what other nodes hold and do not need', async () => {
    await limit('calls', { per_day: 1_000 });
    const [one, other] = [await node(), await node(db.anotherNode())];
    for (let turn = 0; turn < 3; turn += 1) {
      await Promise.all(
        Array.from({ length: 50 }, () => one.engine.consume(scope, [{ kind: 'calls', amount: 1 }])),
      );
    }
    const once = { actor: 'somebody', key: 'k-1', digest: Buffer.from('all') };

    const decision = await other.engine.consumeOnce(scope, once, [{ kind: 'calls', amount: 850 }]);

    expect(decision).toMatchObject({ allowed: true });
  });

  it('refuses from memory for a while, and asks the store seldom, when nothing is left', async () => {
    await limit('calls', { per_day: 1 });
    const { engine } = await node();
    await engine.consume(scope, [{ kind: 'calls', amount: 1 }]);
    await engine.consume(scope, [{ kind: 'calls', amount: 1 }]);

    const decision = engine.consume(scope, [{ kind: 'calls', amount: 1 }]);

    expect(decision).not.toBeInstanceOf(Promise);
    expect(decision).toMatchObject({ allowed: false });
  });

  it('lets by in shadow mode, and says which limit would have refused', async () => {
    await limit('calls', { per_day: 1, mode: 'shadow' });
    const { engine } = await node();
    await engine.consume(scope, [{ kind: 'calls', amount: 1 }]);

    const decision = await engine.consume(scope, [{ kind: 'calls', amount: 1 }]);

    expect(decision).toMatchObject({
      allowed: true,
      shadowed: [{ kind: 'calls', name: 'day', remaining: 0 }],
    });
    expect(await drawn('calls', 'day')).toBe(1);
  });

  it('gives back what is refunded, but never more than was spent', async () => {
    await limit('calls', { per_day: 10 });
    const { engine } = await node();
    await engine.consume(scope, [{ kind: 'calls', amount: 4 }]);

    const first = await engine.refund(scope, [{ kind: 'calls', amount: 3 }], null);
    const second = await engine.refund(scope, [{ kind: 'calls', amount: 3 }], null);
    const late = await engine.refund(scope, [{ kind: 'calls', amount: 1 }], new Date(0));

    expect(first).toMatchObject([{ kind: 'calls', name: 'day', refunded: 3 }]);
    expect(second).toMatchObject([{ kind: 'calls', name: 'day', refunded: 1 }]);
    expect(late).toEqual([]);
    expect(await engine.remaining(scope)).toMatchObject([{ available: 10 }]);
  });

  it('obeys a lower limit as soon as it is set, whatever a node still holds', async () => {
    await limit('calls', { per_day: 10_000 });
    const { engine } = await node();
    for (let turn = 0; turn < 3; turn += 1) {
      await Promise.all(
        Array.from({ length: 50 }, () => engine.consume(scope, [{ kind: 'calls', amount: 1 }])),
      );
    }

    await limit('calls', { per_day: 151 });
    const decisions = [];
    for (let turn = 0; turn < 3; turn += 1) {
      decisions.push(await engine.consume(scope, [{ kind: 'calls', amount: 1 }]));
    }

    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, false, false]);
  });

  it('says what a check would get, and spends nothing', async () => {
    await limit('calls', { per_day: 2 });
    const { engine } = await node();

    expect(await engine.check(scope, [{ kind: 'calls', amount: 2 }])).toMatchObject({
      allowed: true,
    });
    expect(await engine.check(scope, [{ kind: 'calls', amount: 3 }])).toMatchObject({
      allowed: false,
      refusedBy: { name: 'day', remaining: 2 },
    });
    expect(await engine.consume(scope, [{ kind: 'calls', amount: 2 }])).toMatchObject({
      allowed: true,
    });
  });

  it('tells each threshold once in a period, on the trail and on the feed, whoever sees it', async () => {
    await limit('calls', { per_day: 10 });
    const [one, other] = [await node(), await node(db.anotherNode())];
    for (let turn = 0; turn < 12; turn += 1) {
      await (turn % 2 === 0 ? one : other).engine.consume(scope, [{ kind: 'calls', amount: 1 }]);
    }
    await one.stop();
    await other.stop();
    nodes = [];

    const records = await db.query<{ percent: number }>(
      `select (record #>> '{changes,percent,after}')::int as percent from audit_records
       where deed = 'quota.threshold_reached' order by sequence`,
    );
    const changes = await db.query<{ id: string }>(
      `select id from changes where kind = 'quota_threshold' order by revision`,
    );
    expect(records.map(({ percent }) => percent)).toEqual([50, 80, 90, 100]);
    expect(changes.map(({ id }) => id)).toEqual([
      'calls/day/50',
      'calls/day/80',
      'calls/day/90',
      'calls/day/100',
    ]);
  });

  it('fails closed where the database cannot be asked, and goes on when it can', async () => {
    await limit('calls', { per_day: 10 });
    const { engine } = await node();
    await engine.consume(scope, [{ kind: 'calls', amount: 1 }]);
    await db.query('alter table quota_counters rename to quota_counters_gone');

    await expect(engine.consume(scope, [{ kind: 'calls', amount: 1 }])).rejects.toMatchObject({
      code: 'quotas.unavailable',
    });

    await db.query('alter table quota_counters_gone rename to quota_counters');
    expect(await engine.consume(scope, [{ kind: 'calls', amount: 9 }])).toMatchObject({
      allowed: true,
    });
  });
});
