import { createPublicKey, type KeyObject } from 'node:crypto';

import { JwksClient, type SigningKey } from 'jwks-rsa';

import type { TrustedKey } from '@tenantry/access';
import type { PublishedKeys } from '../issuer.js';
import { thumbprintOf } from './thumbprint.js';

const KEYS_MAX = 20;
const KEY_SET_BYTES_MAX = 65_536;
const RSA_BITS_MIN = 2_048;
const KID_LENGTH_MAX = 255;

/** Members that only a private or a symmetric key has (RFC 7518 §6). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const CURVE_ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/** A key set that nothing can be verified with, or that should never have been published. */
export class KeySetUnusable extends Error {
  override readonly name = 'KeySetUnusable';
}

/** A key, ready to verify with. */
export interface UsableKey extends Omit<TrustedKey, 'trustedUntil'> {
  /** RFC 7638. */
  readonly thumbprint: string;
}

/** A set of keys, ready to verify with. */
export interface KeySet {
  readonly keys: readonly UsableKey[];
  /** What of it is worth keeping: the public members of the usable keys, in their one encoding. */
  readonly published: PublishedKeys;
}

/** Reads a JWK set (RFC 7517). Throws `KeySetUnusable`, in words that an operator can use. */
export async function parseKeySet(document: unknown): Promise<KeySet> {
  const listed = signingKeysOf(document);
  const client = new JwksClient({
    jwksUri: 'https://unused.invalid',
    cache: false,
    // The set was fetched by our own rules already; the client only parses it.
    fetcher: () => Promise.resolve({ keys: listed }),
  });
  const keys = usableKeys(await parsed(client));
  if (keys.length === 0) throw new KeySetUnusable('The key set holds no usable signing key.');
  return { keys, published: { keys: keys.map(publishedForm) } };
}

function publishedForm({ key, kid, algorithms }: UsableKey): Record<string, unknown> {
  const [only, ...others] = algorithms;
  return {
    ...key.export({ format: 'jwk' }),
    ...(kid === null ? {} : { kid }),
    // Of an RSA key, what its set has narrowed it to; of any other, all that it is good for.
    ...(others.length === 0 ? { alg: only } : {}),
    use: 'sig',
  };
}

/** The keys of the document that are meant for signatures, without whatever else it holds. */
function signingKeysOf(document: unknown): Record<string, unknown>[] {
  if (JSON.stringify(document).length > KEY_SET_BYTES_MAX) {
    throw new KeySetUnusable(`The key set is larger than ${KEY_SET_BYTES_MAX} bytes.`);
  }
  const list = (document as { readonly keys?: unknown } | null)?.keys;
  if (!Array.isArray(list)) throw new KeySetUnusable('The document is no key set.');
  if (list.length > KEYS_MAX) throw new KeySetUnusable(`The set has more than ${KEYS_MAX} keys.`);
  const keys = list.filter(isObject);
  if (keys.some((key) => SECRET_MEMBERS.some((member) => Object.hasOwn(key, member)))) {
    throw new KeySetUnusable('The key set holds a private or a symmetric key.');
  }
  const kids = keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  if (new Set(kids).size !== kids.length) {
    throw new KeySetUnusable('Two keys of the set have the same kid.');
  }
  return keys.filter(isForSignatures).map(publicMembers);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** RFC 7517 §4.2 and §4.3: both members are optional, and each may rule a key out. */
function isForSignatures({ use, key_ops: operations, kid }: Record<string, unknown>): boolean {
  const isNamedWell =
    kid === undefined || (typeof kid === 'string' && kid.length <= KID_LENGTH_MAX);
  const mayVerify =
    operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
  return isNamedWell && mayVerify && (use === undefined || use === 'sig');
}

function publicMembers(key: Record<string, unknown>): Record<string, unknown> {
  const { kty, kid, alg, crv, n, e, x, y } = key;
  const kept = { kty, kid, alg, crv, n, e, x, y, use: 'sig' };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

async function parsed(client: JwksClient): Promise<SigningKey[]> {
  try {
    return await client.getSigningKeys();
  } catch (error) {
    throw new KeySetUnusable('The key set holds no usable signing key.', { cause: error });
  }
}

function usableKeys(signingKeys: readonly SigningKey[]): KeySet['keys'] {
  return signingKeys.flatMap((signingKey) => {
    const key = createPublicKey(signingKey.getPublicKey());
    const own = algorithmsOf(key);
    // A set may say what a key is for; it never widens what the key's own type allows.
    const stated = signingKey.alg as string | undefined;
    const algorithms = stated ? own.filter((algorithm) => algorithm === stated) : own;
    const kid = (signingKey.kid as string | undefined) ?? null;
    const thumbprint = thumbprintOf({ ...key.export({ format: 'jwk' }) });
    return algorithms.length > 0 ? [{ kid, key, algorithms, thumbprint }] : [];
  });
}

/** What a key may verify, by its own type (RFC 8725 §3.1), never by what a token says. */
function algorithmsOf(key: KeyObject): readonly string[] {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return modulusLength >= RSA_BITS_MIN ? RSA_ALGORITHMS : [];
    case 'ec':
      return CURVE_ALGORITHMS[namedCurve] ?? [];
    case 'ed25519':
      return ['EdDSA'];
    default:
      return [];
  }
}
