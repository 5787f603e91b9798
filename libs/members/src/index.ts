// Who may act in a tenant, and as what: people, services, what their roles hold, who is invited.
export { ApiKeyLookup } from './api-keys/api-key-lookup.js';
export { ClaimRule } from './break-glass/claim-rule.js';
export { MemberLookup } from './member-lookup.js';
export { MembersModule } from './members.module.js';
export { RoleBook } from './roles/role-book.js';
export { TenantClientCheck } from './service-accounts/tenant-client-check.js';
