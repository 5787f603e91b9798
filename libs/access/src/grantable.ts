import { Injectable } from '@nestjs/common';

import type { TenantTransaction } from '@tenantry/database';
import { PLATFORM_ID } from '@tenantry/kernel';
import { RoleBeyondOwn, RoleUnknown, TenantClaimed } from './access.errors.js';
import type { Caller } from './caller.js';
import { reachesSecrets } from './permission.js';
import { ClaimedTenants, RoleDirectory, type Within } from './role-directory.js';

/** Holds what engines register, from that moment on. */
const HOLDS_EVERYTHING = 'tenant-admin';

/** A role that somebody gives, and where in the request it is named. */
export interface GivenRole {
  readonly role: string;
  /** JSON pointer (RFC 6901). */
  readonly pointer: string;
}

/** The one rule about giving, for every path: nobody grants a permission that they lack themselves. */
@Injectable()
export class Granting {
  constructor(
    private readonly roles: RoleDirectory,
    private readonly claimed: ClaimedTenants,
  ) {}

  /** Throws `RoleUnknown`, or what `assertReachable` throws. */
  async assertGrantable(
    caller: Caller,
    within: Within,
    given: readonly GivenRole[],
  ): Promise<void> {
    const names = given.map(({ role }) => role);
    const unknown = await this.roles.unknownOf(within, names);
    const wrong = given.find(({ role }) => unknown.includes(role));
    if (wrong) throw new RoleUnknown({ pointer: wrong.pointer, message: 'is no role here' });
    await this.assertReachable(caller, within, names);
  }

  /** Throws where the caller, by what they are about to do, could come to have more than they hold. */
  async assertReachable(caller: Caller, within: Within, roles: readonly string[]): Promise<void> {
    // An admin will hold whatever an engine registers; everybody else might give away what they lack then.
    const given = caller.actor.roles.includes(HOLDS_EVERYTHING)
      ? await this.roles.permissionsOf(within, roles)
      : await this.roles.namedBy(within, roles);
    await this.assertHolds(caller, within, given);
  }

  /** Throws `RoleBeyondOwn` where the caller lacks one of these, or what `assertAlterable` throws. */
  async assertHolds(
    caller: Caller,
    within: Within,
    permissions: ReadonlySet<string>,
  ): Promise<void> {
    const own = caller.actor.permissions;
    // A platform admin appoints a tenant's first admin, and so grants what it does not hold itself.
    if (!own.has('platform:write') && [...permissions].some((name) => !own.has(name))) {
      throw new RoleBeyondOwn();
    }
    await this.#assertUnclaimed(caller, within, permissions);
  }

  /**
   * Throws `TenantClaimed` where the platform would alter, or take away, what reaches the secrets of
   * a tenant that has an admin of its own.
   */
  async assertAlterable(caller: Caller, within: Within, roles: readonly string[]): Promise<void> {
    if (!caller.actor.isPlatform) return;
    await this.#assertUnclaimed(caller, within, await this.roles.permissionsOf(within, roles));
  }

  /** The same for an issuer of the platform: whoever swaps its keys can be anybody who comes by it. */
  async assertIssuerAlterable(
    { actor }: Caller,
    tx: TenantTransaction,
    issuerId: string,
  ): Promise<void> {
    if (!(await this.claimed.isOpenByIssuer(tx, issuerId, actor.id))) throw new TenantClaimed();
  }

  async #assertUnclaimed(
    { actor }: Caller,
    within: Within,
    permissions: ReadonlySet<string>,
  ): Promise<void> {
    if (!actor.isPlatform || within.tenantId === PLATFORM_ID || !reachesSecrets(permissions))
      return;
    if (!(await this.claimed.isOpenTo(within, actor.id))) throw new TenantClaimed();
  }
}
