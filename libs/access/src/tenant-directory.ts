/** What the guard must know of a tenant. */
export interface TenantState {
  readonly id: string;
  readonly slug: string;
  readonly status: 'active' | 'suspended' | 'terminating';
  /** Whether its people need a second factor. */
  readonly requiresSecondFactor: boolean;
}

/** Finds tenants for the guard. The tenants feature provides it. */
export abstract class TenantDirectory {
  /** By id or by slug; null where there is none. */
  abstract find(idOrSlug: string): Promise<TenantState | null>;
}
