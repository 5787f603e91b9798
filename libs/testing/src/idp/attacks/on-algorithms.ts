import { type KeyObject } from 'node:crypto';

import { craftToken } from '../crafted-token.js';
import { type SigningKey } from '../signing-key.js';
import {
  type Attack,
  attacksOf,
  type AttackWorld,
  forge,
  type Forgery,
  honestHeader,
  honestPayload,
  keyOf,
  type Members,
} from './attack-world.js';

/** Everything public about a key that a careless verifier might take for an HMAC secret. */
const PUBLIC_SECRETS: Readonly<Record<string, (key: SigningKey) => string | Buffer>> = {
  'SPKI PEM': ({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }),
  'SPKI PEM without its last line break': ({ publicKey }) => pemOf(publicKey).trimEnd(),
  'SPKI PEM with CRLF': ({ publicKey }) => pemOf(publicKey).replaceAll('\n', '\r\n'),
  'SPKI DER': ({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }),
  'JWK as JSON': ({ publicJwk }) => JSON.stringify(publicJwk),
  'JWKS as JSON': ({ publicJwk }) => JSON.stringify({ keys: [publicJwk] }),
  'raw modulus or coordinate': ({ publicJwk }) =>
    Buffer.from(publicJwk.n ?? publicJwk.x ?? '', 'base64url'),
  kid: ({ kid }) => kid,
};

const KEY_TYPES = ['rsa', 'ec', 'ed25519'] as const;

const SYMMETRIC: readonly Attack[] = KEY_TYPES.flatMap((type) =>
  attacksOf(`HS256 with the public ${type} key as secret`, PUBLIC_SECRETS, (world, secretOf) => {
    const key = keyOf(world, type);
    return hmac(world, 'HS256', secretOf(key), { kid: key.kid });
  }),
);

const PKCS1: Attack = {
  name: 'HS256 with the public rsa key as secret: PKCS#1 PEM',
  craft: (world) => {
    const { publicKey, kid } = keyOf(world, 'rsa');
    return hmac(world, 'HS256', publicKey.export({ type: 'pkcs1', format: 'pem' }), { kid });
  },
};

const OTHER_HMACS: readonly Attack[] = [
  ...attacksOf('HMAC', { HS384: 'HS384', HS512: 'HS512', hs256: 'hs256' }, (world, alg) =>
    hmac(world, alg, pemOf(world.idp.currentKey.publicKey)),
  ),
  ...attacksOf(
    'HS256 with a secret that anybody guesses',
    { empty: '', secret: 'secret', null: 'null', undefined: 'undefined' },
    (world, secret) => hmac(world, 'HS256', secret),
  ),
  {
    name: 'HS256 without a kid, with the public key as secret',
    craft: (world) =>
      hmac(world, 'HS256', pemOf(world.idp.currentKey.publicKey), { kid: undefined }),
  },
];

const UNSIGNED: readonly Attack[] = [
  ...attacksOf(
    'no signature, alg',
    {
      none: 'none',
      None: 'None',
      NONE: 'NONE',
      nOnE: 'nOnE',
      empty: '',
      missing: undefined,
      null: null,
      'none with a space': 'none ',
      'none with a NUL': 'none\0',
      'none in an array': ['none'],
      'that of the key': 'ES256',
    },
    (world, alg) => forge(world, { header: { alg }, signature: '' }),
  ),
  {
    name: 'no signature, alg none: nor a kid',
    craft: (world) => forge(world, { header: { alg: 'none', kid: undefined }, signature: '' }),
  },
  {
    name: 'no signature, alg none: not even the last dot',
    craft: (world) => forge(world, { header: { alg: 'none' }, signature: '' }).slice(0, -1),
  },
];

/** Signed by the victim's key, under a name that is not an allowed algorithm. */
const MISNAMED: Readonly<Record<string, (algorithm: string) => unknown>> = {
  none: () => 'none',
  missing: () => undefined,
  null: () => null,
  number: () => 256,
  'array of the right name': (name) => [name],
  object: (name) => ({ name }),
  'lower case': (name) => name.toLowerCase(),
  'upper case with a trailing space': (name) => `${name} `,
  'with a NUL': (name) => `${name}\0`,
  // NFKC turns these into the ASCII that they look like.
  'full-width letters': (name) =>
    name.replace(/[!-~]/g, (c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0)),
  'Cyrillic look-alikes': (name) => name.replaceAll('S', 'Ѕ').replace(/^E/, 'Е'),
  'zero-width space inside': (name) => `${name.slice(0, 1)}\u200b${name.slice(1)}`,
  'member of Object.prototype': () => 'constructor',
  __proto__: () => '__proto__',
  'key management': () => 'dir',
  'password-based, with a million rounds': () => 'PBES2-HS256+A128KW',
  'other curve': () => 'ES256K',
};

const MISNAMING: readonly Attack[] = attacksOf(
  "signed by the victim's key, alg",
  MISNAMED,
  (world, nameOf) =>
    forge(world, { header: { alg: nameOf(world.idp.currentKey.algorithm), p2c: 1_000_000 } }),
);

interface Confusion {
  readonly signer: (typeof KEY_TYPES)[number];
  readonly alg: string;
  /** How the key really signs, where the header tells another way that it could. */
  readonly signs?: string;
}

/** The header says one thing, the key or the allow-list another. */
const CONFUSIONS: Readonly<Record<string, Confusion>> = {
  'RS256 by an EC key': { signer: 'ec', alg: 'RS256' },
  'PS256 by an EC key': { signer: 'ec', alg: 'PS256' },
  'EdDSA by an EC key': { signer: 'ec', alg: 'EdDSA' },
  'ES256 by an RSA key': { signer: 'rsa', alg: 'ES256' },
  'EdDSA by an RSA key': { signer: 'rsa', alg: 'EdDSA' },
  'ES256 by an Ed25519 key': { signer: 'ed25519', alg: 'ES256' },
  'RS256 by an Ed25519 key': { signer: 'ed25519', alg: 'RS256' },
  'RS256 with PSS padding': { signer: 'rsa', alg: 'RS256', signs: 'PS256' },
  'PS256 with PKCS#1 v1.5 padding': { signer: 'rsa', alg: 'PS256', signs: 'RS256' },
  'RS256 with SHA-512': { signer: 'rsa', alg: 'RS256', signs: 'RS512' },
  'ES256 with SHA-512': { signer: 'ec', alg: 'ES256', signs: 'ES512' },
  'ES384 by a P-256 key': { signer: 'ec', alg: 'ES384', signs: 'ES384' },
  'ES512 by a P-256 key': { signer: 'ec', alg: 'ES512', signs: 'ES512' },
  'RS384, which is not on the list': { signer: 'rsa', alg: 'RS384', signs: 'RS384' },
  'RS512, which is not on the list': { signer: 'rsa', alg: 'RS512', signs: 'RS512' },
  'PS512, which is not on the list': { signer: 'rsa', alg: 'PS512', signs: 'PS512' },
  'Ed448 by an Ed25519 key': { signer: 'ed25519', alg: 'Ed448' },
};

const CONFUSED: readonly Attack[] = attacksOf(
  'algorithm confusion',
  CONFUSIONS,
  (world, { signer, alg, signs }) => {
    const forgery: Forgery = { key: keyOf(world, signer), header: { alg } };
    return forge(world, signs === undefined ? forgery : { ...forgery, algorithm: signs });
  },
);

/** Attacks on how a token says that it is signed. */
export const ATTACKS_ON_ALGORITHMS: readonly Attack[] = [
  ...SYMMETRIC,
  PKCS1,
  ...OTHER_HMACS,
  ...UNSIGNED,
  ...MISNAMING,
  ...CONFUSED,
];

function hmac(
  world: AttackWorld,
  alg: string,
  secret: string | Buffer,
  header: Members = {},
): string {
  return craftToken({
    header: { ...honestHeader(world.idp.currentKey), alg, ...header },
    payload: honestPayload(world),
    key: Buffer.from(secret),
  });
}

function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
