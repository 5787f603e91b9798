import type { Permission, PlatformPermission } from './permission.js';

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
  /** Whether it stands outside every tenant; its tenant, if any, is the one in the path. */
  readonly isPlatform: boolean;
  /** Whether it is a shared engine: throttled as a tenant's traffic, never as one actor. */
  readonly isEngine: boolean;
  readonly roles: readonly string[];
  readonly permissions: ReadonlySet<Permission | PlatformPermission>;
}
