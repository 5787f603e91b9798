import { finished, type Writable } from 'node:stream';

import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { Clock } from '@tenantry/kernel';
import { OpenStreams } from '../exporting/open-streams.js';
import { Tail, TAIL_ENDED } from './tail.js';
import { TailedTrails } from './tailed-trails.js';

const OF_TRAIL_MAX = 20;
/** Real time: a silent tail is looked at as well. */
const LOOKS_EVERY_MS = 250;

/** The tails that are open on this node: bounded, watched, and ended when it stops. */
@Injectable()
export class Tails implements OnModuleDestroy {
  readonly #logger = new Logger(Tails.name);
  readonly #open = new OpenStreams<Tail>(OF_TRAIL_MAX);
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(
    private readonly trails: TailedTrails,
    private readonly clock: Clock,
  ) {}

  /** Throws `TooManyStreams`. */
  assertRoom(trail: string): void {
    this.#open.assertRoom(trail);
  }

  /** Until the answer is closed. Throws `TooManyStreams`. */
  open(trail: string, answer: Writable, assertWelcome: () => Promise<void>): Tail {
    const failed = (err: unknown): void => {
      this.#logger.error({ err }, 'Nobody could say whether a tail may go on.');
    };
    const tail = new Tail({ assertWelcome, failed, cut: () => answer.destroy() }, this.clock);
    this.#open.add(trail, tail, answer);
    const unfollow = this.trails.follow(trail, tail);
    finished(answer, () => {
      unfollow();
      tail.close();
    });
    if (this.#isStopping) tail.stop(TAIL_ENDED);
    this.#timer ??= setInterval(() => {
      this.#look();
    }, LOOKS_EVERY_MS).unref();
    return tail;
  }

  /** Before the server waits for its answers to end. */
  onModuleDestroy(): void {
    this.#isStopping = true;
    for (const tail of this.#open.all) tail.stop(TAIL_ENDED);
  }

  #look(): void {
    const tails = this.#open.all;
    for (const tail of tails) tail.look();
    if (tails.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
