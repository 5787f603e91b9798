import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { Resealing } from './resealing.js';
import { Rewrapping } from './rewrapping.js';

const LOOK_EVERY_MS = 1_000;

/** Has the keys that are being replaced left behind, by all nodes together, without anybody asking. */
@Injectable()
export class RotationSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(RotationSchedule.name);
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly rewrapping: Rewrapping,
    private readonly resealing: Resealing,
  ) {}

  onApplicationBootstrap(): void {
    this.#schedule(LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#look;
  }

  /** A batch of each; answers whether there is more to do at once. Never throws. */
  async lookOnce(): Promise<boolean> {
    const { signal } = this.#stopping;
    const works = [this.rewrapping.work(signal), this.resealing.work(signal)];
    const outcomes = await Promise.allSettled(works);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      const error: unknown = outcome.reason;
      this.#logger.warn({ err: error }, 'The rotation of keys could not go on.');
    }
    return outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value);
  }

  #schedule(pauseMs: number): void {
    if (this.#stopping.signal.aborted) return;
    // Not all nodes at the same moment.
    const jitteredMs = pauseMs * (0.5 + Math.random());
    this.#timer = setTimeout(() => {
      this.#look = this.lookOnce().then((hasMore) => {
        this.#schedule(hasMore ? 0 : LOOK_EVERY_MS);
      });
    }, jitteredMs);
    this.#timer.unref();
  }
}
