// Who may call: the guard, the actor that it admits, the permissions, and the only mint of scopes.
// What it must find out about issuers, members and tenants, the features provide.
export * from './access.errors.js';
export { AccessModule, ThrottleModule } from './access.module.js';
export type { Actor } from './actor.js';
export { AddressThrottle } from './address-throttle.js';
export { Caller, type RequestOrigin } from './caller.js';
export { assertGrantable, type GivenRole } from './grantable.js';
export {
  type AdmissionRules,
  BuiltInIssuer,
  type ClaimNames,
  IssuerDirectory,
  type TrustedIssuer,
  type TrustedKey,
  type UnverifiedToken,
} from './issuer-directory.js';
export {
  type ExternalIdentity,
  MemberDirectory,
  type Membership,
  type PlatformAccount,
  PlatformDirectory,
} from './member-directory.js';
export { scopeOfOwnWork } from './own-work.js';
export * from './permission.js';
export {
  CurrentCaller,
  type GuardedRequest,
  Public,
  Requires,
  RequiresActor,
  RequiresPlatform,
  type RouteAccess,
} from './route-access.js';
export { RouteCheck, RouteUndeclared } from './route-check.js';
export { TenantDirectory, type TenantState } from './tenant-directory.js';
export { tag, TrustedCache } from './trusted-cache.js';
