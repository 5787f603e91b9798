// What an audit trail of Tenantry is made of, and how it is verified. The server hashes and signs by
// it, and a tenant's auditor verifies by it: it knows no other lib, and trusts nothing that it reads.
export type { Break, BreakCode } from './break.js';
export { canonicalJson, sha256 } from './canonical.js';
export { type ChainedRecord, type ChainOptions, ChainReader } from './chain-reader.js';
export type { ChainReport } from './chain-report.js';
export {
  type Checkpoint,
  type CheckpointStatement,
  hashOfStatement,
  NO_HASH,
  type PublicKey,
  signatureHolds,
  type Signed,
  statementOf,
  textOfStatement,
  thumbprintOf,
  type Tombstone,
  type TombstoneStatement,
  tombstoneStatementOf,
} from './checkpoint.js';
export { checkpointFrom, checkpointsFrom, keyFrom } from './checkpoint-form.js';
export { type CheckpointList, checkpointList } from './checkpoint-list.js';
export { eventFrom } from './event.js';
export { Unreadable } from './fields.js';
export {
  type Inclusion,
  inclusionPath,
  merkleRoot,
  MerkleTree,
  rootOfInclusion,
} from './merkle.js';
export { valueAt, withValuesAt } from './pointer.js';
export {
  type Proof,
  proofFrom,
  type ProofOptions,
  type ProofReport,
  verifyProof,
} from './proof.js';
export {
  type AuditEvent,
  type AuditRecord,
  type Commitment,
  commitmentOf,
  contentHashOf,
  type Link,
  linkHashOf,
  recordOf,
  trailOf,
} from './record.js';
