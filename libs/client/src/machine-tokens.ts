import type { ClientCredentials } from './options.js';
import { type Held, RenewedTokens, renewalOf } from './renewed-tokens.js';
import type { Timing } from './timing.js';
import type { TokenEndpoint } from './token-endpoint.js';

/** The tokens of a service account, by `client_credentials`. */
export class MachineTokens extends RenewedTokens<Held> {
  readonly #credentials: ClientCredentials;
  readonly #endpoint: TokenEndpoint;
  readonly #timing: Timing;

  constructor(credentials: ClientCredentials, endpoint: TokenEndpoint, timing: Timing) {
    super(timing, null);
    this.#credentials = credentials;
    this.#endpoint = endpoint;
    this.#timing = timing;
  }

  protected override async renew(): Promise<Held> {
    const { clientId, clientSecret } = this.#credentials;
    const { accessToken, lifetime } = await this.#endpoint.ask(
      { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
      { isRepeatable: true },
    );
    const held = { accessToken, renewAt: renewalOf(this.#timing.now(), lifetime) };
    this.hold(held);
    return held;
  }
}
