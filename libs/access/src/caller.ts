import type { FastifyRequest } from 'fastify';

import { TenantScope } from '@tenantry/kernel';
import type { Actor } from './actor.js';
import type { Evidence } from './evidence.js';
import type { TenantState } from './tenant-directory.js';

/** Where a request came from, for the record. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly ip: string;
  readonly userAgent: string | null;
}

/** Where a request comes from. */
export function originOf({
  id,
  ip,
  headers,
}: Pick<FastifyRequest, 'id' | 'ip' | 'headers'>): RequestOrigin {
  return { requestId: id, ip, userAgent: headers['user-agent'] ?? null };
}

/** An actor in one request, admitted to one tenant or, on the platform's own routes, to none. */
export class Caller {
  readonly #scope: TenantScope | null;

  constructor(
    readonly actor: Actor,
    readonly tenant: TenantState | null,
    readonly origin: RequestOrigin,
    /** What an external issuer's word came down to. */
    readonly evidence: Evidence | null = null,
  ) {
    this.#scope = tenant && TenantScope.admit(tenant.id);
  }

  /** The tenant that this caller was admitted to. Only on routes that name or imply one. */
  get scope(): TenantScope {
    if (!this.#scope) throw new Error('This route has no tenant, so that it has no scope either.');
    return this.#scope;
  }
}
