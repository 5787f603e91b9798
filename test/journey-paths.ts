import type { TenantryClient } from '@tenantry/client';

const ACCOUNT = '/v1/tenants/{tenant}/service-accounts/{account}';
const ROLES = ['tenant-admin'];

interface At<Path> {
  readonly params: { readonly path: Path };
}

/** The parameters of a call: `at({ tenant })`. */
export function at<Path>(path: Path): At<Path> {
  return { params: { path } };
}

/**
 * Every way in which somebody could come to read a tenant's secrets, by giving them to a member, an
 * account or a role: `account` is one of its admins, and the role `clerk` is of its first revision.
 */
export function pathsToSecrets(
  by: TenantryClient,
  where: { readonly tenant: string; readonly account: string },
): readonly (() => Promise<unknown>)[] {
  const { tenant } = where;
  const [given, here] = [{ roles: ROLES }, at({ tenant })];
  const member = { ...given, email: 'm@mole.example' };
  const guest = { ...given, email: 'i@mole.example' };
  const account = { ...given, name: 'Mole' };
  const role = { name: 'mole', permissions: ['secrets:reveal'] };
  const header = { 'If-Match': '"1"' };
  const clerk = { path: { tenant, role: 'clerk' }, header };
  const widened = { permissions: ['members:read', 'secrets:reveal'] };
  return [
    () => by.POST('/v1/tenants/{tenant}/members', { ...here, body: member }),
    () => by.POST('/v1/tenants/{tenant}/invitations', { ...here, body: guest }),
    () => by.POST('/v1/tenants/{tenant}/service-accounts', { ...here, body: account }),
    () => by.POST(`${ACCOUNT}/rotate`, { ...at(where), body: {} }),
    () => by.POST(`${ACCOUNT}/keys`, { ...at(where), body: { name: 'mole' } }),
    () => by.POST('/v1/tenants/{tenant}/roles', { ...here, body: role }),
    () => by.PATCH('/v1/tenants/{tenant}/roles/{role}', { params: clerk, body: widened }),
  ];
}

/** What is on record of each of them where it succeeds. */
export const DEEDS_TO_SECRETS = [
  'member.added',
  'invitation.created',
  'service_account.created',
  'service_account.rotated',
  'api_key.created',
  'role.created',
  'role.changed',
] as const;
