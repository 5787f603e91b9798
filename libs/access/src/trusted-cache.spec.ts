import { describe, expect, it } from '@jest/globals';

import type { AppliedChange, ChangeListener } from '@tenantry/database';
import { TestClock } from '@tenantry/testing';
import { type CacheBounds, tag, TrustedCache, type TrustSource } from './trusted-cache.js';

const REMEMBERED_TAGS_MAX = 4_096;

type Said = Pick<AppliedChange, 'kind' | 'id'> & { readonly key?: string };

/** A change feed that says what a test lets it say. */
class ScriptedFeed implements TrustSource {
  isTrusted = true;
  revision = 0n;
  #listener: ChangeListener | undefined;

  subscribe(listener: ChangeListener): void {
    this.#listener = listener;
  }

  say(change: Said): void {
    this.revision += 1n;
    this.#listener?.onChange({ ...change, tenantId: null, revision: this.revision });
  }

  startAfreshAt(revision: bigint): void {
    this.revision = revision;
    this.#listener?.onGap();
  }
}

describe('TrustedCache', () => {
  const feed = new ScriptedFeed();
  const clock = new TestClock();

  function aCache(max = 10): TrustedCache<{ readonly n: number }> {
    return new TrustedCache(feed, clock, max);
  }

  function bounds(given: Partial<CacheBounds> = {}): CacheBounds {
    return { tags: [], ttlMs: 60_000, asOf: feed.revision, ...given };
  }

  it('drops what a change speaks of by id or by key, and nothing else', () => {
    const cache = aCache();
    cache.set('by id', { n: 1 }, bounds({ tags: [tag('issuer', 'i1')] }));
    cache.set('by key', { n: 2 }, bounds({ tags: [tag('issuer', 'hash')] }));
    cache.set('other', { n: 3 }, bounds({ tags: [tag('issuer', 'i2'), tag('tenant', 'i1')] }));

    feed.say({ kind: 'issuer', id: 'i1', key: 'hash' });

    expect(cache.get('by id')).toBeUndefined();
    expect(cache.get('by key')).toBeUndefined();
    expect(cache.get('other')).toEqual({ n: 3 });
  });

  it('drops by the plural tag what rests on all of a kind', () => {
    const cache = aCache();
    cache.set('platform token', { n: 1 }, bounds({ tags: ['signing_keys'] }));

    feed.say({ kind: 'signing_key', id: 'any' });

    expect(cache.get('platform token')).toBeUndefined();
  });

  it('takes no value that a change has overtaken while it was being read', () => {
    const cache = aCache();
    const asOf = feed.revision;
    feed.say({ kind: 'tenant', id: 't1' });

    cache.set('overtaken', { n: 1 }, bounds({ tags: [tag('tenant', 't1')], asOf }));
    cache.set('untouched', { n: 2 }, bounds({ tags: [tag('tenant', 't2')], asOf }));
    cache.set('read since', { n: 3 }, bounds({ tags: [tag('tenant', 't1')] }));

    expect(cache.get('overtaken')).toBeUndefined();
    expect(cache.get('untouched')).toEqual({ n: 2 });
    expect(cache.get('read since')).toEqual({ n: 3 });
  });

  it('counts a change that it has forgotten as one of everything', () => {
    const cache = aCache();
    const asOf = feed.revision;
    for (let n = 0; n <= REMEMBERED_TAGS_MAX; n++) feed.say({ kind: 'member', id: `m${n}` });

    cache.set('old', { n: 1 }, bounds({ tags: [tag('tenant', 't1')], asOf }));
    cache.set('new', { n: 2 }, bounds({ tags: [tag('tenant', 't1')] }));

    expect(cache.get('old')).toBeUndefined();
    expect(cache.get('new')).toEqual({ n: 2 });
  });

  it('is empty after a gap, and takes nothing from before it', () => {
    const cache = aCache();
    const asOf = feed.revision;
    cache.set('before', { n: 1 }, bounds());

    feed.startAfreshAt(asOf + 100n);
    cache.set('late', { n: 2 }, bounds({ asOf }));

    expect(cache.get('before')).toBeUndefined();
    expect(cache.get('late')).toBeUndefined();
  });

  it('answers nothing while the feed is not heard, and again when it is', async () => {
    const cache = aCache();
    cache.set('known', { n: 1 }, bounds());

    feed.isTrusted = false;
    const silent = cache.get('known');
    const read = await cache.getOrLoad('known', () =>
      Promise.resolve({ value: { n: 2 }, tags: [], ttlMs: 60_000 }),
    );
    feed.isTrusted = true;

    expect(silent).toBeUndefined();
    expect(read).toEqual({ n: 2 });
    expect(cache.get('known')).toEqual({ n: 1 });
  });

  it('forgets when the time is up, and takes nothing whose time is up already', () => {
    const cache = aCache();
    cache.set('short', { n: 1 }, bounds({ ttlMs: 1_000 }));
    cache.set('dead', { n: 2 }, bounds({ ttlMs: 0 }));

    const dead = cache.get('dead');
    clock.advance(999);
    const inTime = cache.get('short');
    clock.advance(1);

    expect(dead).toBeUndefined();
    expect(inTime).toEqual({ n: 1 });
    expect(cache.get('short')).toBeUndefined();
  });

  it('holds so many values and no more, and forgets the tags of those that left', () => {
    const cache = aCache(2);
    cache.set('first', { n: 1 }, bounds({ tags: [tag('issuer', 'old')] }));
    cache.set('second', { n: 2 }, bounds());
    cache.set('third', { n: 3 }, bounds());
    const evicted = cache.get('first');

    cache.set('first', { n: 4 }, bounds({ tags: [tag('issuer', 'new')] }));
    feed.say({ kind: 'issuer', id: 'old' });

    expect(evicted).toBeUndefined();
    expect(cache.get('first')).toEqual({ n: 4 });
  });

  it('rests a value that was replaced on its new tags alone', () => {
    const cache = aCache();
    cache.set('token', { n: 1 }, bounds({ tags: [tag('member', 'm1')] }));
    cache.set('token', { n: 2 }, bounds({ tags: [tag('member', 'm2')] }));

    feed.say({ kind: 'member', id: 'm1' });
    const kept = cache.get('token');
    feed.say({ kind: 'member', id: 'm2' });

    expect(kept).toEqual({ n: 2 });
    expect(cache.get('token')).toBeUndefined();
  });
});

describe('TrustedCache.getOrLoad', () => {
  const feed = new ScriptedFeed();
  const cache = new TrustedCache<{ readonly n: number }>(feed, new TestClock(), 10);

  /** A reading that a test lets end when it wants. */
  function aReading(tags: readonly string[] = []): {
    readonly load: () => Promise<{ value: { n: number }; tags: readonly string[]; ttlMs: number }>;
    readonly finish: (n: number) => void;
    readonly count: () => number;
  } {
    const waiting: ((n: number) => void)[] = [];
    return {
      load: () =>
        new Promise((resolve) => {
          waiting.push((n) => {
            resolve({ value: { n }, tags, ttlMs: 60_000 });
          });
        }),
      finish: (n) => waiting[n - 1]?.(n),
      count: () => waiting.length,
    };
  }

  it('reads once for all who ask at the same revision', async () => {
    const { load, finish, count } = aReading();

    const asked = [1, 2, 3].map(() => cache.getOrLoad('shared', load));
    finish(1);

    await expect(Promise.all(asked)).resolves.toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
    expect(count()).toBe(1);
    expect(cache.get('shared')).toEqual({ n: 1 });
  });

  it('shares no reading with those who ask after a change', async () => {
    const { load, finish, count } = aReading([tag('tenant', 't1')]);

    const before = cache.getOrLoad('changed', load);
    feed.say({ kind: 'tenant', id: 't1' });
    const after = cache.getOrLoad('changed', load);
    finish(2);
    await after;
    finish(1);

    await expect(before).resolves.toEqual({ n: 1 });
    await expect(after).resolves.toEqual({ n: 2 });
    expect(count()).toBe(2);
    expect(cache.get('changed')).toEqual({ n: 2 });
  });

  it('remembers neither that there is nothing nor that a reading failed', async () => {
    const answers = [
      () => Promise.resolve(null),
      () => Promise.reject(new Error('The database is away.')),
      () => Promise.resolve({ value: { n: 3 }, tags: [], ttlMs: 60_000 }),
    ];
    const load = (): ReturnType<(typeof answers)[number]> =>
      (answers.shift() ?? (() => Promise.resolve(null)))();

    await expect(cache.getOrLoad('rare', load)).resolves.toBeNull();
    await expect(cache.getOrLoad('rare', load)).rejects.toThrow('The database is away.');
    await expect(cache.getOrLoad('rare', load)).resolves.toEqual({ n: 3 });
  });
});
