import { brotliDecompressSync } from 'node:zlib';

import { COMMON_PASSWORDS_BROTLI } from './common-passwords.data.js';

/** The list of common passwords: unpacked at the first question (some 4 MB), and kept from then on. */
export class CommonPasswords {
  #passwords: ReadonlySet<string> | undefined;

  /** Expects the password folded: NFKC, lower case. */
  has(folded: string): boolean {
    this.#passwords ??= new Set(unpacked());
    return this.#passwords.has(folded);
  }
}

function unpacked(): readonly string[] {
  const packed = Buffer.from(COMMON_PASSWORDS_BROTLI, 'base64');
  return brotliDecompressSync(packed).toString('utf8').split('\n');
}
