import { PassThrough } from 'node:stream';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { TenantSuspended } from '@tenantry/access';
import { TestClock } from '@tenantry/testing';
import { TooManyStreams } from '../exporting/streams.errors.js';
import { TrailHeads } from '../exporting/trail-heads.js';
import type { Tail, TailNews } from './tail.js';
import { placeOf } from './tail-query.dto.js';
import { TailedTrails } from './tailed-trails.js';
import { Tails } from './tails.js';

const WELCOME = (): Promise<void> => Promise.resolve();

describe('tails', () => {
  let clock: TestClock;
  let heads: Map<string, number>;
  let ofMany: jest.Mock<TrailHeads['ofMany']>;
  let tails: Tails;
  let trails: TailedTrails;
  let answer: PassThrough;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    Logger.overrideLogger(false);
    clock = new TestClock();
    heads = new Map();
    ofMany = jest.fn((asked) =>
      Promise.resolve(new Map([...heads].filter(([trail]) => asked.includes(trail)))),
    );
    const asked: TrailHeads = Object.assign(Object.create(TrailHeads.prototype), { ofMany });
    trails = new TailedTrails(asked);
    tails = new Tails(trails, clock);
    answer = new PassThrough();
  });
  afterEach(() => {
    mock.timers.reset();
  });

  /** So long passes. */
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    mock.timers.tick(ms);
    await setImmediate();
  }

  const open = (welcome = WELCOME): Tail => tails.open('acme', answer, welcome);

  /** What it says next, as soon as it does. */
  const hear = (tail: Tail, seen = 0): TailNews[] => {
    const heard: TailNews[] = [];
    void tail.news(seen).then((news) => heard.push(news));
    return heard;
  };

  it('hear that their trail has moved on, all by one question', async () => {
    heads.set('acme', 3).set('globex', 7).set('initech', 9);
    const heard = [hear(open(), 2), hear(tails.open('globex', new PassThrough(), WELCOME), 7)];

    await pass(400);
    expect(ofMany.mock.calls).toEqual([[['acme', 'globex']]]);
    expect(heard).toEqual([[{ head: 3 }], []]);
    heads.set('globex', 8);
    await pass(400);

    expect(heard).toEqual([[{ head: 3 }], [{ head: 8 }]]);
  });

  it('wait on where the database does not answer, and hear when it does', async () => {
    heads.set('acme', 1);
    ofMany.mockRejectedValueOnce(new Error('down'));
    const heard = hear(open());

    await pass(400);
    expect(heard).toEqual([]);
    await pass(400);

    expect(heard).toEqual([{ head: 1 }]);
  });

  it('ask nothing while nobody listens', async () => {
    open();
    await pass(400);
    answer.destroy();
    await setImmediate();
    // One question was on its way already.
    await pass(400);
    const asked = ofMany.mock.calls.length;

    await pass(10_000);

    expect(ofMany).toHaveBeenCalledTimes(asked);
  });

  it('give a sign of life when they were silent, though what came was for nobody', async () => {
    const tail = open();
    const quiet = hear(tail);
    await pass(14_750);
    expect(quiet).toEqual([]);
    await pass(250);
    expect(quiet).toEqual([null]);

    tail.moved(5);
    expect(await tail.news(0)).toBeNull();
    expect(tail.spoken(':\n\n')).toBe(':\n\n');
    expect(await tail.news(0)).toEqual({ head: 5 });
  });

  it('end after fifteen minutes, and then the connection of who does not read', async () => {
    const tail = open();

    await pass(899_750);
    tail.spoken('');
    const heard = hear(tail);
    await setImmediate();
    expect(heard).toEqual([]);
    await pass(250);
    expect(heard).toEqual([{ end: 'audit.tail_ended' }]);
    expect(answer.destroyed).toBe(false);
    await pass(2_000);
    expect(answer.destroyed).toBe(true);
  });

  it('ask for their reader each second, and end with what it would be refused with', async () => {
    const welcome = jest.fn(WELCOME);
    const heard = hear(open(welcome));

    for (let second = 0; second < 3; second += 1) await pass(1_000);
    expect(welcome).toHaveBeenCalledTimes(3);
    welcome.mockRejectedValue(new TenantSuspended());
    await pass(1_000);

    expect(heard).toEqual([{ end: 'tenants.suspended' }]);
  });

  it('end where nobody can say whether their reader is welcome', async () => {
    const heard = hear(open(() => Promise.reject(new Error('not this one'))));

    await pass(1_000);

    expect(heard).toEqual([{ end: 'internal.unexpected' }]);
  });

  it('are twenty of a trail at most, until one closes', async () => {
    const answers = Array.from({ length: 20 }, () => new PassThrough());
    for (const one of answers) tails.open('acme', one, WELCOME);

    expect(() => open()).toThrow(TooManyStreams);
    expect(() => {
      tails.assertRoom('acme');
    }).toThrow(TooManyStreams);
    tails.assertRoom('globex');
    answers[0]?.destroy();
    await setImmediate();

    tails.assertRoom('acme');
  });

  it('end when the node stops, and none begins after that', async () => {
    const before = hear(open());

    tails.onModuleDestroy();
    await trails.onModuleDestroy();
    const after = hear(tails.open('acme', new PassThrough(), WELCOME));
    await setImmediate();

    expect([before, after]).toEqual([[{ end: 'audit.tail_ended' }], [{ end: 'audit.tail_ended' }]]);
  });

  it('go on after the last event that was received, or where they were asked to begin', () => {
    expect([
      placeOf(undefined, undefined),
      placeOf(undefined, 0),
      placeOf('42', 7),
      placeOf('0', undefined),
    ]).toEqual([null, 0, 42, 0]);
    for (const bad of ['', ' 1', '-1', '1e3', '1'.repeat(16)]) {
      expect(() => placeOf(bad, 7)).toThrow(
        expect.objectContaining({
          errors: [expect.objectContaining({ pointer: '/headers/last-event-id' })],
        }),
      );
    }
  });
});
