import { Injectable } from '@nestjs/common';

import { type Caller, Granting } from '@tenantry/access';
import type { FieldChange } from '@tenantry/audit';
import { Database } from '@tenantry/database';
import {
  assertRevision,
  CursorCodec,
  type ExpectedRevision,
  type Page,
  pageById,
  RequestInvalid,
} from '@tenantry/http';
import { isUuid, newId, type TenantScope } from '@tenantry/kernel';
import {
  type Member,
  type MemberChanges,
  type MemberKind,
  type MemberStatus,
  type NewMember,
  rolesHeld,
} from './member.js';
import { MemberAlteration, rolesGiven } from './member-alteration.js';
import { MemberNotFound } from './members.errors.js';
import { MembersRepository, storedGrants } from './members.repository.js';

const LIST = 'members';

/** What a list of members is narrowed to, and which page of it is wanted. */
export interface MemberQuery {
  readonly status?: MemberStatus | undefined;
  readonly kind?: MemberKind | undefined;
  readonly q?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Who belongs to a tenant, and what they may do there. */
@Injectable()
export class MembersService {
  constructor(
    private readonly database: Database,
    private readonly members: MembersRepository,
    private readonly alteration: MemberAlteration,
    private readonly granting: Granting,
    private readonly cursors: CursorCodec,
  ) {}

  async add(caller: Caller, member: NewMember): Promise<Member> {
    const id = newId();
    const { email, roles, grants = [], displayName = null } = member;
    await this.database.within(caller.scope, async (tx) => {
      await this.granting.assertGrantable(caller, tx, rolesGiven(roles, grants));
      await this.members.forgetDenial(tx, member);
      await this.members.insert(tx, id, member);
      const changes = {
        email: { after: email },
        displayName: { after: displayName },
        roles: { after: roles },
        ...(grants.length === 0 ? {} : { grants: { after: grants } }),
      };
      const added = { id, email, displayName };
      this.alteration.tell(tx, caller, added, { deed: 'member.added', changes });
    });
    return this.#found(caller.scope, id);
  }

  async list({ scope }: Caller, query: MemberQuery): Promise<Page<Member>> {
    const { limit, cursor, status = null, kind = null, q = null } = query;
    const narrowed = JSON.stringify([scope.tenantId, status, kind, q]);
    return pageById(this.cursors, { list: LIST, scope: narrowed, limit, cursor }, (stretch) =>
      this.members.list(scope, { ...stretch, status, kind, text: q }),
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
    const { roles, grants, displayName } = changes;
    await this.alteration.of(caller, id, async (tx, member) => {
      assertRevision(expected, member.revision);
      assertNamed(member, changes);
      if (roles ?? grants) {
        await this.granting.assertGrantable(caller, tx, rolesGiven(roles, grants));
        await this.granting.assertAlterable(caller, tx, rolesHeld(member));
      }
      await this.members.update(tx, id, {
        ...(displayName === undefined ? {} : { displayName }),
        ...(roles ? { roles: [...roles] } : {}),
        ...(grants ? { grants: storedGrants(grants) } : {}),
      });
      const changed = fieldsChanged(member, changes);
      this.alteration.tell(tx, caller, member, { deed: 'member.changed', changes: changed });
      return { ...member, ...(roles ? { roles } : {}) };
    });
    return this.#found(caller.scope, id);
  }

  async #found(scope: TenantScope, id: string): Promise<Member> {
    const member = isUuid(id) ? await this.members.get(scope, id) : null;
    if (!member) throw new MemberNotFound();
    return member;
  }
}

/** People may be called nothing in particular; a machine is known by its name alone. */
function assertNamed({ kind }: Member, { displayName }: MemberChanges): void {
  if (kind !== 'service' || displayName !== null) return;
  throw new RequestInvalid([{ pointer: '/displayName', message: 'is the name of the account' }]);
}

/** The fields that were named, as they were and as they are now. */
function fieldsChanged(
  member: Member,
  { displayName, roles, grants }: MemberChanges,
): Record<string, FieldChange> {
  return {
    ...(displayName === undefined
      ? {}
      : { displayName: { before: member.displayName, after: displayName } }),
    ...(roles ? { roles: { before: member.roles, after: roles } } : {}),
    ...(grants ? { grants: { before: member.grants, after: grants } } : {}),
  };
}
