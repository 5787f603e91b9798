import { ApiProperty } from '@nestjs/swagger';

import { PageDtoOf } from '@tenantry/http';
import type { Checkpoint, PublicKey, Tombstone } from '@tenantry/verify-audit';
import { AuditEventDto } from '../dto/audit-event.dto.js';
import type { Proof } from './proving.js';
import type { Found, Verdict } from './verifying.js';

/** The public half of an Ed25519 key, as a JWK (RFC 8037). */
export class AuditKeyDto implements PublicKey {
  /**
   * Kind of key.
   * @example OKP
   */
  readonly kty!: 'OKP';

  /**
   * Curve.
   * @example Ed25519
   */
  readonly crv!: 'Ed25519';

  /**
   * The key, in base64url.
   * @example 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo
   */
  readonly x!: string;

  /**
   * Its thumbprint (RFC 7638).
   * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
   */
  readonly kid!: string;
}

/** The keys that sign checkpoints: the newest first, and all that ever signed. */
export class AuditKeysDto {
  /** The keys. */
  readonly keys!: AuditKeyDto[];

  constructor(keys: AuditKeysDto) {
    Object.assign(this, keys);
  }
}

/** What is left of records that retention has removed. */
export class TombstoneDto implements Tombstone {
  /**
   * Version of its form.
   * @example 1
   */
  readonly v!: 1;

  /**
   * What it is.
   * @example tombstone
   */
  readonly kind!: 'tombstone';

  /**
   * The trail: a tenant's id, or the nil UUID.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly trail!: string;

  /**
   * The number of the checkpoint whose records were removed.
   * @example 3
   */
  readonly checkpoint!: number;

  /**
   * The first record that was removed.
   * @example 2001
   */
  readonly from!: number;

  /**
   * The last record that was removed.
   * @example 3000
   */
  readonly to!: number;

  /**
   * The hash of the last record that was removed: the next one names it.
   * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
   */
  readonly headHash!: string;

  /**
   * The hash of the checkpoint.
   * @example 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
   */
  readonly checkpointHash!: string;

  /**
   * Why they were removed.
   * @example retention
   */
  readonly reason!: string;

  /**
   * When they were removed.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly at!: string;

  /**
   * The thumbprint of the key that signed (RFC 7638).
   * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
   */
  readonly keyId!: string;

  /**
   * Ed25519 over the canonical JSON (RFC 8785) of all above, in base64url.
   * @example 5V2gk1rN2vY0Sx7hQk9fB0m8bKXw3cQ7mKq1b2yYv0n3i5r9mU0o7d8pX1t4s6e2a3c5f7h9j1l3n5p7r9t1vw
   */
  readonly signature!: string;

  /** The key that signed. */
  readonly publicKey!: AuditKeyDto;
}

/** A signed statement of how far a trail has come. */
export class CheckpointDto implements Checkpoint {
  /**
   * Version of its form.
   * @example 1
   */
  readonly v!: 1;

  /**
   * What it is.
   * @example checkpoint
   */
  readonly kind!: 'checkpoint';

  /**
   * The trail: a tenant's id, or the nil UUID.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly trail!: string;

  /**
   * Its number: from 1, without gaps.
   * @example 4
   */
  readonly number!: number;

  /**
   * The sequence of the first record that it signs.
   * @example 3001
   */
  readonly from!: number;

  /**
   * The sequence of the last record that it signs.
   * @example 3180
   */
  readonly to!: number;

  /**
   * When it was made.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly at!: string;

  /**
   * The hash of the last record.
   * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
   */
  readonly headHash!: string;

  /**
   * The Merkle root over the hashes of its records (RFC 9162 §2.1.1).
   * @example 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
   */
  readonly root!: string;

  /**
   * The hash of the checkpoint before; zeros for the first.
   * @example 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
   */
  readonly previous!: string;

  /**
   * The thumbprint of the key that signed (RFC 7638).
   * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
   */
  readonly keyId!: string;

  /**
   * SHA-256 of the canonical JSON (RFC 8785) of all above, in hex.
   * @example fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9
   */
  readonly hash!: string;

  /**
   * Ed25519 over the canonical JSON of all above the hash, in base64url.
   * @example 5V2gk1rN2vY0Sx7hQk9fB0m8bKXw3cQ7mKq1b2yYv0n3i5r9mU0o7d8pX1t4s6e2a3c5f7h9j1l3n5p7r9t1vw
   */
  readonly signature!: string;

  /** The key that signed. */
  readonly publicKey!: AuditKeyDto;

  /** What is left of its records, once retention has removed them. */
  @ApiProperty({ type: TombstoneDto, nullable: true })
  readonly tombstone!: TombstoneDto | null;

  constructor(checkpoint: Checkpoint) {
    Object.assign(this, checkpoint);
  }
}

/** One page of checkpoints, the newest first. */
export class CheckpointsPageDto extends PageDtoOf(CheckpointDto) {}

/** What proves one event without the others. */
export class ProofDto {
  /** The event. */
  readonly event!: AuditEventDto;

  /** The checkpoint that signs it. */
  readonly checkpoint!: CheckpointDto;

  /**
   * The place of the event among the records of the checkpoint, from 0.
   * @example 41
   */
  readonly leafIndex!: number;

  /**
   * Of how many records the checkpoint's Merkle tree is made.
   * @example 180
   */
  readonly treeSize!: number;

  /**
   * The hashes that lead from the event to the root (RFC 9162 §2.1.3.1), in hex.
   * @example ["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"]
   */
  readonly path!: string[];

  constructor(proof: Proof) {
    Object.assign(this, proof);
  }
}

/** Where a trail is broken, and how. */
export class ChainBreakDto implements Found {
  /**
   * How.
   * @example content
   */
  readonly code!: string;

  /**
   * At which record.
   * @example 42
   */
  readonly sequence!: number;

  /**
   * The id of that record, where it is there.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly eventId!: string | null;

  /**
   * The number of the checkpoint that shows it, where one does.
   * @example null
   */
  readonly checkpoint!: number | null;

  /**
   * What was found.
   * @example Record 42 does not have the hash that it bears.
   */
  readonly message!: string;

  /**
   * What that means.
   * @example This record, its time or its place was changed after it was written.
   */
  readonly meaning!: string;
}

/** What was found of a trail. */
export class VerdictDto {
  /**
   * The trail: a tenant's id, or the nil UUID.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly trail!: string;

  /**
   * Whether every record is what it was, where it was, and signed for.
   * @example true
   */
  readonly valid!: boolean;

  /**
   * How many records were found to be whole and in their place.
   * @example 3180
   */
  readonly checked!: number;

  /**
   * Up to which record the trail stood when it was asked.
   * @example 3180
   */
  readonly upTo!: number;

  /**
   * How many checkpoints were found to be of these records.
   * @example 4
   */
  readonly checkpoints!: number;

  /**
   * Up to which record retention has removed, with tombstones; 0 where it has removed nothing.
   * @example 0
   */
  readonly removedTo!: number;

  /**
   * The sequence of the first record at which it is broken; absent where it is not.
   * @example 42
   */
  readonly brokenAt?: number;

  /** Where it is broken, and how; absent where it is not. */
  readonly broken?: ChainBreakDto;

  constructor({ broken, ...verdict }: Verdict) {
    Object.assign(this, verdict, broken && { brokenAt: broken.sequence, broken });
  }
}
