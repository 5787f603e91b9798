/** The role that nobody has by an issuer's admission. */
const NEVER_BY_ADMISSION = 'tenant-admin';

/** What a membership is good for at present. `denied` is what remains of one that was removed. */
export type MemberStatus = 'active' | 'suspended' | 'denied';

/** Somebody, or something, that may act in one tenant. */
export interface Member {
  readonly id: string;
  readonly kind: 'person' | 'service' | 'external';
  readonly issuerId: string | null;
  readonly subject: string | null;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly roles: readonly string[];
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
  readonly issuerId?: string;
  readonly subject?: string;
}

/** What may change of a member. */
export interface MemberChanges {
  readonly displayName?: string | null;
  readonly roles?: readonly string[];
}

/** Whether this member keeps the tenant from being without an admin. */
export function isActiveAdmin({ status, roles }: Pick<Member, 'status' | 'roles'>): boolean {
  return status === 'active' && roles.includes(NEVER_BY_ADMISSION);
}

interface Rules {
  readonly admission: 'members' | 'anyone';
  readonly roles: readonly string[];
  readonly roleMapping: readonly { readonly group: string; readonly role: string }[];
}

/**
 * The roles that a member has when it comes in by an issuer: its own, those of its groups, and,
 * where nobody added it, those that the issuer's admission gives. Admission makes nobody an admin.
 */
export function effectiveRoles(
  member: Pick<Member, 'roles' | 'origin'>,
  groups: readonly string[],
  rules: Rules,
): string[] {
  const mapped = rules.roleMapping
    .filter(({ group }) => groups.includes(group))
    .map(({ role }) => role);
  if (member.origin === 'added') return [...new Set([...member.roles, ...mapped])];
  const given = rules.admission === 'anyone' ? [...rules.roles, ...mapped] : [];
  return [...new Set([...member.roles, ...given.filter((role) => role !== NEVER_BY_ADMISSION)])];
}
