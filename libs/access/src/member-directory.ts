import type { TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { AdmissionRules } from './issuer-directory.js';
import type { PlatformRole } from './permission.js';

/** Who a verified token speaks of. */
export interface ExternalIdentity {
  readonly issuerId: string;
  /** Whose that issuer is: the tenant's own, or the platform's (`PLATFORM_ID`). */
  readonly issuerOwnerId: string;
  readonly subject: string;
  readonly email: string | null;
  /** Whether the issuer says that the address is the subject's own (`email_verified`). */
  readonly isEmailVerified: boolean;
  readonly name: string | null;
  readonly groups: readonly string[];
}

/** What a tenant makes of an identity that one of its issuers vouched for. */
export interface Membership {
  readonly id: string;
  readonly kind: 'person' | 'service' | 'external';
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: readonly string[];
}

/** What would become of an identity that knocked. */
export interface AdmissionPreview {
  /** `member`: it is one; `binds`: it takes up a membership by its e-mail; `admitted`: it becomes one. */
  readonly outcome: 'member' | 'binds' | 'admitted' | 'refused';
  readonly reason: 'unknown_subject' | 'suspended' | 'removed' | 'admission_closed' | null;
  readonly roles: readonly string[];
}

/** Finds members for the guard. The members feature provides it. */
export abstract class MemberDirectory {
  /** Admits an identity to the tenant as its issuer's rules and its membership say; else null. */
  abstract admit(
    scope: TenantScope,
    identity: ExternalIdentity,
    rules: AdmissionRules,
  ): Promise<Membership | null>;

  /** What `admit` would do; does nothing. */
  abstract preview(
    scope: TenantScope,
    identity: ExternalIdentity,
    rules: AdmissionRules,
  ): Promise<AdmissionPreview>;

  /**
   * Every role of the tenant's members that somebody could come to have who speaks for this issuer:
   * of those who come by it, and of those whom a verified e-mail address would bind to it.
   */
  abstract rolesReachable(tx: TenantTransaction, issuerId: string): Promise<string[]>;

  /** Throws `members.last_admin` where all of the tenant's active admins come by this issuer. */
  abstract assertAdministeredWithout(tx: TenantTransaction, issuerId: string): Promise<void>;
}

/** A service account, or a person, that stands outside every tenant. */
export interface PlatformAccount {
  readonly id: string;
  readonly kind: 'person' | 'service';
  readonly name: string;
  readonly roles: readonly PlatformRole[];
}

/** Finds platform accounts for the guard. The sign-in feature provides it. */
export abstract class PlatformDirectory {
  /** Null where there is none, or where it is no longer active. */
  abstract find(id: string): Promise<PlatformAccount | null>;
}
