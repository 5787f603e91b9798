export type TenantStatus = 'active' | 'suspended' | 'terminating';
export type TenantHealth = 'pending' | 'healthy' | 'unverified' | 'disabled';

/** A place at which a tenant is served. */
export interface Route {
  readonly host: string;
  readonly pathPrefix: string;
}

/** An organization. */
export interface Tenant {
  readonly id: string;
  readonly slug: string;
  readonly displayName: string;
  readonly status: TenantStatus;
  readonly health: TenantHealth;
  readonly region: string | null;
  readonly plan: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly routes: readonly Route[];
  readonly suspendedReason: string | null;
  /** Whether its people need a second factor to act in it. */
  readonly requiresSecondFactor: boolean;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a new tenant is made of. */
export interface NewTenant {
  readonly slug: string;
  readonly displayName: string;
  readonly region?: string;
  readonly plan?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly routes?: readonly Route[];
}

/** What may change of a tenant; its own admins change the first two. */
export interface TenantChanges {
  readonly displayName?: string;
  readonly requiresSecondFactor?: boolean;
  readonly region?: string | null;
  readonly plan?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The verbs that move a tenant from one status to another. */
export type Transition = 'suspend' | 'resume' | 'terminate';

const TRANSITIONS: Record<Transition, Partial<Record<TenantStatus, TenantStatus>>> = {
  // A tenant that leaves is closed already, and stays so.
  suspend: { active: 'suspended', suspended: 'suspended' },
  resume: { active: 'active', suspended: 'active', terminating: 'active' },
  terminate: { active: 'terminating', suspended: 'terminating', terminating: 'terminating' },
};

/** The status that a verb leads to from here; null where it leads nowhere. */
export function statusAfter(transition: Transition, status: TenantStatus): TenantStatus | null {
  return TRANSITIONS[transition][status] ?? null;
}
