import { Injectable } from '@nestjs/common';

import { Database, type PlatformTransaction } from '@tenantry/database';
import { isUuid } from '@tenantry/kernel';
import {
  PLATFORM_ADMINS,
  type PlatformAdmin,
  type PlatformAdminRow,
  toPlatformAdmin,
} from './platform-account-row.js';
import { PlatformAdminNotFound } from './platform-admins.errors.js';

const REASON = 'platform-admins';

/** What a change sets; what is not named stays. */
export interface PlatformAdminUpdate {
  readonly name?: string | null;
  readonly roles?: readonly string[];
  readonly status?: PlatformAdmin['status'];
}

/** Platform admins of both kinds: people in one table, services in another. */
@Injectable()
export class PlatformAdminsRepository {
  constructor(private readonly database: Database) {}

  async list({
    after,
    limit,
  }: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<PlatformAdmin[]> {
    const rows = await this.database.queryAcrossTenants<PlatformAdminRow>(
      REASON,
      `select * from (${PLATFORM_ADMINS}) as admin
       where $1::text is null or id > $1 order by id limit $2`,
      [after, limit],
    );
    return rows.map(toPlatformAdmin);
  }

  /** Throws `PlatformAdminNotFound`. */
  async require(id: string): Promise<PlatformAdmin> {
    const rows = isUuid(id)
      ? await this.database.queryAcrossTenants<PlatformAdminRow>(
          REASON,
          `select * from (${PLATFORM_ADMINS}) as admin where id = $1`,
          [id],
        )
      : [];
    return found(rows);
  }

  /** The admin, with every change of an admin waiting until this one is done. */
  async lock(tx: PlatformTransaction, id: string): Promise<PlatformAdmin> {
    if (!isUuid(id)) throw new PlatformAdminNotFound();
    await tx.query("select pg_advisory_xact_lock(hashtext('tenantry-platform-admins'))::text");
    return found(
      await tx.query<PlatformAdminRow>(
        `select * from (${PLATFORM_ADMINS}) as admin where id = $1`,
        [id],
      ),
    );
  }

  async countOtherAdmins(tx: PlatformTransaction, id: string): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
      `select count(*)::int as count from (${PLATFORM_ADMINS}) as admin
       where id <> $1 and status = 'active' and 'platform-admin' = any(roles)`,
      [id],
    );
    return row?.count ?? 0;
  }

  async update(
    tx: PlatformTransaction,
    { id, kind }: Pick<PlatformAdmin, 'id' | 'kind'>,
    { name, roles, status }: PlatformAdminUpdate,
  ): Promise<void> {
    const values = {
      ...(roles ? { roles: [...roles] } : {}),
      ...(status === undefined ? {} : { status }),
      revision: { increment: 1 },
      updatedAt: new Date(),
    };
    if (kind === 'service') {
      // A secret that was rotated out must not come back with its account.
      const previous =
        status === 'suspended' ? { previousSecretHash: null, previousUntil: null } : {};
      const data = { ...values, ...previous, ...(name ? { name } : {}) };
      await tx.tables.platformServiceAccount.updateMany({ where: { id }, data });
      return;
    }
    await tx.tables.platformAdmin.updateMany({ where: { personId: id }, data: values });
    if (name !== undefined) {
      await tx.tables.person.updateMany({ where: { id }, data: { displayName: name } });
    }
  }

  /** A person keeps the account that they may have elsewhere. */
  async delete(
    tx: PlatformTransaction,
    { id, kind }: Pick<PlatformAdmin, 'id' | 'kind'>,
  ): Promise<void> {
    if (kind === 'service') await tx.tables.platformServiceAccount.deleteMany({ where: { id } });
    else await tx.tables.platformAdmin.deleteMany({ where: { personId: id } });
  }
}

function found([row]: readonly PlatformAdminRow[]): PlatformAdmin {
  if (!row) throw new PlatformAdminNotFound();
  return toPlatformAdmin(row);
}
