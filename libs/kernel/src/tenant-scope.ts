/** Stands where a tenant's id would, for what belongs to no tenant but to the platform. */
export const PLATFORM_ID = '00000000-0000-0000-0000-000000000000';

/** Proof that a caller was admitted to one tenant. Only `@tenantry/access` may mint it. */
export class TenantScope {
  // A private member makes the type nominal: no look-alike object passes for a scope.
  readonly #tenantId: string;

  private constructor(tenantId: string) {
    this.#tenantId = tenantId;
  }

  static admit(tenantId: string): TenantScope {
    return new TenantScope(tenantId);
  }

  get tenantId(): string {
    return this.#tenantId;
  }
}
