import type { KMS, KMSClientConfig } from '@aws-sdk/client-kms';

import { lazily } from './lazily.js';

const ATTEMPTS = 3;
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;

/** `arn:partition:kms:region:account:key/…`: a key is answered for in its own region only. */
const REGION_OF_ARN = /^arn:[^:]+:kms:([a-z0-9-]+):/;

/** One client of AWS KMS for each region; the SDK is loaded when the first is wanted. */
export class KmsClients {
  readonly #endpoint: string | undefined;
  readonly #clients = new Map<string | undefined, KMS>();
  // Not at start: it costs half a second and 20 MB, and who has a local key never needs it.
  readonly #sdk = lazily(() => import('@aws-sdk/client-kms'));

  constructor(endpoint: string | undefined) {
    this.#endpoint = endpoint;
  }

  /** Without a region the SDK looks for one itself: environment, then shared configuration. */
  async of(region: string | undefined): Promise<KMS> {
    const { KMS } = await this.#sdk();
    const known = this.#clients.get(region);
    if (known) return known;
    const client = new KMS(this.#configOf(region));
    this.#clients.set(region, client);
    return client;
  }

  #configOf(region: string | undefined): KMSClientConfig {
    return {
      ...(region !== undefined && { region }),
      ...(this.#endpoint !== undefined && { endpoint: this.#endpoint }),
      retryMode: 'standard',
      maxAttempts: ATTEMPTS,
      requestHandler: {
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        // Without this the SDK only warns, and waits on.
        throwOnRequestTimeout: true,
        socketTimeout: REQUEST_TIMEOUT_MS,
      },
    };
  }
}

/** The region that an ARN names; none for an id or an alias. */
export function regionOfArn(keyId: string): string | undefined {
  return REGION_OF_ARN.exec(keyId)?.[1];
}
