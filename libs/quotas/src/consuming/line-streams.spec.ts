import { PassThrough } from 'node:stream';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { TestClock } from '@tenantry/testing';
import { QuotasUnavailable, TooManyStreams } from '../quotas.errors.js';
import type { LineStream } from './line-stream.js';
import { LineStreams } from './line-streams.js';

const ALWAYS = (): Promise<void> => Promise.resolve();

describe('streams of lines', () => {
  let clock: TestClock;
  let streams: LineStreams;
  let answer: PassThrough;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    Logger.overrideLogger(false);
    clock = new TestClock();
    streams = new LineStreams(clock);
    answer = new PassThrough();
  });
  afterEach(() => {
    mock.timers.reset();
  });

  /** So long passes, in which nobody says a word. */
  async function silence(ms: number): Promise<void> {
    clock.advance(ms);
    mock.timers.tick(ms);
    await setImmediate();
  }

  const open = (welcome = ALWAYS): LineStream => streams.open('acme', answer, welcome);

  it('end after half a minute, and then the connection of who does not read', async () => {
    const stream = open();

    await silence(29_750);
    expect([stream.end, stream.over.aborted]).toEqual([null, false]);
    await silence(250);
    expect([stream.end, stream.over.aborted]).toEqual(['quotas.stream_ended', true]);
    expect(answer.destroyed).toBe(false);
    await silence(2_000);
    expect(answer.destroyed).toBe(true);
  });

  it('ask for their sender each second, and end with what it would be refused with', async () => {
    const welcome = jest.fn(ALWAYS);
    const stream = open(welcome);

    for (let second = 0; second < 3; second += 1) await silence(1_000);
    expect(welcome).toHaveBeenCalledTimes(3);
    welcome.mockRejectedValue(new QuotasUnavailable());
    await silence(1_000);

    expect(stream.end).toBe('quotas.unavailable');
  });

  it('end where nobody can say whether their sender is welcome', async () => {
    const stream = open(() => Promise.reject(new Error('not this one')));

    await silence(1_000);

    expect(stream.end).toBe('internal.unexpected');
  });

  it('end though nobody answers whether their sender is welcome', async () => {
    const stream = open(() => new Promise(() => undefined));

    for (let second = 0; second < 30; second += 1) await silence(1_000);

    expect(stream.end).toBe('quotas.stream_ended');
  });

  it('are a hundred of a tenant at most, until one closes', async () => {
    const answers = Array.from({ length: 100 }, () => new PassThrough());
    for (const one of answers) streams.open('acme', one, ALWAYS);

    expect(() => open()).toThrow(TooManyStreams);
    expect(streams.open('globex', new PassThrough(), ALWAYS).end).toBeNull();
    answers[0]?.destroy();
    await setImmediate();

    expect(open().end).toBeNull();
    expect(() => open()).toThrow(TooManyStreams);
  });

  it('end when the node stops, and none begins after that', () => {
    const before = open();

    streams.onModuleDestroy();

    expect([before.end, open().end]).toEqual(['quotas.stream_ended', 'quotas.stream_ended']);
  });
});
