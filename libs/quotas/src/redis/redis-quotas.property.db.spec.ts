import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';

import { eventually } from '../../../../test/eventually.js';
import { bucket, calls, GivenLimits, window } from '../../../../test/given-limits.js';
import { RedisServer } from '../../../../test/redis-server.js';
import type { Limit, Period } from '../limit.js';
import { RedisQuotas } from './redis-quotas.js';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const NOON = Date.parse('2028-02-15T12:00:30.000Z');

interface Step {
  readonly jumpMs: number;
  readonly amount: number;
  /** Which of two asks. */
  readonly node: 0 | 1;
}

const someLimits = fc.uniqueArray(
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom<Period>('minute', 'hour', 'day', 'month'),
        fc.integer({ min: 0, max: 30 }),
      )
      .map(([name, quota]) => window(name, quota)),
    fc
      .tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 5_000_000 }))
      .map(([burst, millionths]) => bucket(burst, millionths / 1_000_000)),
  ),
  { selector: ({ name }) => name, minLength: 1, maxLength: 5 },
);

const steps: fc.Arbitrary<Step> = fc.record({
  jumpMs: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 3 * SECOND }) },
    { weight: 2, arbitrary: fc.integer({ min: -2 * HOUR, max: 2 * HOUR }) },
    { weight: 1, arbitrary: fc.integer({ min: -20 * DAY, max: 40 * DAY }) },
  ),
  amount: fc.integer({ min: 1, max: 8 }),
  node: fc.constantFrom(0, 1),
});

/** When the window around a moment began, by the calendar of JavaScript. */
function beganAt(name: Period, at: number): number {
  const date = new Date(at);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const [hour, minute] = [date.getUTCHours(), date.getUTCMinutes()];
  switch (name) {
    case 'minute':
      return Date.UTC(year, month, day, hour, minute);
    case 'hour':
      return Date.UTC(year, month, day, hour);
    case 'day':
      return Date.UTC(year, month, day);
    case 'month':
      return Date.UTC(year, month);
  }
}

/** What one limit admits, said as simply as can be: its time is that of the last thing spent, and never goes back. */
class Model {
  readonly #unit: bigint;
  readonly #full: bigint;
  #latest: number | null = null;
  #left = 0n;

  constructor(private readonly limit: Limit) {
    // Millionths a second are billionths a millisecond.
    this.#unit = limit.perSecond === null ? 1n : 1_000_000_000n;
    this.#full = BigInt(limit.quota) * this.#unit;
  }

  has(amount: number, at: number): boolean {
    return this.#leftAt(at) >= BigInt(amount) * this.#unit;
  }

  spend(amount: number, at: number): void {
    this.#left = this.#leftAt(at) - BigInt(amount) * this.#unit;
    this.#latest = Math.max(this.#latest ?? at, at);
  }

  #leftAt(at: number): bigint {
    const { name, perSecond } = this.limit;
    const before = this.#latest;
    if (before === null) return this.#full;
    const after = Math.max(before, at);
    if (name !== 'rate') {
      return beganAt(name, before) === beganAt(name, after) ? this.#left : this.#full;
    }
    const rate = BigInt(Math.round((perSecond ?? 0) * 1_000_000));
    const filled = this.#left + BigInt(after - before) * rate;
    return filled < this.#full ? filled : this.#full;
  }
}

/** What was admitted, by the windows of the furthest moment at which anything was. */
class Ledger {
  readonly #admitted = new Map<string, number>();
  #first: number | null = null;
  #latest = Number.NEGATIVE_INFINITY;
  #total = 0;

  constructor(private readonly limits: readonly Limit[]) {}

  admit(amount: number, at: number): void {
    this.#first ??= at;
    this.#latest = Math.max(this.#latest, at);
    this.#total += amount;
    for (const { name } of this.limits) {
      if (name === 'rate') continue;
      const window = `${name} ${beganAt(name, this.#latest)}`;
      this.#admitted.set(window, (this.#admitted.get(window) ?? 0) + amount);
    }
  }

  /** The windows and the bucket that admitted too much. */
  excesses(): string[] {
    return this.limits.flatMap(({ name, quota, perSecond }) => {
      if (perSecond !== null) {
        const seconds = (this.#latest - (this.#first ?? this.#latest)) / SECOND;
        return this.#total > quota + perSecond * seconds + 1e-6 ? ['rate'] : [];
      }
      const windows = [...this.#admitted].filter(([window]) => window.startsWith(`${name} `));
      return windows.filter(([, admitted]) => admitted > quota).map(([window]) => window);
    });
  }
}

if (RedisServer.isExpected) {
  describe('quotas on Redis, under any limits, demands and clock', () => {
    const limits = new GivenLimits();
    let server: RedisServer;
    let engines: readonly [RedisQuotas, RedisQuotas];
    let now = NOON;

    beforeAll(async () => {
      // Until they are connected they complain.
      jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
      server = await RedisServer.start();
      const options = { now: () => now };
      engines = [
        new RedisQuotas(server.url, limits, options),
        new RedisQuotas(server.url, limits, options),
      ];
      const scope = limits.aTenant(window('day', 1));
      for (const engine of engines) {
        await eventually(
          () => engine.check(scope, calls(1)).catch(() => null),
          (decision) => decision?.allowed === true,
        );
      }
    });
    afterAll(async () => {
      for (const engine of engines) engine.onApplicationShutdown();
      await server.kill();
      jest.restoreAllMocks();
    });

    /** Runs a plan beside the model, and says where they part, or what was admitted too much. */
    async function faultsOf(given: readonly Limit[], plan: readonly Step[]): Promise<unknown[]> {
      const scope = limits.aTenant(...given);
      const models = given.map((limit) => new Model(limit));
      const ledger = new Ledger(given);
      now = NOON;
      for (const { jumpMs, amount, node } of plan) {
        now += jumpMs;
        const expected = models.every((model) => model.has(amount, now));
        const { allowed } = await engines[node].consume(scope, calls(amount));
        if (allowed) {
          ledger.admit(amount, now);
          for (const model of models) model.spend(amount, now);
        }
        const faults = [
          ...(allowed === expected ? [] : [{ allowed, expected }]),
          ...ledger.excesses(),
        ];
        if (faults.length > 0) return faults;
      }
      return [];
    }

    it('admit what a model admits, and never too much in any window or from any bucket', async () => {
      await fc.assert(
        fc.asyncProperty(someLimits, fc.array(steps, { maxLength: 40 }), async (given, plan) => {
          expect(await faultsOf(given, plan)).toEqual([]);
        }),
        { numRuns: 60 },
      );
    });
  });
}
