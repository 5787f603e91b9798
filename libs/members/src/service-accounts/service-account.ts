import type { ResourceGrant } from '@tenantry/access';

/** A machine that acts in one tenant: a member of kind `service`, with a credential. */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly roles: readonly string[];
  /** Roles on one resource alone. */
  readonly grants: readonly ResourceGrant[];
  readonly status: 'active' | 'suspended';
  readonly rotatedAt: Date | null;
  /** Until when the secret before the last rotation is good; null or past: it is not. */
  readonly previousUntil: Date | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What somebody makes. */
export interface NewServiceAccount {
  readonly name: string;
  readonly roles: readonly string[];
  readonly grants: readonly ResourceGrant[];
}

/** What may change of it. */
export interface ServiceAccountChanges {
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly grants?: readonly ResourceGrant[];
}
