import {
  applyDecorators,
  createParamDecorator,
  type CustomDecorator,
  type ExecutionContext,
  SetMetadata,
} from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';

import type { Caller } from './caller.js';
import type { Permission, PlatformPermission } from './permission.js';

/** What a route asks of its caller. A route that declares nothing stops the boot. */
export type RouteAccess =
  | { readonly kind: 'public' }
  | {
      readonly kind: 'actor';
      /**
       * Whether it is about the caller's own account and session: no state of the tenant stands
       * between people and the way out, or the second factor that is asked of them.
       */
      readonly ownAccount?: boolean;
    }
  | {
      readonly kind: 'tenant';
      readonly permission: Permission;
      /**
       * Whether a shared engine is let by without the permission, because the tenant's consent is
       * what decides: the route itself must then ask for it.
       */
      readonly enginesByConsent?: boolean;
    }
  | { readonly kind: 'platform'; readonly permission: PlatformPermission };

export const ROUTE_ACCESS = 'tenantry:route-access';

const declare = (access: RouteAccess): CustomDecorator => SetMetadata(ROUTE_ACCESS, access);

/** Anyone may call this route, without a token. */
export const Public = (): MethodDecorator =>
  applyDecorators(declare({ kind: 'public' }), ApiSecurity({}));

/** Every authenticated caller may call this route, whatever they may do elsewhere. */
export const RequiresActor = ({ ownAccount = false } = {}): MethodDecorator =>
  applyDecorators(declare({ kind: 'actor', ownAccount }), ApiBearerAuth());

/** Only an actor who holds `permission` in the tenant of the request may call this route. */
export const Requires = (
  permission: Permission,
  { enginesByConsent = false } = {},
): MethodDecorator =>
  applyDecorators(
    declare({ kind: 'tenant', permission, ...(enginesByConsent ? { enginesByConsent } : {}) }),
    ApiBearerAuth(),
    ApiExtension('x-permission', permission),
  );

/** Only a platform actor who holds `permission` may call this route. */
export const RequiresPlatform = (permission: PlatformPermission): MethodDecorator =>
  applyDecorators(
    declare({ kind: 'platform', permission }),
    ApiBearerAuth(),
    ApiExtension('x-permission', permission),
  );

/** What the guard leaves on a request. */
export interface GuardedRequest {
  /** Who is asking, as soon as that is known, and whether or not they may. */
  caller?: Caller;
  /** What was asked of them. */
  access?: RouteAccess;
}

export const CurrentCaller = createParamDecorator((_: undefined, context: ExecutionContext) => {
  const { caller } = context.switchToHttp().getRequest<GuardedRequest>();
  if (!caller) throw new Error('@CurrentCaller() stands on a route that lets anyone by.');
  return caller;
});
