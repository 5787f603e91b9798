import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';

const EVERY_MS = 600_000;
const ROWS_MAX = 5_000;
const DAY_MS = 86_400_000;
/** As long as a session is kept, its network is known to be its person's: see login/attempts.ts. */
const KEPT_FOR_MS = 90 * DAY_MS;

/** What can be forgotten, and from when on; the first parameter is that moment. */
const FORGOTTEN = [
  { table: 'sessions', key: 'id', where: 'expires_at < $1', afterMs: KEPT_FOR_MS },
  {
    table: 'sessions',
    key: 'id',
    where: 'expires_at < $1 and registration_id is not null',
    afterMs: DAY_MS,
  },
  { table: 'refresh_tokens', key: 'digest', where: 'expires_at < $1', afterMs: DAY_MS },
  { table: 'revoked_tokens', key: 'jti', where: 'expires_at < $1', afterMs: DAY_MS },
  { table: 'password_resets', key: 'digest', where: 'expires_at < $1', afterMs: DAY_MS },
  { table: 'signin_attempts', key: 'key', where: 'last_failed_at < $1', afterMs: DAY_MS },
] as const;

/** Forgets sessions, and what else is over, a bounded number at a time. */
@Injectable()
export class SessionPurge implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(SessionPurge.name);
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => {
      this.purge().catch((error: unknown) => {
        this.#logger.warn({ err: error }, 'Old sessions could not be purged.');
      });
    }, EVERY_MS);
    this.#timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Forgets all that is over, a bounded number of rows a statement. */
  async purge(): Promise<void> {
    const now = this.clock.now().getTime();
    for (const { table, key, where, afterMs } of FORGOTTEN) {
      const statement = `
        with gone as (
          delete from ${table} where ${key} in (
            select ${key} from ${table} where ${where} limit ${ROWS_MAX})
          returning 1)
        select count(*)::int as count from gone`;
      let count: number;
      do {
        const rows = await this.database.queryAcrossTenants<{ readonly count: number }>(
          'purge',
          statement,
          [new Date(now - afterMs)],
        );
        count = rows[0]?.count ?? 0;
      } while (count === ROWS_MAX);
    }
  }
}
