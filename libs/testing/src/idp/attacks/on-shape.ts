import { randomBytes } from 'node:crypto';

import { CompactEncrypt } from 'jose';

import { type TokenPart } from '../crafted-token.js';
import { type Attack, attacksOf, type AttackWorld, forge } from './attack-world.js';

/** Payloads that the victim's key signed although they are no claims. */
const PAYLOADS: Readonly<Record<string, TokenPart>> = {
  empty: '',
  'not JSON': 'hello',
  null: 'null',
  true: 'true',
  number: '42',
  string: '"alice"',
  array: '[]',
  'empty object': '{}',
  'cut off': '{"sub":"alice"',
  'UTF-16': Buffer.from('{"sub":"alice"}', 'utf16le'),
};

const SIGNED: readonly Attack[] = [
  ...attacksOf('signed payload', PAYLOADS, (world, payload) => forge(world, { payload })),
  {
    name: 'signed payload: claims in an array',
    craft: (world) => forge(world, { payload: `[${claimsOf(world)}]` }),
  },
  {
    name: 'signed payload: claims, and more after them',
    craft: (world) => forge(world, { payload: `${claimsOf(world)} x` }),
  },
  {
    // Decoded leniently, all such subjects become one: the replacement character.
    name: 'signed payload: subject that is not UTF-8',
    craft: (world) => {
      const payload = claimsOf(world).replace('"sub":"alice"', '"sub":"\xff"');
      return forge(world, { payload: Buffer.from(payload, 'latin1') });
    },
  },
  {
    name: 'signed payload: a genuine token inside',
    craft: async (world) =>
      forge(world, {
        header: { cty: 'JWT' },
        payload: await world.idp.token({ subject: 'alice' }),
      }),
  },
  {
    name: 'signed payload: nested twenty thousand deep',
    craft: (world) => forge(world, { payload: deep(world, 20_000) }),
  },
  {
    name: 'signed payload: more than 16 KiB',
    craft: (world) => forge(world, { claims: { padding: 'x'.repeat(16_384) } }),
  },
  {
    name: "attacker's payload: nested three thousand deep",
    craft: (world) => forge(world, { key: world.stranger.currentKey, payload: deep(world, 3_000) }),
  },
];

/** What becomes of a genuine token when its text is touched (RFC 7515, section 5.2). */
const TOUCHED: Readonly<Record<string, (token: string) => string>> = {
  'first part only': (token) => token.slice(0, token.indexOf('.')),
  'without the signature and its dot': (token) => token.slice(0, token.lastIndexOf('.')),
  'without the signature': (token) => token.slice(0, token.lastIndexOf('.') + 1),
  'without the header': (token) => token.slice(token.indexOf('.')),
  'with a fourth part': (token) => `${token}.e30`,
  'with an empty fourth part': (token) => `${token}.`,
  'with a leading dot': (token) => `.${token}`,
  'with two more parts, as a JWE has': (token) => `${token}.AAAA.AAAA`,
  'cut in half': (token) => token.slice(0, token.length / 2),
  twice: (token) => token + token,
  'twice, with a comma': (token) => `${token},${token}`,
  'followed by a word': (token) => `${token} admin`,
  'in quotes': (token) => `"${token}"`,
  'in lower case': (token) => token.toLowerCase(),
  'with percent-encoded dots': (token) => token.replaceAll('.', '%2E'),
  'with other separators': (token) => token.replaceAll('.', '~'),
  'with a padded signature': (token) => `${token}${padding(token.split('.')[2])}`,
  'with a padded header': (token) => token.replace('.', '=.'),
  'with a space in the signature': (token) => spliced(token, ' '),
  'with a tab in the signature': (token) => spliced(token, '\t'),
  'with a star in the signature': (token) => spliced(token, '*'),
  'as flattened JSON': (token) => {
    const [header, payload, signature] = token.split('.');
    return JSON.stringify({ protected: header, payload, signature });
  },
  'as general JSON': (token) => {
    const [header, payload, signature] = token.split('.');
    return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
  },
};

/** No tokens at all. */
const NONSENSE: Readonly<Record<string, string>> = {
  dot: '.',
  'two dots': '..',
  'four dots': '....',
  word: 'token',
  'three words': 'a.b.c',
  null: 'null',
  undefined: 'undefined',
  '[object Object]': '[object Object]',
  'empty JSON objects': 'e30.e30.',
  'ten thousand dots': '.'.repeat(10_000),
};

/** Attacks by the shape of the token itself. */
export const ATTACKS_ON_SHAPE: readonly Attack[] = [
  ...SIGNED,
  ...attacksOf('genuine token', TOUCHED, async (world, touch) =>
    touch(await world.idp.token({ subject: 'alice' })),
  ),
  ...attacksOf('no token', NONSENSE, (_world, token) => token),
  {
    name: 'JWE: encrypted claims that nobody signed',
    craft: (world) => encrypted(claimsOf(world)),
  },
  {
    name: 'JWE: a genuine token, encrypted',
    craft: async (world) => encrypted(await world.idp.token({ subject: 'alice' })),
  },
];

function claimsOf(world: AttackWorld): string {
  const [, payload = ''] = forge(world).split('.');
  return Buffer.from(payload, 'base64url').toString();
}

function deep(world: AttackWorld, levels: number): string {
  return `${claimsOf(world).slice(0, -1)},"deep":${'['.repeat(levels)}${']'.repeat(levels)}}`;
}

function encrypted(text: string): Promise<string> {
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'JWT' })
    .encrypt(randomBytes(32));
}

function padding(part = ''): string {
  return '='.repeat((4 - (part.length % 4)) % 4 || 4);
}

function spliced(token: string, character: string): string {
  const middle = token.lastIndexOf('.') + 5;
  return token.slice(0, middle) + character + token.slice(middle);
}
