import { SigninBusy } from './passwords.errors.js';

/** How many hashings run at once, and how many more may wait for their turn. */
export interface HashingLimits {
  readonly atOnce: number;
  readonly waiting: number;
}

/**
 * Lets a bounded number of hashings run at once and a bounded number wait, first come, first served.
 *
 * Each takes 19 MiB and a thread: unbounded, a flood of sign-ins would take all memory, and starve
 * name look-ups and file reads, which share those threads. Beyond the queue a caller is told at once.
 */
export class HashingQueue {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(private readonly limits: HashingLimits) {}

  /** Throws `SigninBusy` where even the queue is full. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on; only where nobody waits does it become free.
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < this.limits.atOnce) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.limits.waiting) throw new SigninBusy();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
