import {
  type Attack,
  attacksOf,
  type AttackWorld,
  forge,
  type Members,
  payloadWithRaw,
  secondsOf,
} from './attack-world.js';

const HOUR = 3_600;

// Every token here is signed by the victim's own key: its claims alone must have it refused.

const AUDIENCES: Readonly<Record<string, (audience: string) => unknown>> = {
  missing: () => undefined,
  null: () => null,
  empty: () => '',
  'empty array': () => [],
  number: () => 7,
  true: () => true,
  object: (audience) => ({ [audience]: true }),
  'object like an array': (audience) => ({ 0: audience, length: 1 }),
  'nested array': (audience) => [[audience]],
  'array with null': () => [null],
  other: () => 'somebody-else',
  others: () => ['somebody-else', 'nobody'],
  prefix: (audience) => audience.slice(0, -1),
  extension: (audience) => `${audience}-staging`,
  'upper case': (audience) => audience.toUpperCase(),
  'leading space': (audience) => ` ${audience}`,
  'trailing line break': (audience) => `${audience}\n`,
  'trailing NUL': (audience) => `${audience}\0`,
  'list in one string': (audience) => `${audience} somebody-else`,
  'list with commas': (audience) => [`${audience},somebody-else`],
  wildcard: () => '*',
  'pattern that matches': () => '.*',
};

const ISSUERS: Readonly<Record<string, (world: AttackWorld) => unknown>> = {
  missing: () => undefined,
  null: () => null,
  empty: () => '',
  number: () => 7,
  array: ({ idp }) => [idp.issuer],
  'array of two': ({ idp, stranger }) => [idp.issuer, stranger.issuer],
  object: ({ idp }) => ({ [idp.issuer]: true }),
  'trailing slash': ({ idp }) => `${idp.issuer}/`,
  'trailing dot': ({ idp }) => idp.issuer.replace('127.0.0.1', '127.0.0.1.'),
  'leading space': ({ idp }) => ` ${idp.issuer}`,
  'trailing space': ({ idp }) => `${idp.issuer} `,
  'trailing NUL': ({ idp }) => `${idp.issuer}\0`,
  'zero-width space': ({ idp }) => `${idp.issuer}\u200b`,
  'upper case': ({ idp }) => idp.issuer.toUpperCase(),
  'scheme in capitals': ({ idp }) => idp.issuer.replace('http', 'HTTP'),
  'other scheme': ({ idp }) => idp.issuer.replace('http', 'https'),
  'no scheme': ({ idp }) => idp.issuer.replace('http:', ''),
  'full-width digit': ({ idp }) => idp.issuer.replace('127', '１27'),
  'ideographic full stops': ({ idp }) => idp.issuer.replaceAll('.', '。'),
  'same address, other name': ({ idp }) => idp.issuer.replace('127.0.0.1', 'localhost'),
  'same address, shorter': ({ idp }) => idp.issuer.replace('127.0.0.1', '127.1'),
  'same address, in hexadecimal': ({ idp }) => idp.issuer.replace('127.0.0.1', '0x7f000001'),
  'percent-encoded': ({ idp }) => idp.issuer.replace('127', '%31%327'),
  query: ({ idp }) => `${idp.issuer}?`,
  fragment: ({ idp }) => `${idp.issuer}#`,
  'path that leads back': ({ idp }) => `${idp.issuer}/realms/..`,
  'user info': ({ idp }) => idp.issuer.replace('//', '//admin@'),
  'user info before a stranger': ({ idp, stranger }) =>
    `${idp.issuer}@${new URL(stranger.issuer).host}`,
  __proto__: () => '__proto__',
  constructor: () => 'constructor',
};

const TIMES: Readonly<Record<string, (seconds: number) => Members>> = {
  'expired an hour ago': (seconds) => ({ iat: seconds - 2 * HOUR, exp: seconds - HOUR }),
  'expired a minute ago': (seconds) => ({ iat: seconds - HOUR, exp: seconds - 60 }),
  'exp missing': () => ({ exp: undefined }),
  'exp null': () => ({ exp: null }),
  'exp zero': () => ({ exp: 0 }),
  'exp negative': (seconds) => ({ exp: -seconds }),
  'exp false': () => ({ exp: false }),
  'exp true': () => ({ exp: true }),
  'exp string': (seconds) => ({ exp: String(seconds + HOUR) }),
  'exp date': (seconds) => ({ exp: new Date((seconds + HOUR) * 1_000).toISOString() }),
  'exp "NaN"': () => ({ exp: 'NaN' }),
  'exp "Infinity"': () => ({ exp: 'Infinity' }),
  'exp never': () => ({ exp: 'never' }),
  'exp array': (seconds) => ({ exp: [seconds + HOUR] }),
  'exp object': () => ({ exp: {} }),
  'nbf in an hour': (seconds) => ({ nbf: seconds + HOUR }),
  'nbf string': (seconds) => ({ nbf: String(seconds - HOUR) }),
  'nbf object': () => ({ nbf: {} }),
  'iat in an hour': (seconds) => ({ iat: seconds + HOUR, exp: seconds + 2 * HOUR }),
  'iat in a year': (seconds) => ({ iat: seconds + 8_760 * HOUR, exp: seconds + 9_000 * HOUR }),
  'iat string': (seconds) => ({ iat: String(seconds) }),
  'iat object': () => ({ iat: {} }),
};

/** Claims that only raw JSON can tell. */
const RAW: Readonly<Record<string, readonly [raw: string, without: Members]>> = {
  'exp beyond every number': ['"exp":1e400', { exp: undefined }],
  'exp below every number': ['"exp":-1e400', { exp: undefined }],
  'nbf beyond every number': ['"nbf":1e400', {}],
  'iat beyond every number': ['"iat":1e400', { iat: undefined }],
  'exp NaN': ['"exp":NaN', { exp: undefined }],
  'exp hexadecimal': ['"exp":0xffffffff', { exp: undefined }],
  // RFC 7519, section 4: equal members have the token refused, or the last one counts.
  'exp twice, the last one past': ['"exp":1', {}],
  'aud twice, the last one other': ['"aud":"somebody-else"', {}],
  'iss twice, the last one other': ['"iss":"https://somebody-else.example"', {}],
  'sub twice, the last one empty': ['"sub":""', {}],
  'sub by way of __proto__': ['"__proto__":{"sub":"alice"}', { sub: undefined }],
  'aud by way of __proto__': ['"__proto__":{"aud":"tenantry"}', { aud: undefined }],
  'exp by way of __proto__': ['"__proto__":{"exp":99999999999}', { exp: undefined }],
};

const SUBJECTS: Readonly<Record<string, unknown>> = {
  missing: undefined,
  null: null,
  empty: '',
  zero: 0,
  number: 12_345,
  true: true,
  array: ['alice'],
  object: { id: 'alice' },
  '256 characters': 's'.repeat(256),
  'ten thousand characters': 's'.repeat(10_000),
  // Neither can be stored as text, so that a verifier that lets them by fails later, as a 500.
  'NUL inside': 'alice\0bob',
  'lone surrogate': 'alice\ud800',
};

/** Attacks by what a well-signed token claims. */
export const ATTACKS_ON_CLAIMS: readonly Attack[] = [
  ...attacksOf('aud', AUDIENCES, (world, audOf) =>
    forge(world, { claims: { aud: audOf(world.audience) } }),
  ),
  {
    name: 'aud: the issuer itself',
    craft: (world) => forge(world, { claims: { aud: world.idp.issuer } }),
  },
  {
    name: 'aud: asked for at the provider, for somebody else',
    craft: (world) => world.idp.token({ subject: 'alice', audience: ['somebody-else'] }),
  },
  {
    name: 'aud: other, while azp names the audience',
    craft: (world) => forge(world, { claims: { aud: 'other', azp: world.audience } }),
  },
  ...attacksOf('iss', ISSUERS, (world, issOf) => forge(world, { claims: { iss: issOf(world) } })),
  ...attacksOf('time', TIMES, (world, claimsOf) =>
    forge(world, { claims: claimsOf(secondsOf(world)) }),
  ),
  {
    name: 'time: expired, by the provider itself',
    craft: (world) => world.idp.token({ subject: 'alice', expiresInSeconds: -60 }),
  },
  ...attacksOf('raw claims', RAW, (world, [raw, without]) =>
    forge(world, { payload: payloadWithRaw(world, raw, without) }),
  ),
  ...attacksOf('sub', SUBJECTS, (world, sub) => forge(world, { claims: { sub } })),
];
