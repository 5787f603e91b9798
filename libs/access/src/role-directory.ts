import type { TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';

/** In which tenant something is looked up: inside a transaction of it, or by itself. */
export type Within = TenantScope | TenantTransaction;

/** Knows the roles of tenants, and what each of them holds. The members feature provides it. */
export abstract class RoleDirectory {
  /** Everything that these roles of the tenant hold together; one that does not exist holds nothing. */
  abstract permissionsOf(within: Within, roles: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * The same, and what these roles name besides that no engine has registered at present: it may be
   * any moment.
   */
  abstract namedBy(within: Within, roles: readonly string[]): Promise<ReadonlySet<string>>;

  /** Which of these roles do not exist in the tenant. */
  abstract unknownOf(within: Within, roles: readonly string[]): Promise<readonly string[]>;
}

/** Knows what a tenant has taken into its own hands. The members feature provides it. */
export abstract class ClaimedTenants {
  /**
   * Whether this platform actor may still alter what reaches the tenant's secrets: nobody has
   * claimed the tenant yet, or the actor has broken the glass.
   */
  abstract isOpenTo(within: Within, actorId: string): Promise<boolean>;

  /** The same of every tenant in which somebody who comes by this issuer of the platform reaches secrets. */
  abstract isOpenByIssuer(
    tx: TenantTransaction,
    issuerId: string,
    actorId: string,
  ): Promise<boolean>;
}
