import { Injectable } from '@nestjs/common';

import {
  type AdmissionPreview,
  type AdmissionRules,
  type ExternalIdentity,
  MemberDirectory,
  type Membership,
} from '@tenantry/access';
import type { TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import { effectiveRoles, type Member } from './member.js';
import { LastAdmin } from './members.errors.js';
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

  async preview(
    scope: TenantScope,
    identity: ExternalIdentity,
    rules: AdmissionRules,
  ): Promise<AdmissionPreview> {
    const { groups, isEmailVerified } = identity;
    const known = await this.members.findByIdentity(scope, identity);
    const bindable =
      known || !isEmailVerified ? null : await this.members.findBindable(scope, identity);
    const member = known ?? bindable ?? (rules.admission === 'anyone' ? UNKNOWN : null);
    if (!member) return { outcome: 'refused', reason: 'unknown_subject', roles: [] };
    if (!mayEnter(member, rules)) {
      return { outcome: 'refused', reason: whyRefused(member), roles: [] };
    }
    const outcome = known ? 'member' : bindable ? 'binds' : 'admitted';
    return { outcome, reason: null, roles: effectiveRoles(member, groups, rules) };
  }

  async assertAdministeredWithout(tx: TenantTransaction, issuerId: string): Promise<void> {
    await this.members.lockAll(tx);
    const { here, elsewhere } = await this.members.countAdmins(tx, issuerId);
    if (here > 0 && elsewhere === 0) throw new LastAdmin();
  }

  rolesReachable(tx: TenantTransaction, issuerId: string): Promise<string[]> {
    return this.members.rolesReachable(tx, issuerId);
  }
}

type Entering = Pick<Member, 'status' | 'origin' | 'roles'>;

/** A subject that nobody has seen yet, as admission would add it. */
const UNKNOWN: Entering = { status: 'active', origin: 'admitted', roles: [] };

function whyRefused({ status }: Entering): AdmissionPreview['reason'] {
  if (status === 'active') return 'admission_closed';
  return status === 'denied' ? 'removed' : 'suspended';
}

/** Who came in by an open door stays out when the door is closed, unless somebody gave a role. */
function mayEnter({ status, origin, roles }: Entering, { admission }: AdmissionRules): boolean {
  if (status !== 'active') return false;
  return origin === 'added' || admission === 'anyone' || roles.length > 0;
}
