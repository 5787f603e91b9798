import { Injectable } from '@nestjs/common';

import { type Caller, TenantDirectory, type TenantState } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { CursorCodec, type Page, pageById } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { SigninRecords } from '../login/signin-records.js';
import { Sessions } from '../sessions/sessions.js';
import { SessionNotFound } from './account.errors.js';
import { AccountHolders } from './account-holders.js';

const LIST = 'own-sessions';

/** Newest first: ids are ordered by the time they were made. */
const SELECT = `
  select id::text, tenant_id::text as "tenantId", ip, user_agent as "userAgent",
    created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt",
    second_factor as "hasSecondFactor"
  from sessions
  where person_id = $1::uuid and ended_at is null and expires_at > $2
    and ($3::uuid is null or id < $3::uuid)
  order by id desc limit $4`;

interface SessionRow {
  readonly id: string;
  readonly tenantId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly hasSecondFactor: boolean;
}

/** A session of the caller's own. */
export interface OwnSession extends SessionRow {
  readonly tenant: Pick<TenantState, 'id' | 'slug'> | null;
  /** Whether it is the one that asks. */
  readonly isCurrent: boolean;
}

/** Where the caller is signed in, and how that ends. */
@Injectable()
export class OwnSessions {
  constructor(
    private readonly database: Database,
    private readonly holders: AccountHolders,
    private readonly sessions: Sessions,
    private readonly tenants: TenantDirectory,
    // More than the usual four: a list is paged, and an end is put on record.
    private readonly records: SigninRecords,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  async list(
    caller: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<OwnSession>> {
    const { person, sessionId } = await this.holders.of(caller);
    const { items, nextCursor } = await pageById(
      this.cursors,
      { list: LIST, scope: person.id, limit, cursor },
      (stretch) =>
        this.database.queryAcrossTenants<SessionRow>(LIST, SELECT, [
          person.id,
          this.clock.now(),
          stretch.after,
          stretch.limit,
        ]),
    );
    const shown = items.map((row) => this.#shown(row, sessionId));
    return { items: await Promise.all(shown), nextCursor };
  }

  /** Throws `SessionNotFound`, for somebody else's session too. */
  async end(caller: Caller, id: string): Promise<void> {
    const { person } = await this.holders.of(caller);
    const session = await this.sessions.find(id);
    if (session?.personId !== person.id) throw new SessionNotFound();
    await this.database.acrossTenants(LIST, async (tx) => {
      if (!(await this.sessions.end(tx, session.id, 'ended_by_owner'))) throw new SessionNotFound();
      this.records.ofCaller(tx, caller, {
        deed: 'session.ended',
        target: { kind: 'session', id: session.id },
        reason: 'ended_by_owner',
      });
    });
  }

  async #shown(row: SessionRow, current: string | null): Promise<OwnSession> {
    const tenant = row.tenantId === null ? null : await this.tenants.find(row.tenantId);
    return { ...row, tenant, isCurrent: row.id === current };
  }
}
