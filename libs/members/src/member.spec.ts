import { describe, expect, it } from '@jest/globals';

import { effectiveRoles } from './member.js';

const rules = {
  admission: 'anyone',
  roles: ['viewer'],
  roleMapping: [
    { group: 'eng', role: 'builder' },
    { group: 'bosses', role: 'tenant-admin' },
  ],
} as const;

describe('effectiveRoles', () => {
  it('gives an admitted subject the roles of the admission and of its groups', () => {
    expect(effectiveRoles({ roles: [], origin: 'admitted' }, ['eng'], rules)).toEqual([
      'viewer',
      'builder',
    ]);
  });

  it('makes nobody an admin whom nobody added', () => {
    expect(effectiveRoles({ roles: [], origin: 'admitted' }, ['bosses'], rules)).toEqual([
      'viewer',
    ]);
  });

  it('makes a member an admin by its group', () => {
    expect(effectiveRoles({ roles: ['operator'], origin: 'added' }, ['bosses'], rules)).toEqual([
      'operator',
      'tenant-admin',
    ]);
  });

  it('keeps an admitted subject an admin whom an admin made one', () => {
    const member = { roles: ['tenant-admin'], origin: 'admitted' } as const;

    expect(effectiveRoles(member, [], rules)).toEqual(['tenant-admin', 'viewer']);
  });

  it('gives an admitted subject nothing once the issuer admits members only', () => {
    const closed = { ...rules, admission: 'members' } as const;

    expect(effectiveRoles({ roles: [], origin: 'admitted' }, ['eng'], closed)).toEqual([]);
  });
});
