import { Injectable } from '@nestjs/common';

import type { Caller, LiveSession, RequestOrigin } from '@tenantry/access';
import { AuditTrail, type Deed, doerOf, type KnownActor, Refusals } from '@tenantry/audit';
import { AppConfig } from '@tenantry/config';
import { Database, type PlatformTransaction } from '@tenantry/database';
import type { DomainError } from '@tenantry/kernel';
import type { Rotation } from '../sessions/refresh-tokens.js';
import type { TokenSubject } from '../tokens/access-tokens.js';

const TOKEN_ROUTE = 'POST /oauth/token';

/** An access token that was taken back, and whose it was. */
export interface RevokedToken {
  readonly jti: string;
  readonly actor: KnownActor;
  readonly tenantId: string | null;
}

/** Puts tokens, and who was refused one, on record. */
@Injectable()
export class TokenRecords {
  readonly #issuer: string;

  constructor(
    private readonly database: Database,
    private readonly audit: AuditTrail,
    private readonly refusals: Refusals,
    { publicUrl }: AppConfig,
  ) {
    this.#issuer = publicUrl;
  }

  /** A token for a machine. */
  async issued({ id, tenant, roles }: TokenSubject, origin: RequestOrigin): Promise<void> {
    const kind = tenant ? 'service_account' : 'platform_account';
    const actor: KnownActor = {
      kind: 'service',
      id,
      issuer: this.#issuer,
      subject: id,
      isPlatform: tenant === null,
      roles,
    };
    await this.database.acrossTenants('token-issued', (tx) => {
      const deed: Deed = { deed: 'token.issued', target: { kind, id } };
      this.audit.recordUpon(tx, doerOf(actor, origin), tenant?.id ?? null, deed);
      return Promise.resolve();
    });
  }

  /** A refresh token was shown: the session goes on, or, where it was shown before, ends. */
  refreshed(
    tx: PlatformTransaction,
    session: LiveSession,
    { outcome, origin }: { readonly outcome: Rotation['outcome']; readonly origin: RequestOrigin },
  ): void {
    const deed: Deed =
      outcome === 'reused'
        ? {
            deed: 'session.ended',
            target: { kind: 'session', id: session.id },
            reason: 'refresh_token_reused',
          }
        : { deed: 'token.refreshed', target: { kind: 'session', id: session.id } };
    this.audit.recordUpon(tx, doerOf(this.actorOf(session), origin), session.tenantId, deed);
  }

  /** Somebody external has signed in, vouched for by a provider of the tenant. */
  started(tx: PlatformTransaction, session: LiveSession, origin: RequestOrigin): void {
    const { id, tenantId, registration } = session;
    const deed: Deed = {
      deed: 'session.started',
      target: { kind: 'session', id },
      changes: { registration: { after: registration?.id ?? null } },
    };
    this.audit.recordUpon(tx, doerOf(this.actorOf(session), origin), tenantId, deed);
  }

  /** A token was given for another one: on the trail of the tenant that it opens. */
  exchanged(tx: PlatformTransaction, session: LiveSession, origin: RequestOrigin): void {
    const { id, tenantId, registration } = session;
    const deed: Deed = {
      deed: 'token.exchanged',
      target: { kind: 'session', id },
      ...(registration ? { changes: { registration: { after: registration.id } } } : {}),
    };
    this.audit.recordUpon(tx, doerOf(this.actorOf(session), origin), tenantId, deed);
  }

  /** Whoever had a refresh token has ended its session. */
  ended(tx: PlatformTransaction, session: LiveSession, origin: RequestOrigin): void {
    const { id, tenantId } = session;
    const deed: Deed = {
      deed: 'session.ended',
      target: { kind: 'session', id },
      reason: 'token_revoked',
    };
    this.audit.recordUpon(tx, doerOf(this.actorOf(session), origin), tenantId, deed);
  }

  /** Whoever had an access token has taken it back. */
  revoked(
    tx: PlatformTransaction,
    { jti, actor, tenantId }: RevokedToken,
    origin: RequestOrigin,
  ): void {
    const deed: Deed = { deed: 'token.revoked', target: { kind: 'token', id: jti } };
    this.audit.recordUpon(tx, doerOf(actor, origin), tenantId, deed);
  }

  /** Whose session it is. */
  actorOf({ id, memberId, personId, registration, tenantId }: LiveSession): KnownActor {
    const actorId = memberId ?? personId ?? id;
    return {
      kind: registration ? 'external' : 'person',
      id: actorId,
      issuer: this.#issuer,
      subject: actorId,
      sessionId: id,
      personId,
      isPlatform: tenantId === null,
    };
  }

  async refused(error: DomainError, caller?: Caller, route = TOKEN_ROUTE): Promise<void> {
    await this.refusals.note(error, route, caller);
  }
}
