import { sha256 } from './canonical.js';

const LEAF = 0x00;
const NODE = 0x01;

/** Where a record stands under a Merkle root, and what leads from one to the other. */
export interface Inclusion {
  /** The hash of the record. */
  readonly leaf: Buffer;
  readonly index: number;
  /** Of how many records the tree is. */
  readonly size: number;
  readonly path: readonly Buffer[];
}

/** A Merkle tree (RFC 9162 §2.1.1) of which only the whole subtrees at its right edge are kept. */
export class MerkleTree {
  /** The roots of whole subtrees, the largest first: one for each bit of `size`. */
  private readonly subtrees: Buffer[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Adds the hash of a record. */
  add(leaf: Buffer): void {
    let subtree = leafHashOf(leaf);
    for (let rest = this.count; rest % 2 === 1; rest = (rest - 1) / 2) {
      subtree = nodeHashOf(this.subtrees.pop() ?? subtree, subtree);
    }
    this.subtrees.push(subtree);
    this.count += 1;
  }

  root(): Buffer {
    if (this.count === 0) return sha256('');
    return this.subtrees.reduceRight((right, left) => nodeHashOf(left, right));
  }
}

/** The Merkle tree hash (RFC 9162 §2.1.1) over the hashes of records. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}

/** What leads from one record to the root (RFC 9162 §2.1.3.1), the nearest first. */
export function inclusionPath(leaves: readonly Buffer[], index: number): Buffer[] {
  if (!isPlaceOf(leaves.length, index)) throw new RangeError('No leaf of this tree.');
  const path: Buffer[] = [];
  let level = leaves.map(leafHashOf);
  for (let place = index; level.length > 1; place = half(place)) {
    const sibling = level[place % 2 === 1 ? place - 1 : place + 1];
    if (sibling) path.push(sibling);
    level = levelAbove(level);
  }
  return path;
}

/** The root that a path leads to (RFC 9162 §2.1.3.2); null where the path cannot be of such a tree. */
export function rootOfInclusion({ leaf, index, size, path }: Inclusion): Buffer | null {
  if (!isPlaceOf(size, index)) return null;
  let root = leafHashOf(leaf);
  let used = 0;
  for (let place = index, last = size - 1; last > 0; place = half(place), last = half(last)) {
    const isRight = place % 2 === 1;
    // The last of an odd level goes up as it is.
    if (!isRight && place === last) continue;
    const sibling = path[used];
    if (!sibling) return null;
    root = isRight ? nodeHashOf(sibling, root) : nodeHashOf(root, sibling);
    used += 1;
  }
  return used === path.length ? root : null;
}

function isPlaceOf(size: number, index: number): boolean {
  return Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size;
}

function half(number: number): number {
  return Math.floor(number / 2);
}

/** Pairs of a level; one that is left over goes up as it is. */
function levelAbove(level: readonly Buffer[]): Buffer[] {
  const above: Buffer[] = [];
  for (let place = 0; place < level.length; place += 2) {
    const [left, right] = level.slice(place, place + 2);
    if (left) above.push(right ? nodeHashOf(left, right) : left);
  }
  return above;
}

/** The prefixes keep a node from being shown as a leaf. */
function leafHashOf(leaf: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(1 + leaf.length);
  bytes[0] = LEAF;
  bytes.set(leaf, 1);
  return sha256(bytes);
}

function nodeHashOf(left: Buffer, right: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(1 + left.length + right.length);
  bytes[0] = NODE;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return sha256(bytes);
}
