import { describe, expect, it } from '@jest/globals';

import {
  isPlatformRole,
  isTenantRole,
  PERMISSIONS,
  PLATFORM_PERMISSIONS,
  builtInPermissionsOf,
  platformPermissionsOf,
  TENANT_ROLE_NAMES,
} from './permission.js';

describe('the permissions of a tenant', () => {
  it('are held by its roles as the contract says', () => {
    const table = Object.keys(PERMISSIONS).map((permission) => {
      const holders = TENANT_ROLE_NAMES.filter((role) =>
        [...builtInPermissionsOf([role])].map(String).includes(permission),
      );
      return `${permission.padEnd(18)} ${holders.join(' ')}`;
    });

    expect(`\n${table.toSorted().join('\n')}\n`).toMatchInlineSnapshot(`
     "
     adapters:write     tenant-admin builder
     approvals:decide   tenant-admin operator
     audit:export       tenant-admin
     audit:read         tenant-admin operator viewer
     audit:write        tenant-admin
     credentials:write  tenant-admin
     issuers:read       tenant-admin builder
     issuers:write      tenant-admin
     members:read       tenant-admin builder operator viewer
     members:write      tenant-admin
     quotas:consume     tenant-admin builder operator
     quotas:read        tenant-admin builder operator viewer
     quotas:write       tenant-admin
     registry:read      tenant-admin builder operator viewer
     resources:use      tenant-admin builder operator
     roles:read         tenant-admin builder operator viewer
     roles:write        tenant-admin
     secrets:read       tenant-admin builder
     secrets:reveal     tenant-admin
     secrets:unseal     tenant-admin
     secrets:write      tenant-admin builder
     tenant:read        tenant-admin builder operator viewer
     tenant:write       tenant-admin
     usage:read         tenant-admin builder operator viewer
     usage:write        tenant-admin builder operator
     "
    `);
  });

  it('of several roles are held together', () => {
    expect([...builtInPermissionsOf(['viewer', 'operator'])].toSorted()).toEqual(
      [...builtInPermissionsOf(['operator'])].toSorted(),
    );
    expect(builtInPermissionsOf(['builder', 'viewer'])).toContain('audit:read');
  });

  it.each(['', 'owner', 'platform-admin', 'toString', '__proto__', 'Tenant-Admin'])(
    'are not held by the unknown role %j',
    (role) => {
      expect(isTenantRole(role)).toBe(false);
      expect(builtInPermissionsOf([role])).toEqual(new Set());
    },
  );
});

describe('the permissions of the platform', () => {
  it('let an admin do everything in every tenant but reveal a secret or unseal a vault', () => {
    const held = platformPermissionsOf(['platform-admin']);

    expect([...held].toSorted()).toEqual(
      [...Object.keys(PERMISSIONS), ...Object.keys(PLATFORM_PERMISSIONS)]
        .filter((permission) => !['secrets:reveal', 'secrets:unseal'].includes(permission))
        .toSorted(),
    );
  });

  it('let a viewer read, and change nothing', () => {
    expect([...platformPermissionsOf(['platform-viewer'])].toSorted()).toEqual([
      'audit:read',
      'issuers:read',
      'members:read',
      'platform:read',
      'quotas:read',
      'registry:read',
      'roles:read',
      'secrets:read',
      'tenant:read',
      'usage:read',
    ]);
  });

  it('let an engine resolve, spend, report, introspect and name its permissions, and no more', () => {
    expect([...platformPermissionsOf(['engine'])].toSorted()).toEqual([
      'permissions:write',
      'quotas:consume',
      'registry:read',
      'tokens:introspect',
      'usage:write',
    ]);
  });

  it.each(['tenant-admin', 'constructor', ''])('are not held by %j', (role) => {
    expect(isPlatformRole(role)).toBe(false);
  });
});
