import { randomBytes } from 'node:crypto';

import { KeyedDigest, type MasterKey } from '@tenantry/crypto';

const CODES = 10;
/** 80 bits: no guess ever hits one, so that a quick digest does for keeping them. */
const CODE_BYTES = 10;
const CODE_CHARS = 16;
const CHARS_PER_GROUP = 4;
const BITS_PER_CHAR = 5n;
/** Crockford's base32: without I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE = new RegExp(`^[${ALPHABET}]{${CODE_CHARS}}$`);
const WRITTEN_MAX = 64;

/** Makes the codes by which people sign in who lost their second factor, and digests them for keeping. */
export class RecoveryCodes {
  readonly #digests: KeyedDigest;

  constructor(masterKey: MasterKey) {
    this.#digests = new KeyedDigest(masterKey, 'recovery-codes');
  }

  /** Ten new codes, to be shown once. */
  generate(): readonly string[] {
    return Array.from({ length: CODES }, newCode);
  }

  /**
   * The digest under which a code is kept, or null where the text is no code. Case, dashes and spaces
   * do not matter, nor whether a 0 was read as an O, or a 1 as an I or an L.
   */
  digest(written: string): Buffer | null {
    if (written.length > WRITTEN_MAX) return null;
    const code = written
      .toUpperCase()
      .replaceAll(/[-\s]/g, '')
      .replaceAll('O', '0')
      .replaceAll(/[IL]/g, '1');
    return CODE.test(code) ? this.#digests.of(code) : null;
  }
}

function newCode(): string {
  const bits = BigInt(`0x${randomBytes(CODE_BYTES).toString('hex')}`);
  const characters = Array.from({ length: CODE_CHARS }, (_, at) =>
    ALPHABET.charAt(Number((bits >> (BigInt(at) * BITS_PER_CHAR)) & 31n)),
  );
  const groups = Array.from({ length: CODE_CHARS / CHARS_PER_GROUP }, (_, at) =>
    characters.slice(at * CHARS_PER_GROUP, (at + 1) * CHARS_PER_GROUP).join(''),
  );
  return groups.join('-');
}
