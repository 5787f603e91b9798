import { describe, expect, it } from '@jest/globals';

import {
  bestOf,
  type HealthState,
  nextHealth,
  UNVERIFIED_FOR_SECONDS,
  type Verdict,
} from './health.js';

describe('nextHealth', () => {
  it.each<[HealthState, Verdict, HealthState]>([
    ['pending', 'ok', 'healthy'],
    ['pending', 'transient', 'pending'],
    ['pending', 'permanent', 'disabled'],
    ['healthy', 'ok', 'healthy'],
    ['healthy', 'transient', 'unverified'],
    ['healthy', 'permanent', 'disabled'],
    ['unverified', 'ok', 'healthy'],
    ['unverified', 'transient', 'unverified'],
    ['unverified', 'permanent', 'disabled'],
    ['disabled', 'ok', 'healthy'],
    ['disabled', 'transient', 'disabled'],
    ['disabled', 'permanent', 'disabled'],
  ])('goes from %s by %s to %s', (from, verdict, to) => {
    expect(nextHealth(from, verdict, 0)).toBe(to);
  });

  it('disables what was unverified for longer than its keys are believed', () => {
    expect(nextHealth('unverified', 'transient', UNVERIFIED_FOR_SECONDS + 1)).toBe('disabled');
    expect(nextHealth('healthy', 'transient', UNVERIFIED_FOR_SECONDS + 1)).toBe('unverified');
  });
});

describe('bestOf', () => {
  it('is healthy where nothing is required', () => {
    expect(bestOf([])).toBe('healthy');
  });

  it('takes the best of several', () => {
    expect(bestOf(['disabled', 'unverified', 'pending'])).toBe('unverified');
    expect(bestOf(['disabled', 'pending'])).toBe('pending');
  });
});
