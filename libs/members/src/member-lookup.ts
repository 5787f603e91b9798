import { Injectable } from '@nestjs/common';

import {
  type AdmissionRules,
  type ExternalIdentity,
  MemberDirectory,
  type Membership,
} from '@tenantry/access';
import type { TenantScope } from '@tenantry/kernel';
import { effectiveRoles, type Member } from './member.js';
import { MembersRepository } from './members.repository.js';

/** Finds members for the guard, and admits subjects that nobody added where their issuer may. */
@Injectable()
export class MemberLookup extends MemberDirectory {
  constructor(private readonly members: MembersRepository) {
    super();
  }

  async admit(
    scope: TenantScope,
    identity: ExternalIdentity,
    rules: AdmissionRules,
  ): Promise<Membership | null> {
    const member =
      (await this.members.findByIdentity(scope, identity)) ??
      (identity.isEmailVerified ? await this.members.bind(scope, identity) : null) ??
      (rules.admission === 'anyone' ? await this.members.admit(scope, identity) : null);
    if (!member || !mayEnter(member, rules)) return null;
    return {
      id: member.id,
      kind: member.kind,
      email: identity.email ?? member.email,
      name: identity.name ?? member.displayName,
      roles: effectiveRoles(member, identity.groups, rules),
    };
  }
}

/** Who came in by an open door stays out when the door is closed, unless somebody gave a role. */
function mayEnter({ status, origin, roles }: Member, { admission }: AdmissionRules): boolean {
  if (status !== 'active') return false;
  return origin === 'added' || admission === 'anyone' || roles.length > 0;
}
