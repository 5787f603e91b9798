import type { Encoding } from './secret.js';

export const VALUE_BYTES_MAX = 65_536;

/** A value as it is sent and answered: a text, or bytes in base64 (RFC 4648 §4, with padding). */
export type SecretValue = string | { readonly base64: string };

/** A value as it is sealed. */
export interface PlainValue {
  readonly bytes: Buffer;
  readonly encoding: Encoding;
}

/** What is wrong with a value; null: nothing. Never repeats any of it. */
export function flawOfValue(value: unknown): string | null {
  if (typeof value === 'string') {
    // Half a character would come back as another one.
    if (/\p{Surrogate}/u.test(value)) return 'must be well-formed text';
    return flawOfLength(Buffer.byteLength(value));
  }
  if (!isBinary(value)) return 'must be a text, or { "base64": "…" }';
  const bytes = Buffer.from(value.base64, 'base64');
  // Node skips what is not base64: a typing error would be kept as another value.
  if (bytes.toString('base64') !== value.base64) return 'must be base64 with its padding';
  return flawOfLength(bytes.length);
}

export function plainOf(value: SecretValue): PlainValue {
  return typeof value === 'string'
    ? { bytes: Buffer.from(value), encoding: 'text' }
    : { bytes: Buffer.from(value.base64, 'base64'), encoding: 'base64' };
}

export function valueOf({ bytes, encoding }: PlainValue): SecretValue {
  return encoding === 'text' ? bytes.toString() : { base64: bytes.toString('base64') };
}

function flawOfLength(length: number): string | null {
  if (length === 0) return 'must not be empty';
  return length > VALUE_BYTES_MAX ? `must be at most ${VALUE_BYTES_MAX} bytes` : null;
}

function isBinary(value: unknown): value is { readonly base64: string } {
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(value).join() === 'base64' && 'base64' in value
    ? typeof value.base64 === 'string'
    : false;
}
