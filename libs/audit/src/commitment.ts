import { randomBytes } from 'node:crypto';

import { commitmentOf } from '@tenantry/verify-audit';

const SALT_BYTES = 16;

/** Salt and value of each personal field, by JSON pointer (RFC 6901) into the record; null once erased. */
export type Commitments = Readonly<
  Record<string, { readonly salt: string; readonly value: string } | null>
>;

/**
 * Takes personal values out of a record and leaves a commitment in their place:
 * `sha256:` and base64url of SHA-256(salt ‖ value in UTF-8), with 16 random bytes of salt.
 *
 * While the value is kept, anyone can check it against the record. Once value and salt are
 * erased, the commitment tells nothing, and the record still stands as it was written.
 */
export class Committing {
  readonly values: Record<string, { readonly salt: string; readonly value: string }> = {};

  /** The commitment that stands in the record at `pointer`; null where there is no value. */
  commit(pointer: string, value: string | null | undefined): string | null {
    if (value === null || value === undefined) return null;
    const salt = randomBytes(SALT_BYTES);
    this.values[pointer] = { salt: salt.toString('base64url'), value };
    return commitmentOf(salt, value);
  }
}
