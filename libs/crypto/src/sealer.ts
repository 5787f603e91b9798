import type { MasterKey } from './master-key.js';
import { SealingKey } from './sealing-key.js';

/** Seals values under the master key: what the whole platform keeps, not what one tenant owns. */
export class Sealer {
  readonly #key: SealingKey;

  constructor(masterKey: MasterKey) {
    const key = masterKey.derive('sealing');
    this.#key = new SealingKey(key, masterKey.id);
    key.fill(0);
  }

  /** `context` says what the value is and whose: it opens in no other place. */
  seal(plaintext: Buffer, context: string): Buffer {
    return this.#key.seal(plaintext, context);
  }

  /** Throws `SealBroken`, and never says which of its reasons holds. */
  open(sealed: Uint8Array, context: string): Buffer {
    return this.#key.open(sealed, context);
  }
}
