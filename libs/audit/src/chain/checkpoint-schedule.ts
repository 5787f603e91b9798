import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { LRUCache } from 'lru-cache';

import { AppConfig } from '@tenantry/config';
import { Recurrence } from '@tenantry/kernel';
import { ChainBroken } from './chain.errors.js';
import { Checkpointing } from './checkpointing.js';
import { CheckpointsRepository } from './checkpoints.repository.js';

const LOOK_EVERY_MS = 1_000;
/** So many trails are taken at once: few enough to be done long before they are due again. */
const BATCH = 20;

/** A trail that is broken is not looked at again at once, however much is written on it. */
const BROKEN_FOR_MS = 600_000;
const BROKEN_MAX = 1_000;

/** Has trails signed in time, by whichever node comes first. */
@Injectable()
export class CheckpointSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(CheckpointSchedule.name);
  readonly #recurrence = new Recurrence(async () =>
    (await this.lookOnce()) === BATCH ? 0 : LOOK_EVERY_MS,
  );
  readonly #everySeconds: number;
  readonly #broken = new LRUCache<string, true>({ max: BROKEN_MAX, ttl: BROKEN_FOR_MS });

  constructor(
    private readonly checkpointing: Checkpointing,
    private readonly checkpoints: CheckpointsRepository,
    config: AppConfig,
  ) {
    this.#everySeconds = config.audit.checkpointSeconds;
  }

  onApplicationBootstrap(): void {
    this.#recurrence.start(LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
  }

  /** Signs what is due; answers how many trails were. Never throws. */
  async lookOnce(): Promise<number> {
    try {
      const trails = await this.checkpoints.takeDue(this.#everySeconds, BATCH);
      for (const trail of trails) {
        if (this.#recurrence.stopping.aborted) break;
        await this.#sign(trail);
      }
      return trails.length;
    } catch (error) {
      this.#logger.warn({ err: error }, 'The trails that are due could not be looked up.');
      return 0;
    }
  }

  async #sign(trail: string): Promise<void> {
    if (this.#broken.has(trail)) return;
    try {
      await this.checkpointing.sign(trail);
    } catch (error) {
      if (error instanceof ChainBroken) this.#broken.set(trail, true);
      this.#logger.error({ err: error, trail }, 'An audit trail could not be signed.');
    }
  }
}
