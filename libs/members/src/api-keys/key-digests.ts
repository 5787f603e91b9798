import { Injectable } from '@nestjs/common';

import { API_KEY_PREFIX } from '@tenantry/access';
import { isSecretText, KeyedDigest, MasterKey, newSecretText } from '@tenantry/crypto';

const HINT_CHARS = 4;

/** A new key, and what is kept of it. */
export interface MintedKey {
  readonly text: string;
  readonly digest: Uint8Array<ArrayBuffer>;
  readonly hint: string;
}

/** Makes API keys, and says by what they are found again. */
@Injectable()
export class KeyDigests {
  readonly #digests: KeyedDigest;

  constructor(masterKey: MasterKey) {
    this.#digests = new KeyedDigest(masterKey, 'api-keys');
  }

  mint(): MintedKey {
    const text = newSecretText(API_KEY_PREFIX);
    const digest = new Uint8Array(this.#digests.of(text));
    return { text, digest, hint: text.slice(-HINT_CHARS) };
  }

  /** Null for what cannot be a key: its checksum says so. */
  of(text: string): Buffer | null {
    return isSecretText(API_KEY_PREFIX, text) ? this.#digests.of(text) : null;
  }
}
