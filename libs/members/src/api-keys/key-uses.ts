import { LRUCache } from 'lru-cache';

/** The last use of one key. */
export interface KeyUse {
  readonly id: string;
  readonly tenantId: string;
  readonly at: Date;
  readonly ip: string;
}

const KEYS_MAX = 10_000;

/**
 * Remembers the last use of each key, until all are written down at once: a request costs no write.
 * Bounded: where more keys are in use between two writes, those used longest ago go unrecorded.
 */
export class KeyUses {
  readonly #uses: LRUCache<string, KeyUse>;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly write: (uses: readonly KeyUse[]) => Promise<void>,
    max = KEYS_MAX,
  ) {
    this.#uses = new LRUCache({ max });
  }

  note(use: KeyUse): void {
    this.#uses.set(use.id, use);
  }

  /** Writes what has come together, in one statement; where that fails, it waits for the next time. */
  async flush(): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#writeAll());
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const uses = [...this.#uses.values()];
    if (uses.length === 0) return;
    this.#uses.clear();
    try {
      await this.write(uses);
    } catch (error) {
      this.#keep(uses);
      throw error;
    }
  }

  /** For the next time, unless the key was used since. */
  #keep(uses: readonly KeyUse[]): void {
    for (const use of uses) {
      if (!this.#uses.has(use.id)) this.#uses.set(use.id, use);
    }
  }
}
