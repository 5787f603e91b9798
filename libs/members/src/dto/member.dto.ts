import type { ResourceGrant } from '@tenantry/access';
import { PageDtoOf } from '@tenantry/http';
import type { Member } from '../member.js';

/** A role that a member has on one resource alone. */
export class GrantDto {
  /**
   * The role, built in or the tenant's own.
   * @example operator
   */
  readonly role: string;

  /**
   * The resource, by its kind and its name.
   * @example workflow/po-1234
   */
  readonly resource: string;

  /**
   * When the grant ends, or has ended, by itself; null: never.
   * @example 2027-06-30T00:00:00Z
   */
  readonly expiresAt: string | null;

  constructor({ role, resource, expiresAt }: ResourceGrant) {
    this.role = role;
    this.resource = resource;
    this.expiresAt = expiresAt;
  }
}

/** Somebody, or something, that may act in the tenant. */
export class MemberDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * A person, a service, or somebody whom an issuer of the tenant vouches for.
   * @example external
   */
  readonly kind: 'person' | 'service' | 'external';

  /**
   * The e-mail address.
   * @example ada@acme.example
   */
  readonly email: string | null;

  /**
   * Name for people.
   * @example Ada Lovelace
   */
  readonly displayName: string | null;

  /**
   * Its own roles; its issuer may add those of its groups.
   * @example ["operator"]
   */
  readonly roles: string[];

  /** Its own roles on single resources, those that have ended among them. */
  readonly grants: GrantDto[];

  /**
   * Whether it may act at present; whoever is invited has not accepted yet.
   * @example active
   */
  readonly status: 'active' | 'suspended' | 'invited';

  /**
   * Whether it is a person who signs in with an account of their own.
   * @example false
   */
  readonly account: boolean;

  /**
   * Whether somebody added it, or an issuer's admission of unknown subjects did.
   * @example added
   */
  readonly origin: 'added' | 'admitted';

  /**
   * The issuer that vouches for it; null until it is bound.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly issuerId: string | null;

  /**
   * The subject that the issuer knows it by; null until it is bound.
   * @example 00u1a2b3c4
   */
  readonly subject: string | null;

  /**
   * Grows with each change; the ETag of the resource.
   * @example 7
   */
  readonly revision: number;

  /**
   * When it was added.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was changed last.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly updatedAt: Date;

  // Field by field, so that a new column never reaches a caller by accident.
  constructor(member: Member) {
    this.id = member.id;
    this.kind = member.kind;
    this.email = member.email;
    this.displayName = member.displayName;
    this.roles = [...member.roles];
    this.grants = member.grants.map((grant) => new GrantDto(grant));
    // A denial is shown to nobody.
    this.status = member.status === 'denied' ? 'suspended' : member.status;
    this.account = member.personId !== null;
    this.origin = member.origin;
    this.issuerId = member.issuerId;
    this.subject = member.subject;
    this.revision = member.revision;
    this.createdAt = member.createdAt;
    this.updatedAt = member.updatedAt;
  }
}

/** One page of members, oldest first. */
export class MembersPageDto extends PageDtoOf(MemberDto) {}
