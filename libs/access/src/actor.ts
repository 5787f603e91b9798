/** What an actor may do on one resource alone. */
export interface ActorGrant {
  /** `workflow/po-1234`. */
  readonly resource: string;
  readonly role: string;
  readonly permissions: ReadonlySet<string>;
}

/** The verified caller, always with the issuer that vouched for it. */
export interface Actor {
  readonly kind: 'person' | 'service' | 'external';
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly name: string | null;
  /** The key that signed the token. */
  readonly keyId: string | null;
  readonly sessionId: string | null;
  /** The account of a person, which may belong to several tenants; null for everybody else. */
  readonly personId: string | null;
  /** How it showed who it is. */
  readonly by: 'token' | 'api_key' | 'cookie';
  /** Whether a person showed a second factor too. */
  readonly hasSecondFactor: boolean;
  /** Whether it stands outside every tenant; its tenant, if any, is the one in the path. */
  readonly isPlatform: boolean;
  /** Whether it is a shared engine: throttled as a tenant's traffic, never as one actor. */
  readonly isEngine: boolean;
  readonly roles: readonly string[];
  /** In the whole tenant: permissions of Tenantry, and those that engines have registered. */
  readonly permissions: ReadonlySet<string>;
  readonly grants: readonly ActorGrant[];
}
