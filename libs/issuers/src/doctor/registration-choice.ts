import { isStorable } from '@tenantry/kernel';
import type { TokenClaim } from '../claims-registry.js';
import { type Issuer, urlsOf } from '../issuer.js';

type Claims = Readonly<Record<string, unknown>>;

/** How far a token is looked up by: beyond, `ClaimsRegistry.find` takes it for nobody's. */
export const AUDIENCES_MAX = 20;
export const TEXT_CLAIMS_MAX = 100;

const TEXT_LENGTH_MAX = 255;
const NEAR_MATCHES_MAX = 10;

/** In what a registration fits a token. */
export interface Fit {
  /** `spelling`: the same URL, written differently; `host`: another URL of the same host. */
  readonly issuer: 'exact' | 'spelling' | 'host' | 'other';
  readonly audiences: boolean;
  readonly match: boolean;
}

/** A registration that the token could have been meant for. */
export interface NearMatch {
  readonly id: string;
  readonly issuer: string;
  /** What keeps it from being the one; empty where it takes the token as well. */
  readonly differs: readonly string[];
}

/** What a token is held against. */
export interface Choice {
  /** The registration that takes the token, else the one that comes nearest. */
  readonly registration: Issuer | null;
  /** How many take the token: the guard lets by what exactly one takes. */
  readonly takers: number;
  readonly nearMatches: readonly NearMatch[];
}

/** Chooses as the guard does, among the registrations of one tenant alone. */
export function chooseRegistration(claims: Claims, registrations: readonly Issuer[]): Choice {
  const ranked = rank(claims, registrations);
  const takers = ranked.filter(isTaker);
  const [first] = ranked.filter(({ fit }) => isMeant(fit));
  return {
    registration: first?.registration ?? null,
    takers: takers.length,
    nearMatches: nearMatchesOf(ranked.filter((one) => one !== first)),
  };
}

/** Holds the token against a registration that does not exist yet, beside those that do. */
export function chooseCandidate(
  claims: Claims,
  candidate: Issuer,
  registrations: readonly Issuer[],
): Choice {
  const { takers } = chooseRegistration(claims, [candidate]);
  const nearMatches = nearMatchesOf(rank(claims, registrations));
  return { registration: candidate, takers, nearMatches };
}

export function fitOf(registration: TokenClaim, claims: Claims): Fit {
  const audiences = audiencesOf(claims);
  const texts = textClaims(claims);
  const { match } = registration;
  return {
    issuer: issuerFit(urlsOf(registration), claims['iss']),
    audiences:
      audiences.length <= AUDIENCES_MAX &&
      audiences.some((audience) => registration.audiences.includes(audience)),
    match:
      texts.size <= TEXT_CLAIMS_MAX && (match === null || texts.get(match.claim) === match.value),
  };
}

/** Whether these are the claims of a token that the registration speaks for. */
export function isExact(registration: TokenClaim, claims: Claims): boolean {
  const fit = fitOf(registration, claims);
  return fit.issuer === 'exact' && fit.audiences && fit.match;
}

/** The audiences that a registration is looked up by. */
export function audiencesOf(claims: Claims): string[] {
  return [claims['aud']].flat().filter(isStorable);
}

/** The claims that a registration may be told apart by. */
export function textClaims(claims: Claims): ReadonlyMap<string, string> {
  const entries = Object.entries(claims).filter((entry): entry is [string, string] =>
    entry.every((text) => isStorable(text) && text.length <= TEXT_LENGTH_MAX),
  );
  return new Map(entries);
}

interface Ranked {
  readonly registration: Issuer;
  readonly fit: Fit;
}

/** The nearest first. */
function rank(claims: Claims, registrations: readonly Issuer[]): Ranked[] {
  return registrations
    .map((registration) => ({ registration, fit: fitOf(registration, claims) }))
    .toSorted((a, b) => nearness(b) - nearness(a));
}

/** An unproven registration claims nothing: the guard does not know it. */
function isTaker({ registration, fit }: Ranked): boolean {
  const isFit = fit.issuer === 'exact' && fit.audiences && fit.match;
  return isFit && registration.ownershipProvenAt !== null;
}

/** Whether the token is worth holding against it. */
function isMeant({ issuer }: Fit): boolean {
  return issuer === 'exact' || issuer === 'spelling';
}

const ISSUER_POINTS: Record<Fit['issuer'], number> = { exact: 24, spelling: 16, host: 8, other: 0 };

function nearness({ registration, fit }: Ranked): number {
  return (
    ISSUER_POINTS[fit.issuer] +
    (fit.audiences ? 4 : 0) +
    (fit.match ? 2 : 0) +
    (registration.ownershipProvenAt === null ? 0 : 1)
  );
}

function nearMatchesOf(ranked: readonly Ranked[]): NearMatch[] {
  return ranked
    .filter(({ fit }) => fit.issuer !== 'other')
    .slice(0, NEAR_MATCHES_MAX)
    .map(({ registration, fit }) => ({
      id: registration.id,
      issuer: registration.issuer,
      differs: differencesOf({ registration, fit }),
    }));
}

function differencesOf({ registration, fit }: Ranked): string[] {
  const { status, ownershipProvenAt } = registration;
  const differences = {
    issuer: fit.issuer !== 'exact',
    audiences: !fit.audiences,
    match: !fit.match,
    status: status === 'disabled',
    ownership: ownershipProvenAt === null,
  };
  return Object.entries(differences).flatMap(([name, differs]) => (differs ? [name] : []));
}

function issuerFit(urls: readonly string[], iss: unknown): Fit['issuer'] {
  if (typeof iss !== 'string') return 'other';
  if (urls.includes(iss)) return 'exact';
  const said = spellingOf(iss);
  if (!said) return 'other';
  const known = urls.map(spellingOf);
  if (known.some((url) => url?.host === said.host && url.path === said.path)) return 'spelling';
  return known.some((url) => url?.host === said.host) ? 'host' : 'other';
}

/** What is left of a URL without what people get wrong: scheme, port, case and the last slash. */
function spellingOf(url: string): { readonly host: string; readonly path: string } | null {
  const parsed = URL.parse(url.includes('://') ? url : `https://${url}`);
  if (!parsed || parsed.hostname === '') return null;
  return { host: parsed.hostname, path: parsed.pathname.toLowerCase().replace(/\/+$/, '') };
}
