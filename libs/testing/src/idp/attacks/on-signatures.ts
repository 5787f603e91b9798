import { constants, createHash, privateEncrypt, sign } from 'node:crypto';

import { encodePart, signBytes } from '../crafted-token.js';
import { type Attack, attacksOf, forge, honestPayload, keyOf } from './attack-world.js';

const ORDER_OF_P256 = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
// Little-endian, as RFC 8032 writes scalars.
const ORDER_OF_ED25519 = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';

const ZERO = '00'.repeat(32);
const ONE = ZERO.slice(0, -2) + '01';

/** Signatures that a verifier without range checks takes for valid over anything. */
const PSYCHIC: readonly Attack[] = [
  ...attacksOf(
    'ECDSA signature',
    {
      'r = s = 0': ZERO + ZERO,
      'r = 0, s = 1': ZERO + ONE,
      'r = 1, s = 0': ONE + ZERO,
      'r = s = the order': ORDER_OF_P256 + ORDER_OF_P256,
      'all ones': 'ff'.repeat(64),
      'r = s = 0 in DER': '3006020100020100',
      'r = s = 0 with three bytes': '000000',
    },
    (world, hex) => forge(world, { key: keyOf(world, 'ec'), signature: Buffer.from(hex, 'hex') }),
  ),
  ...attacksOf(
    'Ed25519 signature',
    {
      'all zeros': ZERO + ZERO,
      'R is the identity, S = 0': `01${'00'.repeat(63)}`,
      'R is of small order, S = 0': `c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a${ZERO}`,
    },
    (world, hex) =>
      forge(world, { key: keyOf(world, 'ed25519'), signature: Buffer.from(hex, 'hex') }),
  ),
  ...attacksOf('RSA signature', { zero: 0, one: 1 }, (world, value) => {
    const signature = Buffer.alloc(256);
    signature[255] = value;
    return forge(world, { key: keyOf(world, 'rsa'), signature });
  }),
];

/** The victim's own signature, in a form that is none. */
const REENCODED: Readonly<Record<string, (signature: Buffer) => Buffer>> = {
  empty: () => Buffer.alloc(0),
  'without its last byte': (bytes) => bytes.subarray(0, -1),
  'without its first byte': (bytes) => bytes.subarray(1),
  'with a byte more': (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
  'with a zero before it': (bytes) => Buffer.concat([Buffer.alloc(1), bytes]),
  twice: (bytes) => Buffer.concat([bytes, bytes]),
  'with its first bit flipped': (bytes) => flip(bytes, 0, 0x80),
  'with its last bit flipped': (bytes) => flip(bytes, bytes.length - 1, 1),
  reversed: (bytes) => Buffer.from(bytes).reverse(),
  'with its halves swapped': (bytes) =>
    Buffer.concat([bytes.subarray(bytes.length / 2), bytes.subarray(0, bytes.length / 2)]),
  'each half padded to that of P-384': (bytes) =>
    Buffer.concat([
      Buffer.alloc(16),
      bytes.subarray(0, bytes.length / 2),
      Buffer.alloc(16),
      bytes.subarray(bytes.length / 2),
    ]),
};

const DAMAGED: readonly Attack[] = attacksOf("the victim's signature", REENCODED, (world, change) =>
  forge(world, { signature: change(signatureOf(forge(world))) }),
);

const BORROWED: readonly Attack[] = [
  {
    name: 'signature of another token of the victim',
    craft: async (world) => {
      const other = await world.idp.token({ subject: 'bob' });
      return forge(world, { signature: signatureOf(other) });
    },
  },
  {
    name: 'claims changed under a genuine signature',
    craft: async (world) => {
      const [header = '', , signature = ''] = (await world.idp.token({ subject: 'bob' })).split(
        '.',
      );
      return `${header}.${encodePart(honestPayload(world))}.${signature}`;
    },
  },
  {
    name: 'header changed over a genuine signature',
    craft: async (world) => {
      const [, payload = '', signature = ''] = (await world.idp.token({ subject: 'bob' })).split(
        '.',
      );
      const { algorithm: alg, kid } = world.idp.currentKey;
      return `${encodePart({ alg, kid })}.${payload}.${signature}`;
    },
  },
  {
    name: 'signature over the payload alone',
    craft: (world) => {
      const key = keyOf(world, 'ec');
      const [, payload = ''] = forge(world, { key }).split('.');
      return forge(world, { key, signature: signBytes(payload, key.privateKey, 'ES256') });
    },
  },
];

const REWRITTEN: readonly Attack[] = [
  {
    name: 'ECDSA signature: DER instead of r and s',
    craft: (world) => {
      const key = keyOf(world, 'ec');
      // DER is what Node writes unless it is told otherwise.
      const der = sign('sha256', inputOf(forge(world, { key })), key.privateKey);
      return forge(world, { key, signature: der });
    },
  },
  {
    name: 'Ed25519 signature: S plus the order of the group',
    craft: (world) => {
      const key = keyOf(world, 'ed25519');
      return forge(world, { key, signature: plusOrder(signatureOf(forge(world, { key }))) });
    },
  },
  {
    name: 'RSA signature: a hash without its DigestInfo',
    craft: (world) => {
      const key = keyOf(world, 'rsa');
      const hash = createHash('sha256')
        .update(inputOf(forge(world, { key })))
        .digest();
      const padded = { key: key.privateKey, padding: constants.RSA_PKCS1_PADDING };
      return forge(world, { key, signature: privateEncrypt(padded, hash) });
    },
  },
];

/** Attacks on the third part of a token. */
export const ATTACKS_ON_SIGNATURES: readonly Attack[] = [
  ...PSYCHIC,
  ...DAMAGED,
  ...BORROWED,
  ...REWRITTEN,
];

function signatureOf(token: string): Buffer {
  return Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
}

function inputOf(token: string): Buffer {
  return Buffer.from(token.slice(0, token.lastIndexOf('.')));
}

function flip(bytes: Buffer, at: number, bits: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(at) ^ bits, at);
  return flipped;
}

function plusOrder(signature: Buffer): Buffer {
  const order = Buffer.from(ORDER_OF_ED25519, 'hex');
  const changed = Buffer.from(signature);
  let carry = 0;
  for (const [index, byte] of order.entries()) {
    const sum = changed.readUInt8(32 + index) + byte + carry;
    changed.writeUInt8(sum & 0xff, 32 + index);
    carry = sum >> 8;
  }
  return changed;
}
