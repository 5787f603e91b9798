/** What the guard must know of a tenant. */
export interface TenantState {
  readonly id: string;
  readonly slug: string;
  readonly status: 'active' | 'suspended' | 'terminating';
}

/** Finds tenants for the guard. The tenants feature provides it. */
export abstract class TenantDirectory {
  /** By id or by slug; null where there is none. */
  abstract find(idOrSlug: string): Promise<TenantState | null>;
}
