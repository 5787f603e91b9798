import { describe, expect, it } from '@jest/globals';

import {
  accountDelaySeconds,
  attemptDelaySeconds,
  type FailedAttempts,
  pairDelaySeconds,
} from './attempt-delay.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const NONE: FailedAttempts = {
  byPair: 0,
  pairLastFailedAt: null,
  byStrangers: 0,
  strangerLastTriedAt: null,
};

function secondsAgo(seconds: number): Date {
  return new Date(NOW.getTime() - seconds * 1_000);
}

describe('pairDelaySeconds', () => {
  it('lets three failures pass, then doubles from one second to fifteen minutes', () => {
    const delays = Array.from({ length: 16 }, (_, failures) => pairDelaySeconds(failures));

    expect(delays).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    expect(pairDelaySeconds(1_000_000)).toBe(900);
  });
});

describe('accountDelaySeconds', () => {
  it.each([
    [0, 0],
    [50, 0],
    [51, 5],
    [1_000_000, 5],
  ])('makes the next attempt after %i failures within an hour wait for %i s', (failures, delay) => {
    expect(accountDelaySeconds(failures)).toBe(delay);
  });
});

describe('attemptDelaySeconds', () => {
  it('lets a first attempt through', () => {
    expect(attemptDelaySeconds(NONE, NOW)).toBe(0);
  });

  it.each([
    ['at once', 0, 16],
    ['half a second later', 0.5, 16],
    ['fifteen seconds later', 15, 1],
    ['when the delay is over', 16, 0],
    ['a day later', 86_400, 0],
    ['by a clock that runs behind', -3_600, 16],
  ])('counts from the last failure of the pair: %s', (_, passed, delay) => {
    const attempts = { ...NONE, byPair: 8, pairLastFailedAt: secondsAgo(passed) };

    expect(attemptDelaySeconds(attempts, NOW)).toBe(delay);
  });

  it('lets one stranger in five seconds try an account under attack, however long it lasts', () => {
    const attempts = { ...NONE, byStrangers: 100_000 };

    expect(attemptDelaySeconds({ ...attempts, strangerLastTriedAt: secondsAgo(2) }, NOW)).toBe(3);
    expect(attemptDelaySeconds({ ...attempts, strangerLastTriedAt: secondsAgo(5) }, NOW)).toBe(0);
  });

  it('lets the longer of both delays hold', () => {
    const attempts = {
      byPair: 6,
      pairLastFailedAt: secondsAgo(0),
      byStrangers: 51,
      strangerLastTriedAt: secondsAgo(0),
    };

    expect(attemptDelaySeconds(attempts, NOW)).toBe(5);
    expect(attemptDelaySeconds({ ...attempts, byPair: 7 }, NOW)).toBe(8);
  });
});
