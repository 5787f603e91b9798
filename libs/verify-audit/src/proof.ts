import { type Break, breakAt } from './break.js';
import type { Checkpoint, PublicKey } from './checkpoint.js';
import { checkpointFrom } from './checkpoint-form.js';
import { checkpointList } from './checkpoint-list.js';
import { brokenCommitment, contentOf, eventFrom, idOf } from './event.js';
import { fieldsOf, Unreadable, wholeOf } from './fields.js';
import { rootOfInclusion } from './merkle.js';
import { type AuditEvent, linkHashOf, trailOf } from './record.js';

const HASH = /^[0-9a-f]{64}$/;
/** More levels than a tree of all the records there can be has. */
const PATH_MAX = 64;

/** What shows that one event is among those that a checkpoint signed. */
export interface Proof {
  readonly event: AuditEvent;
  readonly checkpoint: Checkpoint;
  readonly leafIndex: number;
  readonly treeSize: number;
  /** Of the Merkle tree (RFC 9162 §2.1.3), the nearest first, in hex. */
  readonly path: readonly string[];
}

export interface ProofOptions {
  /** Checkpoints that were held before: that of the proof must fit in with them. */
  readonly checkpoints?: readonly Checkpoint[];
  /** The keys that may sign; without any, the key of the first checkpoint held, or of the proof's. */
  readonly keys?: readonly PublicKey[];
}

/** What was found of a proof. */
export interface ProofReport {
  readonly valid: boolean;
  readonly broken: Break | null;
  readonly trail: string;
  readonly sequence: number;
  readonly eventId: string | null;
  /** The number of the checkpoint. */
  readonly checkpoint: number;
  /** The thumbprints of the keys that were trusted. */
  readonly keyIds: readonly string[];
}

/** Reads a proof of JSON that nobody has looked at. Throws `Unreadable`. */
export function proofFrom(value: unknown): Proof {
  const fields = fieldsOf(value, 'The proof');
  const path = fields['path'];
  if (!Array.isArray(path) || path.length > PATH_MAX || !path.every(isHash)) {
    throw new Unreadable('`path` is no list of SHA-256 in lower-case hex.');
  }
  return {
    event: eventFrom(fields['event']),
    checkpoint: checkpointFrom(fields['checkpoint']),
    leafIndex: wholeOf(fields, 'leafIndex', 0),
    treeSize: wholeOf(fields, 'treeSize'),
    path,
  };
}

/** Whether one event is as it was when a checkpoint signed it, without the events around it. */
export function verifyProof(
  proof: Proof,
  { checkpoints = [], keys = [] }: ProofOptions = {},
): ProofReport {
  const { event, checkpoint } = proof;
  const { broken: distrusted, keyIds } = checkpointList([...checkpoints, checkpoint], keys);
  const broken = distrusted ?? eventFault(event) ?? inclusionFault(proof);
  return {
    valid: broken === null,
    broken,
    trail: checkpoint.trail,
    sequence: event.sequence,
    eventId: idOf(event),
    checkpoint: checkpoint.number,
    keyIds,
  };
}

function eventFault(event: AuditEvent): Break | null {
  const { sequence, at, hash, previousHash } = event;
  const place = { sequence, id: idOf(event) };
  if (brokenCommitment(event) !== null) {
    return breakAt(place, 'commitment', 'A personal value is not what was committed to.');
  }
  const link = linkHashOf({
    trail: trailOf(event),
    sequence,
    at,
    content: contentOf(event),
    previousHash: Buffer.from(previousHash, 'hex'),
  });
  return link.toString('hex') === hash
    ? null
    : breakAt(place, 'content', `Record ${sequence} does not have the hash that it bears.`);
}

function inclusionFault({ event, checkpoint, leafIndex, treeSize, path }: Proof): Break | null {
  const { sequence } = event;
  const { number, trail, from, to } = checkpoint;
  const place = { sequence, id: idOf(event), checkpoint: number };
  if (trailOf(event) !== trail) {
    return breakAt(place, 'trail', `Record ${sequence} is of another trail than the checkpoint.`);
  }
  const root = rootOfInclusion({
    leaf: Buffer.from(event.hash, 'hex'),
    index: leafIndex,
    size: treeSize,
    path: path.map((each) => Buffer.from(each, 'hex')),
  });
  const isInPlace = leafIndex === sequence - from && treeSize === to - from + 1;
  return isInPlace && root?.toString('hex') === checkpoint.root
    ? null
    : breakAt(place, 'inclusion', `The path does not lead to the root of checkpoint ${number}.`);
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}
