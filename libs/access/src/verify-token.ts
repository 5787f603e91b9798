import { errors, type JWTPayload, jwtVerify } from 'jose';

import { type Clock, isStorable } from '@tenantry/kernel';
import { type TokenFault, TokenInvalid } from './access.errors.js';
import { claimAt } from './claim.js';
import type { TrustedIssuer, TrustedKey, TrustRules } from './issuer-directory.js';

const SUBJECT_LENGTH_MAX = 255;
/** RFC 9068 §2.1 and RFC 7519 §5.1; every other `typ` was made for another purpose. */
const TOKEN_TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt']);

/** An issuer, the key that the token names, and thus everything that the token is held to. */
export interface Trust {
  readonly issuer: TrustedIssuer;
  readonly key: TrustedKey;
  readonly clock: Clock;
}

/** A token whose signature and claims hold. */
export interface VerifiedToken {
  readonly issuer: TrustedIssuer;
  readonly key: TrustedKey;
  readonly claims: JWTPayload & { readonly exp: number };
  readonly subject: string;
}

/** Verifies a token against one issuer's rules (RFC 7519 §7.2, RFC 8725), or throws `TokenInvalid`. */
export async function verifyToken(token: string, trust: Trust): Promise<VerifiedToken> {
  const { issuer, key, clock } = trust;
  const now = clock.now();
  try {
    const { payload, protectedHeader } = await jwtVerify(token, key.key, {
      algorithms: [...key.algorithms],
      issuer: [issuer.rules.issuer, ...issuer.rules.issuerAliases],
      clockTolerance: issuer.rules.clockSkewSeconds,
      currentDate: now,
      requiredClaims: ['exp'],
    });
    if (!isTokenType(protectedHeader.typ)) throw new TokenInvalid('bad_type');
    assertTimes(payload, issuer.rules, now);
    assertAudience(payload.aud, issuer.rules.audiences);
    const subject = subjectOf(payload, issuer.claimNames.subject);
    const { condition } = issuer.rules;
    if (condition && !condition.admits(payload)) throw new TokenInvalid('condition_unmet');
    return { issuer, key, claims: { ...payload, exp: payload.exp ?? 0 }, subject };
  } catch (error) {
    throw error instanceof TokenInvalid
      ? error
      : new TokenInvalid(faultOf(error), { cause: error });
  }
}

function isTokenType(type: unknown): boolean {
  return type === undefined || (typeof type === 'string' && TOKEN_TYPES.has(type.toLowerCase()));
}

/** What jose leaves open: `iat` in the future, an age limit, numbers that are none. */
function assertTimes(claims: JWTPayload, rules: TrustRules, now: Date): void {
  const seconds = now.getTime() / 1_000;
  const times = [claims.exp, claims.nbf, claims.iat];
  if (times.some((time) => time !== undefined && !Number.isSafeInteger(Math.trunc(time)))) {
    throw new TokenInvalid('bad_claims');
  }
  if (claims.iat !== undefined && claims.iat > seconds + rules.clockSkewSeconds) {
    throw new TokenInvalid('not_yet_valid');
  }
  if (rules.notAfter && now >= rules.notAfter) throw new TokenInvalid('issuer_expired');
  if (rules.maxTokenAgeSeconds === null) return;
  if (claims.iat === undefined) throw new TokenInvalid('too_old');
  if (seconds - claims.iat > rules.maxTokenAgeSeconds + rules.clockSkewSeconds) {
    throw new TokenInvalid('too_old');
  }
}

/** A string, or an array of strings (RFC 7519 §4.1.3), of which one is ours. */
function assertAudience(audience: unknown, accepted: readonly string[]): void {
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  const texts = named.filter((name): name is string => typeof name === 'string');
  if (texts.length < named.length || !texts.some((name) => accepted.includes(name))) {
    throw new TokenInvalid('bad_audience');
  }
}

function subjectOf(claims: JWTPayload, name: string): string {
  const subject = claimAt(claims, name);
  // What PostgreSQL cannot store could be no member's.
  if (!isStorable(subject) || subject.length === 0 || subject.length > SUBJECT_LENGTH_MAX) {
    throw new TokenInvalid('bad_subject');
  }
  return subject;
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad_signature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'bad_algorithm';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' && error.reason === 'check_failed'
      ? 'not_yet_valid'
      : 'bad_claims';
  }
  // What is left are shapes: not a JWS, an unknown `crit`, a key of another type.
  return 'malformed';
}
