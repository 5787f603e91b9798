import { type AdmissionPreview, claimAt, type UnverifiedToken } from '@tenantry/access';
import type { Entry } from '../entry.js';
import type { Examination } from '../examination.js';
import { failed, type Finding, NOBODY, passed, skipped, UNREADABLE } from './finding.js';

type Refusal = NonNullable<AdmissionPreview['reason']>;

const REMEDIES: Record<Refusal, string> = {
  unknown_subject:
    'Add the subject as a member, or set admission of the registration to anyone: nobody has added it.',
  suspended: 'Reactivate the member: it is suspended.',
  removed: 'Add the subject as a member again: it was removed.',
  admission_closed:
    'Give the member a role, or set admission of the registration to anyone: it came in while that was open.',
};

/** What an overlong list of groups is replaced by (OpenID Connect Core §5.6.2; Entra calls it overage). */
const OVERAGE = ['_claim_names', 'hasgroups'];

/** Which roles the groups of the token are mapped to. Nothing that a token must have. */
export function checkMapping({ read, held }: Examination): Finding {
  if (!read) return UNREADABLE;
  if (!held) return NOBODY;
  const { claims, roleMapping } = held.issuer;
  const value = claimAt(read.claims, claims.groups);
  const groups: readonly unknown[] = [value ?? []].flat();
  const mapped = roleMapping.filter(({ group }) => groups.includes(group));
  const found = { claim: claims.groups, groups: value, roles: mapped.map(({ role }) => role) };
  if (roleMapping.length === 0) return skipped('The registration has no roleMapping.', { found });
  if (mapped.length > 0) return passed({ found, expected: roleMapping });
  return passed({ found, expected: roleMapping, ...adviceOn(value, read.claims) });
}

/** What would become of the subject; nothing does. */
export function checkAdmission({ held }: Examination, { admission, tenant }: Entry): Finding {
  if (!held) return NOBODY;
  if (!admission) {
    return skipped(
      tenant
        ? 'Nobody is looked up by a token whose signature or subject does not hold.'
        : 'There is no tenant to be let into.',
    );
  }
  const { outcome, reason, roles } = admission;
  const found = { outcome, reason, roles };
  const expected = { outcome: ['member', 'binds', 'admitted'] };
  if (outcome !== 'refused') return passed({ found, expected });
  return failed({ found, expected, remedy: REMEDIES[reason ?? 'unknown_subject'] });
}

/** Whether the tenant that the token leads to is there, and open. */
export function checkTenant({ read, held }: Examination, { tenant }: Entry): Finding {
  const expected = { status: 'active' };
  if (!tenant) {
    const claim = held?.issuer.tenantClaim ?? null;
    if (!read) return UNREADABLE;
    if (claim === null) return NOBODY;
    const remedy =
      'Have the provider put the id or the slug of a tenant into the claim, or name the claim that holds it in tenantClaim of the registration.';
    const found = { claim, value: claimAt(read.claims, claim) };
    return failed({ found, expected: 'the id or slug of a tenant', remedy });
  }
  const found = { id: tenant.id, slug: tenant.slug, status: tenant.status };
  if (tenant.status === 'suspended') {
    return failed({ found, expected, remedy: 'Ask the platform to resume the tenant.' });
  }
  return tenant.status === 'active'
    ? passed({ found, expected })
    : passed({ found, expected, detail: 'The tenant is leaving: it can be read, not changed.' });
}

/** Why no group was mapped, and what would help. */
function adviceOn(
  groups: unknown,
  claims: UnverifiedToken['claims'],
): { readonly detail: string; readonly remedy: string } {
  const isOverage = groups === undefined && OVERAGE.some((name) => Object.hasOwn(claims, name));
  return isOverage
    ? {
        detail: 'The provider has left out the groups, because there are too many.',
        remedy:
          'Have the provider put into tokens only the groups that are assigned to the application.',
      }
    : {
        detail: 'None of the groups of the token is mapped to a role.',
        remedy:
          'To give a role by group, name a group that was found in roleMapping, or the claim that holds the groups in claims.groups.',
      };
}
