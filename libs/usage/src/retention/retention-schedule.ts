import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { UsageRetention } from './usage-retention.js';

const FIRST_LOOK_MS = 60_000;
const LOOK_EVERY_MS = 3_600_000;

/** Has the ledger's months made and dropped, by any node, without anybody asking. */
@Injectable()
export class RetentionSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(RetentionSchedule.name);
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> = Promise.resolve();

  constructor(private readonly retention: UsageRetention) {}

  onApplicationBootstrap(): void {
    this.#schedule(FIRST_LOOK_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#look;
  }

  async #lookOnce(): Promise<void> {
    try {
      await this.retention.work(this.#stopping.signal);
    } catch (error) {
      this.#logger.warn({ err: error }, 'The usage ledger could not be tidied up.');
    }
  }

  #schedule(pauseMs: number): void {
    if (this.#stopping.signal.aborted) return;
    // Not all nodes at the same moment.
    const jitteredMs = pauseMs * (0.5 + Math.random());
    this.#timer = setTimeout(() => {
      this.#look = this.#lookOnce().then(() => {
        this.#schedule(LOOK_EVERY_MS);
      });
    }, jitteredMs);
    this.#timer.unref();
  }
}
