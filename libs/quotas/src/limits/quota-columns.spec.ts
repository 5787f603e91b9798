import { describe, expect, it } from '@jest/globals';

import { RequestInvalid } from '@tenantry/http';
import type { QuotaSpec } from '../limit.js';
import { columnsOf, specOf } from './quota-columns.js';
import { wantedQuota } from './wanted-quota.js';

const NOTHING: QuotaSpec = {
  rate: null,
  windows: [],
  concurrency: null,
  mode: 'enforce',
  thresholds: [],
  fixed: false,
};

describe('the columns of a quota', () => {
  it('hold every part of it', () => {
    const spec: QuotaSpec = {
      rate: { perSecond: 2.5, burst: 20 },
      windows: [
        { period: 'month', limit: 999_999_999_999_999 },
        { period: 'minute', limit: 0 },
        { period: 'day', limit: 3 },
        { period: 'hour', limit: 2 },
      ],
      concurrency: { limit: 5 },
      mode: 'shadow',
      thresholds: [80, 100],
      fixed: true,
    };

    const columns = columnsOf(spec);

    expect(columns).toEqual({
      mode: 'shadow',
      fixed: true,
      thresholds: [80, 100],
      rateMicros: 2_500_000n,
      burst: 20n,
      perMinute: 0n,
      perHour: 2n,
      perDay: 3n,
      perMonth: 999_999_999_999_999n,
      concurrency: 5n,
    });
    expect(specOf(columns)).toEqual({
      ...spec,
      windows: [
        { period: 'minute', limit: 0 },
        { period: 'hour', limit: 2 },
        { period: 'day', limit: 3 },
        { period: 'month', limit: 999_999_999_999_999 },
      ],
    });
  });

  it('leave out what is not limited', () => {
    const columns = columnsOf(NOTHING);

    expect(Object.values(columns).filter((value) => value === null)).toHaveLength(7);
    expect(specOf(columns)).toEqual(NOTHING);
  });

  it.each([
    [0.000_001, 1n],
    [0.1, 100_000n],
    [0.7, 700_000n],
    [1.1, 1_100_000n],
    [999_999_999.999_999, 999_999_999_999_999n],
    [1_000_000_000, 1_000_000_000_000_000n],
  ])('keep %d a second to the last decimal', (perSecond, rateMicros) => {
    const columns = columnsOf({ ...NOTHING, rate: { perSecond, burst: 1 } });

    expect(columns.rateMicros).toBe(rateMicros);
    expect(specOf(columns).rate).toEqual({ perSecond, burst: 1 });
  });
});

describe(wantedQuota.name, () => {
  it('enforces, and tells of four thresholds, unless it was said otherwise', () => {
    expect(wantedQuota({ concurrency: { limit: 1 } })).toEqual({
      rate: null,
      windows: [],
      concurrency: { limit: 1 },
      mode: 'enforce',
      thresholds: [50, 80, 90, 100],
      fixed: undefined,
    });
  });

  it.each([{}, { windows: [] }, { rate: null, concurrency: null }])('refuses %j', (body) => {
    expect(() => wantedQuota(body, '/limits/3')).toThrow(
      new RequestInvalid([
        { pointer: '/limits/3', message: 'must hold rate, windows or concurrency' },
      ]),
    );
  });
});
