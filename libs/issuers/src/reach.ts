import { Injectable } from '@nestjs/common';

import {
  type Caller,
  type GivenRole,
  Granting,
  MemberDirectory,
  type Within,
} from '@tenantry/access';
import type { TenantTransaction } from '@tenantry/database';
import { PLATFORM_ID } from '@tenantry/kernel';
import type { Issuer, Registration } from './issuer.js';

/** Who changes trust must hold whatever can be reached by it: swapped keys can speak for anybody. */
@Injectable()
export class Reach {
  constructor(
    private readonly members: MemberDirectory,
    private readonly granting: Granting,
  ) {}

  /** Throws `RoleUnknown`, `RoleBeyondOwn` or `TenantClaimed`, for what the registration itself gives. */
  async assertGives(caller: Caller, within: Within, registration: Registration): Promise<void> {
    await this.granting.assertGrantable(caller, within, rolesWithin(registration));
  }

  /** Throws `RoleBeyondOwn` where members that come by the issuer, or could be bound to it, hold more. */
  async assertReaches(tx: TenantTransaction, caller: Caller, issuerId: string): Promise<void> {
    if (tx.tenantId === PLATFORM_ID) {
      await this.granting.assertIssuerAlterable(caller, tx, issuerId);
      return;
    }
    const roles = await this.members.rolesReachable(tx, issuerId);
    await this.granting.assertReachable(caller, tx, roles);
  }

  /** Throws `TenantClaimed` where the platform would switch off what reaches a tenant's secrets. */
  async assertAlterable(tx: TenantTransaction, caller: Caller, issuer: Issuer): Promise<void> {
    if (!caller.actor.isPlatform) return;
    if (tx.tenantId === PLATFORM_ID) {
      await this.granting.assertIssuerAlterable(caller, tx, issuer.id);
      return;
    }
    const given = rolesWithin(issuer).map(({ role }) => role);
    const reachable = await this.members.rolesReachable(tx, issuer.id);
    await this.granting.assertAlterable(caller, tx, [...given, ...reachable]);
  }
}

/** Every role that somebody may come to have by this registration. */
function rolesWithin({ roles, roleMapping }: Registration): GivenRole[] {
  return [
    ...roles.map((role, index) => ({ role, pointer: `/roles/${index}` })),
    ...roleMapping.map(({ role }, index) => ({ role, pointer: `/roleMapping/${index}/role` })),
  ];
}
