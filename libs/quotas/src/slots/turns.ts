/**
 * Has the works of one key come one after the other on this node: of many who would wait for the same
 * lock of the database, one holds a connection meanwhile, and the others leave theirs to other tenants.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Answers, or throws, what the work does, whatever became of the one before. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    const mine = before ? before.then(work) : work();
    const settled = mine.catch(() => undefined);
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
