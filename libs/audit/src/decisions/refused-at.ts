import {
  CsrfRefused,
  type GuardedRequest,
  PermissionMissing,
  SecondFactorRequired,
  TenantMismatch,
  TenantMissing,
  TenantNotFound,
  TenantSuspended,
  TenantTerminating,
  Throttled,
  type TokenFault,
  TokenInvalid,
  TokenMissing,
} from '@tenantry/access';
import type { DomainError } from '@tenantry/kernel';
import type { StepName } from './receipt.js';

const STEP_OF_FAULT: Readonly<Record<TokenFault, StepName>> = {
  malformed: 'credential',
  unknown_api_key: 'credential',
  unknown_issuer: 'issuer',
  issuer_disabled: 'issuer',
  issuer_expired: 'issuer',
  unknown_key: 'key',
  key_distrusted: 'key',
  bad_signature: 'key',
  bad_algorithm: 'key',
  bad_type: 'claims',
  expired: 'claims',
  not_yet_valid: 'claims',
  too_old: 'claims',
  bad_audience: 'claims',
  bad_subject: 'claims',
  bad_claims: 'claims',
  condition_unmet: 'claims',
  revoked: 'session',
  session_ended: 'session',
  unknown_account: 'member',
};

const TENANT_REFUSALS = [
  TenantMismatch,
  TenantMissing,
  TenantNotFound,
  TenantSuspended,
  TenantTerminating,
];

const REFUSING: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'exhausted']);

/** Whether an error says that somebody may not; what could not be done is no decision about them. */
export function isRefusal(error: DomainError): boolean {
  return REFUSING.has(error.kind) || error instanceof TenantNotFound;
}

/** The step that refused. */
export function refusedAt(error: DomainError, request: GuardedRequest): StepName {
  if (!request.caller) return refusedBeforeKnown(error);
  if (error instanceof CsrfRefused) return 'csrf';
  if (error instanceof SecondFactorRequired) return 'second_factor';
  if (error instanceof Throttled) return 'throttle';
  if (TENANT_REFUSALS.some((refusal) => error instanceof refusal)) return 'tenant';
  if (error instanceof PermissionMissing && isOfGuard(error, request)) return 'permission';
  // By its code: quotas stand above the trail.
  if (error.kind === 'exhausted' && error.code.startsWith('quotas.')) return 'quota';
  return 'route';
}

function refusedBeforeKnown(error: DomainError): StepName {
  if (error instanceof TokenMissing) return 'credential';
  if (error instanceof TokenInvalid) return STEP_OF_FAULT[error.fault];
  if (error instanceof Throttled) return 'throttle';
  return error instanceof TenantMissing ? 'tenant' : 'member';
}

/** A route may ask for more than it declares: then it is the route that refused. */
function isOfGuard({ permission }: PermissionMissing, { access, caller }: GuardedRequest): boolean {
  const isDeclared = access && 'permission' in access && access.permission === permission;
  return isDeclared === true && caller?.actor.permissions.has(permission) !== true;
}
