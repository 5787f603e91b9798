import { setTimeout as pause } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { TenantScope } from '@tenantry/kernel';
import { TestClock } from '@tenantry/testing';
import { QuotaNodes } from './fixtures/quota-nodes.js';
import type { LeasedQuotas } from './leased-quotas.js';
import type { Decision } from './quota-engine.js';
import { type Drawn, type Gone, QuotaStore, type Want } from './quota-store.js';

const CALL = [{ kind: 'calls', amount: 1 }];

/** A store whose answers come when the test lets them, by a clock that may be the test's. */
class GatedStore extends QuotaStore {
  draws = 0;
  readonly wants: Want[] = [];
  #held: Promise<void> = Promise.resolve();
  #onAnswer = (): void => undefined;

  /** From now on what the store has answered (`answered` tells of the first) arrives when it is opened. */
  hold(): { readonly answered: Promise<void>; readonly open: () => void } {
    let release = (): void => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    const answered = new Promise<void>((resolve) => (this.#onAnswer = resolve));
    const open = (): void => {
      this.#held = Promise.resolve();
      release();
    };
    return { answered, open };
  }

  override async draw(
    scope: TenantScope,
    wants: readonly Want[],
  ): Promise<readonly (Drawn | Gone)[]> {
    this.draws += 1;
    this.wants.push(...wants);
    const held = this.#held;
    const answer = await super.draw(scope, wants);
    this.#onAnswer();
    await held;
    return answer;
  }
}

describe('a lease', () => {
  let nodes: QuotaNodes;

  beforeEach(async () => {
    nodes = await QuotaNodes.open();
  });
  afterEach(async () => {
    await nodes.close();
  });

  const store = (now?: () => Date): GatedStore => new GatedStore(nodes.db.database, now);
  const spend = async (engine: LeasedQuotas, times: number): Promise<number> => {
    const decisions: (Decision | Promise<Decision>)[] = [];
    for (let turn = 0; turn < times; turn += 1) decisions.push(engine.consume(nodes.scope, CALL));
    return (await Promise.all(decisions)).filter(({ allowed }) => allowed).length;
  };
  /** Draws so often that the node holds more than it needs. */
  const warm = async (engine: LeasedQuotas): Promise<number> => {
    let admitted = 0;
    for (let turn = 0; turn < 4; turn += 1) admitted += await spend(engine, 10);
    return admitted;
  };

  it('on its way back is not spent again, whatever the wall clock does meanwhile', async () => {
    await nodes.limit('calls', { per_day: 100 });
    const clock = new TestClock(new Date().toISOString());
    const gated = store();
    const { engine } = await nodes.node({ clock, store: gated });
    let admitted = await warm(engine);
    const held = gated.hold();

    clock.jumpBack(-10_000);
    const waiting = spend(engine, 1);
    await held.answered;
    clock.jumpBack(10_000);
    const meanwhile = spend(engine, 80);
    await pause(50);
    held.open();
    admitted += (await waiting) + (await meanwhile) + (await spend(engine, 100));

    expect(admitted).toBe(100);
  });

  it('that a draw brings after the limit was lowered is not used', async () => {
    await nodes.limit('calls', { per_day: 100_000 });
    const gated = store();
    const { engine } = await nodes.node({ store: gated });
    const before = await warm(engine);
    await engine.release();
    const held = gated.hold();
    const waiting = spend(engine, 1);
    await held.answered;

    await nodes.limit('calls', { per_day: before });
    const late = spend(engine, 1);
    held.open();

    // The one was admitted by the store before the limit was lowered.
    expect(await waiting).toBe(1);
    expect((await late) + (await spend(engine, 1_000))).toBe(0);
  });

  it('that a draw brings while everything is given back goes back as well', async () => {
    await nodes.limit('calls', { per_day: 100_000 });
    const gated = store();
    const { engine } = await nodes.node({ store: gated });
    const admitted = (await warm(engine)) + (await spend(engine, 500));
    const held = gated.hold();
    const waiting = spend(engine, 5_000);
    await held.answered;

    const released = engine.release();
    held.open();
    const more = await waiting;
    await released;
    await engine.release();

    expect(await nodes.drawn('calls', 'day')).toBe(admitted + more);
  });

  it('is given up in the last moments of a window, which is neither burnt nor asked without a pause', async () => {
    await nodes.limit('calls', { per_minute: 100 });
    await nodes.limit('others', { per_minute: 100 });
    const now = new Date('2026-03-01T12:00:59.965Z');
    const gated = store(() => now);
    const { engine } = await nodes.node({ store: gated });

    const alone = await engine.consume(nodes.scope, [{ kind: 'calls', amount: 60 }]);
    const both = engine.consume(nodes.scope, [
      { kind: 'calls', amount: 1 },
      { kind: 'others', amount: 1 },
    ]);
    await pause(300);
    const { draws } = gated;
    now.setTime(Date.parse('2026-03-01T12:01:00.001Z'));

    expect(alone).toMatchObject({ allowed: true });
    expect(await both).toMatchObject({ allowed: true });
    expect(draws).toBeLessThan(12);
    await engine.release();
    expect(await nodes.drawn('calls', 'minute')).toBe(1);
    expect(await nodes.drawn('others', 'minute')).toBe(1);
  });

  it('of a slow bucket that others hold is not asked for without a pause', async () => {
    await nodes.limit('calls', { rate_micros: 500_000, burst: 4 });
    const [one, gated] = [await nodes.node(), store()];
    const { engine } = await nodes.node({ store: gated });
    await nodes.db.query(
      `insert into quota_counters (tenant_id, kind, name, level, filled_at, leases)
       values ($1, 'calls', 'rate', 550000, clock_timestamp(),
         jsonb_build_object('somebody', jsonb_build_array(3, epoch_ms(clock_timestamp()) + 60000)))`,
      [nodes.scope.tenantId],
    );

    const decision = await engine.consume(nodes.scope, CALL);

    expect(decision).toMatchObject({ allowed: false, retryAfterSeconds: 1 });
    expect(gated.draws).toBeLessThan(40);
    await one.stop();
  });

  it('fills a very slow bucket though somebody looks at it all the time', async () => {
    await nodes.limit('calls', { rate_micros: 3, burst: 1 });
    const begun = Date.parse('2026-03-01T12:00:00Z');
    let now = begun;
    const slow = store(() => new Date(now));
    const { engine } = await nodes.node({ store: slow });
    await engine.consume(nodes.scope, CALL);
    for (let look = 0; look < 50; look += 1) {
      now += 250;
      await slow.draw(nodes.scope, [
        {
          ...{ kind: 'calls', name: 'rate', holder: 'looker', window: null, left: 0 },
          back: false,
          head: 0,
          outright: false,
          want: 0,
        },
      ]);
    }

    const [counter] = await nodes.db.query<{ level: string }>('select level from quota_counters');
    // 3 millionths a second, for 12.5 seconds.
    expect(Number(counter?.level)).toBe(37);
  });

  it('counts as spent what was spent of it, when that is refunded', async () => {
    await nodes.limit('calls', { per_day: 1_000 });
    const { engine } = await nodes.node();
    const admitted = await warm(engine);

    const [refunded] = await engine.refund(
      nodes.scope,
      [{ kind: 'calls', amount: admitted }],
      null,
    );

    expect(refunded).toMatchObject({ name: 'day', refunded: admitted });
    expect(await nodes.drawn('calls', 'day')).toBe(0);
  });
});
