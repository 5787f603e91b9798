import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { IdempotencyStore, PostgresIdempotencyStore } from '@tenantry/http';

const EVERY_MS = 60_000;

/** Forgets first answers whose day is over, a bounded number at a time. */
@Injectable()
export class IdempotencyPurge implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(IdempotencyPurge.name);
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly store: IdempotencyStore) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.#purge(), EVERY_MS);
    this.#timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  async #purge(): Promise<void> {
    if (!(this.store instanceof PostgresIdempotencyStore)) return;
    try {
      await this.store.purge();
    } catch (error) {
      this.#logger.warn({ err: error }, 'Old idempotency keys could not be purged.');
    }
  }
}
