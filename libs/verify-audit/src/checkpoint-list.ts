import { type Break, breakAt, type BreakCode } from './break.js';
import {
  type Checkpoint,
  hashOfStatement,
  NO_HASH,
  type PublicKey,
  signatureHolds,
  type Signed,
  statementOf,
  thumbprintOf,
  type Tombstone,
  tombstoneStatementOf,
} from './checkpoint.js';

/** Checkpoints that were looked through, ordered and each there once; or why they cannot be trusted. */
export interface CheckpointList {
  readonly checkpoints: readonly Checkpoint[];
  /** The thumbprints of the keys that may sign. */
  readonly keyIds: readonly string[];
  readonly broken: Break | null;
}

/** What a checkpoint is found to be; null where nothing is wrong. */
type Fault = readonly [BreakCode, string] | null;

/**
 * Checks signatures, tombstones, and that the checkpoints follow from each other. Without `keys`, the
 * key of the first one given is trusted: put first what you have held the longest.
 */
export function checkpointList(
  given: readonly Checkpoint[],
  keys: readonly PublicKey[] = [],
): CheckpointList {
  const keyIds = (keys.length > 0 ? keys : firstKeyOf(given)).map(thumbprintOf);
  const checkpoints: Checkpoint[] = [];
  for (const checkpoint of given.toSorted((one, other) => one.number - other.number)) {
    const before = checkpoints.at(-1);
    const fault = faultOf(checkpoint, keyIds) ?? faultBetween(before, checkpoint);
    if (fault) return { checkpoints, keyIds, broken: brokenBy(checkpoint, fault) };
    // The same one again, held for longer perhaps: only one of the two may know of a tombstone.
    const same = before?.number === checkpoint.number ? checkpoints.pop() : undefined;
    checkpoints.push(same?.tombstone ? same : checkpoint);
  }
  return { checkpoints, keyIds, broken: null };
}

function firstKeyOf(given: readonly Checkpoint[]): readonly PublicKey[] {
  return given.slice(0, 1).map(({ publicKey }) => publicKey);
}

function faultOf(checkpoint: Checkpoint, keyIds: readonly string[]): Fault {
  const { number, from, to, tombstone } = checkpoint;
  const statement = statementOf(checkpoint);
  if (from > to) return ['checkpoint_chain', `Checkpoint ${number} ends before it begins.`];
  if (!isSigned(statement, checkpoint, keyIds)) {
    return ['checkpoint_signature', `Checkpoint ${number} bears no signature of a trusted key.`];
  }
  if (hashOfStatement(statement) !== checkpoint.hash) {
    return ['checkpoint_signature', `Checkpoint ${number} bears a hash that is not its own.`];
  }
  if (!tombstone) return null;
  if (!isSigned(tombstoneStatementOf(tombstone), tombstone, keyIds)) {
    const found = `The tombstone of checkpoint ${number} bears no signature of a trusted key.`;
    return ['checkpoint_signature', found];
  }
  return isFor(checkpoint, tombstone)
    ? null
    : ['removed', `The tombstone of checkpoint ${number} is of another segment.`];
}

function isSigned(
  statement: Parameters<typeof signatureHolds>[0],
  { signature, publicKey }: Signed,
  keyIds: readonly string[],
): boolean {
  return (
    statement.keyId === thumbprintOf(publicKey) &&
    keyIds.includes(statement.keyId) &&
    signatureHolds(statement, signature, publicKey)
  );
}

function isFor(checkpoint: Checkpoint, tombstone: Tombstone): boolean {
  return (
    tombstone.checkpoint === checkpoint.number &&
    tombstone.checkpointHash === checkpoint.hash &&
    tombstone.trail === checkpoint.trail &&
    tombstone.from === checkpoint.from &&
    tombstone.to === checkpoint.to &&
    tombstone.headHash === checkpoint.headHash
  );
}

function faultBetween(before: Checkpoint | undefined, checkpoint: Checkpoint): Fault {
  const { number } = checkpoint;
  if (before && before.trail !== checkpoint.trail) {
    return ['trail', `Checkpoint ${number} is of another trail than the one before.`];
  }
  if (before?.number === number) {
    return before.hash === checkpoint.hash
      ? null
      : ['checkpoint_chain', `There are two checkpoints ${number}, which say different things.`];
  }
  return follows(before, checkpoint)
    ? null
    : ['checkpoint_chain', `Checkpoint ${number} does not follow from the one before.`];
}

function follows(before: Checkpoint | undefined, checkpoint: Checkpoint): boolean {
  const { number, from, previous } = checkpoint;
  if (number === 1) return from === 1 && previous === NO_HASH;
  if (before?.number === number - 1) return from === before.to + 1 && previous === before.hash;
  return hasRoom(before ?? { number: 0, to: 0 }, checkpoint);
}

/** Of those between two checkpoints nothing is known but that each has a record at least. */
function hasRoom(before: Pick<Checkpoint, 'number' | 'to'>, { number, from }: Checkpoint): boolean {
  return from - before.to >= number - before.number;
}

function brokenBy({ number, from }: Checkpoint, fault: NonNullable<Fault>): Break {
  const [code, message] = fault;
  return breakAt({ sequence: from, checkpoint: number }, code, message);
}
