import { Injectable } from '@nestjs/common';

import type { LiveSession, RequestOrigin } from '@tenantry/access';
import { TokenInvalid } from '@tenantry/access';
import type { PlatformTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { type SessionRow, SESSION_COLUMNS, toLiveSession } from '../../sessions/session-row.js';
import { Sessions } from '../../sessions/sessions.js';

/**
 * As many jobs as the largest build matrices run at once: they share one subject, and each shows a
 * token of its own. Whoever exchanges without end pushes out only sessions of their own.
 */
const LIVE_AT_ONCE_MAX = 256;

/** What a session by exchange rests on. */
export interface ExchangeGround extends Omit<LiveSession, 'id' | 'expiresAt'> {
  readonly tenantId: string;
  readonly memberId: string;
  readonly endsBy: Date;
  /** The session that a person comes from. */
  readonly sourceId?: string;
}

/** The same word of the same issuer: for one token there is one session, however often it is shown. */
const FIND_ALIKE = `
  select ${SESSION_COLUMNS} from sessions
  where tenant_id = $1::uuid and member_id = $2::uuid and registration_id = $3::uuid
    and registration_key is not distinct from $4 and email is not distinct from $5
    and groups = $6::text[] and expires_at = $7
    and cookie_digest is null and ended_at is null
  limit 1`;

const FIND_SUPERFLUOUS = `
  select id::text from sessions
  where tenant_id = $1::uuid and member_id = $2::uuid
    and cookie_digest is null and ended_at is null and expires_at > $3
  order by last_used_at desc, id desc
  offset ${LIVE_AT_ONCE_MAX - 1}`;

/** Opens the sessions that exchanges are answered with. */
@Injectable()
export class ExchangedSessions {
  constructor(
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async open(
    tx: PlatformTransaction,
    { sourceId, ...ground }: ExchangeGround,
    origin: RequestOrigin,
  ): Promise<LiveSession> {
    if (ground.personId !== null && sourceId !== undefined) {
      await this.#assertStillSignedIn(tx, ground.personId, sourceId);
    }
    const alike = await this.#findAlike(tx, ground);
    if (alike) return alike;
    const superfluous = await tx.query<{ id: string }>(FIND_SUPERFLUOUS, [
      ground.tenantId,
      ground.memberId,
      this.clock.now(),
    ]);
    for (const { id } of superfluous) await this.sessions.end(tx, id, 'too_many');
    return this.sessions.open(tx, { ...ground, origin, isBrowser: false });
  }

  /** Holds the account first: who ends everything that a person has open waits, and ends this one too. */
  async #assertStillSignedIn(
    { query }: PlatformTransaction,
    personId: string,
    sessionId: string,
  ): Promise<void> {
    await query('select id from people where id = $1::uuid for share', [personId]);
    const found = await query(
      'select id from sessions where id = $1::uuid and ended_at is null and expires_at > $2',
      [sessionId, this.clock.now()],
    );
    if (found.length === 0) throw new TokenInvalid('session_ended');
  }

  async #findAlike(
    tx: PlatformTransaction,
    { tenantId, memberId, registration, endsBy }: Omit<ExchangeGround, 'sourceId'>,
  ): Promise<LiveSession | null> {
    if (!registration) return null;
    const { id, keyThumbprint, email, groups } = registration;
    const [row] = await tx.query<SessionRow>(FIND_ALIKE, [
      tenantId,
      memberId,
      id,
      keyThumbprint,
      email,
      groups,
      endsBy,
    ]);
    return row ? toLiveSession(row) : null;
  }
}
