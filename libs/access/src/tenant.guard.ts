import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';

import { AppConfig } from '@tenantry/config';
import {
  PermissionMissing,
  TenantMismatch,
  TenantNotFound,
  TenantMissing,
  TenantSuspended,
  TenantTerminating,
} from './access.errors.js';
import { type Authenticated, Authenticator, Directories } from './authenticator.js';
import { bearerTokenOf } from './bearer-token.js';
import { Caller } from './caller.js';
import { type GuardedRequest, ROUTE_ACCESS, type RouteAccess } from './route-access.js';
import type { TenantState } from './tenant-directory.js';

type Request = FastifyRequest<{ Params: { readonly tenant?: string } }> & GuardedRequest;

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Admits a caller to one tenant, or refuses. Global, and closed unless a route says otherwise. */
@Injectable()
export class TenantGuard implements CanActivate {
  readonly #header: string;

  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly directories: Directories,
    config: AppConfig,
  ) {
    this.#header = config.tenantHeader;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    const access = this.reflector.get<RouteAccess | undefined>(ROUTE_ACCESS, handler);
    if (!access) throw new Error(`${handler.name} declares nothing about who may call it.`);
    if (access.kind === 'public') return true;

    const request = context.switchToHttp().getRequest<Request>();
    const token = bearerTokenOf(request.headers.authorization);
    const authenticated = await this.authenticator.authenticate(context, token, request.ip);
    // Left on the request before anything is refused, so that the refusal has a name on record.
    request.caller = callerOf(authenticated, authenticated.tenant, request);

    const named = request.params.tenant;
    const header = request.headers[this.#header];
    if (authenticated.tenant) {
      refuseMismatch(authenticated.tenant, [named, header]);
      refuseInactive(authenticated.tenant, request.method);
    } else {
      const tenant = await this.#tenantOfPath(named, header);
      request.caller = callerOf(authenticated, tenant, request);
    }
    refuseUnpermitted(access, request.caller);
    return true;
  }

  /** A platform actor has no tenant: the path alone names it, and a header must agree. */
  async #tenantOfPath(named: string | undefined, header: unknown): Promise<TenantState | null> {
    if (named === undefined) {
      if (header !== undefined) throw new TenantMismatch();
      return null;
    }
    const tenant = await this.directories.tenants.find(named);
    if (header !== undefined && header !== tenant?.id && header !== tenant?.slug) {
      throw new TenantMismatch();
    }
    if (!tenant) throw new TenantNotFound();
    return tenant;
  }
}

function callerOf({ actor }: Authenticated, tenant: TenantState | null, request: Request): Caller {
  const userAgent = request.headers['user-agent'] ?? null;
  return new Caller(actor, tenant, { requestId: request.id, ip: request.ip, userAgent });
}

/** Equal is fine, everything else is refused alike: whether that tenant exists is not looked at. */
function refuseMismatch(tenant: TenantState, names: readonly unknown[]): void {
  const isForeign = (name: unknown): boolean =>
    name !== undefined && name !== tenant.id && name !== tenant.slug;
  if (names.some(isForeign)) throw new TenantMismatch();
}

function refuseInactive({ status }: TenantState, method: string): void {
  if (status === 'suspended') throw new TenantSuspended();
  if (status === 'terminating' && !READING.has(method)) throw new TenantTerminating();
}

function refuseUnpermitted(access: RouteAccess, { actor, tenant }: Caller): void {
  if (access.kind === 'public' || access.kind === 'actor') return;
  if (!actor.permissions.has(access.permission)) throw new PermissionMissing(access.permission);
  if (access.kind === 'tenant' && !tenant) throw new TenantMissing();
}
