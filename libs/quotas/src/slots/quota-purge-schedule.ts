import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { Recurrence } from '@tenantry/kernel';
import { QuotaPurge } from './quota-purge.js';

const EVERY_MS = 60_000;

/** Has old things purged, by all nodes together. */
@Injectable()
export class QuotaPurgeSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(QuotaPurgeSchedule.name);
  readonly #recurrence = new Recurrence(async () => ((await this.#once()) ? 0 : EVERY_MS));

  constructor(private readonly purge: QuotaPurge) {}

  onApplicationBootstrap(): void {
    this.#recurrence.start(EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
  }

  async #once(): Promise<boolean> {
    try {
      return await this.purge.once();
    } catch (error) {
      this.#logger.warn({ err: error }, 'What quotas need no more could not be purged.');
      return false;
    }
  }
}
