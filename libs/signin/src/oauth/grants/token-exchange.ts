import { Injectable } from '@nestjs/common';

import {
  AddressThrottle,
  MembershipMissing,
  readUnverified,
  type RequestOrigin,
  TenantMissing,
  TokenInvalid,
} from '@tenantry/access';
import { Database } from '@tenantry/database';
import { OAuthRefusal } from '@tenantry/http';
import { OwnIssuer } from '../../own-issuer.js';
import type { IssuedToken } from '../../tokens/access-tokens.js';
import { SessionTokens } from '../../tokens/session-tokens.js';
import { ExchangeRefused } from '../exchange/exchange.errors.js';
import { ExchangedSessions } from '../exchange/exchanged-sessions.js';
import type { ExchangeRequest } from '../exchange/exchange-request.js';
import { ExternalExchange } from '../exchange/external-exchange.js';
import { TenantSwitch } from '../exchange/tenant-switch.js';
import { TokenRecords } from '../token-records.js';

/** One wording for every way in which a subject token can be bad. */
const SUBJECT_REFUSED = 'The subject token is not good here.';

/**
 * Gives a token of ours for somebody else's, or for another tenant (RFC 8693). Never a refresh token:
 * what an access token is exchanged for must not outlast it.
 */
@Injectable()
export class TokenExchangeGrant {
  constructor(
    private readonly own: OwnIssuer,
    private readonly external: ExternalExchange,
    private readonly switching: TenantSwitch,
    private readonly sessions: ExchangedSessions,
    // More than the usual four: whose word counts, and what is made of it.
    private readonly tokens: SessionTokens,
    private readonly records: TokenRecords,
    private readonly throttle: AddressThrottle,
    private readonly database: Database,
  ) {}

  async issue(request: ExchangeRequest, origin: RequestOrigin): Promise<IssuedToken> {
    try {
      return await this.throttle.attempt('secret', origin.ip, () =>
        this.#exchange(request, origin),
      );
    } catch (error) {
      if (error instanceof ExchangeRefused) {
        await this.records.refused(error, error.caller);
        throw new OAuthRefusal(error.error, error.message);
      }
      if (!isBadSubject(error)) throw error;
      await this.records.refused(error);
      throw new OAuthRefusal('invalid_grant', SUBJECT_REFUSED, { cause: error });
    }
  }

  async #exchange(request: ExchangeRequest, origin: RequestOrigin): Promise<IssuedToken> {
    const { claims } = readUnverified(request.subjectToken);
    const way = claims['iss'] === this.own.issuer ? this.switching : this.external;
    const ground = await way.groundOf(request, origin);
    const session = await this.database.acrossTenants('token-exchange', async (tx) => {
      const opened = await this.sessions.open(tx, ground, origin);
      this.records.exchanged(tx, opened, origin);
      return opened;
    });
    const issued = await this.tokens.accessTokenOf(session, ground.endsBy);
    // The issuer was disabled, or the member shut out, a moment ago.
    if (!issued) throw new TokenInvalid('session_ended');
    return issued;
  }
}

/** What the guard would say of the subject token, too, is the subject token's fault. */
function isBadSubject(error: unknown): error is TokenInvalid | MembershipMissing | TenantMissing {
  return (
    error instanceof TokenInvalid ||
    error instanceof MembershipMissing ||
    error instanceof TenantMissing
  );
}
