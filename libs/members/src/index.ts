// Who may act in a tenant, and as what.
export { MemberLookup } from './member-lookup.js';
export { MembersModule } from './members.module.js';
