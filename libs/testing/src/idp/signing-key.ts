import { generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

import { exportJWK, type JWK } from 'jose';

/** The algorithms that an identity provider of the tests can sign with. */
export type SigningAlgorithm =
  'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA';

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A key pair in every form a test may need: to publish it, to sign with it, to abuse it. */
export interface SigningKey extends KeyPair {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
}

const generate = promisify(generateKeyPair);

const CURVES = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const;

// An RSA key takes a hundred times longer to make than the others, so a closed provider hands its
// keys on; the kid is new each time, and no two open providers share a key.
const idleRsaPairs: KeyPair[] = [];

/** Makes a signing key under a new kid. */
export async function newSigningKey(algorithm: SigningAlgorithm): Promise<SigningKey> {
  return withJwks(await pairFor(algorithm), algorithm);
}

/** Lets later providers use the RSA pairs among `keys`. */
export function handOn(keys: readonly SigningKey[]): void {
  idleRsaPairs.push(...keys.filter(({ privateKey }) => privateKey.asymmetricKeyType === 'rsa'));
}

let weakKey: Promise<SigningKey> | undefined;

/** The one RSA key of 1024 bits, which RFC 7518 forbids. */
export function weakRsaKey(): Promise<SigningKey> {
  weakKey ??= generate('rsa', { modulusLength: 1_024 }).then((pair) => withJwks(pair, 'RS256'));
  return weakKey;
}

async function pairFor(algorithm: SigningAlgorithm): Promise<KeyPair> {
  switch (algorithm) {
    case 'EdDSA':
      return generate('ed25519');
    case 'ES256':
    case 'ES384':
    case 'ES512':
      return generate('ec', { namedCurve: CURVES[algorithm] });
    default:
      return idleRsaPairs.pop() ?? (await generate('rsa', { modulusLength: 2_048 }));
  }
}

async function withJwks(pair: KeyPair, algorithm: SigningAlgorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = pair;
  const kid = randomUUID();
  const naming = { kid, alg: algorithm, use: 'sig' };
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(publicKey), exportJWK(privateKey)]);
  return {
    kid,
    algorithm,
    privateKey,
    publicKey,
    publicJwk: { ...publicJwk, ...naming },
    privateJwk: { ...privateJwk, ...naming },
  };
}
