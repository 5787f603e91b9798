import { Injectable } from '@nestjs/common';

import { AddressThrottle, type RequestOrigin } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { OAuthRefusal } from '@tenantry/http';
import { DomainError } from '@tenantry/kernel';
import { SuccessThrottle } from '../../login/success-throttle.js';
import { RefreshTokens } from '../../sessions/refresh-tokens.js';
import type { IssuedToken } from '../../tokens/access-tokens.js';
import { SessionTokens } from '../../tokens/session-tokens.js';
import { TokenRecords } from '../token-records.js';

/** One wording for every way in which a refresh token can be bad. */
class RefreshRefused extends DomainError {
  readonly code = 'oauth.invalid_grant';
  readonly kind = 'unauthenticated';

  constructor() {
    super('The refresh token is not good any more: sign in again.');
  }
}

/** An access token, and the refresh token that takes the place of the one that was shown. */
export interface RefreshedTokens extends IssuedToken {
  readonly refreshToken: string;
}

/** Goes on with a session (RFC 6749 §6), one refresh token after the other. */
@Injectable()
export class RefreshTokenGrant {
  constructor(
    private readonly chain: RefreshTokens,
    private readonly tokens: SessionTokens,
    private readonly records: TokenRecords,
    private readonly throttle: AddressThrottle,
    // More than the usual four: a session is held to a rate as well as whoever guesses.
    private readonly successes: SuccessThrottle,
    private readonly database: Database,
  ) {}

  async issue(token: string, origin: RequestOrigin): Promise<RefreshedTokens> {
    try {
      return await this.throttle.attempt('secret', origin.ip, () => this.#refresh(token, origin));
    } catch (error) {
      if (!(error instanceof RefreshRefused)) throw error;
      await this.records.refused(error);
      throw new OAuthRefusal('invalid_grant', error.message);
    }
  }

  async #refresh(token: string, origin: RequestOrigin): Promise<RefreshedTokens> {
    await this.#countUse(token);
    const rotation = await this.chain.rotate(token, (tx, { outcome, ...rest }) => {
      if (outcome !== 'unknown' && 'session' in rest) {
        this.records.refreshed(tx, rest.session, { outcome, origin });
      }
    });
    if (rotation.outcome !== 'rotated') throw new RefreshRefused();
    const issued = await this.tokens.accessTokenOf(rotation.session);
    if (!issued) throw new RefreshRefused();
    return { ...issued, refreshToken: rotation.refreshToken };
  }

  /** Before the token is used up: whoever is told to wait can come back with it. */
  async #countUse(token: string): Promise<void> {
    const session = await this.database.acrossTenants('refresh-tokens', (tx) =>
      this.chain.sessionOf(tx, token),
    );
    if (session) await this.successes.count('session', session.id);
  }
}
