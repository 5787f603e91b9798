import { craftToken } from '../crafted-token.js';
import {
  type Attack,
  attacksOf,
  type AttackWorld,
  forge,
  honestHeader,
  honestPayload,
  keyOf,
  type Members,
} from './attack-world.js';

/** Headers that offer the attacker's own key, or a place to fetch it from. */
const OFFERS: Readonly<Record<string, (world: AttackWorld) => Members>> = {
  jwk: ({ stranger }) => ({ jwk: stranger.currentKey.publicJwk }),
  'jwk under the kid of the victim': ({ stranger, idp }) => ({
    jwk: { ...stranger.currentKey.publicJwk, kid: idp.currentKey.kid },
    kid: idp.currentKey.kid,
  }),
  'jwk with its private half': ({ stranger }) => ({ jwk: stranger.currentKey.privateJwk }),
  jku: ({ stranger }) => ({ jku: stranger.jwksUri }),
  'jku under the kid of the victim': ({ stranger, idp }) => ({
    jku: stranger.jwksUri,
    kid: idp.currentKey.kid,
  }),
  'jku that begins like the victim': ({ stranger, idp }) => ({
    jku: `${idp.issuer}@${new URL(stranger.issuer).host}/jwks`,
  }),
  'jku at a cloud metadata service': () => ({ jku: 'http://169.254.169.254/latest/meta-data/' }),
  'jku in a file': () => ({ jku: 'file:///etc/passwd' }),
  x5u: ({ stranger }) => ({ x5u: `${stranger.issuer}/certificate.pem` }),
  x5c: ({ stranger }) => ({ x5c: [certificateLike(stranger.currentKey.publicKey)] }),
  'x5t of nothing': () => ({ x5t: 'AAAA', 'x5t#S256': 'AAAA' }),
  'iss in the header': ({ stranger }) => ({ iss: stranger.issuer }),
  'all at once': ({ stranger }) => ({
    jwk: stranger.currentKey.publicJwk,
    jku: stranger.jwksUri,
    x5u: `${stranger.issuer}/certificate.pem`,
    x5c: [certificateLike(stranger.currentKey.publicKey)],
  }),
};

const INJECTIONS: readonly Attack[] = [
  ...attacksOf("attacker's key offered by the header", OFFERS, (world, offerOf) =>
    forge(world, { key: world.stranger.currentKey, header: offerOf(world) }),
  ),
  ...attacksOf(
    "attacker's key offered by a claim",
    {
      jwks_uri: ({ stranger }: AttackWorld) => ({ jwks_uri: stranger.jwksUri }),
      'cnf.jwk': ({ stranger }: AttackWorld) => ({ cnf: { jwk: stranger.currentKey.publicJwk } }),
      // Self-issued tokens bring their own key; nobody here trusts them.
      sub_jwk: ({ stranger }: AttackWorld) => ({ sub_jwk: stranger.currentKey.publicJwk }),
    },
    (world, claimsOf) => forge(world, { key: world.stranger.currentKey, claims: claimsOf(world) }),
  ),
  {
    name: "attacker's secret offered by the header: jwk of type oct",
    craft: (world) =>
      craftToken({
        header: { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } },
        payload: honestPayload(world),
        key: Buffer.from('secret'),
      }),
  },
];

/** Names for a key, each with a token that the attacker signed. */
const KIDS: Readonly<Record<string, unknown>> = {
  missing: undefined,
  empty: '',
  null: null,
  zero: 0,
  true: true,
  array: [],
  object: {},
  'path traversal': '../../../../../../dev/null',
  'absolute path': '/dev/null',
  URL: 'http://169.254.169.254/key',
  'SQL injection': "x' UNION SELECT 'c2VjcmV0' -- ",
  'shell injection': '$(touch /tmp/owned)|`id`',
  'LDAP injection': '*)(uid=*',
  'NUL in the middle': 'key\0.pem',
  'line breaks': 'key\r\nx-injected: yes',
  'ten thousand characters': 'k'.repeat(10_000),
  'lone surrogate': '\ud800',
  __proto__: '__proto__',
  constructor: 'constructor',
  toString: 'toString',
  'format string': '%s%n%x',
};

const MISLEADING_KIDS: readonly Attack[] = [
  ...attacksOf("attacker's key under the kid", KIDS, (world, kid) =>
    forge(world, { key: world.stranger.currentKey, header: { kid } }),
  ),
  {
    name: "attacker's key under the kid of the victim",
    craft: (world) =>
      forge(world, { key: world.stranger.currentKey, header: { kid: world.idp.currentKey.kid } }),
  },
  {
    name: "attacker's key under an array that holds the kid of the victim",
    craft: (world) =>
      forge(world, { key: world.stranger.currentKey, header: { kid: [world.idp.currentKey.kid] } }),
  },
  {
    name: "attacker's key under two kids, the victim's first",
    craft: (world) => twoKids(world),
  },
  {
    name: "victim's EC key under the kid of its RSA key",
    craft: (world) =>
      forge(world, { key: keyOf(world, 'ec'), header: { kid: keyOf(world, 'rsa').kid } }),
  },
  ...attacksOf(
    'HS256 with what a file or a query yields for the kid',
    {
      'an empty file': ['/dev/null', ''],
      'a file that all know': ['/proc/sys/kernel/randomize_va_space', '2\n'],
      'an injected row': ["x' UNION SELECT 'secret' -- ", 'secret'],
    },
    (world, [kid = '', secret = '']) =>
      craftToken({
        header: { alg: 'HS256', typ: 'JWT', kid },
        payload: honestPayload(world),
        key: Buffer.from(secret),
      }),
  ),
];

/** The keys of one issuer say nothing about the tokens of another. */
const FOREIGN_KEYS: readonly Attack[] = [
  {
    name: "victim's issuer, signed by the key of another tenant's issuer",
    craft: (world) => forge(world, { key: world.otherIdp.currentKey }),
  },
  {
    name: "victim's issuer, signed by another tenant's issuer under the victim's kid",
    craft: (world) =>
      forge(world, { key: world.otherIdp.currentKey, header: { kid: world.idp.currentKey.kid } }),
  },
  {
    name: "victim's issuer, asked for at another tenant's provider",
    craft: (world) => world.otherIdp.token({ subject: 'alice', claims: { iss: world.idp.issuer } }),
  },
  {
    name: "victim's issuer, asked for at a stranger's provider",
    craft: (world) => world.stranger.token({ subject: 'alice', claims: { iss: world.idp.issuer } }),
  },
  {
    name: "another tenant's issuer, signed by the victim's key",
    craft: (world) => forge(world, { claims: { iss: world.otherIdp.issuer } }),
  },
  {
    name: "another tenant's issuer, signed by the victim's key without a kid",
    craft: (world) =>
      forge(world, { header: { kid: undefined }, claims: { iss: world.otherIdp.issuer } }),
  },
  {
    name: 'issuer that nobody trusts',
    craft: (world) => world.stranger.token({ subject: 'alice', groups: ['admins'] }),
  },
  ...attacksOf(
    'built-in issuer, signed by the key of',
    {
      'a stranger': ({ stranger }: AttackWorld) => stranger.currentKey,
      'a tenant': ({ idp }: AttackWorld) => idp.currentKey,
    },
    (world, keyFrom) =>
      forge(world, {
        key: keyFrom(world),
        claims: {
          iss: world.builtInIssuer,
          aud: [world.audience, world.builtInIssuer],
          tid: world.victim?.tenantId,
          tslug: world.victim?.slug,
          roles: ['platform-admin', 'tenant-admin'],
        },
      }),
  ),
  {
    name: 'built-in issuer, unsigned',
    craft: (world) =>
      forge(world, {
        header: { alg: 'none' },
        claims: { iss: world.builtInIssuer, roles: ['platform-admin'] },
        signature: '',
      }),
  },
];

/** Attacks on which key a verifier takes. */
export const ATTACKS_ON_KEYS: readonly Attack[] = [
  ...INJECTIONS,
  ...MISLEADING_KIDS,
  ...FOREIGN_KEYS,
];

/** The last of two equal members counts, or the token is refused: RFC 7515, section 4. */
function twoKids(world: AttackWorld): string {
  const { currentKey } = world.stranger;
  const { kid } = world.idp.currentKey;
  const header = JSON.stringify(honestHeader(currentKey)).replace('{', `{"kid":"${kid}",`);
  return craftToken({
    header,
    payload: honestPayload(world),
    key: currentKey.privateKey,
    algorithm: currentKey.algorithm,
  });
}

function certificateLike(publicKey: {
  export: (options: { type: 'spki'; format: 'der' }) => Buffer;
}): string {
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}
