import type {
  Checkpoint,
  CheckpointStatement,
  PublicKey,
  TombstoneStatement,
} from '@tenantry/verify-audit';

/** One checkpoint as it lies in the database, with the keys that signed it. */
export interface CheckpointRow {
  readonly number: bigint | string;
  readonly to: bigint | string;
  readonly statement: string;
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: PublicKey;
  readonly tombstone: string | null;
  readonly tombstoneSignature: Uint8Array | null;
  readonly tombstoneKey: PublicKey | null;
}

/** The columns of a `CheckpointRow`, from `audit_checkpoints point`. */
export const CHECKPOINT = `
  point.number, point.to_sequence as "to", point.statement, point.hash, point.signature,
  point.public_jwk as "publicKey", point.tombstone,
  point.tombstone_signature as "tombstoneSignature", point.tombstone_jwk as "tombstoneKey"`;

/** A checkpoint as it is told. */
export function checkpointOf(row: CheckpointRow): Checkpoint {
  return {
    ...(JSON.parse(row.statement) as CheckpointStatement),
    hash: Buffer.from(row.hash).toString('hex'),
    signature: base64url(row.signature),
    publicKey: keyOf(row.publicKey),
    tombstone:
      row.tombstone === null || !row.tombstoneSignature || !row.tombstoneKey
        ? null
        : {
            ...(JSON.parse(row.tombstone) as TombstoneStatement),
            signature: base64url(row.tombstoneSignature),
            publicKey: keyOf(row.tombstoneKey),
          },
  };
}

function keyOf({ kty, crv, x, kid }: PublicKey): PublicKey {
  return { kty, crv, x, kid };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
