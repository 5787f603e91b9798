import { Injectable, Logger } from '@nestjs/common';

import { Clock } from '@tenantry/kernel';
import { delayAfter } from './back-off.js';
import type { Message } from './message.js';
import { MessageSender, type Outcome } from './message-sender.js';
import { MessageSource } from './message-source.js';
import { type Claim, SinkQueue } from './sink-queue.js';

/** So many messages to one sink, and then it is another's turn. */
const MESSAGES_PER_TURN = 20;
/** However few: one that answers slowly holds up no others. */
const TURN_MAX_MS = 10_000;
const GONE = 410;

/** Delivers to one sink: at least once, in the order of the trail. */
@Injectable()
export class Delivery {
  readonly #logger = new Logger(Delivery.name);

  constructor(
    private readonly queue: SinkQueue,
    private readonly messages: MessageSource,
    private readonly sender: MessageSender,
    private readonly clock: Clock,
  ) {}

  /** Sends what is due, message by message. Never throws: what is left undone is due after the lease. */
  async deliver(claim: Claim, stopping: AbortSignal): Promise<void> {
    try {
      let held: Claim | null = claim;
      const endsAtMs = this.clock.monotonicMs() + TURN_MAX_MS;
      for (let left = MESSAGES_PER_TURN; held && left > 0 && !stopping.aborted; left -= 1) {
        if (this.clock.monotonicMs() >= endsAtMs) break;
        held = await this.#step(held, stopping);
      }
      if (held) await this.queue.release(held);
    } catch (error) {
      const { sinkId } = claim;
      this.#logger.warn({ err: error, sinkId }, 'An audit sink could not be delivered to.');
    }
  }

  /** One message; answers the claim where there may be more. */
  async #step(claim: Claim, stopping: AbortSignal): Promise<Claim | null> {
    const message = await this.messages.next(claim);
    if (!message) {
      await this.queue.rest(claim);
      return null;
    }
    if (!(await this.queue.pin(claim, message))) return null;
    const outcome = await this.sender.send(claim, message, stopping);
    return outcome.isTaken
      ? this.queue.advance(claim, message)
      : this.#refused(claim, message, outcome);
  }

  async #refused(claim: Claim, message: Message, outcome: Outcome): Promise<Claim | null> {
    const { status, isGivenUp, retryAfterSeconds, reason } = outcome;
    const because = reason ?? 'unknown';
    if (isGivenUp) {
      await this.queue.release(claim);
      return null;
    }
    if (status === GONE) {
      await this.queue.disable(claim, because);
      return null;
    }
    const delaySeconds = delayAfter(claim.attempts + 1, retryAfterSeconds);
    if (delaySeconds === null) return this.queue.bury(claim, message, because);
    await this.queue.retry(claim, because, delaySeconds);
    return null;
  }
}
