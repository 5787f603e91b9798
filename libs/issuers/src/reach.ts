import {
  assertGrantable,
  assertReachable,
  type Caller,
  type GivenRole,
  MemberDirectory,
} from '@tenantry/access';
import type { TenantTransaction } from '@tenantry/database';
import { Injectable } from '@nestjs/common';
import type { Registration } from './issuer.js';

/** Who changes trust must hold whatever can be reached by it: swapped keys can speak for anybody. */
@Injectable()
export class Reach {
  constructor(private readonly members: MemberDirectory) {}

  /** Throws `RoleUnknown` or `RoleBeyondOwn`, for what the registration itself gives. */
  assertGives(caller: Caller, registration: Registration): void {
    assertGrantable(caller, rolesWithin(registration));
  }

  /** Throws `RoleBeyondOwn` where members that come by the issuer, or could be bound to it, hold more. */
  async assertReaches(tx: TenantTransaction, caller: Caller, issuerId: string): Promise<void> {
    assertReachable(caller, await this.members.rolesReachable(tx, issuerId));
  }
}

/** Every role that somebody may come to have by this registration. */
function rolesWithin({ roles, roleMapping }: Registration): GivenRole[] {
  return [
    ...roles.map((role, index) => ({ role, pointer: `/roles/${index}` })),
    ...roleMapping.map(({ role }, index) => ({ role, pointer: `/roleMapping/${index}/role` })),
  ];
}
