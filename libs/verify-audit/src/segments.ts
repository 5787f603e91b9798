import { type Break, breakAt, type Place } from './break.js';
import type { Checkpoint } from './checkpoint.js';
import { MerkleTree } from './merkle.js';

/** Holds records against the checkpoints of their segments, as they come; keeps no record. */
export class Segments {
  /** How many checkpoints were found to be of these records. */
  checked = 0;
  private next = 0;
  /** Of the segment that is being read; null where its beginning was not seen. */
  private tree: MerkleTree | null = null;

  constructor(private readonly checkpoints: readonly Checkpoint[]) {}

  /** Takes the hash of the next record; answers how a checkpoint contradicts it. */
  add(place: Place, hash: Buffer): Break | null {
    const checkpoint = this.at(place.sequence);
    if (!checkpoint || place.sequence < checkpoint.from) return null;
    if (place.sequence === checkpoint.from) this.tree = new MerkleTree();
    this.tree?.add(hash);
    return place.sequence === checkpoint.to ? this.close(checkpoint, place, hash) : null;
  }

  /** The first checkpoint that does not end before a record. */
  private at(sequence: number): Checkpoint | undefined {
    while ((this.checkpoints[this.next]?.to ?? sequence) < sequence) this.next += 1;
    return this.checkpoints[this.next];
  }

  private close({ number, headHash, root }: Checkpoint, place: Place, hash: Buffer): Break | null {
    const found = this.tree?.root().toString('hex') ?? root;
    this.tree = null;
    const at = { ...place, checkpoint: number };
    if (hash.toString('hex') !== headHash) {
      const message = `Checkpoint ${number} signed another record ${place.sequence}.`;
      return breakAt(at, 'checkpoint_head', message);
    }
    if (found !== root) {
      return breakAt(at, 'checkpoint_root', `Checkpoint ${number} signed another Merkle root.`);
    }
    this.checked += 1;
    return null;
  }
}

/** The segments at the beginning of a trail that were removed, each with its tombstone. */
export function removedSegments(checkpoints: readonly Checkpoint[]): readonly Checkpoint[] {
  const removed: Checkpoint[] = [];
  for (const checkpoint of checkpoints) {
    const expected = (removed.at(-1)?.to ?? 0) + 1;
    if (checkpoint.from !== expected || !checkpoint.tombstone) break;
    removed.push(checkpoint);
  }
  return removed;
}
