/** A key that a service account of a tenant may show instead of a token. */
export interface KnownApiKey {
  readonly id: string;
  readonly tenantId: string;
  readonly memberId: string;
  readonly expiresAt: Date | null;
}

/** What every API key begins with. */
export const API_KEY_PREFIX = 'tnt_';

/** Finds API keys for the guard. The members feature provides it. */
export abstract class ApiKeyDirectory {
  /** Null where there is none; one that has expired is found too. One indexed read, or none. */
  abstract find(key: string): Promise<KnownApiKey | null>;

  /** Notes that a key was used; written down later, together with others. */
  abstract used(key: KnownApiKey, ip: string): void;
}

/** A service account of a tenant that has shown its secret. */
export interface TenantClient {
  readonly clientId: string;
  readonly tenantId: string;
  readonly memberId: string;
}

/** Checks the credentials of tenants' service accounts. The members feature provides it. */
export abstract class TenantClients {
  /** Null where client id and secret do not belong together; in equal time whether or not it exists. */
  abstract authenticate(clientId: string, secret: string): Promise<TenantClient | null>;
}
