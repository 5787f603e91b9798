import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { Recurrence } from '@tenantry/kernel';
import { UsageRetention } from './usage-retention.js';

const FIRST_LOOK_MS = 60_000;
const LOOK_EVERY_MS = 3_600_000;

/** Has the ledger's months made and dropped, by any node, without anybody asking. */
@Injectable()
export class RetentionSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(RetentionSchedule.name);
  readonly #recurrence = new Recurrence(() => this.#lookOnce());

  constructor(private readonly retention: UsageRetention) {}

  onApplicationBootstrap(): void {
    this.#recurrence.start(FIRST_LOOK_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
  }

  async #lookOnce(): Promise<number> {
    try {
      await this.retention.work(this.#recurrence.stopping);
    } catch (error) {
      this.#logger.warn({ err: error }, 'The usage ledger could not be tidied up.');
    }
    return LOOK_EVERY_MS;
  }
}
