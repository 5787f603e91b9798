/**
 * Has work done again and again until it is stopped; nodes that started together drift apart.
 *
 * The work answers after how many milliseconds it wants to be done again, and must not throw.
 */
export class Recurrence {
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly work: () => Promise<number>) {}

  /** Aborted as soon as it is to stop: long work looks at it. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  start(afterMs: number): void {
    if (this.stopping.aborted) return;
    // Not all nodes at the same moment.
    const jitteredMs = afterMs * (0.5 + Math.random());
    this.#timer = setTimeout(() => {
      this.#running = this.work().then((pauseMs) => {
        this.start(pauseMs);
      });
    }, jitteredMs);
    this.#timer.unref();
  }

  /** Returns when the work that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }
}
