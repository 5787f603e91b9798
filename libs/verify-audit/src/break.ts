const MEANINGS = {
  gap: 'A record was taken out, or the export left it out: one made with filters cannot be verified as a chain.',
  reordered: 'The records are not in the order in which they were written.',
  duplicate: 'A record was inserted, or one stands here twice.',
  previous_hash:
    'A record before this one was changed, inserted or removed, and its hash was made anew.',
  content: 'This record, its time or its place was changed after it was written.',
  commitment: 'A personal value was changed, or stands here without what would prove it.',
  trail: 'These are not of one trail: something of another tenant was put in.',
  checkpoint_signature:
    'The checkpoint was changed, or somebody signed it who holds another key than the one you trust.',
  checkpoint_chain:
    'The checkpoints do not follow from each other: one was replaced, or the history was forked.',
  checkpoint_head:
    'The history that the checkpoint signed was another one: it was rewritten, or forked, or a backup was restored and written on.',
  checkpoint_root: 'The checkpoint was not made of these records.',
  truncated:
    'The end was cut off, or an older backup was restored: a checkpoint has signed more than there is.',
  removed: 'The beginning was cut off, and no tombstone says that this was retention.',
  inclusion: 'The event is not among the records that the checkpoint signed.',
} as const;

/** How a chain can be broken. */
export type BreakCode = keyof typeof MEANINGS;

/** Where a chain is broken, and how. */
export interface Break {
  readonly code: BreakCode;
  readonly sequence: number;
  /** Of the event that is at fault, where there is one. */
  readonly eventId: string | null;
  /** The number of the checkpoint that shows it, where one does. */
  readonly checkpoint: number | null;
  /** What was found. */
  readonly message: string;
  /** What that means, whatever the record. */
  readonly meaning: string;
}

/** Where something was found. */
export interface Place {
  readonly sequence: number;
  readonly id?: string | null;
  readonly checkpoint?: number;
}

export function breakAt(
  { sequence, id = null, checkpoint }: Place,
  code: BreakCode,
  message: string,
): Break {
  const meaning = MEANINGS[code];
  return { code, sequence, eventId: id, checkpoint: checkpoint ?? null, message, meaning };
}
