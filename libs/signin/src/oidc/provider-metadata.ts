import { Injectable } from '@nestjs/common';
import type { ServerMetadata } from 'openid-client';

import { type SignInClient, tag, TrustedCache } from '@tenantry/access';
import { ChangeFeed } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { Outbound, OutboundFailure } from '@tenantry/outbound';
import { ProviderUnavailable } from './oidc.errors.js';

const DISCOVERY_PATH = '/.well-known/openid-configuration';
const CACHED_MAX = 1_000;
const CACHED_FOR_MS = 600_000;
/** A provider that is down is not asked again by everybody who would like to sign in. */
const FAILURE_CACHED_FOR_MS = 5_000;

type Looked = { readonly metadata: ServerMetadata } | { readonly failure: ProviderUnavailable };

/** What providers publish of themselves (OpenID Connect Discovery 1.0), fetched once for many. */
@Injectable()
export class ProviderMetadata {
  readonly #looked: TrustedCache<Looked>;

  constructor(
    private readonly outbound: Outbound,
    feed: ChangeFeed,
    clock: Clock,
  ) {
    this.#looked = new TrustedCache(feed, clock, CACHED_MAX);
  }

  /** Throws `ProviderUnavailable`. */
  async of({ issuer, trusted }: SignInClient): Promise<ServerMetadata> {
    const looked = await this.#looked.getOrLoad(`${trusted.id} ${issuer}`, async () => {
      const value = await this.#look(issuer);
      const ttlMs = 'failure' in value ? FAILURE_CACHED_FOR_MS : CACHED_FOR_MS;
      return { value, ttlMs, tags: [tag('issuer', trusted.id)] };
    });
    if (!looked || 'failure' in looked) throw looked?.failure ?? new ProviderUnavailable();
    return looked.metadata;
  }

  async #look(issuer: string): Promise<Looked> {
    try {
      const document = await this.outbound.getJson(issuer.replace(/\/$/, '') + DISCOVERY_PATH);
      return this.#isOf(issuer, document)
        ? { metadata: document }
        : { failure: new ProviderUnavailable() };
    } catch (error) {
      if (!(error instanceof OutboundFailure)) throw error;
      return { failure: new ProviderUnavailable({ cause: error }) };
    }
  }

  /** §4.3: of the very issuer that was asked; and nobody is sent where we would not go ourselves. */
  #isOf(issuer: string, document: unknown): document is ServerMetadata {
    if (typeof document !== 'object' || document === null) return false;
    const { issuer: named, authorization_endpoint: page } = document as Record<string, unknown>;
    return named === issuer && typeof page === 'string' && !this.outbound.explainUrl(page);
  }
}
