import { bytesOf, canonicalJson, sha256 } from './canonical.js';
import { type Fields, fieldsOf, hashOf, momentOf, Unreadable, uuidOf, wholeOf } from './fields.js';
import { valueAt } from './pointer.js';
import { type AuditEvent, type Commitment, commitmentOf, recordOf } from './record.js';

/** With a salt of any length, part of the value could be told as salt. */
const SALT_BYTES = 16;
/** What may be told of an id that somebody else wrote. */
const ID = /^[\w.:-]{1,100}$/;

/** Reads an event of JSON that nobody has looked at. Throws `Unreadable`. */
export function eventFrom(value: unknown): AuditEvent {
  const fields = fieldsOf(value, 'The event');
  if ((fields['tenantId'] ?? null) !== null) uuidOf(fields, 'tenantId');
  return {
    ...fields,
    sequence: wholeOf(fields, 'sequence'),
    at: momentOf(fields, 'at'),
    hash: hashOf(fields, 'hash'),
    previousHash: hashOf(fields, 'previousHash'),
    commitments: commitmentsFrom(fields['commitments'] ?? {}),
  };
}

/** The id of an event, for whoever looks for it. */
export function idOf({ id }: Fields): string | null {
  return typeof id === 'string' && ID.test(id) ? id : null;
}

/** SHA-256 of an event's record. Throws `Unreadable` where it has no canonical form. */
export function contentOf(event: AuditEvent): Buffer {
  try {
    return sha256(canonicalJson(recordOf(event)));
  } catch {
    // A lone surrogate, a number beyond JSON's, or nested deeper than the stack is.
    throw new Unreadable('The event has no canonical form (RFC 8785).');
  }
}

/** The first commitment that its value does not keep, by its pointer. */
export function brokenCommitment(event: AuditEvent): string | null {
  for (const pointer of Object.keys(event.commitments)) {
    const made = event.commitments[pointer];
    if (made && !isKept(made, valueAt(event, pointer))) return pointer;
  }
  return null;
}

/** How many of an event's personal values were erased. */
export function erasedOf({ commitments }: AuditEvent): number {
  let erased = 0;
  for (const pointer of Object.keys(commitments)) {
    if (commitments[pointer]?.salt === null) erased += 1;
  }
  return erased;
}

/** Nothing else is hidden behind a pointer: what stood in clear would be told as erased. */
const COMMITMENT = /^sha256:[\w-]{43}$/;

function isKept({ commitment, salt }: Commitment, value: unknown): boolean {
  if (!COMMITMENT.test(commitment)) return false;
  // Whatever stood there without its salt would be proven by nothing.
  if (salt === null) return value === null;
  const bytes = bytesOf(salt);
  return (
    typeof value === 'string' &&
    bytes?.length === SALT_BYTES &&
    commitmentOf(bytes, value) === commitment
  );
}

function commitmentsFrom(value: unknown): AuditEvent['commitments'] {
  const commitments = fieldsOf(value, '`commitments`');
  for (const pointer of Object.keys(commitments)) {
    const { commitment, salt } = fieldsOf(commitments[pointer], 'A commitment');
    if (typeof commitment !== 'string' || (typeof salt !== 'string' && salt !== null)) {
      throw new Unreadable('A commitment has no text `commitment`, or no `salt`.');
    }
    if (!pointer.startsWith('/')) throw new Unreadable('A commitment has no JSON pointer.');
  }
  return commitments as AuditEvent['commitments'];
}
