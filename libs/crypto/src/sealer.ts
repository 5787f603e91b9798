import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';

import type { MasterKey } from './master-key.js';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/** A sealed value was altered, belongs elsewhere, or was sealed with another key. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/**
 * Seals values with AES-256-GCM: version ‖ key id ‖ nonce ‖ ciphertext ‖ tag.
 *
 * `context` says what the value is and whose. It is bound as associated data, so that two sealed
 * values cannot be exchanged unnoticed, neither between rows nor between columns.
 */
export class Sealer {
  readonly #key: Buffer;
  readonly #keyId: Buffer;

  constructor(masterKey: MasterKey) {
    this.#key = masterKey.derive('sealing');
    this.#keyId = masterKey.id;
  }

  seal(plaintext: Buffer, context: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const header = Buffer.concat([Buffer.of(VERSION), this.#keyId, nonce]);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    cipher.setAAD(associated(header, context));
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([header, sealed, cipher.getAuthTag()]);
  }

  /** Throws `SealBroken`, and never says which of its reasons holds. */
  open(sealed: Uint8Array, context: string): Buffer {
    const bytes = Buffer.from(sealed);
    if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw new SealBroken();
    const header = bytes.subarray(0, HEADER_BYTES);
    if (!timingSafeEqual(header.subarray(1, 1 + KEY_ID_BYTES), this.#keyId)) throw new SealBroken();
    const decipher = createDecipheriv(ALGORITHM, this.#key, header.subarray(1 + KEY_ID_BYTES));
    decipher.setAAD(associated(header, context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([
        decipher.update(bytes.subarray(HEADER_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
    } catch (error) {
      throw new SealBroken('The value does not open.', { cause: error });
    }
  }
}

function associated(header: Buffer, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context, 'utf8')]);
}
