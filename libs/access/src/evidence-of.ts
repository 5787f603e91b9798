import type { Evidence } from './evidence.js';
import { identityOf } from './identity.js';
import type { AdmissionRules } from './issuer-directory.js';
import type { LiveSession } from './session-directory.js';
import type { VerifiedToken } from './verify-token.js';

/** A token may list thousands of groups; a record of what was decided keeps the first. */
const GROUPS_MAX = 50;
const GROUP_LENGTH_MAX = 200;

/** What a verified token of an external issuer was taken to say. */
export function evidenceOf(verified: VerifiedToken): Evidence {
  const { id, claimNames, tenancy, rules, admission } = verified.issuer;
  const { subject, email, groups } = claimNames;
  const identity = identityOf(verified);
  const tenant = tenancy.kind === 'claim' ? tenancy.claim : null;
  return {
    registration: id,
    names: { subject, email, groups, tenant },
    isEmailVerified: identity.email !== null && identity.isEmailVerified,
    condition: rules.condition ? 'held' : null,
    ...mappingOf(identity.groups, admission),
  };
}

/** The same of a session that an issuer vouches for: what its token said was kept, its claims were not. */
export function evidenceOfSession(
  { id, groups }: NonNullable<LiveSession['registration']>,
  rules: AdmissionRules,
): Evidence {
  return {
    registration: id,
    names: null,
    isEmailVerified: false,
    condition: null,
    ...mappingOf(groups, rules),
  };
}

function mappingOf(
  groups: readonly string[],
  { admission, roles, roleMapping, resource }: AdmissionRules,
): Pick<Evidence, 'groups' | 'mappedRoles' | 'admission' | 'admissionRoles' | 'resource'> {
  const held = new Set(groups);
  return {
    groups: groups.slice(0, GROUPS_MAX).map((group) => group.slice(0, GROUP_LENGTH_MAX)),
    mappedRoles: roleMapping.filter(({ group }) => held.has(group)),
    admission,
    admissionRoles: admission === 'anyone' ? roles : [],
    resource,
  };
}
