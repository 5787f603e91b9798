// Who may call: the guard, the actor that it admits, the permissions, and the only mint of scopes.
// What it must find out about issuers, members and tenants, the features provide.
export * from './access.errors.js';
export { AccessModule, ThrottleModule } from './access.module.js';
export type { Actor } from './actor.js';
export { AddressThrottle } from './address-throttle.js';
export { bearerTokenOf, readUnverified } from './bearer-token.js';
export { Caller, type RequestOrigin } from './caller.js';
export { claimAt, isClaimName } from './claim.js';
export { assertGrantable, assertReachable, type GivenRole } from './grantable.js';
export { identityOf, tenantNameOf } from './identity.js';
export {
  type AdmissionRules,
  BuiltInIssuer,
  type ClaimCondition,
  type ClaimNames,
  IssuerDirectory,
  type Tenancy,
  type TrustedIssuer,
  type TrustedKey,
  type UnverifiedToken,
} from './issuer-directory.js';
export {
  type AdmissionPreview,
  type ExternalIdentity,
  MemberDirectory,
  type Membership,
  type PlatformAccount,
  PlatformDirectory,
} from './member-directory.js';
export { scopeOfOwnWork, scopeOfPlatform } from './own-work.js';
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
export { type VerifiedToken, verifyToken } from './verify-token.js';
