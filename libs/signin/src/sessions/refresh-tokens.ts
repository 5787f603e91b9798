import { Injectable } from '@nestjs/common';

import type { LiveSession } from '@tenantry/access';
import { isSecretText, KeyedDigest, MasterKey, newSecretText } from '@tenantry/crypto';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { SESSION_COLUMNS, type SessionRow, toLiveSession } from './session-row.js';
import { Sessions } from './sessions.js';

const DAY_MS = 86_400_000;
/** A session that nobody has used for so long is over. */
const IDLE_MS = 14 * DAY_MS;

/** What became of a refresh token that was shown. */
export type Rotation =
  | { readonly outcome: 'rotated'; readonly session: LiveSession; readonly refreshToken: string }
  /** It was used before: somebody else has it, and nobody keeps the session. */
  | { readonly outcome: 'reused'; readonly session: LiveSession }
  | { readonly outcome: 'unknown' };

/** The chain of refresh tokens of a session: each is good once (RFC 9700 §4.14.2). */
@Injectable()
export class RefreshTokens {
  readonly #digests: KeyedDigest;

  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    masterKey: MasterKey,
  ) {
    this.#digests = new KeyedDigest(masterKey, 'refresh-tokens');
  }

  /** The next token of a session. */
  async issue(
    tx: PlatformTransaction,
    { id, expiresAt }: Pick<LiveSession, 'id' | 'expiresAt'>,
  ): Promise<string> {
    const token = newSecretText('tnr_');
    const now = this.clock.now();
    await tx.tables.refreshToken.create({
      data: {
        digest: new Uint8Array(this.#digests.of(token)),
        sessionId: id,
        issuedAt: now,
        expiresAt: new Date(Math.min(now.getTime() + IDLE_MS, expiresAt.getTime())),
      },
    });
    return token;
  }

  /**
   * Uses a token up and gives the next one. `note` puts what happened on record in the same
   * transaction; a token that comes a second time ends its session, whoever shows it.
   */
  async rotate(
    token: string,
    note: (tx: PlatformTransaction, rotation: Rotation) => void,
  ): Promise<Rotation> {
    if (!isSecretText('tnr_', token)) return { outcome: 'unknown' };
    return this.database.acrossTenants('refresh-tokens', async (tx) => {
      const rotation = await this.#rotate(tx, this.#digests.of(token));
      note(tx, rotation);
      return rotation;
    });
  }

  /** The live session that a token belongs to, used or not; the token stays as it is. */
  async sessionOf(tx: PlatformTransaction, token: string): Promise<LiveSession | null> {
    if (!isSecretText('tnr_', token)) return null;
    const [row] = await tx.query<SessionRow>(
      `select ${SESSION_COLUMNS} from sessions
       where id = (select session_id from refresh_tokens where digest = $1)
         and ended_at is null and expires_at > $2`,
      [this.#digests.of(token), this.clock.now()],
    );
    return row ? toLiveSession(row) : null;
  }

  async #rotate(tx: PlatformTransaction, digest: Buffer): Promise<Rotation> {
    const now = this.clock.now();
    // The session is locked first: of two that show one token at the same moment, one is second.
    const [row] = await tx.query<SessionRow>(
      `select ${SESSION_COLUMNS} from sessions
       where id = (select session_id from refresh_tokens where digest = $1)
         and ended_at is null and expires_at > $2
       for update`,
      [digest, now],
    );
    if (!row) return { outcome: 'unknown' };
    const session = toLiveSession(row);
    const [token] = await tx.query<{ used: boolean; idle: boolean }>(
      `select used_at is not null as used, expires_at <= $2 as idle
       from refresh_tokens where digest = $1`,
      [digest, now],
    );
    if (token?.used) {
      await this.sessions.end(tx, session.id, 'refresh_token_reused');
      return { outcome: 'reused', session };
    }
    if (!token || token.idle) return { outcome: 'unknown' };
    await tx.query('update refresh_tokens set used_at = $2 where digest = $1', [digest, now]);
    await tx.query('update sessions set last_used_at = $2 where id = $1::uuid', [session.id, now]);
    return { outcome: 'rotated', session, refreshToken: await this.issue(tx, session) };
  }
}
