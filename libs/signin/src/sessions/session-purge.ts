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
  {
    table: 'sessions',
    key: 'id',
    where: 'created_at < $1 and expires_at < now()',
    afterMs: KEPT_FOR_MS,
  },
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

  async purge(): Promise<void> {
    const now = this.clock.now().getTime();
    for (const { table, key, where, afterMs } of FORGOTTEN) {
      await this.database.queryAcrossTenants(
        'purge',
        `delete from ${table} where ${key} in (select ${key} from ${table} where ${where} limit ${ROWS_MAX})`,
        [new Date(now - afterMs)],
      );
    }
  }
}
