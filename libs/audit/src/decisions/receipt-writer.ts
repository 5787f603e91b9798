import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { DatabaseUnavailable } from '@tenantry/database';
import { type ReceiptRow, ReceiptsRepository } from './receipts.repository.js';

const FLUSH_MS = 500;
const BATCH_MAX = 500;
const QUEUE_MAX = 10_000;
const TELL_EVERY_MS = 60_000;

/**
 * Writes receipts in the background, many at a time. No answer waits for it: what does not fit
 * into its queue is dropped and counted, and a process that is killed takes half a second along.
 */
@Injectable()
export class ReceiptWriter implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(ReceiptWriter.name);
  #queue: ReceiptRow[] = [];
  #flushing: Promise<void> = Promise.resolve();
  #timers: readonly NodeJS.Timeout[] = [];
  #dropped = 0;
  #told = 0;

  constructor(private readonly receipts: ReceiptsRepository) {}

  /** How many this node has dropped since its start. */
  get dropped(): number {
    return this.#dropped;
  }

  onModuleInit(): void {
    this.#timers = [
      setInterval(() => void this.flush(), FLUSH_MS).unref(),
      setInterval(() => {
        this.#tell();
      }, TELL_EVERY_MS).unref(),
    ];
  }

  /** Once nothing is answered any more. */
  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.flush();
    this.#tell();
  }

  add(row: ReceiptRow): void {
    if (this.#queue.length >= QUEUE_MAX) {
      this.drop();
      return;
    }
    this.#queue.push(row);
    if (this.#queue.length === BATCH_MAX) void this.flush();
  }

  drop(count = 1): void {
    this.#dropped += count;
  }

  /** Writes what has come so far; never throws. */
  async flush(): Promise<void> {
    if (this.#queue.length > 0) this.#flushing = this.#flushing.then(() => this.#drain());
    await this.#flushing;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH_MAX);
      if (!(await this.#isDoneWith(batch))) return;
      this.#queue = this.#queue.slice(batch.length);
    }
  }

  async #isDoneWith(batch: readonly ReceiptRow[]): Promise<boolean> {
    try {
      await this.receipts.insert(batch);
      return true;
    } catch (error) {
      this.#logger.warn({ err: error }, 'Receipts of decisions could not be written.');
      // The database will be back; what it does not take for another reason it would never take.
      if (error instanceof DatabaseUnavailable) return false;
      this.drop(batch.length);
      return true;
    }
  }

  #tell(): void {
    const count = this.#dropped - this.#told;
    if (count === 0) return;
    this.#told = this.#dropped;
    this.#logger.warn({ count }, 'More was decided than receipts are kept of: these were dropped.');
  }
}
