import { PLATFORM_ID, TenantScope } from '@tenantry/kernel';

/**
 * The scope of Tenantry's own work in one tenant, for which no caller was admitted: finding the
 * registration of a token, checking an issuer. Never for anything that a caller asked for.
 */
export function scopeOfOwnWork(tenantId: string): TenantScope {
  return TenantScope.admit(tenantId);
}

/** The scope of what belongs to the platform itself, beside every tenant. For its own routes only. */
export function scopeOfPlatform(): TenantScope {
  return TenantScope.admit(PLATFORM_ID);
}
