import { isPlatformRole, type PlatformRole } from '@tenantry/access';

/** Somebody, or something, that stands outside every tenant, as those who run the platform see it. */
export interface PlatformAdmin {
  readonly id: string;
  readonly kind: 'person' | 'service';
  readonly email: string | null;
  readonly name: string | null;
  readonly clientId: string | null;
  readonly roles: readonly PlatformRole[];
  readonly status: 'active' | 'suspended' | 'invited';
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A row of either kind, in one shape. */
export interface PlatformAdminRow extends Omit<PlatformAdmin, 'roles'> {
  readonly roles: readonly string[];
}

/** People and services together, so that one list and one rule hold for both. */
export const PLATFORM_ADMINS = `
  select p.id::text as id, 'person' as kind, p.email, p.display_name as name,
    null::text as "clientId", a.roles, a.status, a.revision,
    a.created_at as "createdAt", a.updated_at as "updatedAt"
  from platform_admins a join people p on p.id = a.person_id
  union all
  select s.id::text, 'service', null, s.name, s.client_id, s.roles, s.status, s.revision,
    s.created_at, s.updated_at
  from platform_service_accounts s`;

export function toPlatformAdmin(row: PlatformAdminRow): PlatformAdmin {
  return { ...row, roles: row.roles.filter(isPlatformRole) };
}
