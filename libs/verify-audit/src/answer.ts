import type { Break } from './break.js';
import type { ChainReport } from './chain-report.js';
import type { ProofReport } from './proof.js';

/** What was given, as far as an answer depends on it. */
export interface Given {
  readonly checkpoints: number;
  /** Whether keys were named, rather than taken from a checkpoint. */
  readonly hasKeys: boolean;
}

/** Tells people what was found of a chain. */
export function chainAnswer(report: ChainReport, given: Given): string {
  if (report.broken) return brokenAnswer(report.broken, keyNote(report, given));
  return answer([
    'Valid.',
    `Trail: ${report.trail ?? 'unknown'}`,
    `Records: ${report.records}${rangeOf(report)}`,
    `Checkpoints: ${report.checkpoints} of ${given.checkpoints} given lie among these records and hold`,
    removedLine(report),
    report.erased > 0 && `Erased personal values: ${report.erased}`,
    ...notesOf(report, given),
  ]);
}

/** Tells people what was found of a proof. */
export function proofAnswer(report: ProofReport, given: Given): string {
  if (report.broken) return brokenAnswer(report.broken, keyNote(report, given));
  return answer([
    'Valid.',
    `Trail: ${report.trail}`,
    `Record: ${report.sequence} (event ${report.eventId ?? 'without an id'})`,
    `Checkpoint: ${report.checkpoint}`,
    keyNote(report, given),
  ]);
}

function brokenAnswer(broken: Break, note: string | false): string {
  const { sequence, eventId, code, message, meaning } = broken;
  return answer([
    `Broken at sequence ${sequence}${eventId === null ? '' : ` (event ${eventId})`}: ${code}`,
    message,
    meaning,
    note,
  ]);
}

function rangeOf({ from, to }: ChainReport): string {
  return from === null || to === null ? '' : `, from ${from} to ${to}`;
}

function removedLine({ removedSegments, removedTo }: ChainReport): string | false {
  return (
    removedSegments > 0 &&
    `Removed by retention: records 1 to ${removedTo}, in ${removedSegments} segments with a signed tombstone each`
  );
}

function notesOf(report: ChainReport, given: Given): readonly (string | false)[] {
  const unsigned = (report.to ?? 0) - Math.max(report.signedTo, (report.from ?? 1) - 1);
  return [
    report.partial && `Note: nothing is said about the records before ${report.from ?? 1}.`,
    report.checkpoints === 0 &&
      'Note: no checkpoint lies among these records. They follow from each other, but whoever holds the database could have written all of them anew, or cut off the end.',
    report.checkpoints > 0 &&
      unsigned > 0 &&
      `Note: the last ${unsigned} records are under none of these checkpoints yet.`,
    keyNote(report, given),
  ];
}

function keyNote({ keyIds }: Pick<ChainReport, 'keyIds'>, given: Given): string | false {
  if (keyIds.length === 0) return false;
  return given.hasKeys
    ? `Trusted keys: ${keyIds.join(', ')}`
    : `Note: the key ${keyIds.join(', ')} was taken from the first checkpoint. Name the key that you know with --key.`;
}

function answer(lines: readonly (string | false)[]): string {
  return `${lines.filter((line) => line !== false).join('\n')}\n`;
}
