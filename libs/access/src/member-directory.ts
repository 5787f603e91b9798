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
  readonly grants: readonly ResourceGrant[];
  /** The person whose membership it is; null for services, and for those whom an issuer vouches for. */
  readonly personId: string | null;
}

/** A role that somebody has on one resource alone. */
export interface ResourceGrant {
  readonly role: string;
  /** `workflow/po-1234`. */
  readonly resource: string;
  /** ISO 8601; null for good. */
  readonly expiresAt: string | null;
}

/** How somebody external has come in, once that was verified. */
export interface Vouched {
  readonly groups: readonly string[];
  readonly rules: AdmissionRules;
}

/** A membership of a person, and where. */
export interface PersonMembership {
  readonly memberId: string;
  readonly tenant: { readonly id: string; readonly slug: string; readonly displayName: string };
  readonly roles: readonly string[];
  readonly requiresSecondFactor: boolean;
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

  /** The active membership with this id; null where there is none. `vouched`: of somebody external. */
  abstract find(
    scope: TenantScope,
    memberId: string,
    vouched: Vouched | null,
  ): Promise<Membership | null>;

  /** Every active membership of a person, in tenants that are not suspended, oldest first. */
  abstract ofPerson(personId: string): Promise<readonly PersonMembership[]>;

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

/** A service account, or a person, outside every tenant. A person may have no role there at all. */
export interface PlatformAccount {
  readonly id: string;
  readonly kind: 'person' | 'service';
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly PlatformRole[];
}

/** A service account of the platform that is an engine, and nothing besides. */
export interface EngineAccount {
  readonly id: string;
  readonly clientId: string;
}

/** Finds platform accounts for the guard. The sign-in feature provides it. */
export abstract class PlatformDirectory {
  /** A service account; null where there is none, or where it is no longer active. */
  abstract find(id: string): Promise<PlatformAccount | null>;

  /** A person with whatever roles they have outside tenants; null where there is none. */
  abstract findPerson(id: string): Promise<PlatformAccount | null>;

  /** Those of these ids and client ids that are active engines; the others are left out. */
  abstract findEngines(names: readonly string[]): Promise<readonly EngineAccount[]>;
}
