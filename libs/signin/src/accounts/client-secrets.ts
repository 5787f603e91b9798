import { randomBytes } from 'node:crypto';

import { KeyedDigest, type MasterKey } from '@tenantry/crypto';

const SECRET_BYTES = 32;

/** Makes and checks the secrets of machine clients; only their keyed digests are kept. */
export class ClientSecrets {
  readonly #digests: KeyedDigest;

  constructor(masterKey: MasterKey) {
    this.#digests = new KeyedDigest(masterKey, 'client-secrets');
  }

  generate(): string {
    return randomBytes(SECRET_BYTES).toString('base64url');
  }

  hash(secret: string): Buffer {
    return this.#digests.of(secret);
  }

  matches(secret: string, hash: Uint8Array): boolean {
    return this.#digests.matches(secret, hash);
  }
}
