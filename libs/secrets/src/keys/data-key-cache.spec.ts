import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { KeyDestroyed, SealingKey } from '@tenantry/crypto';
import { TestClock } from '@tenantry/testing';
import { DataKeyCache } from './data-key-cache.js';

const TERMS = { max: 3, freshMs: 300_000, usableMs: 900_000 };

class Outage extends Error {}
class Refused extends Error {}

/** A key service that counts how often it was asked. */
class Source {
  asked = 0;
  failure: Error | null = null;
  readonly isOutage = (error: unknown): boolean => error instanceof Outage;
  readonly load = (): Promise<SealingKey> => {
    this.asked += 1;
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(newKey());
  };
}

const newKey = (): SealingKey => new SealingKey(Buffer.alloc(32, 1), Buffer.alloc(16, 2));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const isDestroyed = (key: SealingKey): boolean => {
  try {
    key.seal(Buffer.of(1), 'a');
    return false;
  } catch (error) {
    return error instanceof KeyDestroyed;
  }
};

describe('DataKeyCache', () => {
  let clock: TestClock;
  let source: Source;
  let cache: DataKeyCache;

  beforeEach(() => {
    clock = new TestClock('2026-11-22T12:00:00Z');
    source = new Source();
    cache = new DataKeyCache(clock, TERMS);
  });
  afterEach(() => {
    cache.close();
  });

  it('asks once, however many want the key at once', async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, () => cache.get('a', source)));

    expect(new Set(keys).size).toBe(1);
    expect(source.asked).toBe(1);
  });

  it('asks again when the key is no longer fresh, and destroys the old one', async () => {
    const first = await cache.get('a', source);
    clock.advance(TERMS.freshMs - 1);
    expect(await cache.get('a', source)).toBe(first);
    clock.advance(1);

    expect(await cache.get('a', source)).not.toBe(first);
    expect(source.asked).toBe(2);
    expect(isDestroyed(first)).toBe(false);
    await turn();
    expect(isDestroyed(first)).toBe(true);
  });

  it('goes on with what it has while nobody answers, and not beyond the time for that', async () => {
    const key = await cache.get('a', source);
    source.failure = new Outage();
    clock.advance(TERMS.usableMs - 1);
    expect(await cache.get('a', source)).toBe(key);
    clock.advance(1);

    await expect(cache.get('a', source)).rejects.toThrow(Outage);
    await turn();
    expect(isDestroyed(key)).toBe(true);
  });

  it('does not go on where the answer is no', async () => {
    const key = await cache.get('a', source);
    clock.advance(TERMS.freshMs);
    source.failure = new Refused();

    await expect(cache.get('a', source)).rejects.toThrow(Refused);
    source.failure = new Outage();
    await expect(cache.get('a', source)).rejects.toThrow(Outage);
    await turn();
    expect(isDestroyed(key)).toBe(true);
  });

  it('does not keep anybody waiting who has a key that is still good', async () => {
    const key = await cache.get('a', source);
    clock.advance(TERMS.freshMs);
    const { isOutage } = source;
    const hanging = { isOutage, load: () => new Promise<SealingKey>(() => undefined) };

    expect(await cache.get('a', hanging)).toBe(key);
  });

  it('remembers no failure', async () => {
    source.failure = new Outage();
    await expect(cache.get('a', source)).rejects.toThrow(Outage);
    source.failure = null;

    expect(isDestroyed(await cache.get('a', source))).toBe(false);
  });

  it('holds so many and no more: what was used longest ago leaves, destroyed', async () => {
    const first = await cache.get('a', source);
    for (const id of ['b', 'c', 'd']) await cache.get(id, source);
    await turn();

    expect(cache.size).toBe(3);
    expect(isDestroyed(first)).toBe(true);
  });

  it('does not take up what has ended, by whoever had begun before', async () => {
    const loading = cache.get('a', source);
    cache.end('a');
    const key = await loading;

    expect(isDestroyed(key)).toBe(false);
    expect(cache.size).toBe(0);
    await turn();
    expect(isDestroyed(key)).toBe(true);
  });

  it('destroys everything when it is closed', async () => {
    const key = await cache.get('a', source);
    cache.close();
    await turn();

    expect(isDestroyed(key)).toBe(true);
  });
});
