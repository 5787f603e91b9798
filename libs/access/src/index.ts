// Who may call: the guard, the actor that it admits, the permissions, and the only mint of scopes.
// What it must find out about issuers, members and tenants, the features provide.
export * from './access.errors.js';
export { AccessModule, ThrottleModule } from './access.module.js';
export type { Actor, ActorGrant } from './actor.js';
export { AddressThrottle } from './address-throttle.js';
export {
  API_KEY_PREFIX,
  ApiKeyDirectory,
  type KnownApiKey,
  type TenantClient,
  TenantClients,
} from './api-key-directory.js';
export { Attestation, type AttestedClaims } from './attestation.js';
export { Authenticator } from './authenticator.js';
export { bearerTokenOf, readUnverified } from './bearer-token.js';
export { Caller, originOf, type RequestOrigin } from './caller.js';
export { claimAt, isClaimName } from './claim.js';
export { cookieOf } from './cookie.js';
export { Csrf } from './csrf.js';
export type { Evidence } from './evidence.js';
export { type GivenRole, Granting } from './grantable.js';
export { identityOf, tenantNameOf } from './identity.js';
export {
  type AdmissionRules,
  BuiltInIssuer,
  type ClaimCondition,
  type ClaimNames,
  IssuerDirectory,
  type SignInClient,
  type Tenancy,
  type TrustedIssuer,
  type TrustedKey,
  type UnverifiedToken,
  type Vouching,
} from './issuer-directory.js';
export {
  type AdmissionPreview,
  type EngineAccount,
  type ExternalIdentity,
  MemberDirectory,
  type Membership,
  type PersonMembership,
  type PlatformAccount,
  PlatformDirectory,
  type ResourceGrant,
  type Vouched,
} from './member-directory.js';
export { networkOf } from './network.js';
export { scopeOfOwnWork, scopeOfPlatform } from './own-work.js';
export * from './permission.js';
export {
  type CheckedEnrolment,
  type Enrolment,
  type KnownPerson,
  PersonRegistry,
} from './person-registry.js';
export { PlatformAdmission } from './platform-admission.js';
export { Readmission } from './readmission.js';
export type { Authenticated } from './resolved.js';
export { ClaimedTenants, RoleDirectory, type Within } from './role-directory.js';
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
export { SESSION_COOKIE, sessionCookieOf } from './session-cookie.js';
export {
  type LiveSession,
  SessionDirectory,
  type SessionRegistration,
} from './session-directory.js';
export { TenantDirectory, type TenantState } from './tenant-directory.js';
export { ThrottleStorage } from './throttle-storage.js';
export { tag, TrustedCache } from './trusted-cache.js';
export { type VerifiedToken, verifyToken } from './verify-token.js';
