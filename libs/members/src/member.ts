import type { AdmissionRules, ResourceGrant } from '@tenantry/access';

/** The role that nobody has by an issuer's admission. */
const NEVER_BY_ADMISSION = 'tenant-admin';

/**
 * What a membership is good for at present. `invited` waits for its person to accept; `denied` is
 * what remains of one that was removed.
 */
export type MemberStatus = 'active' | 'suspended' | 'invited' | 'denied';

export type MemberKind = 'person' | 'service' | 'external';

/** Somebody, or something, that may act in one tenant. */
export interface Member {
  readonly id: string;
  readonly kind: MemberKind;
  /** The account of a person; null for everybody else, and while an invitation is open. */
  readonly personId: string | null;
  readonly issuerId: string | null;
  readonly subject: string | null;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly roles: readonly string[];
  /** Roles on one resource alone. */
  readonly grants: readonly ResourceGrant[];
  readonly status: MemberStatus;
  /** Whether somebody added it, or an issuer's admission of unknown subjects did. */
  readonly origin: 'added' | 'admitted';
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What somebody adds. Without a subject, the first verified token with the address binds it. */
export interface NewMember {
  readonly email: string;
  readonly displayName?: string;
  readonly roles: readonly string[];
  readonly grants?: readonly ResourceGrant[];
  readonly issuerId?: string;
  readonly subject?: string;
}

/** What may change of a member. */
export interface MemberChanges {
  readonly displayName?: string | null;
  readonly roles?: readonly string[];
  readonly grants?: readonly ResourceGrant[];
}

/** Whether this member keeps the tenant from being without an admin. */
export function isActiveAdmin({ status, roles }: Pick<Member, 'status' | 'roles'>): boolean {
  return status === 'active' && roles.includes(NEVER_BY_ADMISSION);
}

/** Every role that the member has itself, in the tenant and on single resources. */
export function rolesHeld({ roles, grants }: Pick<Member, 'roles' | 'grants'>): string[] {
  return [...new Set([...roles, ...grants.map(({ role }) => role)])];
}

/** What somebody may do: everywhere in the tenant, and on single resources. */
export interface Rights {
  readonly roles: string[];
  readonly grants: ResourceGrant[];
}

/** Who comes in by an issuer, and when. */
export interface Entry {
  readonly groups: readonly string[];
  readonly rules: AdmissionRules;
  readonly now: Date;
}

/** What a member has by itself: grants that have ended are none. */
export function ownRights({ roles, grants }: Pick<Member, 'roles' | 'grants'>, now: Date): Rights {
  return {
    roles: [...roles],
    grants: grants.filter(({ expiresAt }) => expiresAt === null || new Date(expiresAt) > now),
  };
}

/**
 * What a member has when it comes in by an issuer: its own, and what its groups, or the admission
 * of unknown subjects, give. By a guest's issuer all of it holds for that one resource alone.
 */
export function rightsBy(
  member: Pick<Member, 'roles' | 'grants' | 'origin'>,
  { groups, rules, now }: Entry,
): Rights {
  const { grants } = ownRights(member, now);
  const roles = effectiveRoles(member, groups, rules);
  const { resource } = rules;
  if (resource === null) return { roles, grants };
  return {
    roles: [],
    grants: [
      ...grants.filter((grant) => grant.resource === resource),
      ...roles.map((role) => ({ role, resource, expiresAt: null })),
    ],
  };
}

/** Its own roles, those of its groups, and those of admission, which makes nobody an admin. */
function effectiveRoles(
  member: Pick<Member, 'roles' | 'origin'>,
  groups: readonly string[],
  rules: AdmissionRules,
): string[] {
  const mapped = rules.roleMapping
    .filter(({ group }) => groups.includes(group))
    .map(({ role }) => role);
  if (member.origin === 'added') return [...new Set([...member.roles, ...mapped])];
  const given = rules.admission === 'anyone' ? [...rules.roles, ...mapped] : [];
  return [...new Set([...member.roles, ...given.filter((role) => role !== NEVER_BY_ADMISSION)])];
}
