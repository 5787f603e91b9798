import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { QuotaPurge } from './quota-purge.js';

const EVERY_MS = 60_000;

/** Has old things purged, by all nodes together. */
@Injectable()
export class QuotaPurgeSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(QuotaPurgeSchedule.name);
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #look: Promise<void> = Promise.resolve();

  constructor(private readonly purge: QuotaPurge) {}

  onApplicationBootstrap(): void {
    this.#schedule(EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#look;
  }

  #schedule(pauseMs: number): void {
    if (this.#isStopped) return;
    // Not all nodes at the same moment.
    const jitteredMs = pauseMs * (0.5 + Math.random());
    this.#timer = setTimeout(() => {
      this.#look = this.#once();
    }, jitteredMs);
    this.#timer.unref();
  }

  async #once(): Promise<void> {
    const hasMore = await this.purge.once().catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'What quotas need no more could not be purged.');
      return false;
    });
    this.#schedule(hasMore ? 0 : EVERY_MS);
  }
}
