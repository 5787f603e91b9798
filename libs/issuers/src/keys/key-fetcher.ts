import { Injectable } from '@nestjs/common';

import { Outbound, OutboundFailure } from '@tenantry/outbound';
import type { Verdict } from '../health.js';
import type { KeySource, PublishedKeys } from '../issuer.js';
import { KeySetUnusable, parseKeySet } from './key-set.js';

const DISCOVERY_PATH = '/.well-known/openid-configuration';
const FETCH_TIMEOUT_MS = 5_000;

/** How a look at an issuer's keys ended. */
export type KeyVerdict =
  | { readonly verdict: 'ok'; readonly published: PublishedKeys }
  | { readonly verdict: Exclude<Verdict, 'ok'>; readonly reason: string };

/** Looks up the keys of an issuer, wherever the registration says that they are. */
@Injectable()
export class KeyFetcher {
  constructor(private readonly outbound: Outbound) {}

  /** Never throws for what a foreign server does: that is a verdict. */
  async look(issuer: string, source: KeySource): Promise<KeyVerdict> {
    try {
      const { published } = await parseKeySet(await this.#documentOf(issuer, source));
      return { verdict: 'ok', published };
    } catch (error) {
      return verdictOf(error);
    }
  }

  async #documentOf(issuer: string, source: KeySource): Promise<unknown> {
    if (source.kind === 'inline') return source.jwks;
    const uri = source.kind === 'jwksUri' ? source.jwksUri : await this.#discover(issuer);
    return this.outbound.getJson(uri, { timeoutMs: FETCH_TIMEOUT_MS });
  }

  /** OpenID Connect Discovery 1.0 §4: the document must name the very issuer that was asked. */
  async #discover(issuer: string): Promise<string> {
    const url = issuer.replace(/\/$/, '') + DISCOVERY_PATH;
    const document = await this.outbound.getJson(url, { timeoutMs: FETCH_TIMEOUT_MS });
    const { issuer: named, jwks_uri: uri } = (document ?? {}) as Record<string, unknown>;
    if (named !== issuer) {
      throw new KeySetUnusable('The discovery document names another issuer.');
    }
    if (typeof uri !== 'string')
      throw new KeySetUnusable('The discovery document names no jwks_uri.');
    return uri;
  }
}

function verdictOf(error: unknown): KeyVerdict {
  if (error instanceof OutboundFailure) {
    return { verdict: error.permanence, reason: reasonOf(error) };
  }
  if (error instanceof KeySetUnusable) return { verdict: 'permanent', reason: error.message };
  throw error;
}

/** One wording for names that do not resolve and addresses that are forbidden: no map of our network. */
function reasonOf({ reason, message }: OutboundFailure): string {
  return reason === 'dns_failed' || reason === 'address_forbidden'
    ? 'The host cannot be reached from here.'
    : message;
}
