import { type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import { type SigningKey } from './signing-key.js';

/** The two documents by which a provider is trusted. */
export type Place = 'discovery' | 'jwks';

/** One way for a provider to deceive whoever fetches a document from it. */
export type Lie =
  | DiscoveryLie
  | JwksLie
  | {
      readonly kind: 'huge-body' | 'gzip-bomb' | 'redirect' | 'hang' | 'not-json' | 'drip';
      readonly at: Place;
    };

/** `no-keys` here leaves out the `jwks_uri`. */
type DiscoveryLie =
  | { readonly kind: 'wrong-issuer'; readonly at: 'discovery'; readonly issuer?: string }
  | { readonly kind: 'foreign-jwks-uri'; readonly at: 'discovery'; readonly jwksUri: string }
  | { readonly kind: 'no-keys'; readonly at: 'discovery' };

interface JwksLie {
  readonly kind: 'no-keys' | 'symmetric-key' | 'garbage-key' | 'weak-rsa-key' | 'private-jwk';
  readonly at: 'jwks';
}

export interface LiarsKit {
  readonly currentKey: SigningKey;
  readonly weakKey: SigningKey;
  /** Where a redirect leads: to the truth, so that whoever follows it succeeds. */
  readonly redirectTo: string;
}

/** The secret that the lie `symmetric-key` publishes. */
export const PUBLISHED_SECRET = Buffer.from('a secret that a JWKS gives away to the whole world');

const HUGE_BYTES = 8 * 1_024 * 1_024;
const GZIP_BOMB_BYTES = 32 * 1_024 * 1_024;
const DRIP_INTERVAL_MS = 50;

/** Answers with `lie` where `truth` is the honest document. */
export function tell(lie: Lie, truth: string, kit: LiarsKit, response: ServerResponse): void {
  switch (lie.kind) {
    case 'hang':
      return;
    case 'redirect':
      response.writeHead(302, { location: kit.redirectTo }).end();
      return;
    case 'not-json':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>Welcome.');
      return;
    case 'huge-body':
      // Valid JSON, so that only a cap on the size can refuse it.
      sendJson(response, truth + ' '.repeat(HUGE_BYTES));
      return;
    case 'gzip-bomb':
      response.setHeader('content-encoding', 'gzip');
      sendJson(response, gzipSync(truth + ' '.repeat(GZIP_BOMB_BYTES)));
      return;
    case 'drip':
      drip(response);
      return;
    default:
      sendJson(response, JSON.stringify(forgedDocument(lie, truth, kit)));
  }
}

function sendJson(response: ServerResponse, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

/** Sends a byte now and then for ever, so that no timeout between two bytes ever fires. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), DRIP_INTERVAL_MS);
  response.once('close', () => {
    clearInterval(timer);
  });
}

function forgedDocument(lie: DiscoveryLie | JwksLie, truth: string, kit: LiarsKit): unknown {
  return lie.at === 'jwks' ? forgedJwks(lie, kit) : forgedDiscovery(lie, truth);
}

function forgedDiscovery(lie: DiscoveryLie, truth: string): unknown {
  switch (lie.kind) {
    case 'wrong-issuer':
      return { ...membersOf(truth), issuer: lie.issuer ?? 'https://impostor.example' };
    case 'foreign-jwks-uri':
      return { ...membersOf(truth), jwks_uri: lie.jwksUri };
    case 'no-keys':
      return { ...membersOf(truth), jwks_uri: undefined };
  }
}

function forgedJwks({ kind }: JwksLie, { currentKey, weakKey }: LiarsKit): unknown {
  const { kid } = currentKey;
  switch (kind) {
    case 'no-keys':
      return jwks();
    case 'symmetric-key':
      return jwks({ kty: 'oct', kid, alg: 'HS256', k: PUBLISHED_SECRET.toString('base64url') });
    case 'weak-rsa-key':
      return jwks(weakKey.publicJwk);
    case 'private-jwk':
      return jwks(currentKey.privateJwk);
    case 'garbage-key':
      return jwks(
        { kty: 'RSA', kid, alg: 'RS256', use: 'sig', n: '*not base64*', e: 'AQAB' },
        { kty: 'EC', kid, alg: 'ES256', use: 'sig', crv: 'P-256', x: 'AAAA', y: 'AAAA' },
        null,
        'a key',
      );
  }
}

function jwks(...keys: readonly unknown[]): { readonly keys: readonly unknown[] } {
  return { keys };
}

function membersOf(json: string): object {
  const document: unknown = JSON.parse(json);
  if (typeof document !== 'object' || document === null) throw new Error('Not a JSON object');
  return document;
}
