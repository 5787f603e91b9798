import {
  constants,
  createHmac,
  createPrivateKey,
  createSecretKey,
  KeyObject,
  sign,
} from 'node:crypto';

import { type JWK } from 'jose';

/** A part of a token: members to be serialised, or the very text or bytes. */
export type TokenPart = Readonly<Record<string, unknown>> | string | Uint8Array;

export interface Craft {
  readonly header: TokenPart;
  readonly payload: TokenPart;
  /** Bytes are an HMAC secret. Without key and signature the third part is empty. */
  readonly key?: KeyObject | JWK | Uint8Array;
  /** Bytes to be encoded, or the third part itself; it replaces the honest signature. */
  readonly signature?: Uint8Array | string;
  /** How to sign, where that is not what the header says. */
  readonly algorithm?: string;
}

/** Builds a compact JWS without asking whether it makes sense. */
export function craftToken({ header, payload, key, signature, algorithm }: Craft): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  if (typeof signature === 'string') return `${input}.${signature}`;
  if (signature) return `${input}.${base64url(signature)}`;
  if (!key) return `${input}.`;
  return `${input}.${base64url(signBytes(input, key, algorithm ?? algorithmOf(header)))}`;
}

/** The raw signature of `input`, by the key's type and the hash that `algorithm` ends with. */
export function signBytes(
  input: string,
  key: KeyObject | JWK | Uint8Array,
  algorithm: string,
): Buffer {
  const keyObject = toKeyObject(key);
  const hash = `sha${/(?:256|384|512)$/.exec(algorithm)?.[0] ?? '256'}`;
  const bytes = Buffer.from(input);
  if (keyObject.type === 'secret') return createHmac(hash, keyObject).update(bytes).digest();
  switch (keyObject.asymmetricKeyType) {
    case 'rsa':
      return sign(hash, bytes, algorithm.startsWith('PS') ? withPss(keyObject) : keyObject);
    case 'ec':
      return sign(hash, bytes, { key: keyObject, dsaEncoding: 'ieee-p1363' });
    default:
      return sign(null, bytes, keyObject);
  }
}

export function encodePart(part: TokenPart): string {
  if (typeof part === 'string' || part instanceof Uint8Array) return base64url(part);
  return base64url(JSON.stringify(part));
}

function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function algorithmOf(header: TokenPart): string {
  if (typeof header === 'string' || header instanceof Uint8Array) return '';
  const { alg } = header;
  return typeof alg === 'string' ? alg : '';
}

function toKeyObject(key: KeyObject | JWK | Uint8Array): KeyObject {
  if (key instanceof KeyObject) return key;
  if (key instanceof Uint8Array) return createSecretKey(key);
  if (key.kty === 'oct') return createSecretKey(key.k ?? '', 'base64url');
  return createPrivateKey({ key: { ...key }, format: 'jwk' });
}

function withPss(key: KeyObject): Parameters<typeof sign>[2] {
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}
