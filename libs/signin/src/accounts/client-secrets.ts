import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { MasterKey } from '@tenantry/crypto';

const SECRET_BYTES = 32;

/**
 * Makes and checks the secrets of machine clients.
 *
 * They are kept as HMAC-SHA256 under a key that the database does not hold: a stolen table can
 * neither be searched nor guessed at, and a check costs microseconds.
 */
export class ClientSecrets {
  readonly #key: Buffer;

  constructor(masterKey: MasterKey) {
    this.#key = masterKey.derive('client-secrets');
  }

  generate(): string {
    return randomBytes(SECRET_BYTES).toString('base64url');
  }

  hash(secret: string): Buffer {
    return createHmac('sha256', this.#key).update(secret).digest();
  }

  matches(secret: string, hash: Uint8Array): boolean {
    const actual = this.hash(secret);
    return actual.length === hash.length && timingSafeEqual(actual, hash);
  }
}
