import { DomainError, type FieldError } from '@tenantry/kernel';
import type { Actor } from './actor.js';
import type { Evidence } from './evidence.js';
import type { TenantState } from './tenant-directory.js';

export class TokenMissing extends DomainError {
  readonly code = 'access.token_missing';
  readonly kind = 'unauthenticated';

  constructor() {
    super('This route needs a bearer token in the Authorization header.');
  }
}

/** Why a token was refused: for the log and the trail, never for the caller. */
export type TokenFault =
  | 'malformed'
  | 'unknown_issuer'
  | 'unknown_key'
  | 'key_distrusted'
  | 'issuer_disabled'
  | 'issuer_expired'
  | 'bad_signature'
  | 'bad_algorithm'
  | 'bad_type'
  | 'expired'
  | 'not_yet_valid'
  | 'too_old'
  | 'bad_audience'
  | 'bad_subject'
  | 'bad_claims'
  | 'condition_unmet'
  | 'unknown_account'
  | 'session_ended'
  | 'revoked'
  | 'unknown_api_key';

/** One public wording for every way in which a token can be bad: a guesser learns nothing. */
export class TokenInvalid extends DomainError {
  readonly code = 'access.token_invalid';
  readonly kind = 'unauthenticated';

  constructor(
    readonly fault: TokenFault,
    options?: ErrorOptions,
  ) {
    super('The bearer token is not valid here.', options);
  }
}

export class TenantMismatch extends DomainError {
  readonly code = 'access.tenant_mismatch';
  readonly kind = 'forbidden';

  constructor() {
    super('The request names a tenant that this token does not belong to.');
  }
}

export class TenantMissing extends DomainError {
  readonly code = 'access.tenant_missing';
  readonly kind = 'forbidden';

  constructor() {
    super('This token names no tenant, and this route needs one.');
  }
}

/** Of whom a credential speaks that holds and lets nobody in: for the record, never for the caller. */
export interface Stranger {
  readonly tenant: TenantState;
  readonly vouched: Pick<Actor, 'by' | 'issuer' | 'keyId'>;
  readonly evidence: Evidence | null;
}

export class MembershipMissing extends DomainError {
  readonly code = 'access.membership_missing';
  readonly kind = 'forbidden';

  constructor(readonly stranger: Stranger | null = null) {
    super('The token is good, but its subject is no active member of the tenant.');
  }
}

export class PermissionMissing extends DomainError {
  readonly code = 'access.permission_missing';
  readonly kind = 'forbidden';

  constructor(readonly permission: string) {
    super(`This needs the permission ${permission}.`);
  }
}

/** The tenant has an admin of its own: the platform alters nothing there that reaches its secrets. */
export class TenantClaimed extends DomainError {
  readonly code = 'access.tenant_claimed';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'This tenant has an admin of its own. What reaches its secrets is altered by that admin, or by the platform in a break-glass window.',
    );
  }
}

export class SecondFactorRequired extends DomainError {
  readonly code = 'access.second_factor_required';
  readonly kind = 'forbidden';

  constructor() {
    super('This tenant requires a second factor: set one up, and sign in with it.');
  }
}

/** A request by cookie that its own page does not seem to have made. */
export class CsrfRefused extends DomainError {
  readonly code = 'access.csrf';
  readonly kind = 'forbidden';

  constructor() {
    super('A request by cookie needs the CSRF token of its session in X-CSRF-Token.');
  }
}

export class TenantSuspended extends DomainError {
  readonly code = 'tenants.suspended';
  readonly kind = 'forbidden';

  constructor() {
    super('This tenant is suspended.');
  }
}

export class TenantTerminating extends DomainError {
  readonly code = 'tenants.terminating';
  readonly kind = 'forbidden';

  constructor() {
    super('This tenant is leaving: it can still be read, and no longer changed.');
  }
}

export class TenantNotFound extends DomainError {
  readonly code = 'tenants.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('There is no such tenant.');
  }
}

/** The issuer was registered and has no verdict yet. */
export class IssuerPending extends DomainError {
  readonly code = 'issuers.unavailable';
  readonly kind = 'unavailable';
  override readonly retryAfterSeconds = 2;

  constructor() {
    super('The issuer of this token is still being checked. Try again shortly.');
  }
}

export class Throttled extends DomainError {
  readonly code = 'access.throttled';
  readonly kind = 'exhausted';

  constructor(override readonly retryAfterSeconds: number) {
    super('Too many requests. Slow down.');
  }
}

export class RoleUnknown extends DomainError {
  readonly code = 'roles.unknown';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[];

  constructor(error: FieldError) {
    super('A role that is named here does not exist.');
    this.errors = [error];
  }
}

export class RoleBeyondOwn extends DomainError {
  readonly code = 'members.escalation';
  readonly kind = 'forbidden';

  constructor() {
    super('Nobody grants a permission that they lack themselves.');
  }
}
