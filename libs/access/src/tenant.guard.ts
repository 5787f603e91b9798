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
} from './access.errors.js';
import { Authenticator } from './authenticator.js';
import { Caller, originOf } from './caller.js';
import { credentialOf } from './credential.js';
import { Csrf } from './csrf.js';
import { Directories } from './directories.js';
import type { Authenticated } from './resolved.js';
import { type GuardedRequest, ROUTE_ACCESS, type RouteAccess } from './route-access.js';
import { refuseState } from './tenant-state-rule.js';
import type { TenantState } from './tenant-directory.js';

type Request = FastifyRequest<{ Params: { readonly tenant?: string } }> & GuardedRequest;

/** Admits a caller to one tenant, or refuses. Global, and closed unless a route says otherwise. */
@Injectable()
export class TenantGuard implements CanActivate {
  readonly #header: string;

  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly directories: Directories,
    private readonly csrf: Csrf,
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
    request.access = access;
    const credential = credentialOf(request.headers);
    const authenticated = await this.authenticator.authenticate(context, credential, request.ip);
    // Left on the request before anything is refused, so that the refusal has a name on record.
    request.caller = callerOf(authenticated, authenticated.tenant, request);

    const { actor, tenant: own } = authenticated;
    if (credential.kind === 'cookie') this.csrf.assertOwn(request, actor.sessionId ?? '');
    const tenant = await this.#tenantOf(authenticated, request);
    if (own && !isOwnAccount(access)) refuseState(own, actor, request.method);
    request.caller = callerOf(authenticated, tenant, request);
    refuseUnpermitted(access, request.caller);
    return true;
  }

  /** The tenant of the request: the actor's own, or, for the platform's actors, that of the path. */
  async #tenantOf(
    { actor, tenant }: Authenticated,
    { params, headers }: Request,
  ): Promise<TenantState | null> {
    const header = headers[this.#header];
    if (!tenant && actor.isPlatform) return this.#tenantOfPath(params.tenant, header);
    refuseMismatch(tenant, [params.tenant, header]);
    return tenant;
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

function callerOf(
  { actor, evidence = null }: Authenticated,
  tenant: TenantState | null,
  request: Request,
): Caller {
  return new Caller(actor, tenant, originOf(request), evidence);
}

/** Equal is fine, everything else is refused alike: whether that tenant exists is not looked at. */
function refuseMismatch(tenant: TenantState | null, names: readonly unknown[]): void {
  const isForeign = (name: unknown): boolean =>
    name !== undefined && name !== tenant?.id && name !== tenant?.slug;
  if (names.some(isForeign)) throw new TenantMismatch();
}

/** Or people could neither leave a tenant that was closed, nor set up what it has begun to ask for. */
function isOwnAccount(access: RouteAccess): boolean {
  return access.kind === 'actor' && access.ownAccount === true;
}

function refuseUnpermitted(access: RouteAccess, { actor, tenant }: Caller): void {
  if (access.kind === 'public' || access.kind === 'actor') return;
  if (access.kind === 'tenant' && access.enginesByConsent === true && actor.isEngine && tenant) {
    // What it does there is no management: a tenant that was closed is closed to it too.
    if (tenant.status === 'suspended') throw new TenantSuspended();
    return;
  }
  if (!actor.permissions.has(access.permission)) throw new PermissionMissing(access.permission);
  if (access.kind === 'tenant' && !tenant) throw new TenantMissing();
}
