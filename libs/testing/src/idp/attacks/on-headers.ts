import { craftToken, encodePart, signBytes, type TokenPart } from '../crafted-token.js';
import {
  type Attack,
  attacksOf,
  type AttackWorld,
  forge,
  honestHeader,
  honestPayload,
  type Members,
} from './attack-world.js';

// Unless it says otherwise, a token here is signed by the victim's own key.

const CRITICAL: Readonly<Record<string, Members>> = {
  'crit: unknown extension': { crit: ['exotic'], exotic: true },
  'crit: extension that the header lacks': { crit: ['exotic'] },
  'crit: exp, as in RFC 7515': { crit: ['exp'], exp: 1_363_284_000 },
  'crit: empty array': { crit: [] },
  'crit: string': { crit: 'exotic', exotic: true },
  'crit: object': { crit: { exotic: true }, exotic: true },
  'crit: null': { crit: null },
  'crit: array of numbers': { crit: [1], 1: true },
  'crit: empty name': { crit: [''], '': true },
  'crit: a registered name': { crit: ['alg'] },
  'crit: cty and zip': { crit: ['cty', 'zip'], cty: 'JWT', zip: 'DEF' },
  'crit: __proto__': { crit: ['__proto__'] },
  'crit: toString': { crit: ['toString'] },
  'crit: b64 that is no boolean': { crit: ['b64'], b64: 'false' },
};

/** Kinds of JWT that prove something else than access (RFC 8725, section 3.11). */
const TYPES: readonly string[] = [
  'logout+jwt',
  'dpop+jwt',
  'secevent+jwt',
  'oauth-authz-req+jwt',
  'client-authentication+jwt',
  'token-introspection+jwt',
  'kb+jwt',
  'entity-statement+jwt',
  'application/logout+jwt',
  'application/dpop+jwt',
  'LOGOUT+JWT',
  'Application/SecEvent+JWT',
  'JOSE+JSON',
];

const UNENCODED: readonly Attack[] = [
  {
    name: 'b64 false: payload encoded all the same',
    craft: (world) => forge(world, { header: { crit: ['b64'], b64: false } }),
  },
  {
    name: 'b64 false: signed over the raw payload, sent encoded',
    craft: (world) => signedOverRaw(world, { crit: ['b64'], b64: false }),
  },
  {
    name: 'b64 false without crit: signed over the raw payload, sent encoded',
    craft: (world) => signedOverRaw(world, { b64: false }),
  },
  {
    name: 'b64 false: payload sent raw',
    craft: (world) => {
      const [header = '', , signature = ''] = signedOverRaw(world, {
        crit: ['b64'],
        b64: false,
      }).split('.');
      return `${header}.${JSON.stringify(honestPayload(world))}.${signature}`;
    },
  },
  {
    name: 'b64 false: payload detached',
    craft: (world) => {
      const [header = '', , signature = ''] = signedOverRaw(world, {
        crit: ['b64'],
        b64: false,
      }).split('.');
      return `${header}..${signature}`;
    },
  },
];

const NO_OBJECTS: Readonly<Record<string, TokenPart>> = {
  'not JSON': 'alg=ES256',
  empty: '',
  null: 'null',
  number: '42',
  string: '"ES256"',
  array: '[{"alg":"ES256"}]',
  'empty object': '{}',
  'two objects': '{"alg":"ES256"}{"alg":"ES256"}',
  'trailing comma': '{"alg":"ES256",}',
  'single quotes': "{'alg':'ES256'}",
  'not UTF-8': Buffer.from('{"alg":"ES256","kid":"\xff"}', 'latin1'),
  'UTF-16': Buffer.from('{"alg":"ES256"}', 'utf16le'),
};

const DEEP_HEADER: Attack = {
  name: "header: attacker's, nested three thousand deep",
  craft: (world) => {
    const { privateKey, algorithm } = world.stranger.currentKey;
    const deep = `,"deep":${'['.repeat(3_000)}${']'.repeat(3_000)}}`;
    const header = headerOf(world).slice(0, -1) + deep;
    return craftToken({ header, payload: honestPayload(world), key: privateKey, algorithm });
  },
};

/** Attacks by the header of a well-signed token. */
export const ATTACKS_ON_HEADERS: readonly Attack[] = [
  ...attacksOf('header', CRITICAL, (world, header) => forge(world, { header })),
  ...TYPES.map((typ) => ({
    name: `typ: ${typ}`,
    craft: (world: AttackWorld) => forge(world, { header: { typ } }),
  })),
  {
    name: 'typ: logout+jwt, asked for at the provider',
    craft: (world) => world.idp.token({ subject: 'alice', type: 'logout+jwt' }),
  },
  ...UNENCODED,
  {
    name: 'header: alg twice, the last one none',
    craft: (world) => withHeader(world, `${headerOf(world).slice(0, -1)},"alg":"none"}`),
  },
  ...attacksOf('header', NO_OBJECTS, withHeader),
  DEEP_HEADER,
];

function headerOf({ idp }: AttackWorld): string {
  return JSON.stringify(honestHeader(idp.currentKey));
}

function withHeader(world: AttackWorld, header: TokenPart): string {
  const { privateKey, algorithm } = world.idp.currentKey;
  return craftToken({ header, payload: honestPayload(world), key: privateKey, algorithm });
}

function signedOverRaw(world: AttackWorld, extra: Members): string {
  const { currentKey } = world.idp;
  const header = { ...honestHeader(currentKey), ...extra };
  const payload = honestPayload(world);
  const input = `${encodePart(header)}.${JSON.stringify(payload)}`;
  const signature = signBytes(input, currentKey.privateKey, currentKey.algorithm);
  return craftToken({ header, payload, signature });
}
