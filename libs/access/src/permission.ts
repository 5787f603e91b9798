/** What each permission lets its holder do, in a tenant. */
export const PERMISSIONS = {
  'tenant:read': 'See the tenant and its health.',
  'tenant:write': 'Change the tenant’s display name.',
  'members:read': 'See who belongs to the tenant.',
  'members:write': 'Add, change, suspend and remove members.',
  'roles:read': 'See the roles of the tenant.',
  'roles:write': 'Define the tenant’s own roles.',
  'issuers:read': 'See the issuers that the tenant trusts.',
  'issuers:write': 'Register, change, disable and remove issuers.',
  'credentials:write': 'Make and revoke service accounts and API keys.',
  'secrets:read': 'See which secrets there are, without their values.',
  'secrets:write': 'Save and destroy secrets.',
  'secrets:reveal': 'Read the value of a secret.',
  'adapters:write': 'Deploy and change adapters.',
  'quotas:read': 'See limits and what remains of them.',
  'quotas:write': 'Change limits.',
  'quotas:consume': 'Spend from limits.',
  'usage:read': 'See what was used.',
  'usage:write': 'Report what was used.',
  'registry:read': 'Resolve tenants, routes and issuers.',
  'resources:use': 'Use the resources of the shared engines.',
  'approvals:decide': 'Approve or reject what waits for a decision.',
  'audit:read': 'Read the audit trail.',
  'audit:export': 'Export the audit trail.',
} as const;

export type Permission = keyof typeof PERMISSIONS;

/** What a platform actor may do outside every tenant. */
export type PlatformPermission = 'platform:read' | 'platform:write';

const ALL = Object.keys(PERMISSIONS) as Permission[];

const EVERYBODY: readonly Permission[] = [
  'tenant:read',
  'members:read',
  'roles:read',
  'quotas:read',
  'usage:read',
  'registry:read',
];
const WORKING: readonly Permission[] = ['quotas:consume', 'usage:write', 'resources:use'];

/** The roles that every tenant has, and that nobody can change. */
export const TENANT_ROLES = {
  'tenant-admin': ALL,
  builder: [
    ...EVERYBODY,
    ...WORKING,
    'issuers:read',
    'secrets:read',
    'secrets:write',
    'adapters:write',
  ],
  operator: [...EVERYBODY, ...WORKING, 'approvals:decide', 'audit:read'],
  viewer: [...EVERYBODY, 'audit:read'],
} as const satisfies Record<string, readonly Permission[]>;

export type TenantRole = keyof typeof TENANT_ROLES;

export const TENANT_ROLE_NAMES = Object.keys(TENANT_ROLES) as TenantRole[];

interface PlatformRights {
  readonly platform: readonly PlatformPermission[];
  /** What the role may do in every tenant. */
  readonly inTenants: readonly Permission[];
}

/** The roles outside every tenant. A secret is revealed to none of them. */
const PLATFORM_ROLES = {
  'platform-admin': {
    platform: ['platform:read', 'platform:write'],
    inTenants: ALL.filter((permission) => permission !== 'secrets:reveal'),
  },
  'platform-viewer': {
    platform: ['platform:read'],
    inTenants: ALL.filter((permission) => permission.endsWith(':read')),
  },
  engine: { platform: [], inTenants: ['registry:read', 'quotas:consume', 'usage:write'] },
} as const satisfies Record<string, PlatformRights>;

export type PlatformRole = keyof typeof PLATFORM_ROLES;

export function isTenantRole(name: string): name is TenantRole {
  return Object.hasOwn(TENANT_ROLES, name);
}

export function isPlatformRole(name: string): name is PlatformRole {
  return Object.hasOwn(PLATFORM_ROLES, name);
}

/** Every permission that these roles of a tenant hold together. An unknown role holds none. */
export function permissionsOf(roles: readonly string[]): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => (isTenantRole(role) ? TENANT_ROLES[role] : [])));
}

/** Everything that these platform roles hold together, outside tenants and within them. */
export function platformPermissionsOf(
  roles: readonly PlatformRole[],
): ReadonlySet<Permission | PlatformPermission> {
  return new Set(
    roles.flatMap((role): (Permission | PlatformPermission)[] => {
      const { platform, inTenants }: PlatformRights = PLATFORM_ROLES[role];
      return [...platform, ...inTenants];
    }),
  );
}
