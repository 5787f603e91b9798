import { bearerTokenOf, type UnverifiedToken } from '@tenantry/access';
import { DomainError } from '@tenantry/kernel';
import type { Examination } from '../examination.js';
import { TEXT_CLAIMS_MAX, textClaims } from '../registration-choice.js';
import { critFault } from '../token-faults.js';
import { failed, type Finding, passed, UNREADABLE } from './finding.js';

const TOKEN_LENGTH_MAX = 16_384;
const TYPES = ['JWT', 'at+jwt', 'application/at+jwt', 'application/jwt'];
const FORM = `three base64url parts with dots between them, at most ${TOKEN_LENGTH_MAX} characters and ${TEXT_CLAIMS_MAX} text claims`;

const JWE_PARTS = 5;

/** Whether it is a JWT at all, as the guard reads them. Says how it is built, never what it is. */
export function checkShape({ token, read }: Examination): Finding {
  const texts = read ? textClaims(read.claims).size : null;
  const found = { characters: token.length, parts: token.split('.').length, textClaims: texts };
  const remedy = shapeRemedy(token, read, texts ?? 0);
  return remedy === null
    ? passed({ found, expected: FORM })
    : failed({ found, expected: FORM, remedy });
}

/** What the header says besides algorithm and key: its type, and what must be understood. */
export function checkHeader({ read }: Examination): Finding {
  if (!read) return UNREADABLE;
  const { typ, crit } = read.header;
  const found = { typ, crit };
  const expected = { typ: TYPES, crit: 'absent' };
  if (!isTokenType(typ)) {
    const remedy =
      'Send an access token (or ID token): this one was made for another purpose, as its typ says.';
    return failed({ found, expected, remedy });
  }
  const fault = critFault(read.header);
  if (fault === null) return passed({ found, expected });
  const remedy = 'Have the provider leave out the crit header: none of its extensions is known.';
  return failed({ found, expected, remedy, detail: fault });
}

function isTokenType(type: unknown): boolean {
  const known = TYPES.map((name) => name.toLowerCase());
  return type === undefined || (typeof type === 'string' && known.includes(type.toLowerCase()));
}

function shapeRemedy(token: string, read: UnverifiedToken | null, texts: number): string | null {
  if (isBearable(token) && read) {
    return texts > TEXT_CLAIMS_MAX ? 'Have the provider put fewer claims into its tokens.' : null;
  }
  const unfit = UNFIT.find(([isSo]) => isSo(token));
  return (
    unfit?.[1] ??
    'Send the token to the letter as the provider gave it: header or payload cannot be decoded.'
  );
}

/** What people take for a JWT, and what they should do instead; the first that fits. */
const UNFIT: readonly (readonly [(token: string) => boolean, string])[] = [
  [(token) => /^bearer\s/i.test(token), 'Send the token alone, without the word Bearer.'],
  [(token) => /\s/.test(token), 'Send the token without the blanks or line breaks inside of it.'],
  [
    (token) => token.length > TOKEN_LENGTH_MAX,
    'Have the provider put less into its tokens, groups above all.',
  ],
  [
    (token) => token.split('.').length === JWE_PARTS,
    'Have the provider sign its tokens and not encrypt them (JWE).',
  ],
  [
    (token) => !token.includes('.'),
    'Have the provider issue JWTs: an opaque token can be read by the provider alone; many issue JWTs once an audience is asked for.',
  ],
];

function isBearable(token: string): boolean {
  try {
    return bearerTokenOf(`Bearer ${token}`) === token;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
