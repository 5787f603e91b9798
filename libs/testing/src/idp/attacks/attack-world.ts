import { craftToken, type TokenPart } from '../crafted-token.js';
import { IdentityProvider } from '../identity-provider.js';
import { type SigningKey } from '../signing-key.js';

/**
 * Who plays in an attack.
 *
 * The verifier under test trusts `idp` with its defaults: audience `audience`, the algorithms
 * RS256, PS256, ES256 and EdDSA, and a skew of at most 30 s.
 */
export interface AttackWorld {
  /** Publishes an EC, an RSA and an Ed25519 key; `startAttackWorld` sees to it. */
  readonly idp: IdentityProvider;
  /** Trusted likewise, for another tenant. */
  readonly otherIdp: IdentityProvider;
  /** Trusted by nobody. Nobody may even fetch from it. */
  readonly stranger: IdentityProvider;
  readonly audience: string;
  readonly builtInIssuer: string;
  readonly now: () => Date;
  /** The tenant that trusts `idp`: what a cross-tenant token claims to be for. */
  readonly victim?: { readonly tenantId: string; readonly slug: string };
}

/** One token that a correct verifier refuses. */
export interface Attack {
  readonly name: string;
  readonly craft: (world: AttackWorld) => Promise<string> | string;
}

export type Members = Readonly<Record<string, unknown>>;

/** Starts the three providers of a world; the caller closes them. */
export async function startAttackWorld(
  rest: Omit<AttackWorld, 'idp' | 'otherIdp' | 'stranger'>,
): Promise<AttackWorld> {
  const { audience, now } = rest;
  const [idp, otherIdp, stranger] = await Promise.all([
    IdentityProvider.start({ audience, now, alsoPublishes: ['RS256', 'EdDSA'] }),
    IdentityProvider.start({ audience, now }),
    IdentityProvider.start({ audience, now }),
  ]);
  return { ...rest, idp, otherIdp, stranger };
}

export async function closeAttackWorld({ idp, otherIdp, stranger }: AttackWorld): Promise<void> {
  await Promise.all([idp.close(), otherIdp.close(), stranger.close()]);
}

/** The victim's key of one type. */
export function keyOf({ idp }: AttackWorld, type: 'rsa' | 'ec' | 'ed25519'): SigningKey {
  const key = idp.keys.find(({ privateKey }) => privateKey.asymmetricKeyType === type);
  // Another key instead could make the forgery an honest token.
  if (!key) throw new Error(`The attacked provider publishes no ${type} key`);
  return key;
}

export function secondsOf({ now }: AttackWorld): number {
  return Math.floor(now().getTime() / 1_000);
}

/** A header that is in order. */
export function honestHeader({ algorithm, kid }: SigningKey): Members {
  return { alg: algorithm, typ: 'at+jwt', kid };
}

/** Claims that are in order, so that an attack is refused for what it changes alone. */
export function honestPayload(world: AttackWorld): Members {
  const seconds = secondsOf(world);
  return {
    iss: world.idp.issuer,
    sub: 'alice',
    aud: world.audience,
    iat: seconds,
    exp: seconds + 300,
    email: 'alice@victim.example',
    email_verified: true,
    groups: ['admins'],
  };
}

export interface Forgery {
  /** Signs; by default the victim's own key, as if its provider had been tricked. */
  readonly key?: SigningKey;
  /** Changes to the honest header; undefined takes a member away. */
  readonly header?: Members;
  /** Changes to the honest claims, or another payload altogether. */
  readonly claims?: Members;
  readonly payload?: TokenPart;
  /** How to sign, where that is not how the key signs. */
  readonly algorithm?: string;
  readonly signature?: Uint8Array | string;
}

/** A token that is honest but for the changes named. */
export function forge(world: AttackWorld, forgery: Forgery = {}): string {
  const { key = world.idp.currentKey, header, claims, signature } = forgery;
  return craftToken({
    header: { ...honestHeader(key), ...header },
    payload: forgery.payload ?? { ...honestPayload(world), ...claims },
    key: key.privateKey,
    algorithm: forgery.algorithm ?? key.algorithm,
    ...(signature !== undefined && { signature }),
  });
}

/** The honest claims as JSON, with `raw` members put in the text behind all others. */
export function payloadWithRaw(world: AttackWorld, raw: string, claims: Members = {}): string {
  return withRaw({ ...honestPayload(world), ...claims }, raw);
}

/** For what `JSON.stringify` never writes: the same member twice, or a number out of range. */
export function withRaw(members: Members, raw: string): string {
  return `${JSON.stringify(members).slice(0, -1)},${raw}}`;
}

/** An attack for each entry of a table. */
export function attacksOf<Entry>(
  prefix: string,
  table: Readonly<Record<string, Entry>>,
  craft: (world: AttackWorld, entry: Entry) => Promise<string> | string,
): readonly Attack[] {
  return Object.entries(table).map(([name, entry]) => ({
    name: `${prefix}: ${name}`,
    craft: (world) => craft(world, entry),
  }));
}
