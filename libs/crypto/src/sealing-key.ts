import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
// Random, which is safe for 2³² values under one key (NIST SP 800-38D, 8.3).
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The format's version by the length of its key id: no value of one is ever read as the other. */
const VERSIONS: ReadonlyMap<number, number> = new Map([
  [8, 1],
  [16, 2],
]);

/** A sealed value was altered, belongs elsewhere, or was sealed with another key. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';

  constructor() {
    // Without a cause: which of the reasons holds is an attacker's clue.
    super('The value does not open.');
  }
}

/** A key was used after it had been destroyed. */
export class KeyDestroyed extends Error {
  override readonly name = 'KeyDestroyed';

  constructor() {
    super('The key was destroyed.');
  }
}

/**
 * A key of 32 bytes that seals and opens (AES-256-GCM): version ‖ key id ‖ nonce ‖ ciphertext ‖ tag.
 *
 * `context` says what the value is and whose. Header and context are bound as associated data, so
 * that two sealed values cannot be exchanged unnoticed, neither between rows nor between columns.
 */
export class SealingKey {
  // Private, so that no logger prints it, and not of Node's shared pool, which other buffers see.
  readonly #key = Buffer.alloc(KEY_BYTES);
  readonly #prefix: Buffer;
  #isDestroyed = false;

  /**
   * An id of 8 bytes makes format version 1, one of 16 bytes version 2. Keeps copies of its own:
   * who calls zeroises theirs.
   */
  constructor(key: Uint8Array, id: Uint8Array) {
    const version = VERSIONS.get(id.length);
    if (version === undefined) throw new Error('A key id has 8 or 16 bytes.');
    if (key.length !== KEY_BYTES) throw new Error('A sealing key has 32 bytes.');
    this.#key.set(key);
    this.#prefix = Buffer.of(version, ...id);
  }

  /** Seals the same value differently each time. */
  seal(plaintext: Uint8Array, context: string): Buffer {
    this.#refuseIfDestroyed();
    const nonce = randomBytes(NONCE_BYTES);
    const header = Buffer.concat([this.#prefix, nonce]);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associated(header, context));
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([header, sealed, cipher.getAuthTag()]);
  }

  /** Throws `SealBroken`, and never says which of its reasons holds. */
  open(sealed: Uint8Array, context: string): Buffer {
    this.#refuseIfDestroyed();
    const headerBytes = this.#prefix.length + NONCE_BYTES;
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.length < headerBytes + TAG_BYTES) throw new SealBroken();
    const header = bytes.subarray(0, headerBytes);
    if (!header.subarray(0, this.#prefix.length).equals(this.#prefix)) throw new SealBroken();
    const nonce = header.subarray(this.#prefix.length);
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associated(header, context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    // All of it: GCM holds nothing back for `final`, so that no second copy is made.
    const opened = decipher.update(bytes.subarray(headerBytes, -TAG_BYTES));
    try {
      decipher.final();
    } catch {
      opened.fill(0);
      throw new SealBroken();
    }
    return opened;
  }

  /** Zeroises the key. What was sealed with it opens again only with another copy. */
  destroy(): void {
    this.#key.fill(0);
    this.#isDestroyed = true;
  }

  /** A key of zeros would seal as well as any, and everybody knows it. */
  #refuseIfDestroyed(): void {
    if (this.#isDestroyed) throw new KeyDestroyed();
  }
}

/** The 16 bytes of a UUID: the id of a key whose row has that id. */
export function keyIdBytes(uuid: string): Buffer {
  if (!UUID.test(uuid)) throw new Error('A key id is a UUID.');
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function associated(header: Buffer, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context, 'utf8')]);
}
