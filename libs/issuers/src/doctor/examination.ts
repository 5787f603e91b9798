import { compactVerify, decodeJwt } from 'jose';

import {
  readUnverified,
  TokenInvalid,
  type TrustedIssuer,
  type TrustedKey,
  type UnverifiedToken,
  type VerifiedToken,
} from '@tenantry/access';
import type { Issuer } from '../issuer.js';
import { conditionOf, isInvited, pickKey, trustedBy, trustedKey } from '../issuer-rules.js';
import { type KeySet, parseKeySet, type UsableKey } from '../keys/key-set.js';
import {
  chooseCandidate,
  chooseRegistration,
  type Choice,
  isExact,
} from './registration-choice.js';
import { critFault, subjectFault, subjectOf } from './token-faults.js';

/** What is to be looked at, and what is known of it. */
export interface Case {
  readonly token: string;
  /** The registrations of the tenant that asks. */
  readonly registrations: readonly Issuer[];
  /** A registration that does not exist yet, to hold the token against instead. */
  readonly candidate: Issuer | null;
  readonly now: Date;
}

/** What a token is held against. */
export interface Held {
  readonly issuer: Issuer;
  readonly trusted: TrustedIssuer;
  readonly keySet: KeySet | null;
  /** The key that the token names, whether or not it is believed. */
  readonly key: { readonly usable: UsableKey; readonly trusted: TrustedKey } | null;
  /** `untried`: there is no such key, or its algorithm or the header forbids it. */
  readonly signature: 'good' | 'bad' | 'untried';
}

/** Everything that is found out about a token without asking whom it speaks of. */
export interface Examination extends Case {
  /** What the token says; null where nobody can read it. */
  readonly read: UnverifiedToken | null;
  readonly choice: Choice;
  readonly held: Held | null;
  /** The guest's registration that it fits, which only an exchange that names the tenant looks at. */
  readonly guest: Issuer | null;
}

export async function examine(given: Case): Promise<Examination> {
  const { candidate } = given;
  const registrations = given.registrations.filter(({ guest }) => !guest);
  const token = given.token.trim();
  const read = readable(token);
  const claims = read?.claims ?? {};
  const choice = candidate
    ? chooseCandidate(claims, candidate, registrations)
    : chooseRegistration(claims, registrations);
  const held = choice.registration && (await hold(token, read, choice.registration));
  const guest = given.registrations.find(
    (issuer) => issuer.guest && isExact(issuer, claims) && isInvited(issuer, claims),
  );
  return { ...given, registrations, token, read, choice, held, guest: guest ?? null };
}

/**
 * The token as the guard would see it had it verified it: good for asking what would follow, were
 * it not for what is wrong. Null where its signature does not hold, or where it names no subject:
 * whoever may ask the doctor could otherwise forge a token to ask about anybody.
 */
export function asIfVerified({ token, held }: Examination): VerifiedToken | null {
  if (held?.signature !== 'good' || !held.key) return null;
  const claims = decodeJwt(token);
  const subject = subjectOf(claims, held.issuer);
  if (typeof subject !== 'string' || subjectFault(subject) !== null) return null;
  const { trusted: issuer, key } = held;
  return { issuer, key: key.trusted, subject, claims: { ...claims, exp: claims.exp ?? 0 } };
}

function readable(token: string): UnverifiedToken | null {
  try {
    return readUnverified(token);
  } catch (error) {
    if (error instanceof TokenInvalid) return null;
    throw error;
  }
}

async function hold(token: string, read: UnverifiedToken | null, issuer: Issuer): Promise<Held> {
  const keySet = await keySetOf(issuer);
  const usable = read && keySet && pickKey(keySet, read.header);
  const key = usable && { usable, trusted: trustedKey(issuer, usable) };
  const rules = trustedBy({ issuer, condition: conditionOf(issuer) });
  return {
    issuer,
    trusted: { ...rules, keyFor: () => Promise.resolve(key?.trusted ?? null) },
    keySet,
    key,
    signature: read && key ? await trySignature(token, read, key.trusted) : 'untried',
  };
}

/** The last good set, which the guard goes by too; before the first check, what was brought along. */
async function keySetOf({ keySet, keySource }: Issuer): Promise<KeySet | null> {
  const published = keySet ?? (keySource.kind === 'inline' ? keySource.jwks : null);
  return published && (await parseKeySet(published));
}

async function trySignature(
  token: string,
  { header }: UnverifiedToken,
  { key, algorithms }: TrustedKey,
): Promise<Held['signature']> {
  const { alg } = header;
  const isAllowed = typeof alg === 'string' && algorithms.includes(alg);
  if (!isAllowed || critFault(header) !== null) return 'untried';
  try {
    await compactVerify(token, key, { algorithms: [...algorithms] });
    return 'good';
  } catch {
    // Whatever else is wrong with a signature, bytes that are none included.
    return 'bad';
  }
}
