import { Injectable } from '@nestjs/common';

import { type Caller, Granting, SessionDirectory } from '@tenantry/access';
import type { TenantTransaction } from '@tenantry/database';
import { assertRevision, type ExpectedRevision } from '@tenantry/http';
import { type Member, rolesHeld } from './member.js';
import { MemberAlteration } from './member-alteration.js';
import { MemberInvited, MemberNotFound } from './members.errors.js';
import { MembersRepository } from './members.repository.js';

/** Whether a member may act at present: shut out, let in again, or gone. */
@Injectable()
export class MemberStanding {
  constructor(
    private readonly members: MembersRepository,
    private readonly alteration: MemberAlteration,
    private readonly granting: Granting,
    private readonly sessions: SessionDirectory,
  ) {}

  /** Ends its sessions and, of a service account, its API keys with them. */
  async suspend(caller: Caller, id: string): Promise<Member> {
    return this.#move(caller, id, async (tx, member) => {
      if (member.status === 'suspended') return member;
      await this.granting.assertAlterable(caller, tx, rolesHeld(member));
      await this.#shutOut(tx, member, 'member_suspended');
      return this.#set(tx, caller, member, 'suspended');
    });
  }

  /** Whoever lets somebody in again gives them what they hold. */
  async reactivate(caller: Caller, id: string): Promise<Member> {
    return this.#move(caller, id, async (tx, member) => {
      if (member.status === 'active') return member;
      await this.granting.assertReachable(caller, tx, rolesHeld(member));
      return this.#set(tx, caller, member, 'active');
    });
  }

  /** Ends a membership. A subject that an issuer vouches for leaves a denial: it does not come back by itself. */
  async remove(caller: Caller, id: string, expected: ExpectedRevision): Promise<void> {
    await this.alteration.of(caller, id, async (tx, member) => {
      assertRevision(expected, member.revision);
      await this.granting.assertAlterable(caller, tx, rolesHeld(member));
      await this.#shutOut(tx, member, 'member_removed');
      if (member.subject === null) await this.members.delete(tx, id);
      else await this.members.update(tx, id, { status: 'denied', roles: [], grants: [] });
      this.alteration.tell(tx, caller, member, { deed: 'member.removed' });
      return { ...member, status: 'denied' };
    });
  }

  async #move(
    caller: Caller,
    id: string,
    move: (tx: TenantTransaction, member: Member) => Promise<Member>,
  ): Promise<Member> {
    await this.alteration.of(caller, id, async (tx, member) => {
      if (member.status === 'invited') throw new MemberInvited();
      return move(tx, member);
    });
    const moved = await this.members.get(caller.scope, id);
    if (!moved) throw new MemberNotFound();
    return moved;
  }

  async #set(
    tx: TenantTransaction,
    caller: Caller,
    member: Member,
    status: 'active' | 'suspended',
  ): Promise<Member> {
    await this.members.update(tx, member.id, { status });
    const deed = status === 'active' ? 'member.reactivated' : 'member.suspended';
    const changes = { status: { before: member.status, after: status } };
    this.alteration.tell(tx, caller, member, { deed, changes });
    return { ...member, status };
  }

  async #shutOut(tx: TenantTransaction, { id, kind }: Member, reason: string): Promise<void> {
    await this.sessions.endOfMember(tx, id, reason);
    if (kind !== 'service') return;
    for (const key of await this.members.deleteApiKeys(tx, id)) {
      tx.announce({ kind: 'api_key', id: key, tenantId: tx.tenantId });
    }
  }
}
