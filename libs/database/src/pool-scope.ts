import { AsyncLocalStorage } from 'node:async_hooks';

/** As whom, and for which tenant, a transaction runs. */
export interface PoolScope {
  readonly role: string;
  /** Empty for the platform: the setting then names no tenant. */
  readonly tenantId: string;
}

/** The two roles that migrations make; neither passes a policy by. */
export interface DatabaseRoles {
  readonly tenant: string;
  readonly platform: string;
}

export const DATABASE_ROLES: DatabaseRoles = {
  tenant: 'tenantry_tenant',
  platform: 'tenantry_platform',
};

/**
 * Carries a scope through Prisma to the pool.
 *
 * It is set at the innermost point, around one Prisma call: a `PrismaPromise` is lazy and runs
 * where it is awaited, so a scope set around the caller's code could be another's by then.
 */
export const poolScope = new AsyncLocalStorage<PoolScope>();
