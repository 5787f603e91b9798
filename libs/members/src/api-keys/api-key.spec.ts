import { describe, expect, it } from '@jest/globals';

import { flawOfExpiry } from './api-key.js';

const now = new Date('2026-01-01T00:00:00.000Z');

describe('flawOfExpiry', () => {
  it.each([null, new Date('2026-01-01T00:00:00.001Z'), new Date('2028-01-01T00:00:00.000Z')])(
    'accepts %p',
    (expiresAt) => {
      expect(flawOfExpiry(expiresAt, now)).toBeNull();
    },
  );

  it.each([
    [now, 'must lie in the future'],
    [new Date('2025-12-31T23:59:59.999Z'), 'must lie in the future'],
    [new Date('2028-01-02T00:00:00.001Z'), 'must lie within two years'],
  ])('refuses %p', (expiresAt, flaw) => {
    expect(flawOfExpiry(expiresAt, now)).toBe(flaw);
  });
});
