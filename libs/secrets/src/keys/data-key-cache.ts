import { LRUCache } from 'lru-cache';

import type { SealingKey } from '@tenantry/crypto';
import type { Clock } from '@tenantry/kernel';

export interface CacheTerms {
  readonly max: number;
  /** So long a key is used without asking for it again. */
  readonly freshMs: number;
  /** So long it is used where it cannot be had again, because the key service is out of reach. */
  readonly usableMs: number;
}

/** How a key is had again. */
export interface KeySource {
  readonly load: () => Promise<SealingKey>;
  /** Whether a failure means no more than that nobody answered: then the key at hand goes on. */
  readonly isOutage: (error: unknown) => boolean;
}

interface Entry {
  readonly key: SealingKey;
  readonly freshUntilMs: number;
  readonly usableUntilMs: number;
}

/**
 * Unwrapped data keys, each unwrapped at most once in its lifetime, however many ask at once.
 * Bounded and short-lived: what leaves is overwritten.
 */
export class DataKeyCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #loading = new Map<string, Promise<SealingKey>>();
  /** Dropped while it was being loaded: it must not come back. */
  readonly #dropped = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly clock: Clock,
    private readonly terms: CacheTerms,
  ) {
    this.#entries = new LRUCache({
      max: terms.max,
      dispose: ({ key }) => {
        destroyLater(key);
      },
    });
    this.#timer = setInterval(() => {
      this.#sweep();
    }, terms.freshMs);
    this.#timer.unref();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** To be used at once, and not kept. Throws what `load` throws. */
  async get(id: string, source: KeySource): Promise<SealingKey> {
    const now = this.clock.monotonicMs();
    const entry = this.#entries.get(id);
    if (entry && now < entry.freshUntilMs) return entry.key;
    try {
      return await this.#load(id, source);
    } catch (error) {
      const held = this.#entries.get(id);
      if (held && source.isOutage(error) && this.clock.monotonicMs() < held.usableUntilMs) {
        return held.key;
      }
      this.#entries.delete(id);
      throw error;
    }
  }

  drop(id: string): void {
    this.#entries.delete(id);
    if (this.#loading.has(id)) this.#dropped.add(id);
  }

  clear(): void {
    this.#entries.clear();
    for (const id of this.#loading.keys()) this.#dropped.add(id);
  }

  close(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  async #load(id: string, { load }: KeySource): Promise<SealingKey> {
    const loading = this.#loading.get(id) ?? this.#keep(id, load);
    this.#loading.set(id, loading);
    return loading;
  }

  async #keep(id: string, load: () => Promise<SealingKey>): Promise<SealingKey> {
    try {
      const key = await load();
      if (this.#dropped.has(id)) destroyLater(key);
      else this.#set(id, key);
      return key;
    } finally {
      this.#loading.delete(id);
      this.#dropped.delete(id);
    }
  }

  #set(id: string, key: SealingKey): void {
    const now = this.clock.monotonicMs();
    const { freshMs, usableMs } = this.terms;
    this.#entries.set(id, { key, freshUntilMs: now + freshMs, usableUntilMs: now + usableMs });
  }

  /** What nobody asks for any more leaves too. */
  #sweep(): void {
    const now = this.clock.monotonicMs();
    for (const [id, { usableUntilMs }] of [...this.#entries.entries()]) {
      if (now >= usableUntilMs) this.#entries.delete(id);
    }
  }
}

/** Whoever was just given the key uses it before the next turn of the loop. */
function destroyLater(key: SealingKey): void {
  setImmediate(() => {
    key.destroy();
  });
}
