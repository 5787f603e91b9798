import { createHmac, timingSafeEqual } from 'node:crypto';

import type { MasterKey } from './master-key.js';

/**
 * Digests of secrets by HMAC-SHA256 under a key that the database does not hold: a stolen table can
 * neither be searched nor guessed at, and a check costs microseconds.
 *
 * Only for secrets that are random themselves: what a person makes up needs a slow hash.
 */
export class KeyedDigest {
  readonly #key: Buffer;

  /** Two purposes never digest alike: a digest of one is of no use in the place of another. */
  constructor(masterKey: MasterKey, purpose: string) {
    this.#key = masterKey.derive(purpose);
  }

  of(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }

  /** Takes as long for a near miss as for a wide one. */
  matches(text: string, digest: Uint8Array): boolean {
    const actual = this.of(text);
    return actual.length === digest.length && timingSafeEqual(actual, digest);
  }
}
