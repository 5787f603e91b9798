import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { AppConfig } from '@tenantry/config';
import { Clock, Recurrence } from '@tenantry/kernel';
import { ReceiptsRepository } from './receipts.repository.js';

const LOOK_EVERY_MS = 600_000;
const BATCH_MAX = 1_000;
const DAY_MS = 86_400_000;

/** Removes receipts that are too old, some at a time, by any node. */
@Injectable()
export class ReceiptRetention implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(ReceiptRetention.name);
  readonly #recurrence = new Recurrence(async () => {
    await this.#lookOnce();
    return LOOK_EVERY_MS;
  });

  constructor(
    private readonly receipts: ReceiptsRepository,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.#recurrence.start(LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
  }

  /** Removes all that have had their time. */
  async work(): Promise<void> {
    const { retentionDays } = this.config.decisions;
    const before = new Date(this.clock.now().getTime() - retentionDays * DAY_MS);
    let removed = BATCH_MAX;
    while (removed === BATCH_MAX && !this.#recurrence.stopping.aborted) {
      removed = await this.receipts.purge(before, BATCH_MAX);
    }
  }

  async #lookOnce(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.#logger.warn({ err: error }, 'Old receipts of decisions could not be removed.');
    }
  }
}
