import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a secret of ours opens with, so that people and leak scanners know it by sight. */
export type SecretPrefix =
  /** A tenant's API key. */
  | 'tnt_'
  /** A refresh token. */
  | 'tnr_'
  /** An invitation. */
  | 'tni_'
  /** A password reset. */
  | 'tnp_'
  /** A browser session. */
  | 'tns_'
  /** The secret of a machine client. */
  | 'tnc_';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 178 bits: nobody guesses one, and no two are ever alike. */
const RANDOM_CHARS = 30;
/** The least that holds every CRC-32: 62⁶ > 2³². */
const CHECKSUM_CHARS = 6;
const BODY = new RegExp(`^[0-9A-Za-z]{${RANDOM_CHARS + CHECKSUM_CHARS}}$`);
/** The greatest multiple of 62 in a byte: from there on a remainder would favour the first letters. */
const FAIR_BELOW = 248;

/** A new secret that says what it is: prefix, 30 random characters, 6 of checksum. */
export function newSecretText(prefix: SecretPrefix): string {
  const text = prefix + randomChars();
  return text + checksumOf(text);
}

/**
 * Whether a text can be such a secret at all, known without any look-up: a typing error or a made-up
 * one costs no query. Says nothing of whether we ever gave it out.
 */
export function isSecretText(prefix: SecretPrefix, text: string): boolean {
  // The length first: however long a text is sent, the rest looks at 40 characters.
  if (text.length !== prefix.length + RANDOM_CHARS + CHECKSUM_CHARS) return false;
  if (!text.startsWith(prefix) || !BODY.test(text.slice(prefix.length))) return false;
  return checksumOf(text.slice(0, -CHECKSUM_CHARS)) === text.slice(-CHECKSUM_CHARS);
}

function randomChars(): string {
  let chars = '';
  while (chars.length < RANDOM_CHARS) {
    const fair = [...randomBytes(RANDOM_CHARS)].filter((byte) => byte < FAIR_BELOW);
    chars += fair.map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
  }
  return chars.slice(0, RANDOM_CHARS);
}

/** CRC-32 over the prefix too, so that no secret passes as one of another kind. */
function checksumOf(text: string): string {
  let rest = crc32(text);
  let chars = '';
  while (chars.length < CHECKSUM_CHARS) {
    chars = ALPHABET.charAt(rest % ALPHABET.length) + chars;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return chars;
}
