import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { Recurrence } from '@tenantry/kernel';
import { AuditMonths } from './audit-months.js';
import { AuditRetention } from './retention.js';

const LOOK_EVERY_MS = 60_000;
/** Empty months are dropped once in so many looks. */
const DROPPED_EVERY = 60;

/** Has old segments removed, and months made and dropped, by any node, without anybody asking. */
@Injectable()
export class AuditRetentionSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(AuditRetentionSchedule.name);
  readonly #recurrence = new Recurrence(() => this.#lookOnce());
  #looks = 0;

  constructor(
    private readonly retention: AuditRetention,
    private readonly months: AuditMonths,
  ) {}

  onApplicationBootstrap(): void {
    this.#recurrence.start(LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
  }

  async #lookOnce(): Promise<number> {
    try {
      this.#looks += 1;
      // At every look: a machine that slept may wake in a month that has no place yet.
      await this.months.ensure();
      if (this.#looks % DROPPED_EVERY === 0) await this.months.dropEmpty();
      const trails = await this.retention.work(this.#recurrence.stopping);
      return trails > 0 ? 0 : LOOK_EVERY_MS;
    } catch (error) {
      this.#logger.warn({ err: error }, 'Old records could not be removed.');
      return LOOK_EVERY_MS;
    }
  }
}
