import { QuotasUnavailable } from '../quotas.errors.js';

/** So many wait in one line: more only come where the database hangs. */
const WAITING_MAX = 1_000;

interface Line {
  waiting: number;
  last: Promise<unknown>;
}

/**
 * Has the works of one key come one after the other on this node: of many who would wait for the same
 * lock of the database, one holds a connection meanwhile, and the others leave theirs to other tenants.
 */
export class Turns {
  readonly #lines = new Map<string, Line>();

  /** Answers, or throws, what the work does, whatever became of the one before. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(key) ?? { waiting: 0, last: Promise.resolve() };
    if (line.waiting === WAITING_MAX) throw new QuotasUnavailable();
    this.#lines.set(key, line);
    line.waiting += 1;
    const mine = line.last.then(work);
    line.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      line.waiting -= 1;
      if (line.waiting === 0) this.#lines.delete(key);
    }
  }
}
