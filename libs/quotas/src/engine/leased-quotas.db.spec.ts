import { setTimeout as pause } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import type { Database } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import { aTenant, type TestDatabase } from '@tenantry/testing';
import { type Columns, type Node, QuotaNodes } from './fixtures/quota-nodes.js';
import type { Decision, Demand } from './quota-engine.js';
import { QuotaStore } from './quota-store.js';

describe('LeasedQuotas', () => {
  let nodes: QuotaNodes;
  let db: TestDatabase;
  let scope: TenantScope;

  beforeEach(async () => {
    nodes = await QuotaNodes.open();
    ({ db, scope } = nodes);
  });
  afterEach(async () => {
    await nodes.close();
  });

  const node = (database: Database = db.database): Promise<Node> => nodes.node({ database });
  const limit = (kind: string, columns: Columns): Promise<void> => nodes.limit(kind, columns);
  const drawn = (kind: string, name: string): Promise<number> => nodes.drawn(kind, name);

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

  it('refunds once for each key, on whichever nodes, and keeps neither key nor actor in clear', async () => {
    await limit('calls', { per_day: 10 });
    const [one, other] = [await node(), await node(db.anotherNode())];
    const once = { actor: 'somebody', key: 'k-1', digest: Buffer.from('the same') };
    const demands = [{ kind: 'calls', amount: 2 }];
    await one.engine.consumeOnce(scope, once, [{ kind: 'calls', amount: 8 }]);

    const refunds = await Promise.all(
      [one, other, one, other].map(({ engine }) => engine.refundOnce(scope, once, demands, null)),
    );

    const refund = { kind: 'calls', name: 'day', amount: 2, refunded: 2 };
    expect(refunds).toEqual([[refund], [refund], [refund], [refund]]);
    expect(await drawn('calls', 'day')).toBe(6);
    await expect(
      one.engine.refundOnce(scope, { ...once, digest: Buffer.from('other') }, demands, null),
    ).rejects.toMatchObject({ code: 'request.idempotency_mismatch' });
    const receipts = await db.query(
      "select deed, encode(key, 'hex') as key, answer from quota_receipts order by deed",
    );
    const spent = { mode: 'enforce', available: 2, lent: 0, refused: false };
    // Of sha256: somebody, NUL, k-1.
    const key = 'd3788af40f3fee8ff71cd1cb8837fd1b091dd8d848f31e202a22e1f4cf3d5721';
    expect(receipts).toEqual([
      { deed: 'refund', key, answer: [{ kind: 'calls', name: 'day', refunded: 2 }] },
      {
        ...{ deed: 'spend', key },
        answer: [{ kind: 'calls', name: 'day', ...spent, endsInMs: expect.any(Number) }],
      },
    ]);
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
    // Of a minute nobody is told: it fills all day long.
    await limit('calls', { per_day: 10, per_minute: 10 });
    const [one, other] = [await node(), await node(db.anotherNode())];
    for (let turn = 0; turn < 12; turn += 1) {
      await (turn % 2 === 0 ? one : other).engine.consume(scope, [{ kind: 'calls', amount: 1 }]);
    }
    await nodes.stopAll();

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

  it('asks the store seldom for a tenant far beyond its limit, and lets the others by', async () => {
    const noisy = scope;
    await limit('calls', { rate_micros: 20_000_000, burst: 20 });
    const quiet = await Promise.all(Array.from({ length: 9 }, () => aTenant(db.database)));
    for (const one of quiet) {
      nodes.scope = one.scope;
      await limit('calls', { rate_micros: 20_000_000, burst: 20 });
    }
    const { engine } = await node();
    const draws = jest.spyOn(QuotaStore.prototype, 'draw');
    const spend = async (by: TenantScope, times: number): Promise<number> => {
      let admitted = 0;
      for (let turn = 0; turn < times; turn += 1) {
        const { allowed } = await engine.consume(by, [{ kind: 'calls', amount: 1 }]);
        if (allowed) admitted += 1;
        if (turn % 50 === 0) await pause(1);
      }
      return admitted;
    };

    const [loud = 0, ...others] = await Promise.all([
      spend(noisy, 10_000),
      ...quiet.map((one) => spend(one.scope, 15)),
    ]);
    const asked = draws.mock.calls.filter(([by]) => by === noisy).length;
    draws.mockRestore();

    expect(others).toEqual(Array.from({ length: 9 }, () => 15));
    expect(loud).toBeLessThan(5_000);
    // One for each token that flowed in, and a few to fill the lease; never one for each check.
    expect(asked).toBeLessThan(loud + 200);
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
