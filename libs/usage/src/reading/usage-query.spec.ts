import { describe, expect, it } from '@jest/globals';

import { RequestInvalid } from '@tenantry/http';
import { type AskedUsage, usageQueryOf } from './usage-query.js';

const NOW = Date.parse('2026-11-22T12:34:56.789Z');

function spanOf(asked: Partial<AskedUsage>): readonly string[] {
  const { from, to } = usageQueryOf({ granularity: 'day', groupBy: 'meter', ...asked }, NOW);
  return [from, to].map((moment) => new Date(moment).toISOString());
}

describe('usageQueryOf', () => {
  it('takes the last thirty days where nothing is said', () => {
    expect(spanOf({})).toEqual(['2026-10-23T00:00:00.000Z', '2026-11-23T00:00:00.000Z']);
    expect(spanOf({ granularity: 'hour' })).toEqual([
      '2026-10-23T12:00:00.000Z',
      '2026-11-22T13:00:00.000Z',
    ]);
    expect(spanOf({ to: new Date('2026-03-01T00:00:00Z') })).toEqual([
      '2026-01-30T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
  });

  it('widens what is asked to whole hours, or whole days', () => {
    const asked = {
      from: new Date('2026-11-01T10:20:30Z'),
      to: new Date('2026-11-02T10:00:00.001Z'),
    };

    expect(spanOf({ ...asked, granularity: 'hour' })).toEqual([
      '2026-11-01T10:00:00.000Z',
      '2026-11-02T11:00:00.000Z',
    ]);
    for (const granularity of ['day', 'month'] as const) {
      expect(spanOf({ ...asked, granularity })).toEqual([
        '2026-11-01T00:00:00.000Z',
        '2026-11-03T00:00:00.000Z',
      ]);
    }
  });

  it.each([
    ['hour', '2026-10-22T00:00:00Z', '2026-10-21T23:59:59Z'],
    ['day', '2025-10-18T00:00:00Z', '2025-10-17T23:59:59Z'],
    ['month', '2016-10-05T00:00:00Z', '2016-10-04T23:59:59Z'],
  ] as const)('bounds how far it reaches by the %s', (granularity, good, bad) => {
    const to = new Date('2026-11-22T00:00:00Z');

    expect(spanOf({ granularity, to, from: new Date(good) })[0]).toBe(new Date(good).toISOString());
    expect(() => spanOf({ granularity, to, from: new Date(bad) })).toThrow(RequestInvalid);
  });

  it('refuses an end that is not after the start', () => {
    const day = new Date('2026-11-01T00:00:00Z');

    expect(() => spanOf({ from: day, to: day })).toThrow(RequestInvalid);
    expect(() => spanOf({ from: new Date('2026-11-23T00:00:00Z') })).toThrow(RequestInvalid);
  });

  it.each([
    ['meter', { by: 'meter' }],
    ['tenant', { by: 'meter' }],
    ['resource', { by: 'resource' }],
    ['actor', { by: 'actor' }],
    ['label:pool/eu', { by: 'label', key: 'pool/eu' }],
  ])('groups by %s', (groupBy, grouping) => {
    expect(usageQueryOf({ granularity: 'day', groupBy }, NOW).grouping).toEqual(grouping);
  });
});
