import { describe, expect, it } from '@jest/globals';

import { recheckDelaySeconds } from './recheck-delay.js';

const MIDDLE = 0.5;

describe('recheckDelaySeconds', () => {
  it.each([
    [0, 600],
    [1, 30],
    [2, 60],
    [5, 480],
    [7, 1_920],
    [8, 3_600],
    [1_000_000, 3_600],
  ])('waits, after %i failures in a row, %i seconds', (failures, seconds) => {
    expect(recheckDelaySeconds(failures, MIDDLE)).toBeCloseTo(seconds);
  });

  it('differs by chance, by a fifth at most', () => {
    expect(recheckDelaySeconds(0, 0)).toBeCloseTo(480);
    expect(recheckDelaySeconds(0, 0.999_999)).toBeCloseTo(720, 2);
  });
});
