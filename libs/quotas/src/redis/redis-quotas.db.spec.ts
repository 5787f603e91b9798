import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';

import { IdempotencyMismatch } from '@tenantry/http';
import type { TenantScope } from '@tenantry/kernel';
import { eventually } from '../../../../test/eventually.js';
import { bucket, calls, GivenLimits, window } from '../../../../test/given-limits.js';
import { RedisServer } from '../../../../test/redis-server.js';
import type { Demand } from '../engine/quota-engine.js';
import { QuotasUnavailable } from '../quotas.errors.js';
import type { Reached } from '../thresholds/reached.js';
import { ThresholdTelling } from '../thresholds/threshold-telling.js';
import { RedisQuotas } from './redis-quotas.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const START_LIMIT_MS = 60_000;
/** Half a minute past noon, in a February of 29 days. */
const NOON = Date.parse('2028-02-15T12:00:30.000Z');

if (RedisServer.isExpected) {
  describe('quotas on Redis', () => {
    const limits = new GivenLimits();
    const engines: RedisQuotas[] = [];
    let server: RedisServer;
    let client: Redis;
    let now = NOON;
    /** By a clock of ours, and by that of Redis. */
    let quotas: RedisQuotas;
    let another: RedisQuotas;
    let onRedisTime: RedisQuotas;

    async function anEngine(options: { readonly now?: () => number } = {}): Promise<RedisQuotas> {
      const engine = new RedisQuotas(server.url, limits, options);
      engines.push(engine);
      await answers(engine);
      return engine;
    }

    /** Waits until it has its connection. */
    async function answers(engine: RedisQuotas): Promise<void> {
      const scope = limits.aTenant(window('day', 1));
      const asked = (): Promise<boolean> =>
        engine.check(scope, calls(1)).then(
          () => true,
          () => false,
        );
      await eventually(asked, (isThere) => isThere);
    }

    /** What is left of each limit. */
    async function left(scope: TenantScope, engine = quotas): Promise<Record<string, number>> {
      const remaining = await engine.remaining(scope);
      return Object.fromEntries(
        remaining.map(({ kind, name, available }) => [`${kind} ${name}`, available]),
      );
    }

    const verdict = async (scope: TenantScope, amount: number): Promise<boolean> =>
      (await quotas.consume(scope, calls(amount))).allowed;

    beforeAll(async () => {
      jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
      server = await RedisServer.start();
      client = new Redis(server.url);
      client.on('error', () => undefined);
      quotas = await anEngine({ now: () => now });
      another = await anEngine({ now: () => now });
      onRedisTime = await anEngine();
    }, START_LIMIT_MS);
    afterEach(() => {
      now = NOON;
    });
    afterAll(async () => {
      for (const engine of engines) engine.onApplicationShutdown();
      client.disconnect();
      await server.kill();
      jest.restoreAllMocks();
    });

    it('admit exactly the cap, however many ask at once of two nodes, by the clock of Redis', async () => {
      const scope = limits.aTenant(window('month', 1_370), window('day', 5_000));
      const nodes = [onRedisTime, await anEngine()];

      const decisions = await Promise.all(
        Array.from({ length: 300 }, (_, turn) =>
          nodes[turn % 2]?.consume(scope, calls((turn % 7) + 3)),
        ),
      );
      const rest = await left(scope, onRedisTime);
      const ones = await Promise.all(
        Array.from({ length: 40 }, (_, turn) => nodes[turn % 2]?.consume(scope, calls(1))),
      );

      const admitted = decisions.reduce(
        (sum, decision, turn) => sum + (decision?.allowed ? (turn % 7) + 3 : 0),
        0,
      );
      expect(rest).toEqual({ 'calls month': 1_370 - admitted, 'calls day': 5_000 - admitted });
      expect(rest['calls month']).toBeLessThan(9);
      expect(ones.filter((decision) => decision?.allowed)).toHaveLength(rest['calls month'] ?? -1);
    });

    it('take the windows from the clock of Redis, in UTC', async () => {
      const scope = limits.aTenant(window('month', 1));
      const untilNextMonth = (): number => {
        const at = new Date();
        const end = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
        return (end - at.getTime()) / SECOND;
      };

      const atMost = Math.ceil(untilNextMonth());
      const { limits: states } = await onRedisTime.consume(scope, calls(1));
      const atLeast = Math.floor(untilNextMonth());

      expect(states[0]?.resetSeconds).toBeLessThanOrEqual(atMost);
      expect(states[0]?.resetSeconds).toBeGreaterThanOrEqual(atLeast);
    });

    it('spend on all limits of all kinds or on none, a kind that is named twice for both', async () => {
      const scope = limits.aTenant(
        window('minute', 10),
        window('month', 100),
        window('day', 6, { kind: 'mails' }),
      );
      const both = (mails: number): Demand[] => [
        ...calls(2),
        { kind: 'mails', amount: mails },
        ...calls(1),
        { kind: 'unheard-of', amount: 1_000_000_000 },
      ];

      const spent = await quotas.consume(scope, both(4));
      const refused = await quotas.consume(scope, both(3));
      const asked = await quotas.check(scope, both(2));

      const minute = { kind: 'calls', name: 'minute', quota: 10, windowSeconds: 60 };
      const month = { kind: 'calls', name: 'month', quota: 100, windowSeconds: 2_592_000 };
      const mails = { kind: 'mails', name: 'day', quota: 6, windowSeconds: 86_400 };
      const states = [
        { ...minute, remaining: 7, resetSeconds: 30 },
        { ...month, remaining: 97, resetSeconds: 14 * 86_400 + 12 * 3_600 - 30 },
        { ...mails, remaining: 2, resetSeconds: 12 * 3_600 - 30 },
      ];
      const allowed = { allowed: true, refusedBy: null, retryAfterSeconds: null, shadowed: [] };
      expect(spent).toEqual({ ...allowed, limits: states });
      expect(refused).toEqual({
        allowed: false,
        limits: states,
        refusedBy: states[2],
        retryAfterSeconds: 12 * 3_600 - 30,
        shadowed: [],
      });
      expect(asked).toEqual({ ...allowed, limits: states });
      expect(await left(scope)).toEqual({ 'calls minute': 7, 'calls month': 97, 'mails day': 2 });
    });

    it('name the limit that refuses longest, and refuse what could never fit', async () => {
      const scope = limits.aTenant(bucket(5, 0.5), window('minute', 3), window('hour', 3));

      const { refusedBy, retryAfterSeconds } = await quotas.consume(scope, calls(20));
      const byBucket = await quotas.consume(limits.aTenant(bucket(5, 0.5)), calls(9));

      expect([refusedBy?.name, retryAfterSeconds]).toEqual(['hour', 3_570]);
      expect([byBucket.refusedBy?.name, byBucket.retryAfterSeconds]).toEqual(['rate', 8]);
    });

    it('fill a bucket without rounding, however slow, however often it is looked at', async () => {
      const slow = limits.aTenant(bucket(3, 0.001));
      const huge = limits.aTenant(bucket(9_007_199_254_740_991, 999_999_999.999999));
      const drained = [await verdict(slow, 3), await verdict(slow, 1)];
      for (let spent = 0; spent < 4; spent += 1) await verdict(huge, 1_000_000_000);

      const refunded = await quotas.refund(slow, calls(1), null);
      await verdict(slow, 1);
      for (let look = 0; look < 99; look += 1) {
        now += 10_010;
        drained.push(await verdict(slow, 1));
      }
      const almost = await quotas.consume(slow, calls(1));
      now = NOON + 1_000 * SECOND;
      const exactly = await verdict(slow, 1);
      now = NOON + 3 * SECOND;

      expect(refunded).toEqual([{ kind: 'calls', name: 'rate', amount: 1, refunded: 1 }]);
      expect(drained.filter(Boolean)).toHaveLength(1);
      expect(almost.retryAfterSeconds).toBe(10);
      expect(exactly).toBe(true);
      expect(await left(huge)).toEqual({ 'calls rate': 9_007_198_254_740_990 });
    });

    it('mint nothing when the clock jumps back, and nothing twice when it returns', async () => {
      const scope = limits.aTenant(window('day', 2), window('minute', 2));
      const filled = limits.aTenant(bucket(4, 1));
      await verdict(filled, 4);
      await verdict(scope, 2);

      now = NOON - 2 * DAY;
      const back = [await verdict(scope, 1), await verdict(filled, 1)];
      const until = await quotas.check(filled, calls(1));
      now = NOON + SECOND;
      const returned = [
        await verdict(scope, 1),
        await verdict(filled, 1),
        await verdict(filled, 1),
      ];
      now = NOON + DAY;
      const nextDay = await verdict(scope, 2);

      expect(back).toEqual([false, false]);
      expect(until.retryAfterSeconds).toBe(2 * 86_400 + 1);
      expect(returned).toEqual([false, true, false]);
      expect(nextDay).toBe(true);
    });

    it('let by what only a shadow would refuse, and tell of it', async () => {
      const scope = limits.aTenant(
        window('day', 3, { mode: 'shadow' }),
        window('day', 9, { kind: 'mails', mode: 'shadow' }),
        window('month', 100),
      );
      const demands = [...calls(5), { kind: 'mails', amount: 1 }];

      const decision = await quotas.consume(scope, demands);

      expect([decision.allowed, decision.refusedBy, decision.retryAfterSeconds]).toEqual([
        ...[true, null, null],
      ]);
      expect(decision.shadowed.map(({ kind, name, remaining }) => [kind, name, remaining])).toEqual(
        [['calls', 'day', 3]],
      );
      expect(await left(scope)).toEqual({ 'calls day': 3, 'calls month': 95, 'mails day': 8 });
    });

    it('give back to the window that it was spent in while it lasts, and never more than was spent', async () => {
      const scope = limits.aTenant(window('minute', 10), window('day', 10), bucket(10, 1));
      const untouched = await quotas.refund(scope, calls(5), null);
      await verdict(scope, 6);

      const some = await quotas.refund(scope, calls(2), new Date(NOON));
      now = NOON + MINUTE;
      await verdict(scope, 1);
      const minuteOver = await quotas.refund(scope, calls(9), new Date(NOON));

      expect(untouched).toEqual([]);
      expect(some.map(({ name, refunded }) => [name, refunded])).toEqual([
        ...[['minute', 2], ['day', 2], ['rate', 2]], // prettier-ignore
      ]);
      expect(minuteOver.map(({ name, refunded }) => [name, refunded])).toEqual([
        ...[['day', 5], ['rate', 1]], // prettier-ignore
      ]);
      expect(await left(scope)).toEqual({
        ...{ 'calls minute': 9, 'calls day': 10, 'calls rate': 10 },
      });
    });

    it('spend once for a key, whoever of twenty asks first, and keep what was decided', async () => {
      const scope = limits.aTenant(window('day', 10));
      const once = { actor: 'ada', key: 'k-1', digest: Buffer.from('01', 'hex') };

      const decisions = await Promise.all(
        Array.from({ length: 20 }, (_, turn) =>
          (turn % 2 === 0 ? quotas : another).consumeOnce(scope, once, calls(4)),
        ),
      );
      limits.change(scope, window('day', 7), window('month', 1));
      const later = await quotas.consumeOnce(scope, once, calls(4));

      const state = { kind: 'calls', name: 'day', quota: 10, windowSeconds: 86_400 };
      const first = { ...state, remaining: 6, resetSeconds: 12 * 3_600 - 30 };
      expect([...decisions, later].map((decision) => decision.limits)).toEqual(
        Array.from({ length: 21 }, () => [first]),
      );
      expect(await left(scope)).toEqual({ 'calls day': 3, 'calls month': 1 });
      await expect(
        quotas.consumeOnce(scope, { ...once, digest: Buffer.from('02', 'hex') }, calls(1)),
      ).rejects.toThrow(IdempotencyMismatch);
      const ofAnother = await quotas.consumeOnce(scope, { ...once, actor: 'bob' }, calls(1));
      expect(ofAnother.allowed).toBe(true);
    });

    it('refund once for a key, which is another one than that of a demand', async () => {
      const scope = limits.aTenant(window('day', 10), bucket(10, 0.001));
      const once = { actor: 'ada', key: 'k-5', digest: Buffer.from('01', 'hex') };
      await quotas.consumeOnce(scope, once, calls(8));

      const refunds = await Promise.all(
        Array.from({ length: 10 }, (_, turn) =>
          (turn % 2 === 0 ? quotas : another).refundOnce(scope, once, calls(2), new Date(NOON)),
        ),
      );
      limits.change(scope, window('day', 20), window('month', 5));
      const later = await quotas.refundOnce(scope, once, calls(2), new Date(NOON));

      const refund = { kind: 'calls', amount: 2, refunded: 2 };
      expect([...refunds, later]).toEqual(
        Array.from({ length: 11 }, () => [
          { ...refund, name: 'day' },
          { ...refund, name: 'rate' },
        ]),
      );
      expect(await left(scope)).toEqual({ 'calls day': 14, 'calls month': 5 });
      await expect(
        quotas.refundOnce(scope, { ...once, digest: Buffer.from('02', 'hex') }, calls(2), null),
      ).rejects.toThrow(IdempotencyMismatch);
    });

    it('tell of 50 and 80 percent of a day that come one upon the other, though telling fails at first, and of no minute', async () => {
      jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      const told: string[] = [];
      let fail: (error: Error) => void = () => undefined;
      const record = {
        tell: (_scope: TenantScope, { name, window: from, crossed }: Reached): Promise<void> => {
          told.push(`${name} of ${new Date(from).toISOString()}: ${crossed.join(' ')}`);
          if (told.length > 1) return Promise.resolve();
          return new Promise((_resolve, reject) => (fail = reject));
        },
      };
      const thresholds = [50, 80, 90, 100];
      const scope = limits.aTenant(
        window('day', 10, { thresholds }),
        window('minute', 10, { thresholds }),
      );
      const engine = new RedisQuotas(server.url, limits, {
        now: () => now,
        thresholds: new ThresholdTelling(record),
      });
      engines.push(engine);
      await answers(engine);
      const once = { actor: 'ada', key: 'k-6', digest: Buffer.from('01', 'hex') };

      await engine.consumeOnce(scope, once, calls(5));
      await engine.consume(scope, calls(3));
      fail(new Error('the database is away'));
      await eventually(
        () => Promise.resolve(told.length),
        (times) => times === 2,
      );
      // The answer of the day before says nothing of this one.
      now = NOON + DAY;
      await engine.consumeOnce(scope, once, calls(5));
      await engine.consume(scope, calls(4));
      await engine.onApplicationShutdown();

      expect(told).toEqual([
        'day of 2028-02-15T00:00:00.000Z: 50',
        'day of 2028-02-15T00:00:00.000Z: 50 80',
      ]);
    });

    it('leave a key free that was refused', async () => {
      const scope = limits.aTenant(window('day', 3));
      const once = { actor: 'ada', key: 'k-2', digest: Buffer.from('01', 'hex') };

      const refused = await quotas.consumeOnce(scope, once, calls(4));
      limits.change(scope, window('day', 5));
      const allowed = await quotas.consumeOnce(scope, once, calls(4));

      expect([refused.allowed, allowed.allowed]).toEqual([false, true]);
      expect(await left(scope)).toEqual({ 'calls day': 1 });
    });

    it('keep all of a tenant in one slot of a cluster, and nothing for ever', async () => {
      const scope = limits.aTenant(window('minute', 9), window('month', 9), bucket(10, 0.01));
      await quotas.consumeOnce(
        scope,
        { actor: 'ada', key: 'k-3', digest: Buffer.from('01', 'hex') },
        calls(4),
      );

      const keys = (await client.keys(`*${scope.tenantId}*`)).toSorted();
      const expiries = await Promise.all(keys.map((key) => client.pttl(key)));

      const prefix = `tenantry:quota:{${scope.tenantId}}`;
      expect(keys).toEqual([
        ...['minute', 'month', 'rate'].map((name) => `${prefix}:calls:${name}`),
        expect.stringMatching(/:once:[0-9a-f]{64}$/) as unknown as string,
      ]);
      expect(keys.filter((key) => key.startsWith(`${prefix}:`))).toHaveLength(4);
      expect(expiries.map((ms) => Math.ceil(ms / MINUTE))).toEqual([
        DAY / MINUTE + 1,
        (14 * DAY + 12 * HOUR + 2 * 29 * DAY) / MINUTE,
        HOUR / MINUTE + 7,
        DAY / MINUTE,
      ]);
    });

    it('never ask Redis of what nobody limits', async () => {
      const away = new RedisQuotas('redis://127.0.0.1:1', limits);
      engines.push(away);
      const scope = limits.aTenant();
      const once = { actor: 'ada', key: 'k-4', digest: Buffer.from('01', 'hex') };

      const decisions = [
        await away.consume(scope, calls(1)),
        await away.check(scope, calls(1)),
        await away.consumeOnce(scope, once, calls(1)),
      ];

      const unmetered = { allowed: true, limits: [], refusedBy: null };
      expect(decisions).toEqual(
        Array.from({ length: 3 }, () => ({
          ...{ ...unmetered, retryAfterSeconds: null, shadowed: [] },
        })),
      );
      expect([await away.refund(scope, calls(1), null), await away.remaining(scope)]).toEqual([
        ...[[], []],
      ]);
    });

    it('admit nothing by a counter that is none', async () => {
      const [garbled, mistyped] = [limits.aTenant(window('day', 9)), limits.aTenant(bucket(9, 1))];
      await client.set(`tenantry:quota:{${garbled.tenantId}}:calls:day`, '-1 -5');
      await client.lpush(`tenantry:quota:{${mistyped.tenantId}}:calls:rate`, '1');

      for (const scope of [garbled, mistyped]) {
        const refusal = await quotas.consume(scope, calls(1)).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(QuotasUnavailable);
        expect((refusal as QuotasUnavailable).cause).toBeInstanceOf(Error);
      }
    });

    it('refuse while Redis is away, work again when it is back, and never send twice what was not answered', async () => {
      const scope = limits.aTenant(window('day', 9));
      const logged = jest.mocked(Logger.prototype.error);
      logged.mockClear();
      const third = await anEngine({ now: () => now });

      server.pause();
      const inFlight = third.consume(scope, calls(1)).catch((error: unknown) => error);
      const slow = await quotas.consume(scope, calls(1)).catch((error: unknown) => error);
      const pending = another.consume(scope, calls(1)).catch((error: unknown) => error);
      await server.kill();
      const away = await eventually(
        () => third.consume(scope, calls(1)).catch((error: unknown) => error),
        (answer) => String((answer as Error).cause).includes('writeable'),
      );
      const refusals = await Promise.allSettled(
        Array.from({ length: 40 }, () => third.consume(scope, calls(1))),
      );
      await server.start();
      await Promise.all([answers(quotas), answers(another), answers(third)]);

      for (const refusal of [slow, away, await inFlight, await pending]) {
        expect(refusal).toBeInstanceOf(QuotasUnavailable);
      }
      expect((slow as QuotasUnavailable).cause).toMatchObject({ message: 'Command timed out' });
      expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set(['rejected']));
      // Each complains once a minute.
      expect(logged.mock.calls.length).toBeGreaterThan(0);
      expect(logged.mock.calls.length).toBeLessThanOrEqual(engines.length);
      expect(await left(scope)).toEqual({ 'calls day': 9 });
      expect(await verdict(scope, 9)).toBe(true);
    });
  });
}
