import { type Caller, scopeOfPlatform } from '@tenantry/access';
import type { TenantScope } from '@tenantry/kernel';

/** Who acts upon issuers, and whose they are: the tenant's that the caller was admitted to, or the platform's. */
export interface IssuerOwner {
  readonly caller: Caller;
  readonly scope: TenantScope;
}

export function ofTenant(caller: Caller): IssuerOwner {
  return { caller, scope: caller.scope };
}

export function ofPlatform(caller: Caller): IssuerOwner {
  return { caller, scope: scopeOfPlatform() };
}
