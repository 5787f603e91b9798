import { createHash } from 'node:crypto';

import { canonicalJson, sha256 } from './canonical.js';
import { withValuesAt } from './pointer.js';

/** The trail of what is of no tenant. */
const PLATFORM_TRAIL = '00000000-0000-0000-0000-000000000000';

/** What is hashed of an event: no personal value, no place and no time. */
export type AuditRecord = Readonly<Record<string, unknown>>;

/** What stands in a record for a personal value. */
export interface Commitment {
  /** `sha256:` and base64url of SHA-256(salt ‖ value). */
  readonly commitment: string;
  /** base64url; null once the value was erased. */
  readonly salt: string | null;
}

/** A record with its personal values and its place on the chain, as it is told and exported. */
export interface AuditEvent extends Readonly<Record<string, unknown>> {
  readonly sequence: number;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly at: string;
  readonly hash: string;
  readonly previousHash: string;
  /** By JSON pointer into the record. */
  readonly commitments: Readonly<Record<string, Commitment>>;
}

/** What the hash of a record covers. */
export interface Link {
  readonly trail: string;
  readonly sequence: number;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly at: string;
  readonly content: Buffer;
  readonly previousHash: Buffer;
}

/** The record of an event: its commitments in place of the personal values. Leaves the event as it is. */
export function recordOf(event: AuditEvent): AuditRecord {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- They are what a record has not.
  const { sequence, at, hash, previousHash, commitments, ...record } = event;
  const committed: [string, string][] = [];
  for (const pointer of Object.keys(commitments)) {
    const commitment = commitments[pointer]?.commitment;
    if (commitment !== undefined) committed.push([pointer, commitment]);
  }
  return withValuesAt(record, committed);
}

/** SHA-256 of a record in canonical form. */
export function contentHashOf(record: AuditRecord): Buffer {
  return sha256(canonicalJson(record));
}

/**
 * The hash of a record on its chain. The text is canonical JSON as it stands: no name needs sorting,
 * and whoever calls has seen that `trail` and `at` are what they ought to be, with nothing to escape.
 */
export function linkHashOf({ trail, sequence, at, content, previousHash }: Link): Buffer {
  return sha256(
    `{"at":"${at}","content":"${content.toString('hex')}","previousHash":"${previousHash.toString('hex')}","sequence":${sequence},"trail":"${trail}"}`,
  );
}

/** The trail that a record is on: its tenant's, or the platform's. */
export function trailOf(record: Readonly<Record<string, unknown>>): string {
  const { tenantId } = record as { readonly tenantId?: unknown };
  return typeof tenantId === 'string' ? tenantId : PLATFORM_TRAIL;
}

/** What stands in a record for a personal value: tells nothing without the salt. */
export function commitmentOf(salt: Uint8Array, value: string): string {
  return `sha256:${createHash('sha256').update(salt).update(value).digest('base64url')}`;
}
