import { createHash } from 'node:crypto';

import { decodeJwt, decodeProtectedHeader } from 'jose';

import { TokenInvalid, TokenMissing } from './access.errors.js';
import type { UnverifiedToken } from './issuer-directory.js';

const TOKEN_LENGTH_MAX = 16_384;
/** A compact JWS, and nothing that a lenient decoder would make one of. */
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const BEARER = /^bearer +(\S+) *$/i;

/** The token of an Authorization header (RFC 6750 §2.1). */
export function bearerTokenOf(authorization: string | undefined): string {
  if (!authorization || !/^bearer( |$)/i.test(authorization)) throw new TokenMissing();
  const token = BEARER.exec(authorization)?.[1];
  if (!token || token.length > TOKEN_LENGTH_MAX) throw new TokenInvalid('malformed');
  return token;
}

/** What a request shows of its caller: a bearer token or an API key, or the cookie of a session. */
export interface Credential {
  readonly kind: 'token' | 'cookie';
  readonly text: string;
}

/** The name under which a credential is cached: never the credential itself. */
export function fingerprintOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** What a token says of itself, unverified: good for finding whose rules it is held to. */
export function readUnverified(token: string): UnverifiedToken {
  if (!COMPACT_JWS.test(token)) throw new TokenInvalid('malformed');
  try {
    return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) };
  } catch (error) {
    throw new TokenInvalid('malformed', { cause: error });
  }
}
