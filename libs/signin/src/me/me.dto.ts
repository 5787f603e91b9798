import type { Actor, ActorGrant, Caller, TenantState } from '@tenantry/access';

/** The verified caller. */
export class MeActorDto {
  /**
   * A person, a service account, or somebody whom a tenant's own issuer vouches for.
   * @example external
   */
  readonly kind: 'person' | 'service' | 'external';

  /**
   * Id in the tenant, or on the platform.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * The issuer that vouched for the caller.
   * @example https://login.acme.example
   */
  readonly issuer: string;

  /**
   * The name by which that issuer knows the caller.
   * @example 00u1a2b3c4
   */
  readonly subject: string;

  /**
   * The e-mail address, where there is one.
   * @example ada@acme.example
   */
  readonly email?: string;

  constructor({ kind, id, issuer, subject, email }: Actor) {
    this.kind = kind;
    this.id = id;
    this.issuer = issuer;
    this.subject = subject;
    if (email !== null) this.email = email;
  }
}

/** The tenant that the token belongs to. */
export class MeTenantDto {
  /**
   * Its id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Its short name.
   * @example acme
   */
  readonly slug: string;

  constructor({ id, slug }: TenantState) {
    this.id = id;
    this.slug = slug;
  }
}

/** What the caller may do on one resource alone. */
export class MeGrantDto {
  /**
   * The resource.
   * @example workflow/po-1234
   */
  readonly resource: string;

  /**
   * The role that the caller has there.
   * @example operator
   */
  readonly role: string;

  /**
   * What that role permits.
   * @example ["approvals:decide"]
   */
  readonly permissions: string[];

  constructor({ resource, role, permissions }: ActorGrant) {
    this.resource = resource;
    this.role = role;
    this.permissions = [...permissions].toSorted();
  }
}

/** Who is asking, and what they may do. */
export class MeDto {
  /** The verified caller. */
  readonly actor: MeActorDto;

  /** The tenant that the token belongs to; null for the platform's own. */
  readonly tenant: MeTenantDto | null;

  /**
   * The roles that the caller has.
   * @example ["viewer"]
   */
  readonly roles: string[];

  /**
   * Everything that these roles permit.
   * @example ["members:read", "tenant:read"]
   */
  readonly permissions: string[];

  /** Roles on single resources. */
  readonly grants: MeGrantDto[];

  /**
   * For browsers: what to send as `X-CSRF-Token` with everything that changes something.
   * @example 4bJ2xkQ0dN9rVtW7yZcE1fGhI3jKlMaB5CdEf6gHi8k
   */
  readonly csrfToken?: string;

  constructor({ actor, tenant }: Caller, csrfToken?: string) {
    this.actor = new MeActorDto(actor);
    this.tenant = tenant && new MeTenantDto(tenant);
    this.roles = [...actor.roles];
    this.permissions = [...actor.permissions].toSorted();
    this.grants = actor.grants.map((grant) => new MeGrantDto(grant));
    if (csrfToken !== undefined) this.csrfToken = csrfToken;
  }
}
