import { LRUCache } from 'lru-cache';

import type { SealingKey } from '@tenantry/crypto';
import { type Clock, isDoneWithin } from '@tenantry/kernel';

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

/** Who has a key at hand that is still good does not wait longer for a fresh one. */
const PATIENCE_MS = 250;
const ENDED_MAX = 10_000;

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
  /** Forgotten while it was being loaded: it must not come back. */
  readonly #forgotten = new Set<string>();
  /** What has ended is not taken up again, by whoever had read of it before. */
  readonly #ended = new LRUCache<string, true>({ max: ENDED_MAX });
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
    const entry = this.#entries.get(id);
    if (entry && this.#isFresh(entry)) return entry.key;
    const loading = this.#load(id, source);
    try {
      // The load goes on, and is waited for by whoever has nothing.
      if (entry && !(await isDoneWithin(PATIENCE_MS, loading)))
        return this.peek(id) ?? (await loading);
      return await loading;
    } catch (error) {
      const held = this.peek(id);
      if (held && source.isOutage(error)) return held;
      this.#entries.delete(id);
      throw error;
    }
  }

  /** What is at hand, if it may still be used: to be used at once, and not kept. */
  peek(id: string): SealingKey | null {
    const entry = this.#entries.get(id);
    return entry && this.clock.monotonicMs() < entry.usableUntilMs ? entry.key : null;
  }

  /** Whether `get` would answer without asking anybody. */
  isFresh(id: string): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && this.#isFresh(entry);
  }

  /** It opens nothing any more, and is not taken up again. */
  end(id: string): void {
    this.#ended.set(id, true);
    this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
    for (const id of this.#loading.keys()) this.#forgotten.add(id);
  }

  close(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  async #load(id: string, source: KeySource): Promise<SealingKey> {
    const known = this.#loading.get(id);
    if (known) return known;
    const loading = this.#keep(id, source.load);
    this.#loading.set(id, loading);
    // A refusal counts though nobody waits for it any longer.
    loading.catch((error: unknown) => {
      if (!source.isOutage(error)) this.#entries.delete(id);
    });
    return loading;
  }

  async #keep(id: string, load: () => Promise<SealingKey>): Promise<SealingKey> {
    try {
      const key = await load();
      if (this.#forgotten.has(id) || this.#ended.has(id)) destroyLater(key);
      else this.#set(id, key);
      return key;
    } finally {
      this.#loading.delete(id);
      this.#forgotten.delete(id);
    }
  }

  #isFresh({ freshUntilMs }: Entry): boolean {
    return this.clock.monotonicMs() < freshUntilMs;
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
