import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { Recurrence } from '@tenantry/kernel';
import { Delivery } from './delivery.js';
import { SinkQueue } from './sink-queue.js';
import { Waking } from './waking.js';

const LOOK_EVERY_MS = 500;
/** While there is more than places. */
const LOOK_AGAIN_MS = 50;
const CONCURRENT_MAX = 16;

/** Has every sink told what is new on its trail, by one of all nodes. */
@Injectable()
export class SinkSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(SinkSchedule.name);
  readonly #running = new Set<Promise<void>>();
  readonly #recurrence = new Recurrence(() => this.#look());

  constructor(
    private readonly waking: Waking,
    private readonly queue: SinkQueue,
    private readonly delivery: Delivery,
  ) {}

  onApplicationBootstrap(): void {
    this.#recurrence.start(LOOK_EVERY_MS);
  }

  /** What is being sent is given up, and free for other nodes at once. */
  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
    await Promise.all(this.#running);
  }

  /** Starts as many due deliveries as there are places, and waits for none; answers whether more may be due. */
  async lookOnce(): Promise<boolean> {
    const hasMore = await this.waking.wake();
    const places = CONCURRENT_MAX - this.#running.size;
    if (places <= 0) return true;
    const claims = await this.queue.take(places);
    for (const claim of claims) {
      const delivery = this.delivery.deliver(claim, this.#recurrence.stopping).finally(() => {
        this.#running.delete(delivery);
      });
      this.#running.add(delivery);
    }
    return hasMore || claims.length === places;
  }

  async #look(): Promise<number> {
    try {
      return (await this.lookOnce()) ? LOOK_AGAIN_MS : LOOK_EVERY_MS;
    } catch (error) {
      this.#logger.warn({ err: error }, 'The audit sinks that are due could not be found.');
      return LOOK_EVERY_MS;
    }
  }
}
