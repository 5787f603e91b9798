import type { RenewedSession, SessionTokens } from './options.js';
import { type Held, RenewedTokens, renewalOf } from './renewed-tokens.js';
import { TenantryError } from './tenantry-error.js';
import type { Timing } from './timing.js';
import type { TokenEndpoint } from './token-endpoint.js';

interface HeldSession extends Held {
  readonly refreshToken: string;
}

export interface SessionOptions {
  readonly tokens: SessionTokens;
  readonly onTokens: (tokens: RenewedSession) => void | Promise<void>;
}

/** The tokens of a person. Each refresh token is sent once: a second use would end the session. */
export class Session extends RenewedTokens<HeldSession> {
  readonly #onTokens: SessionOptions['onTokens'];
  readonly #first: HeldSession;
  readonly #endpoint: TokenEndpoint;
  readonly #timing: Timing;
  #over: TenantryError | null = null;

  constructor({ tokens, onTokens }: SessionOptions, endpoint: TokenEndpoint, timing: Timing) {
    const first = heldOf(tokens, timing.now());
    super(timing, first);
    this.#first = first;
    this.#onTokens = onTokens;
    this.#endpoint = endpoint;
    this.#timing = timing;
  }

  protected override async renew(held: HeldSession | null): Promise<HeldSession> {
    if (this.#over) throw this.#over;
    const renewed = await this.#exchange((held ?? this.#first).refreshToken);
    this.hold(renewed.held);
    await this.#onTokens(renewed.session);
    return renewed.held;
  }

  async #exchange(
    spent: string,
  ): Promise<{ readonly held: HeldSession; readonly session: RenewedSession }> {
    const { accessToken, refreshToken, lifetime } = await this.#ask(spent);
    const now = this.#timing.now();
    const session = {
      accessToken,
      refreshToken: refreshToken ?? spent,
      expiresAt: now + lifetime,
    };
    return { held: heldOf({ ...session, expiresIn: lifetime / 1000 }, now), session };
  }

  async #ask(refreshToken: string): ReturnType<TokenEndpoint['ask']> {
    try {
      return await this.#endpoint.ask(
        { grant_type: 'refresh_token', refresh_token: refreshToken },
        { isRepeatable: false },
      );
    } catch (error) {
      // The person has to sign in again; nothing is gained by asking once more.
      if (error instanceof TenantryError && error.is('invalid_grant')) this.#over = error;
      throw error;
    }
  }
}

function heldOf({ accessToken, refreshToken, ...end }: SessionTokens, now: number): HeldSession {
  const lifetime =
    end.expiresAt === undefined ? end.expiresIn && end.expiresIn * 1000 : end.expiresAt - now;
  const renewAt = lifetime === undefined ? null : renewalOf(now, Math.max(0, lifetime));
  return { accessToken, refreshToken, renewAt };
}
