import type { TenantState } from '@tenantry/access';
import type { Database } from '@tenantry/database';
import { newId, TenantScope } from '@tenantry/kernel';

/** A tenant that a spec has made, with the proof that it was admitted to it. */
export interface TestTenant extends TenantState {
  readonly scope: TenantScope;
}

/** A scope as the guard would have minted it. */
export function scopeOf(tenantId: string): TenantScope {
  return TenantScope.admit(tenantId);
}

/** Puts a tenant into the database, past the feature that owns tenants. */
export async function aTenant(
  database: Database,
  given: Partial<TenantState> = {},
): Promise<TestTenant> {
  const id = given.id ?? newId();
  const { slug = `tenant-${id}`, status = 'active', requiresSecondFactor = false } = given;
  await database.queryAcrossTenants(
    'spec',
    `insert into tenants (id, slug, display_name, status, requires_second_factor)
     values ($1, $2, $2, $3, $4)`,
    [id, slug, status, requiresSecondFactor],
  );
  return { id, slug, status, requiresSecondFactor, scope: scopeOf(id) };
}
