import { createPublicKey, verify } from 'node:crypto';

import { bytesOf, canonicalJson, sha256 } from './canonical.js';

/** What stands in place of the hash of the one before, where there is none. */
export const NO_HASH = '0'.repeat(64);

/** What a checkpoint says, and what is signed of it. */
export interface CheckpointStatement {
  readonly v: 1;
  readonly kind: 'checkpoint';
  readonly trail: string;
  /** From 1, without a gap. */
  readonly number: number;
  /** The sequence of the first record of its segment. */
  readonly from: number;
  /** The sequence of the last. */
  readonly to: number;
  readonly at: string;
  /** The hash of record `to`. */
  readonly headHash: string;
  /** The Merkle root over the hashes of its segment. */
  readonly root: string;
  /** The hash of the checkpoint before; zeros at the first. */
  readonly previous: string;
  /** The thumbprint of the key that signed (RFC 7638). */
  readonly keyId: string;
}

/** What a tombstone says: the records of one checkpoint were removed on purpose. */
export interface TombstoneStatement {
  readonly v: 1;
  readonly kind: 'tombstone';
  readonly trail: string;
  /** The number of the checkpoint. */
  readonly checkpoint: number;
  readonly from: number;
  readonly to: number;
  readonly headHash: string;
  /** The hash of the checkpoint. */
  readonly checkpointHash: string;
  readonly reason: string;
  readonly at: string;
  readonly keyId: string;
}

/** A public Ed25519 key as a JWK (RFC 8037). */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid?: string | undefined;
}

/** What shows who said it. */
export interface Signed {
  /** Ed25519 over the canonical form of the statement, in base64url. */
  readonly signature: string;
  readonly publicKey: PublicKey;
}

/** A tombstone as it is told. */
export interface Tombstone extends TombstoneStatement, Signed {}

/** A checkpoint as it is told. */
export interface Checkpoint extends CheckpointStatement, Signed {
  /** SHA-256 of the canonical form of the statement, in hex. */
  readonly hash: string;
  /** Where its records were removed by retention. */
  readonly tombstone: Tombstone | null;
}

/** The statement alone, without what was added to tell it. */
export function statementOf(checkpoint: CheckpointStatement): CheckpointStatement {
  const { v, kind, trail, number, from, to, at, headHash, root, previous, keyId } = checkpoint;
  return { v, kind, trail, number, from, to, at, headHash, root, previous, keyId };
}

/** The statement alone, without what was added to tell it. */
export function tombstoneStatementOf(tombstone: TombstoneStatement): TombstoneStatement {
  const { v, kind, trail, checkpoint, from, to, headHash, checkpointHash, reason, at, keyId } =
    tombstone;
  return { v, kind, trail, checkpoint, from, to, headHash, checkpointHash, reason, at, keyId };
}

/** What is hashed and signed of a statement: canonical JSON. */
export function textOfStatement(statement: CheckpointStatement | TombstoneStatement): string {
  return canonicalJson(statement);
}

/** SHA-256 of the text of a statement, in hex. */
export function hashOfStatement(statement: CheckpointStatement | TombstoneStatement): string {
  return sha256(textOfStatement(statement)).toString('hex');
}

/** Whether a key made a signature over a statement. False for a key that is none. */
export function signatureHolds(
  statement: CheckpointStatement | TombstoneStatement,
  signature: string,
  { kty, crv, x }: PublicKey,
): boolean {
  const bytes = bytesOf(signature);
  if (!bytes) return false;
  try {
    const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
    return verify(null, Buffer.from(textOfStatement(statement)), key, bytes);
  } catch {
    return false;
  }
}

/** The thumbprint of a key (RFC 7638), in base64url. */
export function thumbprintOf({ kty, crv, x }: Pick<PublicKey, 'kty' | 'crv' | 'x'>): string {
  return sha256(canonicalJson({ crv, kty, x })).toString('base64url');
}
