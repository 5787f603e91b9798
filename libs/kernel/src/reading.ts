import type { Clock } from './clock.js';

/**
 * Something that is dear to find out, and need not be of this moment: found out when it is asked for
 * and older than that, once for all who ask meanwhile. A failure is not remembered.
 */
export class Reading<Value> {
  #value: Promise<Value> | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly freshForMs: number,
    private readonly read: () => Promise<Value>,
  ) {}

  async get(): Promise<Value> {
    const now = this.clock.monotonicMs();
    if (!this.#value || now - this.#readAtMs > this.freshForMs) {
      this.#readAtMs = now;
      this.#value = this.read().catch((error: unknown) => {
        this.#value = undefined;
        throw error;
      });
    }
    return this.#value;
  }
}
