import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { TrailHeads } from '../exporting/trail-heads.js';
import type { Tail } from './tail.js';

const ASKS_EVERY_MS = 400;

/** Who is to hear that a trail has moved on. */
type Follower = Pick<Tail, 'moved'>;

/** Asks, for all tails of this node in one question, how far their trails have come; for none, nothing. */
@Injectable()
export class TailedTrails implements OnModuleDestroy {
  readonly #logger = new Logger(TailedTrails.name);
  readonly #followers = new Map<string, Set<Follower>>();
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> = Promise.resolve();

  constructor(private readonly heads: TrailHeads) {}

  /** Until it is called back: the follower hears of the trail as often as this asks. */
  follow(trail: string, follower: Follower): () => void {
    const followers = this.#followers.get(trail) ?? new Set();
    this.#followers.set(trail, followers.add(follower));
    this.#timer ??= this.#later();
    return () => {
      followers.delete(follower);
      if (followers.size === 0 && this.#followers.get(trail) === followers) {
        this.#followers.delete(trail);
      }
    };
  }

  /** The question that is under way ends before the database is closed. */
  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#asking;
    clearTimeout(this.#timer);
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#asking = this.#ask();
    }, ASKS_EVERY_MS).unref();
  }

  async #ask(): Promise<void> {
    try {
      const heads = await this.heads.ofMany([...this.#followers.keys()]);
      for (const [trail, head] of heads) this.#tell(trail, head);
    } catch (err) {
      // Its tails wait on: what has come meanwhile is told as soon as the database answers again.
      this.#logger.warn({ err }, 'How far the tailed trails have come could not be asked.');
    } finally {
      this.#timer = this.#followers.size > 0 ? this.#later() : undefined;
    }
  }

  #tell(trail: string, head: number): void {
    for (const follower of this.#followers.get(trail) ?? []) follower.moved(head);
  }
}
