import {
  type AuditEvent as ChainedEvent,
  type Commitment,
  valueAt,
  withValuesAt,
} from '@tenantry/verify-audit';
import type { Commitments } from './commitment.js';

/** One record as it lies in the database. */
export interface AuditRow {
  readonly id: string;
  readonly sequence: bigint | string;
  readonly at: Date;
  readonly record: Readonly<Record<string, unknown>>;
  readonly personal: Commitments;
  readonly hash: Uint8Array;
  readonly previousHash: Uint8Array;
}

/** The columns of an `AuditRow`. */
export const ROW = 'id, sequence, at, record, personal, hash, previous_hash as "previousHash"';

/** A record as it is told: with its personal values, its place on the chain, and what proves both. */
export interface AuditEvent extends ChainedEvent {
  readonly id: string;
  readonly deed: string;
  readonly tenantId: string | null;
}

/** A record as it is told. */
export function eventOf(row: AuditRow): AuditEvent {
  const kept = Object.entries(row.personal);
  const values = kept.map(([pointer, personal]): [string, unknown] => [
    pointer,
    personal?.value ?? null,
  ]);
  const commitments = kept.map(([pointer, personal]): [string, Commitment] => [
    pointer,
    { commitment: String(valueAt(row.record, pointer)), salt: personal?.salt ?? null },
  ]);
  // What is in a record is what `recordOf` has put there: its form is this one.
  return {
    ...withValuesAt(row.record, values),
    sequence: Number(row.sequence),
    at: row.at.toISOString(),
    hash: hex(row.hash),
    previousHash: hex(row.previousHash),
    commitments: Object.fromEntries(commitments),
  } as unknown as AuditEvent;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
