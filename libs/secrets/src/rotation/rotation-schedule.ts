import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { Recurrence } from '@tenantry/kernel';
import { Resealing } from './resealing.js';
import { Rewrapping } from './rewrapping.js';

const LOOK_EVERY_MS = 1_000;

/** Has the keys that are being replaced left behind, by all nodes together, without anybody asking. */
@Injectable()
export class RotationSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(RotationSchedule.name);
  readonly #recurrence = new Recurrence(async () => ((await this.lookOnce()) ? 0 : LOOK_EVERY_MS));

  constructor(
    private readonly rewrapping: Rewrapping,
    private readonly resealing: Resealing,
  ) {}

  onApplicationBootstrap(): void {
    this.#recurrence.start(LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
  }

  /** A batch of each; answers whether there is more to do at once. Never throws. */
  async lookOnce(): Promise<boolean> {
    const { stopping: signal } = this.#recurrence;
    const works = [this.rewrapping.work(signal), this.resealing.work(signal)];
    const outcomes = await Promise.allSettled(works);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      const error: unknown = outcome.reason;
      this.#logger.warn({ err: error }, 'The rotation of keys could not go on.');
    }
    return outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value);
  }
}
