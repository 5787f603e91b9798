import { Injectable } from '@nestjs/common';

import { PLATFORM_PERMISSIONS } from '@tenantry/access';
import { Database, type PlatformTransaction, type TenantTransaction } from '@tenantry/database';

const REASON = 'engine-permissions';

const ALL = 'select name, description, registered_by as "registeredBy" from engine_permissions';

/** What an engine lets its users do. */
export interface EnginePermission {
  readonly name: string;
  readonly description: string;
}

/** One, and the account that registered it. */
export interface RegisteredPermission extends EnginePermission {
  readonly registeredBy: string;
}

/** The one registry of permissions that all tenants share. */
@Injectable()
export class EnginePermissionsRepository {
  constructor(private readonly database: Database) {}

  async all(): Promise<RegisteredPermission[]> {
    const rows = await this.database.queryAcrossTenants<RegisteredPermission>(REASON, ALL);
    return rows.filter(isHarmless);
  }

  /** The same in the middle of a tenant's transaction, on its own connection. */
  async allIn(tx: TenantTransaction): Promise<RegisteredPermission[]> {
    const rows = await tx.acrossTenants(REASON, () => tx.query<RegisteredPermission>(ALL));
    return rows.filter(isHarmless);
  }

  /** As they are, and as they stay until the transaction ends: registrations wait for each other. */
  async lockAll({ query }: PlatformTransaction): Promise<RegisteredPermission[]> {
    await query('lock table engine_permissions in share row exclusive mode');
    return query<RegisteredPermission>(ALL);
  }

  /** Puts these in the place of all that the account had registered. */
  async replace(
    { tables }: PlatformTransaction,
    registeredBy: string,
    permissions: readonly EnginePermission[],
  ): Promise<void> {
    await tables.enginePermission.deleteMany({ where: { registeredBy } });
    await tables.enginePermission.createMany({
      data: permissions.map(({ name, description }) => ({ name, description, registeredBy })),
    });
  }
}

/** Whatever the table says: no role of a tenant ever holds what is the platform's. */
function isHarmless({ name }: EnginePermission): boolean {
  return !Object.hasOwn(PLATFORM_PERMISSIONS, name);
}
