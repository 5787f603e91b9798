import { KEPT_FROM_PLATFORM } from '@tenantry/access';

const KEPT = KEPT_FROM_PLATFORM.map((permission) => `'${permission}'`).join();

/**
 * SQL that says whether a member holds a role that reaches what its tenant keeps from the platform,
 * be it on one resource alone. The same permissions as `reachesSecrets` of access.
 */
export function reachesSecrets(member: string): string {
  return `exists (
    select from (
      select unnest(${member}.roles) as role
      union all
      select jsonb_array_elements(${member}.grants) ->> 'role'
    ) as held
    left join roles as own on own.tenant_id = ${member}.tenant_id and own.name = held.role
    where held.role = 'tenant-admin' or own.permissions && array[${KEPT}])`;
}
