/** What each permission lets its holder do, in a tenant. */
export const PERMISSIONS = {
  'tenant:read': 'See the tenant and its health.',
  'tenant:write': 'Change the tenant’s display name, and whether its people need a second factor.',
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
  'secrets:unseal': 'Unseal the tenant’s vault after it was sealed, or destroy its keys.',
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
  'audit:write':
    'Say where the audit trail is sent and how long it is kept, and erase people from it.',
} as const;

export type Permission = keyof typeof PERMISSIONS;

/** What a platform actor may do outside every tenant. */
export const PLATFORM_PERMISSIONS = {
  'platform:read': 'See everything of the platform, and every tenant.',
  'platform:write': 'Run the platform: tenants, their first admins, issuers of the platform.',
  'permissions:write': 'Register the permissions of an engine.',
  'tokens:introspect': 'See what any token is good for.',
} as const;

export type PlatformPermission = keyof typeof PLATFORM_PERMISSIONS;

/** With these a credential gets at what the tenant keeps from the platform too. */
export const KEPT_FROM_PLATFORM: readonly Permission[] = ['secrets:reveal', 'secrets:unseal'];

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
    platform: ['platform:read', 'platform:write', 'permissions:write', 'tokens:introspect'],
    inTenants: ALL.filter((permission) => !KEPT_FROM_PLATFORM.includes(permission)),
  },
  'platform-viewer': {
    platform: ['platform:read'],
    inTenants: ALL.filter((permission) => permission.endsWith(':read')),
  },
  engine: {
    platform: ['permissions:write', 'tokens:introspect'],
    inTenants: ['registry:read', 'quotas:consume', 'usage:write'],
  },
} as const satisfies Record<string, PlatformRights>;

export type PlatformRole = keyof typeof PLATFORM_ROLES;

export function isTenantRole(name: string): name is TenantRole {
  return Object.hasOwn(TENANT_ROLES, name);
}

export function isPlatformRole(name: string): name is PlatformRole {
  return Object.hasOwn(PLATFORM_ROLES, name);
}

export function isPermission(name: string): name is Permission {
  return Object.hasOwn(PERMISSIONS, name);
}

/** Whether somebody who holds these gets at what the tenant keeps from the platform too. */
export function reachesSecrets(permissions: ReadonlySet<string>): boolean {
  return KEPT_FROM_PLATFORM.some((permission) => permissions.has(permission));
}

/** What the built-in ones among these roles hold together; engines' permissions are not among it. */
export function builtInPermissionsOf(roles: readonly string[]): ReadonlySet<Permission> {
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
