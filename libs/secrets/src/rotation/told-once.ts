import { LRUCache } from 'lru-cache';

const TOLD_MAX = 10_000;

/** Remembers what was told already, so that work that comes by again and again tells it once. */
export class ToldOnce {
  readonly #told = new LRUCache<string, true>({ max: TOLD_MAX });

  /** How many things were told. */
  get size(): number {
    return this.#told.size;
  }

  /** Whether it was not told before; from now on it was. */
  isNews(name: string): boolean {
    if (this.#told.has(name)) return false;
    this.#told.set(name, true);
    return true;
  }
}
