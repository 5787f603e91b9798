import type { JWTPayload } from 'jose';

import type { Authenticated } from '@tenantry/access';

/** An active token, and what it says of itself. */
export interface ActiveToken extends Authenticated {
  readonly claims: JWTPayload;
  /** Null where it belongs to no session of ours. */
  readonly sessionId: string | null;
  /** Seconds since 1970; null for good. */
  readonly expiresAt: number | null;
}

/** What the bearer may do on one resource alone. */
export class IntrospectedGrantDto {
  /**
   * The resource.
   * @example workflow/po-1234
   */
  readonly resource: string;

  /**
   * The role that the bearer has there.
   * @example operator
   */
  readonly role: string;

  /**
   * What that role permits there.
   * @example ["approvals:decide"]
   */
  readonly permissions: string[];

  constructor({ resource, role, permissions }: ActiveToken['actor']['grants'][number]) {
    this.resource = resource;
    this.role = role;
    this.permissions = [...permissions].sort();
  }
}

/** What a token is good for (RFC 7662 §2.2). Of one that is inactive nothing else is said. */
export class IntrospectionDto {
  /**
   * Whether the token opens anything at present, as far as the asker may know.
   * @example true
   */
  readonly active: boolean;

  /**
   * Who vouches for the bearer.
   * @example https://tenantry.example
   */
  readonly iss?: string;

  /**
   * The bearer, by the name that the issuer knows.
   * @example 01981f7c-3b1e-7c2a-9d4e-5f6071829304
   */
  readonly sub?: string;

  /**
   * The bearer, by the id that it has as a member, or as an account of the platform.
   * @example 01981f7c-3b1e-7c2a-9d4e-5f6071829304
   */
  readonly actor_id?: string;

  /**
   * What the bearer is.
   * @example service
   */
  readonly actor_kind?: 'person' | 'service' | 'external';

  /**
   * The client that the token was issued to.
   * @example billing-6f1d7a1b2c3d
   */
  readonly client_id?: string;

  /**
   * Whom the token is for, as it says itself.
   * @example ["https://tenantry.example"]
   */
  readonly aud?: string[];

  /**
   * How it is used.
   * @example Bearer
   */
  readonly token_type?: string;

  /**
   * When it ends at the latest, in seconds since 1970; absent for what has no end.
   * @example 1785000600
   */
  readonly exp?: number;

  /**
   * When it was issued.
   * @example 1785000000
   */
  readonly iat?: number;

  /**
   * Its own id.
   * @example 01981f7c-3b1e-7c2a-9d4e-5f6071829304
   */
  readonly jti?: string;

  /**
   * The id of its tenant; absent outside every tenant.
   * @example 01981f7c-3b1e-7c2a-9d4e-5f6071829304
   */
  readonly tid?: string;

  /**
   * The slug of its tenant.
   * @example acme
   */
  readonly tslug?: string;

  /**
   * The session that it belongs to.
   * @example 01981f7c-3b1e-7c2a-9d4e-5f6071829304
   */
  readonly sid?: string;

  /**
   * The roles of the bearer at present.
   * @example ["operator"]
   */
  readonly roles?: string[];

  /**
   * Everything that these permit in the whole tenant.
   * @example ["tenant:read"]
   */
  readonly permissions?: string[];

  /** What the bearer may do on single resources besides. */
  readonly grants?: IntrospectedGrantDto[];

  constructor(token: ActiveToken | null) {
    this.active = token !== null;
    if (!token) return;
    const { actor, tenant, claims, sessionId, expiresAt } = token;
    const { iat, jti, aud } = claims;
    const clientId = clientOf(claims);
    Object.assign(this, {
      iss: actor.issuer,
      sub: actor.subject,
      actor_id: actor.id,
      actor_kind: actor.kind,
      token_type: 'Bearer',
      roles: [...actor.roles],
      permissions: [...actor.permissions].sort(),
      grants: actor.grants.map((grant) => new IntrospectedGrantDto(grant)),
      ...(tenant && { tid: tenant.id, tslug: tenant.slug }),
      ...(clientId !== undefined && { client_id: clientId }),
      ...(aud !== undefined && { aud: [aud].flat() }),
      ...(expiresAt !== null && { exp: expiresAt }),
      ...(iat !== undefined && { iat }),
      ...(jti !== undefined && { jti }),
      ...(sessionId !== null && { sid: sessionId }),
    });
  }
}

/** RFC 9068 §2.2, or, of OpenID providers, the party that a token was issued to. */
function clientOf({ client_id: clientId, azp }: JWTPayload): string | undefined {
  return [clientId, azp].find((value): value is string => typeof value === 'string');
}
