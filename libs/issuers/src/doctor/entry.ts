import {
  type AdmissionPreview,
  identityOf,
  type MemberDirectory,
  type RoleDirectory,
  scopeOfOwnWork,
  type TenantDirectory,
  tenantNameOf,
  type TenantState,
} from '@tenantry/access';
import { asIfVerified, type Examination } from './examination.js';

/** Where the token leads, and what becomes of its subject there. */
export interface Entry {
  readonly tenant: TenantState | null;
  /** Null where nobody was asked: there is no tenant, or no subject that a signature vouches for. */
  readonly admission: AdmissionPreview | null;
  /** What its roles hold together in that tenant. */
  readonly permissions: ReadonlySet<string>;
}

/** Whom the doctor asks. */
export interface Doors {
  readonly members: Pick<MemberDirectory, 'preview'>;
  readonly roles: Pick<RoleDirectory, 'permissionsOf'>;
  readonly tenants: TenantDirectory;
  /** The tenant that asks; null for the platform, whose tokens name their tenant. */
  readonly tenantId: string | null;
}

/** Looks where the token leads, and does nothing there. */
export async function entryOf(exam: Examination, doors: Doors): Promise<Entry> {
  const name = doors.tenantId ?? namedTenant(exam);
  const tenant = name === null ? null : await doors.tenants.find(name);
  const verified = asIfVerified(exam);
  if (!tenant || !verified) return { tenant, admission: null, permissions: new Set() };
  // The tenant of an issuer of the platform is chosen by the token, as at the guard's door.
  const scope = scopeOfOwnWork(tenant.id);
  const { admission: rules } = verified.issuer;
  const admission = await doors.members.preview(scope, identityOf(verified), rules);
  return {
    tenant,
    admission,
    permissions: await doors.roles.permissionsOf(scope, admission.roles),
  };
}

function namedTenant({ read, held }: Examination): string | null {
  if (!read || !held) return null;
  return tenantNameOf({ issuer: held.trusted, claims: { ...read.claims, exp: 0 } });
}
