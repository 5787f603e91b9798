import type { Checkpoint } from '@tenantry/verify-audit';
import type { AuditEvent } from '../event.js';

/** One message to a sink. Sent again, it has the same id. */
export interface Message {
  readonly id: string;
  readonly body: string;
  /** The records that it is about. */
  readonly from: number;
  readonly to: number;
  /** The number of the checkpoint that it tells of; null: it tells of the records themselves. */
  readonly checkpoint: number | null;
}

const CHECKPOINT_ID = /^checkpoint_[0-9a-f]{32}_(\d+)$/;

/**
 * Some events of one tenant, oldest first; null of none. The last one makes it the message that it
 * is: the first may leave the trail while a sink does not take it.
 */
export function eventsMessage(
  { tenantId, sinkId }: { readonly tenantId: string; readonly sinkId: string },
  events: readonly AuditEvent[],
): Message | null {
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last) return null;
  const data = { tenantId, from: first.sequence, to: last.sequence, events };
  return {
    id: `events_${plain(sinkId)}_${last.sequence}`,
    body: JSON.stringify({ type: 'audit.events', timestamp: last.at, data }),
    from: first.sequence,
    to: last.sequence,
    checkpoint: null,
  };
}

/** How far the trail is signed: to be kept outside, so that nobody goes back behind it unseen. */
export function checkpointMessage(sinkId: string, checkpoint: Checkpoint): Message {
  const { at, number, from, to } = checkpoint;
  const body = JSON.stringify({ type: 'audit.checkpoint', timestamp: at, data: checkpoint });
  return { id: `checkpoint_${plain(sinkId)}_${number}`, body, from, to, checkpoint: number };
}

/** The number of the checkpoint that a message told of, by its id; null where it told of records. */
export function checkpointOfId(messageId: string): number | null {
  const number = CHECKPOINT_ID.exec(messageId)?.[1];
  return number === undefined ? null : Number(number);
}

export function testMessage(tenantId: string, id: string, at: Date): Omit<Message, 'from' | 'to'> {
  const body = JSON.stringify({
    type: 'audit.test',
    timestamp: at.toISOString(),
    data: { tenantId },
  });
  return { id: `test_${plain(id)}`, body, checkpoint: null };
}

function plain(id: string): string {
  return id.replaceAll('-', '');
}
