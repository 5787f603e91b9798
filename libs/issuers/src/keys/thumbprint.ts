import { createHash } from 'node:crypto';

import type { PublishedKeys } from '../issuer.js';

/** The members that make a key what it is, in the order of RFC 7638 §3.2. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** The SHA-256 thumbprint of a public JWK (RFC 7638): the same whatever it is called. */
export function thumbprintOf(jwk: Readonly<Record<string, unknown>>): string {
  const members = MEMBERS[String(jwk['kty'])] ?? [];
  const canonical = JSON.stringify(
    Object.fromEntries(members.map((member) => [member, jwk[member]])),
  );
  return createHash('sha256').update(canonical).digest('base64url');
}

/** A published key by its names: what its set calls it, and what it is. */
export interface NamedKey {
  readonly kid: string | null;
  readonly thumbprint: string;
}

/** The keys of a set by their names; none where there is no set. */
export function namedKeys(set: PublishedKeys | null): NamedKey[] {
  return (set?.keys ?? []).map((key) => ({
    kid: typeof key['kid'] === 'string' ? key['kid'] : null,
    thumbprint: thumbprintOf(key),
  }));
}
