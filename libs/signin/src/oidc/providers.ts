import { Injectable } from '@nestjs/common';
import * as openid from 'openid-client';

import {
  readUnverified,
  type SignInClient,
  TokenInvalid,
  type VerifiedToken,
  verifyToken,
} from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { Clock } from '@tenantry/kernel';
import { OutboundFailure } from '@tenantry/outbound';
import { OutboundFetch } from './outbound-fetch.js';
import {
  ProviderAnswerInvalid,
  ProviderRefused,
  ProviderUnavailable,
  TransactionInvalid,
} from './oidc.errors.js';
import { ProviderMetadata } from './provider-metadata.js';
import type { Transaction } from './transactions.js';

const SCOPE = 'openid email profile';

/** What of a transaction concerns the provider. */
type Checks = Pick<Transaction, 'state' | 'nonce' | 'codeVerifier'>;

/** Speaks OpenID Connect with the providers of tenants, as the client that Tenantry is there. */
@Injectable()
export class Providers {
  readonly #callbacks: string;

  constructor(
    private readonly metadata: ProviderMetadata,
    private readonly fetching: OutboundFetch,
    private readonly clock: Clock,
    { publicUrl }: AppConfig,
  ) {
    this.#callbacks = `${publicUrl}/v1/signin/oidc/callback/`;
  }

  newChecks(): Checks {
    return {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      codeVerifier: openid.randomPKCECodeVerifier(),
    };
  }

  /** Where the browser is sent to. Throws `ProviderUnavailable`. */
  async authorizationUrl(client: SignInClient, checks: Checks): Promise<string> {
    const configuration = await this.#configurationOf(client);
    const { state, nonce, codeVerifier } = checks;
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#callbackOf(client),
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    return url.href;
  }

  /**
   * Whom the provider has sent back, `search` being the query that the browser came with. Throws
   * `TransactionInvalid`, `ProviderRefused`, `ProviderAnswerInvalid`, `ProviderUnavailable`.
   */
  async redeem(client: SignInClient, checks: Checks, search: string): Promise<VerifiedToken> {
    const configuration = await this.#configurationOf(client);
    const callback = new URL(this.#callbackOf(client));
    callback.search = search;
    if (callback.searchParams.get('state') !== checks.state) throw new TransactionInvalid();
    try {
      const { id_token: idToken = '' } = await openid.authorizationCodeGrant(
        configuration,
        callback,
        {
          expectedState: checks.state,
          expectedNonce: checks.nonce,
          pkceCodeVerifier: checks.codeVerifier,
          idTokenExpected: true,
        },
      );
      return await this.#verify(client, idToken);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** One of its own for each: what one provider sends back is never taken for another one's. */
  #callbackOf({ trusted }: SignInClient): string {
    return this.#callbacks + trusted.id;
  }

  /** By the registration's rules: openid-client trusts the connection, and reads no signature. */
  async #verify({ trusted: issuer }: SignInClient, idToken: string): Promise<VerifiedToken> {
    const unverified = readUnverified(idToken);
    const key = await issuer.keyFor(unverified);
    if (!key) throw new TokenInvalid('unknown_key');
    return verifyToken(idToken, { issuer, key, clock: this.clock });
  }

  async #configurationOf(client: SignInClient): Promise<openid.Configuration> {
    const metadata = await this.metadata.of(client);
    const { clientId, clientSecret, trusted } = client;
    const configuration = new openid.Configuration(
      metadata,
      clientId,
      { [openid.clockTolerance]: trusted.rules.clockSkewSeconds },
      clientSecret === null ? openid.None() : bySecret(metadata, clientSecret),
    );
    // Which schemes and addresses are reached is decided by the door that everything goes through.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- Marked so to stand out; Outbound is stricter.
    openid.allowInsecureRequests(configuration);
    configuration[openid.customFetch] = (url, request) => this.fetching.fetch(url, request);
    return configuration;
  }
}

/** OpenID Connect Discovery 1.0 §3: a provider that names no method expects HTTP Basic. */
function bySecret(metadata: openid.ServerMetadata, secret: string): openid.ClientAuth {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? openid.ClientSecretBasic(secret)
    : openid.ClientSecretPost(secret);
}

/** What the provider wrote is never told on: it stands in the log, as the cause. */
function refusalOf(error: unknown): Error {
  if (error instanceof openid.AuthorizationResponseError)
    return new ProviderRefused({ cause: error });
  const cause = error instanceof openid.ClientError ? error.cause : undefined;
  if (cause instanceof OutboundFailure) return new ProviderUnavailable({ cause });
  const isAnswer =
    error instanceof openid.ClientError ||
    error instanceof openid.ResponseBodyError ||
    error instanceof openid.WWWAuthenticateChallengeError ||
    error instanceof TokenInvalid;
  if (isAnswer) return new ProviderAnswerInvalid({ cause: error });
  return error instanceof Error ? error : new Error('openid-client failed.', { cause: error });
}
