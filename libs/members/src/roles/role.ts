import type { TenantRole } from '@tenantry/access';

/** What the built-in roles are for. */
export const BUILT_IN_DESCRIPTIONS: Readonly<Record<TenantRole, string>> = {
  'tenant-admin': 'Runs the tenant: holds every permission, those of engines included.',
  builder: 'Deploys agents and adapters, and keeps their secrets.',
  operator: 'Runs workflows, and decides what waits for approval.',
  viewer: 'Reads, the audit trail too.',
};

/** A role of a tenant's own. */
export interface OwnRole {
  readonly name: string;
  readonly description: string | null;
  /** As they were given: one whose engine has withdrawn it lies dormant. */
  readonly permissions: readonly string[];
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A role as it is shown: one of the tenant's own, or one that every tenant has. */
export interface Role extends Omit<OwnRole, 'createdAt' | 'updatedAt'> {
  readonly builtIn: boolean;
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}

/** What somebody defines. */
export interface NewRole {
  readonly name: string;
  readonly description?: string | null;
  readonly permissions: readonly string[];
}

/** What may change of a role. */
export interface RoleChanges {
  readonly description?: string | null;
  readonly permissions?: readonly string[];
}
