import { describe, expect, it } from '@jest/globals';

import type { LimitState } from '../engine/quota-engine.js';
import { setRateLimitHeaders } from './rate-limit-headers.js';

const aLimit = (kind: string, given: Partial<LimitState> = {}): LimitState => ({
  ...{ kind, name: 'day', quota: 10, windowSeconds: 86_400, remaining: 3, resetSeconds: 60 },
  ...given,
});

function headersOf(limits: readonly LimitState[], refusedBy: LimitState | null = null): unknown {
  const headers: Record<string, unknown> = {};
  const reply = {
    header(name: string, value: unknown) {
      headers[name] = value;
      return reply;
    },
  };
  setRateLimitHeaders(reply as unknown as Parameters<typeof setRateLimitHeaders>[0], {
    limits,
    refusedBy,
  });
  return headers;
}

describe('setRateLimitHeaders', () => {
  it('tells the tightest limit of each kind, which is its first', () => {
    expect(headersOf([aLimit('a'), aLimit('a', { name: 'hour' }), aLimit('b')])).toEqual({
      'RateLimit-Policy': '"a/day";q=10;w=86400, "b/day";q=10;w=86400',
      RateLimit: '"a/day";r=3;t=60, "b/day";r=3;t=60',
    });
  });

  it('tells the limit that refused before all others, and instead of those of its kind', () => {
    const refusing = aLimit('b', { name: 'month', remaining: 0 });

    expect(headersOf([aLimit('a'), aLimit('b'), refusing], refusing)).toMatchObject({
      RateLimit: '"b/month";r=0;t=60, "a/day";r=3;t=60',
    });
  });

  it('stays short, however many kinds were asked, and never without the one that refused', () => {
    const limits = Array.from({ length: 100 }, (_, n) => aLimit(`kind-${n}`));
    const { RateLimit } = headersOf(limits, limits[99]) as { readonly RateLimit: string };
    const items = RateLimit.split(', ');

    expect(items).toHaveLength(20);
    expect(items.slice(0, 2)).toEqual(['"kind-99/day";r=3;t=60', '"kind-0/day";r=3;t=60']);
  });

  it('writes no integer of more than fifteen digits', () => {
    const vast = { quota: 1e15, remaining: 1e15, windowSeconds: 2e15, resetSeconds: 2e15 };

    expect(headersOf([aLimit('a', vast)])).toEqual({
      'RateLimit-Policy': '"a/day";q=999999999999999;w=999999999999999',
      RateLimit: '"a/day";r=999999999999999;t=999999999999999',
    });
  });

  it('tells nothing where no limit was asked', () => {
    expect(headersOf([])).toEqual({});
  });
});
