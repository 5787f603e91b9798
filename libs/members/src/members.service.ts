import { Injectable } from '@nestjs/common';

import { assertGrantable, type Caller, type GivenRole } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import {
  assertRevision,
  CursorCodec,
  type ExpectedRevision,
  type Page,
  pageOf,
} from '@tenantry/http';
import { isUuid, newId, type TenantScope } from '@tenantry/kernel';
import { isActiveAdmin, type Member, type MemberChanges, type NewMember } from './member.js';
import { LastAdmin, MemberNotFound } from './members.errors.js';
import { MembersRepository } from './members.repository.js';

const LIST = 'members';

@Injectable()
export class MembersService {
  constructor(
    private readonly database: Database,
    private readonly members: MembersRepository,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
  ) {}

  async add(caller: Caller, member: NewMember): Promise<Member> {
    assertGrantable(caller, rolesGiven(member.roles));
    const id = newId();
    await this.database.within(caller.scope, async (tx) => {
      await this.members.forgetDenial(tx, member);
      await this.members.insert(tx, id, member);
      const { email, roles, displayName = null } = member;
      this.#tell(tx, caller, { id, email }, 'member.added', {
        email: { after: email },
        displayName: { after: displayName },
        roles: { after: roles },
      });
    });
    return this.#found(caller.scope, id);
  }

  async list(
    { scope }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Member>> {
    const { tenantId } = scope;
    const after = cursor ? String(this.cursors.decode(LIST, tenantId, cursor)[0]) : null;
    const rows = await this.members.list(scope, { after, limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      (row) => row,
      ({ id }) => this.cursors.encode(LIST, tenantId, [id]),
    );
  }

  async get({ scope }: Caller, id: string): Promise<Member> {
    return this.#found(scope, id);
  }

  async change(
    caller: Caller,
    id: string,
    { changes, expected }: { readonly changes: MemberChanges; readonly expected: ExpectedRevision },
  ): Promise<Member> {
    const { roles, displayName } = changes;
    if (roles) assertGrantable(caller, rolesGiven(roles));
    await this.#alter(caller, id, async (tx, member) => {
      assertRevision(expected, member.revision);
      await this.members.update(tx, id, {
        ...(displayName === undefined ? {} : { displayName }),
        ...(roles ? { roles: [...roles] } : {}),
      });
      this.#tell(tx, caller, member, 'member.changed', {
        ...(displayName === undefined
          ? {}
          : { displayName: { before: member.displayName, after: displayName } }),
        ...(roles ? { roles: { before: member.roles, after: roles } } : {}),
      });
      return { ...member, ...(roles ? { roles } : {}) };
    });
    return this.#found(caller.scope, id);
  }

  async suspend(caller: Caller, id: string): Promise<Member> {
    return this.#setStatus(caller, id, 'suspended');
  }

  async reactivate(caller: Caller, id: string): Promise<Member> {
    return this.#setStatus(caller, id, 'active');
  }

  /** Ends a membership. A subject that an issuer vouches for leaves a denial: it does not come back by itself. */
  async remove(caller: Caller, id: string): Promise<void> {
    await this.#alter(caller, id, async (tx, member) => {
      if (member.subject === null) await this.members.delete(tx, id);
      else await this.members.update(tx, id, { status: 'denied', roles: [] });
      this.#tell(tx, caller, member, 'member.removed', {});
      return { ...member, status: 'denied' };
    });
  }

  async #setStatus(caller: Caller, id: string, status: 'active' | 'suspended'): Promise<Member> {
    await this.#alter(caller, id, async (tx, member) => {
      if (member.status === status) return member;
      await this.members.update(tx, id, { status });
      const deed = status === 'active' ? 'member.reactivated' : 'member.suspended';
      this.#tell(tx, caller, member, deed, { status: { before: member.status, after: status } });
      return { ...member, status };
    });
    return this.#found(caller.scope, id);
  }

  /** One alteration at a time in a tenant, so that two cannot each spare the other's admin. */
  async #alter(
    caller: Caller,
    id: string,
    work: (tx: TenantTransaction, member: Member) => Promise<Member>,
  ): Promise<void> {
    if (!isUuid(id)) throw new MemberNotFound();
    await this.database.within(caller.scope, async (tx) => {
      await this.members.lockAll(tx);
      const member = await this.members.find(tx, id);
      if (!member) throw new MemberNotFound();
      const altered = await work(tx, member);
      if (isActiveAdmin(member) && !isActiveAdmin(altered)) await this.#assertAnotherAdmin(tx, id);
    });
  }

  async #assertAnotherAdmin(tx: TenantTransaction, id: string): Promise<void> {
    if ((await this.members.countOtherAdmins(tx, id)) === 0) throw new LastAdmin();
  }

  #tell(
    tx: TenantTransaction,
    caller: Caller,
    { id, email }: { readonly id: string; readonly email: string | null },
    deed: `member.${string}`,
    changes: NonNullable<Deed['changes']>,
  ): void {
    const target = { kind: 'member', id, ...(email === null ? {} : { name: email }) };
    this.audit.record(tx, caller, { deed, target, changes });
    tx.announce({ kind: 'member', id, tenantId: tx.tenantId });
  }

  async #found(scope: TenantScope, id: string): Promise<Member> {
    const member = isUuid(id) ? await this.members.get(scope, id) : null;
    if (!member) throw new MemberNotFound();
    return member;
  }
}

function rolesGiven(roles: readonly string[]): GivenRole[] {
  return roles.map((role, index) => ({ role, pointer: `/roles/${index}` }));
}
