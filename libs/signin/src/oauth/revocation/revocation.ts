import { Injectable } from '@nestjs/common';

import {
  AddressThrottle,
  API_KEY_PREFIX,
  readUnverified,
  type RequestOrigin,
  TokenInvalid,
  type VerifiedToken,
  verifyToken,
} from '@tenantry/access';
import { Database } from '@tenantry/database';
import { OAuthRefusal } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { OwnIssuer } from '../../own-issuer.js';
import { RefreshTokens } from '../../sessions/refresh-tokens.js';
import { Sessions } from '../../sessions/sessions.js';
import { type RevokedToken, TokenRecords } from '../token-records.js';

const REASON = 'token-revocation';
const TOKEN_LENGTH_MAX = 16_384;

/**
 * Takes tokens back for whoever has them (RFC 7009): a refresh token with its whole session, an
 * access token by itself, so that a client can give one up and go on with the session.
 */
@Injectable()
export class Revocation {
  constructor(
    private readonly sessions: Sessions,
    private readonly refreshTokens: RefreshTokens,
    private readonly own: OwnIssuer,
    private readonly records: TokenRecords,
    // More than the usual four: both kinds of tokens are looked for.
    private readonly throttle: AddressThrottle,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** A token that is unknown is as good as taken back. Throws `OAuthRefusal` for an API key. */
  async revoke(token: string, origin: RequestOrigin): Promise<void> {
    if (token.startsWith(API_KEY_PREFIX)) {
      throw new OAuthRefusal('unsupported_token_type', 'An API key is deleted by its account.');
    }
    try {
      await this.throttle.attempt('token', origin.ip, async () => {
        const wasSession = await this.#endSession(token, origin);
        if (!wasSession) await this.#revokeAccessToken(token, origin);
      });
    } catch (error) {
      if (!(error instanceof TokenInvalid)) throw error;
    }
  }

  /** A refresh token that was used already will do: whoever shows it twice means the session no good. */
  async #endSession(token: string, origin: RequestOrigin): Promise<boolean> {
    return this.database.acrossTenants(REASON, async (tx) => {
      const session = await this.refreshTokens.sessionOf(tx, token);
      if (!session) return false;
      const isEnded = await this.sessions.end(tx, session.id, 'token_revoked');
      if (isEnded) this.records.ended(tx, session, origin);
      return true;
    });
  }

  async #revokeAccessToken(token: string, origin: RequestOrigin): Promise<void> {
    const verified = await this.#verify(token);
    const { jti } = verified.claims;
    if (jti === undefined || (await this.sessions.isRevoked(jti))) return;
    const expiresAt = new Date(verified.claims.exp * 1_000);
    await this.database.acrossTenants(REASON, async (tx) => {
      await this.sessions.revoke(tx, jti, expiresAt);
      this.records.revoked(tx, whose(verified, jti), origin);
    });
  }

  /** Ours alone: nobody has us look up a foreign issuer's keys for this. */
  async #verify(token: string): Promise<VerifiedToken> {
    if (token.length > TOKEN_LENGTH_MAX) throw new TokenInvalid('malformed');
    const unverified = readUnverified(token);
    if (unverified.claims['iss'] !== this.own.issuer) throw new TokenInvalid('unknown_issuer');
    const issuer = await this.own.trust();
    const key = await issuer.keyFor(unverified);
    if (!key) throw new TokenInvalid('unknown_key');
    return verifyToken(token, { issuer, key, clock: this.clock });
  }
}

/** By the token's own word, whose signature holds: what has become of its owner does not matter. */
function whose({ claims, subject, issuer }: VerifiedToken, jti: string): RevokedToken {
  const { tid, sid, registration } = claims;
  const tenantId = typeof tid === 'string' ? tid : null;
  const sessionId = typeof sid === 'string' ? sid : null;
  const ofSession = registration === undefined ? 'person' : 'external';
  return {
    jti,
    tenantId,
    actor: {
      kind: sessionId === null ? 'service' : ofSession,
      id: subject,
      issuer: issuer.rules.issuer,
      subject,
      sessionId,
      isPlatform: tenantId === null,
    },
  };
}
