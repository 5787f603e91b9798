// Organizations: created, found, suspended, resumed, on their way out.
export { TenantLookup } from './tenant-lookup.js';
export { TenantsModule } from './tenants.module.js';
