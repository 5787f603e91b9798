import { RoleBeyondOwn, RoleUnknown } from './access.errors.js';
import type { Caller } from './caller.js';
import { isTenantRole, permissionsOf } from './permission.js';

/** A role that somebody gives, and where in the request it is named. */
export interface GivenRole {
  readonly role: string;
  /** JSON pointer (RFC 6901). */
  readonly pointer: string;
}

/**
 * Refuses roles that do not exist, and roles that hold more than the caller does: nobody grants a
 * permission that they lack, by whatever path.
 */
export function assertGrantable(caller: Caller, given: readonly GivenRole[]): void {
  const unknown = given.find(({ role }) => !isTenantRole(role));
  if (unknown) throw new RoleUnknown({ pointer: unknown.pointer, message: 'is no role here' });
  assertReachable(
    caller,
    given.map(({ role }) => role),
  );
}

/** Refuses a caller who, by what they are about to do, could come to have more than they hold. */
export function assertReachable(caller: Caller, roles: readonly string[]): void {
  const { permissions } = caller.actor;
  // A platform admin appoints a tenant's first admin, and so grants what it does not hold itself.
  if (permissions.has('platform:write')) return;
  const reached = permissionsOf(roles);
  if ([...reached].some((permission) => !permissions.has(permission))) throw new RoleBeyondOwn();
}
