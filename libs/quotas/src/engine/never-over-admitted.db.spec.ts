import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { AuditTrail } from '@tenantry/audit';
import { ChangeFeed } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import { aTenant, openTestDatabase, type TestDatabase, TestClock } from '@tenantry/testing';
import type { Limit } from '../limit.js';
import { LimitBook, type LimitsByKind } from '../limit-book.js';
import { ThresholdRecord } from '../thresholds/threshold-record.js';
import { ThresholdTelling } from '../thresholds/threshold-telling.js';
import { LeasedQuotas } from './leased-quotas.js';
import { QuotaStore } from './quota-store.js';

const NODES = 3;
const KIND = 'calls';

interface Setting {
  readonly minute: number;
  readonly day: number;
  readonly burst: number;
  readonly perSecond: number;
}

type Step =
  | { readonly do: 'consume'; readonly node: number; readonly amounts: readonly number[] }
  | { readonly do: 'once'; readonly node: number; readonly amount: number; readonly key: number }
  | { readonly do: 'refund'; readonly node: number; readonly amount: number; readonly ago: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'crash' | 'settle'; readonly node: number }
  | { readonly do: 'server clock back'; readonly ms: number }
  | { readonly do: 'node clock'; readonly node: number; readonly ms: number };

const node = fc.nat(NODES - 1);
const amount = fc.integer({ min: 1, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('consume' as const),
      node,
      amounts: fc.array(amount, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('once' as const), node, amount, key: fc.nat(3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      node,
      amount,
      ago: fc.constantFrom(0, 30_000, 120_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1_000, max: 70_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), node }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), node }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('server clock back' as const),
      ms: fc.integer({ min: 1, max: 200_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('node clock' as const),
      node,
      ms: fc.integer({ min: -200_000, max: 200_000 }),
    }),
  },
);

const setting = fc.record({
  minute: fc.integer({ min: 1, max: 60 }),
  day: fc.integer({ min: 1, max: 150 }),
  burst: fc.integer({ min: 12, max: 60 }),
  perSecond: fc.constantFrom(0.05, 0.5, 2, 40),
});

/** Limits that nobody changes, whatever the feed says. */
class FixedLimits extends LimitBook {
  constructor(
    db: TestDatabase,
    feed: ChangeFeed,
    private readonly limits: LimitsByKind,
  ) {
    super(db.database, feed, new TestClock());
  }

  override known(): LimitsByKind {
    return this.limits;
  }
}

interface Admission {
  readonly atMs: number;
  readonly amount: number;
}

/** Several nodes on one database, whose clocks and fates the test rules. */
class World {
  readonly admissions: Admission[] = [];
  /** What was admitted and not refunded, by window. */
  readonly net = new Map<string, number>();
  elapsedMs = 0;
  hasCrashed = false;
  #serverMs = Date.parse('2026-03-01T23:55:00Z');
  #nodes: { readonly engine: LeasedQuotas; readonly clock: TestClock }[] = [];
  readonly #done = new Set<number>();

  private constructor(
    private readonly db: TestDatabase,
    private readonly scope: TenantScope,
    readonly setting: Setting,
    private readonly feed: ChangeFeed,
  ) {
    this.#nodes = Array.from({ length: NODES }, () => this.#start());
  }

  static async create(db: TestDatabase, setting: Setting): Promise<World> {
    const { scope } = await aTenant(db.database);
    await db.query(
      `insert into quotas (tenant_id, kind, per_minute, per_day, burst, rate_micros)
       values ($1, $2, $3, $4, $5, $6)`,
      [scope.tenantId, KIND, setting.minute, setting.day, setting.burst, setting.perSecond * 1e6],
    );
    const feed = new ChangeFeed(db.database, new TestClock(), db.url);
    return new World(db, scope, setting, feed);
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'consume': {
        const { engine } = this.#node(step.node);
        const decisions = await Promise.all(
          step.amounts.map(async (amount) => engine.consume(this.scope, [{ kind: KIND, amount }])),
        );
        await this.#note(step.amounts.filter((_, index) => decisions[index]?.allowed));
        return;
      }
      case 'once': {
        const once = { actor: 'a', key: String(step.key), digest: Buffer.from(String(step.key)) };
        // The same key stands for the same demand.
        const amount = step.key + 1;
        const { engine } = this.#node(step.node);
        const { allowed } = await engine.consumeOnce(this.scope, once, [{ kind: KIND, amount }]);
        if (allowed && !this.#done.has(step.key)) await this.#note([amount]);
        if (allowed) this.#done.add(step.key);
        return;
      }
      case 'refund': {
        const spentAt = new Date(this.#serverMs - step.ago);
        const demands = [{ kind: KIND, amount: step.amount }];
        const refunds = await this.#node(step.node).engine.refund(this.scope, demands, spentAt);
        for (const [name, window] of await this.#windows()) {
          const refunded = refunds.find((one) => one.name === name)?.refunded ?? 0;
          this.net.set(window, (this.net.get(window) ?? 0) - refunded);
        }
        const flowed = refunds.find((one) => one.name === 'rate')?.refunded ?? 0;
        this.admissions.push({ atMs: this.elapsedMs, amount: -flowed });
        return;
      }
      case 'wait':
        // What lies about is given back in time, as the nodes' own timers would have it.
        this.#advance(Math.min(step.ms, 1_000));
        for (const { engine } of this.#nodes) await engine.settle();
        this.#advance(step.ms - Math.min(step.ms, 1_000));
        return;
      case 'crash':
        this.hasCrashed = true;
        this.#nodes[step.node] = this.#start();
        return;
      case 'settle':
        await this.#node(step.node).engine.settle();
        return;
      case 'server clock back':
        this.#serverMs -= step.ms;
        return;
      case 'node clock':
        this.#node(step.node).clock.jumpBack(-step.ms);
        return;
    }
  }

  /** Everybody gives back, and what is left is on the books. */
  async remainingAfterRest(): Promise<Map<string, { drawn: number; window: string }>> {
    for (const { engine } of this.#nodes) await engine.release();
    const windows = await this.#windows();
    const rows = await this.db.query<{ name: string; drawn: string; leases: object }>(
      `select name, drawn, leases from quota_counters where tenant_id = $1 and name <> 'rate'`,
      [this.scope.tenantId],
    );
    return new Map(
      rows.map(({ name, drawn }) => [
        name,
        { drawn: Number(drawn), window: windows.get(name) ?? '' },
      ]),
    );
  }

  #start(): { readonly engine: LeasedQuotas; readonly clock: TestClock } {
    const { database } = this.db;
    const clock = new TestClock(new Date(this.#serverMs).toISOString());
    const limits = new Map([[KIND, limitsOf(this.setting)]]);
    const engine: LeasedQuotas = new LeasedQuotas(
      new FixedLimits(this.db, this.feed, limits),
      new QuotaStore(database, () => new Date(this.#serverMs)),
      clock,
      this.feed,
      new ThresholdTelling(new ThresholdRecord(database, new AuditTrail(database))),
      () => this.#recall(engine),
    );
    return { engine, clock };
  }

  #node(index: number): { readonly engine: LeasedQuotas; readonly clock: TestClock } {
    const found = this.#nodes[index];
    if (!found) throw new Error('There is no such node.');
    return found;
  }

  /** What the others hear while one waits; and time goes by, so that nobody waits for ever. */
  async #recall(waiting: LeasedQuotas): Promise<void> {
    for (const { engine } of this.#nodes) if (engine !== waiting) await engine.release();
    this.#advance(100);
  }

  #advance(ms: number): void {
    this.elapsedMs += ms;
    this.#serverMs += ms;
    for (const { clock } of this.#nodes) clock.advance(ms);
  }

  async #note(amounts: readonly number[]): Promise<void> {
    for (const amount of amounts) this.admissions.push({ atMs: this.elapsedMs, amount });
    const sum = amounts.reduce((total, amount) => total + amount, 0);
    if (sum === 0) return;
    for (const window of (await this.#windows()).values()) {
      this.net.set(window, (this.net.get(window) ?? 0) + sum);
    }
  }

  async #windows(): Promise<Map<string, string>> {
    const rows = await this.db.query<{ name: string; window_start: Date }>(
      `select name, window_start from quota_counters where tenant_id = $1 and name <> 'rate'`,
      [this.scope.tenantId],
    );
    return new Map(rows.map(({ name, window_start: at }) => [name, `${name} ${at.toISOString()}`]));
  }
}

function limitsOf({ minute, day, burst, perSecond }: Setting): Limit[] {
  const common = { kind: KIND, mode: 'enforce', thresholds: [] } as const;
  return [
    { ...common, name: 'day', quota: day, perSecond: null },
    { ...common, name: 'minute', quota: minute, perSecond: null },
    { ...common, name: 'rate', quota: burst, perSecond },
  ];
}

/** The most that was admitted between any two moments, beyond what had flowed in until then. */
function excessOf(admissions: readonly Admission[], { burst, perSecond }: Setting): number {
  let excess = Number.NEGATIVE_INFINITY;
  for (let from = 0; from < admissions.length; from += 1) {
    let sum = 0;
    for (let to = from; to < admissions.length; to += 1) {
      sum += admissions[to]?.amount ?? 0;
      const ms = (admissions[to]?.atMs ?? 0) - (admissions[from]?.atMs ?? 0);
      excess = Math.max(excess, sum - burst - (perSecond * ms) / 1_000);
    }
  }
  return excess;
}

describe('what nodes admit together', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(async () => {
    await db.close();
  });

  it('never exceeds a limit in any window, whatever crashes and whichever clock jumps; and what remains is what the books say', async () => {
    let admitted = 0;
    await fc.assert(
      fc.asyncProperty(
        setting,
        fc.array(step, { minLength: 5, maxLength: 40 }),
        async (limits, steps) => {
          const world = await World.create(db, limits);
          for (const one of steps) {
            await world.take(one);
            for (const [window, net] of world.net) {
              const name = window.startsWith('day') ? 'day' : 'minute';
              expect({ window, isOver: net > limits[name] }).toEqual({ window, isOver: false });
            }
          }
          admitted += world.admissions.length;

          expect(excessOf(world.admissions, limits)).toBeLessThanOrEqual(1e-9);
          for (const { drawn, window } of (await world.remainingAfterRest()).values()) {
            const net = world.net.get(window) ?? 0;
            if (world.hasCrashed) expect(drawn).toBeGreaterThanOrEqual(net);
            else expect(drawn).toBe(net);
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(admitted).toBeGreaterThan(200);
  });
});
