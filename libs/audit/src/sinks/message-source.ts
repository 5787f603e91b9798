import { Injectable } from '@nestjs/common';

import { scopeOfOwnWork } from '@tenantry/access';
import type { Checkpoint } from '@tenantry/verify-audit';
import { AuditRepository } from '../audit.repository.js';
import { checkpointOf } from '../chain/checkpoint.js';
import { CheckpointsRepository } from '../chain/checkpoints.repository.js';
import { type AuditEvent, eventOf } from '../event.js';
import { type Trail, Trails } from '../trails.js';
import { checkpointMessage, checkpointOfId, eventsMessage, type Message } from './message.js';
import type { DeadLetter } from './sink.js';
import type { Claim } from './sink-queue.js';

const EVENTS_MAX = 100;
/** Receivers bound what they take: what is large comes in fewer at a time, and alone at the least. */
const CHARS_MAX = 500_000;

/** Whose sink it is. */
type Owner = Pick<Claim, 'tenantId' | 'sinkId'>;

/** Makes messages of what stands on trails. */
@Injectable()
export class MessageSource {
  constructor(
    private readonly trails: Trails,
    private readonly records: AuditRepository,
    private readonly checkpoints: CheckpointsRepository,
  ) {}

  /**
   * What a sink is to hear next; null where it has heard everything.
   *
   * A message that was begun is the same message until it is taken. A checkpoint comes as soon as
   * what it signs was delivered, and before what is later.
   */
  async next(claim: Claim): Promise<Message | null> {
    const trail = this.trails.of(scopeOfOwnWork(claim.tenantId));
    const { tryingTo, delivered, checkpointsDelivered } = claim;
    if (tryingTo !== null) {
      const again = await this.#events(trail, claim, { after: delivered, to: tryingTo });
      if (again) return again;
    }
    const checkpoint = await this.#checkpointAfter(trail, checkpointsDelivered);
    if (!checkpoint) return this.#events(trail, claim, { after: delivered, to: null });
    if (checkpoint.to > delivered) {
      const before = await this.#events(trail, claim, { after: delivered, to: checkpoint.to });
      // Nothing before it: retention was faster than the sink, and the tombstone tells so.
      if (before) return before;
    }
    return checkpointMessage(claim.sinkId, checkpoint);
  }

  /** A message of the past once more; null where nothing of it is on the trail any more. */
  async again(owner: Owner, letter: DeadLetter): Promise<Message | null> {
    const trail = this.trails.of(scopeOfOwnWork(owner.tenantId));
    const number = checkpointOfId(letter.messageId);
    if (number === null) {
      return this.#events(trail, owner, { after: letter.from - 1, to: letter.to });
    }
    const checkpoint = await this.#checkpointAfter(trail, number - 1);
    return checkpoint?.number === number ? checkpointMessage(owner.sinkId, checkpoint) : null;
  }

  /** What stands between two places; null where nothing does. */
  async #events(
    trail: Trail,
    owner: Owner,
    { after, to }: { readonly after: number; readonly to: number | null },
  ): Promise<Message | null> {
    const rows = await this.records.oldest(trail, {}, { beyond: after, limit: EVENTS_MAX });
    const events: AuditEvent[] = rows
      .filter(({ sequence }) => to === null || Number(sequence) <= to)
      .map((row) => eventOf(row));
    return eventsMessage(owner, fittingOf(events));
  }

  async #checkpointAfter(trail: Trail, number: number): Promise<Checkpoint | null> {
    const [row] = await this.checkpoints.after(trail, number, 1);
    return row ? checkpointOf(row) : null;
  }
}

function fittingOf(events: readonly AuditEvent[]): readonly AuditEvent[] {
  let chars = 0;
  const tooMany = events.findIndex((event, index) => {
    chars += JSON.stringify(event).length;
    return chars > CHARS_MAX && index > 0;
  });
  return tooMany === -1 ? events : events.slice(0, tooMany);
}
