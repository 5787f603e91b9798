import { isStorable, PLATFORM_ID } from '@tenantry/kernel';
import { claimAt } from './claim.js';
import type { ExternalIdentity } from './member-directory.js';
import type { VerifiedToken } from './verify-token.js';

const TEXT_LENGTH_MAX = 320;
const TENANT_NAME_LENGTH_MAX = 63;

/** Whom a verified token speaks of, by the claims that its issuer was registered with. */
export function identityOf(verified: VerifiedToken): ExternalIdentity {
  const { issuer, subject, claims } = verified;
  const { email, name } = issuer.claimNames;
  const { tenancy } = issuer;
  return {
    issuerId: issuer.id,
    issuerOwnerId: tenancy.kind === 'owner' ? tenancy.tenantId : PLATFORM_ID,
    subject,
    email: textOf(claimAt(claims, email)),
    // The claim speaks of `email` alone: another one that is read as the address is nobody's word.
    isEmailVerified: ['email', '/email'].includes(email) && claims['email_verified'] === true,
    name: textOf(claimAt(claims, name)),
    groups: groupsOf(verified),
  };
}

/** The id or slug of the tenant that a token belongs to; null where it names none. */
export function tenantNameOf({
  issuer,
  claims,
}: Pick<VerifiedToken, 'issuer' | 'claims'>): string | null {
  const { tenancy } = issuer;
  if (tenancy.kind === 'none') return null;
  if (tenancy.kind === 'owner') return tenancy.tenantId;
  const name = claimAt(claims, tenancy.claim);
  const isName =
    typeof name === 'string' && name.length > 0 && name.length <= TENANT_NAME_LENGTH_MAX;
  return isName ? name : null;
}

function textOf(value: unknown): string | null {
  return isStorable(value) && value.length > 0 && value.length <= TEXT_LENGTH_MAX ? value : null;
}

/** Groups come as an array of names, or, at some providers, as a single name. */
function groupsOf({ claims, issuer }: VerifiedToken): string[] {
  const value = claimAt(claims, issuer.claimNames.groups) ?? [];
  return [value].flat().filter((group): group is string => typeof group === 'string');
}
