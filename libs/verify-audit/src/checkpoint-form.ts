import type { Checkpoint, PublicKey, Signed, Tombstone } from './checkpoint.js';
import {
  type Fields,
  fieldsOf,
  hashOf,
  isFields,
  momentOf,
  textOf,
  Unreadable,
  uuidOf,
  wholeOf,
} from './fields.js';

/** Lists of pages of messages of checkpoints, and no deeper. */
const NESTED_MAX = 3;

/** Reads a checkpoint of JSON that nobody has looked at. Throws `Unreadable`. */
export function checkpointFrom(value: unknown): Checkpoint {
  const fields = fieldsOf(value, 'The checkpoint');
  const { v, kind } = headOf(fields, 'checkpoint');
  const tombstone = fields['tombstone'] ?? null;
  return {
    v,
    kind,
    trail: uuidOf(fields, 'trail'),
    number: wholeOf(fields, 'number'),
    from: wholeOf(fields, 'from'),
    to: wholeOf(fields, 'to'),
    at: momentOf(fields, 'at'),
    headHash: hashOf(fields, 'headHash'),
    root: hashOf(fields, 'root'),
    previous: hashOf(fields, 'previous'),
    keyId: textOf(fields, 'keyId'),
    hash: hashOf(fields, 'hash'),
    ...signedFrom(fields),
    tombstone: tombstone === null ? null : tombstoneFrom(tombstone),
  };
}

/**
 * Reads what checkpoints are told in: one, a list, a page of the API, or the message that a sink
 * was sent. Throws `Unreadable`.
 */
export function checkpointsFrom(value: unknown, depth = 0): Checkpoint[] {
  if (depth < NESTED_MAX) {
    const inside = insideOf(value);
    if (inside) return inside.flatMap((each) => checkpointsFrom(each, depth + 1));
  }
  return [checkpointFrom(value)];
}

/** Reads a public key of JSON that nobody has looked at. Throws `Unreadable`. */
export function keyFrom(value: unknown): PublicKey {
  const fields = fieldsOf(value, 'The public key');
  const { kty, crv } = fields;
  if (kty !== 'OKP' || crv !== 'Ed25519') {
    throw new Unreadable('The public key is no JWK of an Ed25519 key.');
  }
  return { kty, crv, x: textOf(fields, 'x') };
}

function insideOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as unknown[];
  if (!isFields(value)) return null;
  if (Array.isArray(value['items'])) return value['items'] as unknown[];
  return value['type'] === 'audit.checkpoint' ? [value['data']] : null;
}

function tombstoneFrom(value: unknown): Tombstone {
  const fields = fieldsOf(value, 'The tombstone');
  const { v, kind } = headOf(fields, 'tombstone');
  return {
    v,
    kind,
    trail: uuidOf(fields, 'trail'),
    checkpoint: wholeOf(fields, 'checkpoint'),
    from: wholeOf(fields, 'from'),
    to: wholeOf(fields, 'to'),
    headHash: hashOf(fields, 'headHash'),
    checkpointHash: hashOf(fields, 'checkpointHash'),
    reason: textOf(fields, 'reason'),
    at: momentOf(fields, 'at'),
    keyId: textOf(fields, 'keyId'),
    ...signedFrom(fields),
  };
}

function headOf<Kind extends string>(fields: Fields, kind: Kind): { v: 1; kind: Kind } {
  if (fields['kind'] !== kind) throw new Unreadable(`This is no ${kind}.`);
  if (fields['v'] !== 1) throw new Unreadable(`This ${kind} is of a version that is not known.`);
  return { v: 1, kind };
}

function signedFrom(fields: Fields): Signed {
  return { signature: textOf(fields, 'signature'), publicKey: keyFrom(fields['publicKey']) };
}
