import type { Accepted } from '../invitation.js';

/** The tenant that somebody came into. */
export class EnteredTenantDto {
  /**
   * Its id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Its name in URLs.
   * @example acme
   */
  readonly slug: string;

  constructor({ id, slug }: { readonly id: string; readonly slug: string }) {
    this.id = id;
    this.slug = slug;
  }
}

/** Where somebody came in, and as what. Signing in is the next step. */
export class AcceptedDto {
  /** The tenant; null: the platform itself. */
  readonly tenant: EnteredTenantDto | null;

  /**
   * The membership; of the platform: the account.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly memberId: string;

  /**
   * The address to sign in with.
   * @example ada@acme.example
   */
  readonly email: string;

  /**
   * Roles in the tenant.
   * @example ["operator"]
   */
  readonly roles: string[];

  constructor({ tenant, memberId, email, roles }: Accepted) {
    this.tenant = tenant && new EnteredTenantDto(tenant);
    this.memberId = memberId;
    this.email = email;
    this.roles = [...roles];
  }
}
