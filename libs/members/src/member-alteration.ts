import { Injectable } from '@nestjs/common';

import {
  type Caller,
  type GivenRole,
  PermissionMissing,
  type ResourceGrant,
} from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { isUuid } from '@tenantry/kernel';
import { isActiveAdmin, type Member } from './member.js';
import { LastAdmin, MemberNotFound } from './members.errors.js';
import { MembersRepository } from './members.repository.js';

/** How a member is altered, whatever the alteration is. */
@Injectable()
export class MemberAlteration {
  constructor(
    private readonly database: Database,
    private readonly members: MembersRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** One alteration at a time in a tenant, so that two cannot each spare the other's admin. */
  async of(
    caller: Caller,
    id: string,
    work: (tx: TenantTransaction, member: Member) => Promise<Member>,
  ): Promise<void> {
    if (!isUuid(id)) throw new MemberNotFound();
    await this.database.within(caller.scope, async (tx) => {
      await this.members.lockAll(tx);
      const member = await this.members.find(tx, id);
      if (!member) throw new MemberNotFound();
      assertMayAlter(caller, member);
      const altered = await work(tx, member);
      if (canAdminister(member) && !canAdminister(altered)) await this.#assertAnotherAdmin(tx, id);
    });
  }

  /** Puts the deed on record, and has every node look at the member again. */
  tell(
    tx: TenantTransaction,
    caller: Caller,
    { id, email, displayName }: Pick<Member, 'id' | 'email' | 'displayName'>,
    { deed, changes = {} }: Pick<Deed, 'deed' | 'changes'>,
  ): void {
    const name = email ?? displayName;
    const target = { kind: 'member', id, ...(name === null ? {} : { name }) };
    this.audit.record(tx, caller, { deed, target, changes });
    tx.announce({ kind: 'member', id, tenantId: tx.tenantId });
  }

  async #assertAnotherAdmin(tx: TenantTransaction, id: string): Promise<void> {
    if ((await this.members.countOtherAdmins(tx, id)) === 0) throw new LastAdmin();
  }
}

/** Somebody who has yet to come by an address keeps no tenant from being without an admin. */
function canAdminister(member: Member): boolean {
  return isActiveAdmin(member) && (member.kind !== 'external' || member.subject !== null);
}

/** A service account is a member like any other, and a credential besides. */
function assertMayAlter({ actor }: Caller, { kind }: Member): void {
  if (kind === 'service' && !actor.permissions.has('credentials:write')) {
    throw new PermissionMissing('credentials:write');
  }
}

/** Every role that a request gives, and where in it. */
export function rolesGiven(
  roles: readonly string[] = [],
  grants: readonly ResourceGrant[] = [],
): GivenRole[] {
  return [
    ...roles.map((role, index) => ({ role, pointer: `/roles/${index}` })),
    ...grants.map(({ role }, index) => ({ role, pointer: `/grants/${index}/role` })),
  ];
}
