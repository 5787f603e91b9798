/**
 * SQL that says whether a tenant is claimed: somebody who is active administers it with an account of
 * the tenant's own. Whom an issuer vouches for may be anybody tomorrow.
 */
export function isClaimed(tenantId: string): string {
  return `exists (
    select from members as owner
    where owner.tenant_id = ${tenantId} and owner.status = 'active'
      and owner.kind in ('person', 'service') and 'tenant-admin' = any(owner.roles))`;
}
