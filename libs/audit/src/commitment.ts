import { createHash, randomBytes } from 'node:crypto';

const SALT_BYTES = 16;
const PREFIX = 'sha256:';

/** Salt and value of each personal field, by JSON pointer (RFC 6901) into the record. */
export type Commitments = Record<string, { readonly salt: string; readonly value: string }>;

/**
 * Takes personal values out of a record and leaves a commitment in their place:
 * `sha256:` and base64url of SHA-256(salt ‖ value in UTF-8), with 16 random bytes of salt.
 *
 * While the value is kept, anyone can check it against the record. Once value and salt are
 * erased, the commitment tells nothing, and the record still stands as it was written.
 */
export class Committing {
  readonly values: Commitments = {};

  /** The commitment that stands in the record at `pointer`; null where there is no value. */
  commit(pointer: string, value: string | null | undefined): string | null {
    if (value === null || value === undefined) return null;
    const salt = randomBytes(SALT_BYTES);
    this.values[pointer] = { salt: salt.toString('base64url'), value };
    return commitmentOf(salt, value);
  }
}

export function commitmentOf(salt: Buffer, value: string): string {
  return PREFIX + createHash('sha256').update(salt).update(value, 'utf8').digest('base64url');
}

/** A record with its personal values in place of the commitments; null where one was erased. */
export function reveal(record: object, personal: Commitments): Record<string, unknown> {
  return revealAt('', record, personal) as Record<string, unknown>;
}

function revealAt(pointer: string, value: unknown, personal: Commitments): unknown {
  if (typeof value === 'string' && value.startsWith(PREFIX))
    return personal[pointer]?.value ?? null;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      revealAt(`${pointer}/${name}`, inner, personal),
    ]),
  );
}
