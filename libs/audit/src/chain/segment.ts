import {
  type AuditEvent,
  type CheckpointStatement,
  contentHashOf,
  linkHashOf,
  MerkleTree,
  recordOf,
} from '@tenantry/verify-audit';
import { type AuditRow, eventOf } from '../event.js';
import { ChainBroken } from './chain.errors.js';

/** Where a segment begins, and after which record. */
export interface SegmentStart {
  readonly trail: string;
  /** The sequence of its first record. */
  readonly from: number;
  /** The hash of the record before. */
  readonly previousHash: string;
}

/** The hash of the last record and the Merkle root of all, computed anew. Throws `ChainBroken`. */
export function sealOf(
  { trail, from, previousHash }: SegmentStart,
  rows: readonly AuditRow[],
): Pick<CheckpointStatement, 'headHash' | 'root'> {
  const tree = new MerkleTree();
  let previous: Buffer = Buffer.from(previousHash, 'hex');
  let place = from;
  for (const row of rows) {
    const event: AuditEvent = eventOf(row);
    const hash = linkHashOf({
      ...{ trail, sequence: place, at: event.at, previousHash: previous },
      content: contentHashOf(recordOf(event)),
    });
    const follows = event.previousHash === previous.toString('hex');
    if (event.sequence !== place || !follows || event.hash !== hash.toString('hex')) {
      throw new ChainBroken(trail, place);
    }
    tree.add(hash);
    previous = hash;
    place += 1;
  }
  return { headHash: previous.toString('hex'), root: tree.root().toString('hex') };
}
