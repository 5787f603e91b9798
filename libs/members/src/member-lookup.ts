import { Injectable } from '@nestjs/common';

import {
  type AdmissionPreview,
  type AdmissionRules,
  type ExternalIdentity,
  MemberDirectory,
  type Membership,
  type PersonMembership,
  type Vouched,
} from '@tenantry/access';
import type { TenantTransaction } from '@tenantry/database';
import { Clock, type TenantScope } from '@tenantry/kernel';
import { type Member, ownRights, type Rights, rightsBy, rolesHeld } from './member.js';
import { LastAdmin } from './members.errors.js';
import { MembersRepository } from './members.repository.js';

/** Finds members for the guard, and admits subjects that nobody added where their issuer may. */
@Injectable()
export class MemberLookup extends MemberDirectory {
  constructor(
    private readonly members: MembersRepository,
    private readonly clock: Clock,
  ) {
    super();
  }

  async admit(
    scope: TenantScope,
    identity: ExternalIdentity,
    rules: AdmissionRules,
  ): Promise<Membership | null> {
    const member =
      (await this.members.findByIdentity(scope, identity)) ??
      (mayBind(identity, rules) ? await this.members.bind(scope, identity) : null) ??
      (rules.admission === 'anyone' ? await this.members.admit(scope, identity) : null);
    if (!member || !mayEnter(member, rules)) return null;
    return {
      ...membershipOf(member, this.#rightsOf(member, { groups: identity.groups, rules })),
      email: identity.email ?? member.email,
      name: identity.name ?? member.displayName,
    };
  }

  async find(
    scope: TenantScope,
    memberId: string,
    vouched: Vouched | null,
  ): Promise<Membership | null> {
    const member = await this.members.findActive(scope, memberId);
    // Somebody external is nobody without an issuer's word, and nobody else needs one.
    if (!member || (member.kind === 'external') !== (vouched !== null)) return null;
    if (vouched && !mayEnter(member, vouched.rules)) return null;
    return membershipOf(member, this.#rightsOf(member, vouched));
  }

  async ofPerson(personId: string): Promise<readonly PersonMembership[]> {
    return this.members.ofPerson(personId);
  }

  async preview(
    scope: TenantScope,
    identity: ExternalIdentity,
    rules: AdmissionRules,
  ): Promise<AdmissionPreview> {
    const { groups } = identity;
    const known = await this.members.findByIdentity(scope, identity);
    const bindable =
      known || !mayBind(identity, rules) ? null : await this.members.findBindable(scope, identity);
    const member = known ?? bindable ?? (rules.admission === 'anyone' ? UNKNOWN : null);
    if (!member) return { outcome: 'refused', reason: 'unknown_subject', roles: [] };
    if (!mayEnter(member, rules)) {
      return { outcome: 'refused', reason: whyRefused(member), roles: [] };
    }
    const outcome = known ? 'member' : bindable ? 'binds' : 'admitted';
    const rights = this.#rightsOf(member, { groups, rules });
    // A guest has them on one resource alone: what they are is of interest all the same.
    const roles = rules.resource === null ? rights.roles : rolesHeld(rights);
    return { outcome, reason: null, roles };
  }

  async assertAdministeredWithout(tx: TenantTransaction, issuerId: string): Promise<void> {
    await this.members.lockAll(tx);
    const { here, elsewhere } = await this.members.countAdmins(tx, issuerId);
    if (here > 0 && elsewhere === 0) throw new LastAdmin();
  }

  rolesReachable(tx: TenantTransaction, issuerId: string): Promise<string[]> {
    return this.members.rolesReachable(tx, issuerId);
  }

  #rightsOf(member: Entering, vouched: Vouched | null): Rights {
    const now = this.clock.now();
    return vouched ? rightsBy(member, { ...vouched, now }) : ownRights(member, now);
  }
}

type Entering = Pick<Member, 'status' | 'origin' | 'roles' | 'grants'>;

/** A subject that nobody has seen yet, as admission would add it. */
const UNKNOWN: Entering = { status: 'active', origin: 'admitted', roles: [], grants: [] };

function whyRefused({ status }: Entering): AdmissionPreview['reason'] {
  if (status === 'active') return 'admission_closed';
  return status === 'denied' ? 'removed' : 'suspended';
}

/** Who came in by an open door stays out when the door is closed, unless somebody gave a role. */
function mayEnter(member: Entering, { admission }: AdmissionRules): boolean {
  if (member.status !== 'active') return false;
  return member.origin === 'added' || admission === 'anyone' || rolesHeld(member).length > 0;
}

function membershipOf(member: Member, rights: Rights): Membership {
  const { id, kind, email, displayName: name, personId } = member;
  return { id, kind, email, name, personId, ...rights };
}

/** A guest's issuer belongs to somebody else: its word on an address makes nobody a member. */
function mayBind({ isEmailVerified }: ExternalIdentity, { resource }: AdmissionRules): boolean {
  return isEmailVerified && resource === null;
}
