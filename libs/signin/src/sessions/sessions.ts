import { Injectable } from '@nestjs/common';

import { type LiveSession, type RequestOrigin, SessionDirectory } from '@tenantry/access';
import { isSecretText, KeyedDigest, MasterKey, newSecretText } from '@tenantry/crypto';
import { Database, type PlatformTransaction, type TenantTransaction } from '@tenantry/database';
import { Clock, isUuid, newId } from '@tenantry/kernel';
import { SESSION_COLUMNS, type SessionRow, toLiveSession } from './session-row.js';

const REASON = 'sessions';
const HOUR_MS = 3_600_000;
/** How long a chain of refresh tokens can go on before somebody has to sign in again. */
const LASTS_MS = 30 * 24 * HOUR_MS;
/** A browser is often left alone: half a day (NIST SP 800-63B §2.2.3 asks for at most one). */
const LASTS_IN_BROWSER_MS = 12 * HOUR_MS;

/** What a session is opened with. */
export interface NewSession extends Omit<LiveSession, 'id' | 'expiresAt'> {
  readonly origin: RequestOrigin;
  /** Whether a browser is to hold it by a cookie, instead of by tokens. */
  readonly isBrowser: boolean;
  /** A session that rests on somebody else's token ends no later than that one. */
  readonly endsBy?: Date;
}

/** An open session, and the secret of its cookie where a browser holds it. */
export interface OpenedSession extends LiveSession {
  readonly cookie: string | null;
}

/**
 * Sign-ins, and how they end. The guard looks a session up whenever it has nothing cached, and the
 * change feed tells every node of an end: nothing of a session outlives it by more than a second.
 */
@Injectable()
export class Sessions extends SessionDirectory {
  readonly #cookies: KeyedDigest;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    masterKey: MasterKey,
  ) {
    super();
    this.#cookies = new KeyedDigest(masterKey, 'session-cookies');
  }

  async open(tx: PlatformTransaction, session: NewSession): Promise<OpenedSession> {
    const id = newId();
    const now = this.clock.now();
    const lastsMs = session.isBrowser ? LASTS_IN_BROWSER_MS : LASTS_MS;
    const expiresAt = new Date(
      Math.min(now.getTime() + lastsMs, session.endsBy?.getTime() ?? Number.POSITIVE_INFINITY),
    );
    const cookie = session.isBrowser ? newSecretText('tns_') : null;
    const { registration, origin } = session;
    await tx.tables.session.create({
      data: {
        id,
        personId: session.personId,
        tenantId: session.tenantId,
        memberId: session.memberId,
        registrationId: registration?.id ?? null,
        registrationOwnerId: registration?.ownerId ?? null,
        registrationKey: registration?.keyThumbprint ?? null,
        subject: registration?.subject ?? null,
        email: registration?.email ?? null,
        groups: [...(registration?.groups ?? [])],
        secondFactor: session.hasSecondFactor,
        cookieDigest: cookie === null ? null : new Uint8Array(this.#cookies.of(cookie)),
        ip: origin.ip,
        userAgent: origin.userAgent?.slice(0, 255) ?? null,
        createdAt: now,
        lastUsedAt: now,
        expiresAt,
      },
    });
    const { personId, tenantId, memberId, hasSecondFactor } = session;
    return { id, personId, tenantId, memberId, registration, hasSecondFactor, expiresAt, cookie };
  }

  async find(sessionId: string): Promise<LiveSession | null> {
    return isUuid(sessionId) ? this.#findBy('id = $1::uuid', sessionId) : null;
  }

  async byCookie(secret: string): Promise<LiveSession | null> {
    if (!isSecretText('tns_', secret)) return null;
    return this.#findBy('cookie_digest = $1', this.#cookies.of(secret));
  }

  async isRevoked(jti: string): Promise<boolean> {
    const rows = await this.database.queryAcrossTenants(
      REASON,
      'select 1 from revoked_tokens where jti = $1',
      [jti],
    );
    return rows.length > 0;
  }

  /** Takes one access token back, until it would have expired by itself. */
  async revoke(tx: PlatformTransaction, jti: string, expiresAt: Date): Promise<void> {
    await tx.query(
      'insert into revoked_tokens (jti, expires_at) values ($1, $2) on conflict do nothing',
      [jti, expiresAt],
    );
    tx.announce({ kind: 'token', id: jti, tenantId: null });
  }

  async endOfMember(tx: TenantTransaction, memberId: string, reason: string): Promise<void> {
    await tx.acrossTenants(REASON, () =>
      this.#end(tx, 'tenant_id = $3::uuid and member_id = $4::uuid', {
        reason,
        values: [tx.tenantId, memberId],
      }),
    );
  }

  /** Announces nothing: one of the platform vouches in many tenants, of which no other may speak. */
  async endOfRegistration(
    tx: TenantTransaction,
    registrationId: string,
    reason: string,
  ): Promise<void> {
    await tx.acrossTenants(REASON, () =>
      tx.query(
        `update sessions set ended_at = $1, ended_reason = $2
         where ended_at is null and registration_id = $3::uuid
           and registration_owner_id = $4::uuid`,
        [this.clock.now(), reason, registrationId, tx.tenantId],
      ),
    );
  }

  /** Ends one session; answers whether it was there to end. */
  async end(tx: PlatformTransaction, sessionId: string, reason: string): Promise<boolean> {
    return (await this.#end(tx, 'id = $3::uuid', { reason, values: [sessionId] })) > 0;
  }

  /** Ends what a person has open everywhere, apart from one session; answers how many there were. */
  async endOfPerson(
    tx: PlatformTransaction,
    personId: string,
    { reason, except = null }: { readonly reason: string; readonly except?: string | null },
  ): Promise<number> {
    return this.#end(tx, 'person_id = $3::uuid and id is distinct from $4::uuid', {
      reason,
      values: [personId, except],
    });
  }

  async #end(
    tx: PlatformTransaction,
    where: string,
    { reason, values }: { readonly reason: string; readonly values: readonly unknown[] },
  ): Promise<number> {
    const ended = await tx.query<{ id: string; tenantId: string | null }>(
      `update sessions set ended_at = $1, ended_reason = $2
       where ended_at is null and ${where} returning id::text, tenant_id::text as "tenantId"`,
      [this.clock.now(), reason, ...values],
    );
    for (const { id, tenantId } of ended) tx.announce({ kind: 'session', id, tenantId });
    return ended.length;
  }

  async #findBy(where: string, value: unknown): Promise<LiveSession | null> {
    const [row] = await this.database.queryAcrossTenants<SessionRow>(
      REASON,
      `select ${SESSION_COLUMNS} from sessions
       where ${where} and ended_at is null and expires_at > $2`,
      [value, this.clock.now()],
    );
    return row ? toLiveSession(row) : null;
  }
}
