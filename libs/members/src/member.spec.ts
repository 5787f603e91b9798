import { describe, expect, it } from '@jest/globals';

import type { AdmissionRules } from '@tenantry/access';
import { type Member, ownRights, rightsBy, rolesHeld } from './member.js';

const NOW = new Date('2026-11-22T12:00:00Z');

const RULES: AdmissionRules = {
  admission: 'anyone',
  roles: ['viewer'],
  roleMapping: [
    { group: 'eng', role: 'builder' },
    { group: 'bosses', role: 'tenant-admin' },
  ],
  resource: null,
};

const GUEST: AdmissionRules = { ...RULES, resource: 'workflow/po-1' };

type Held = Pick<Member, 'roles' | 'grants' | 'origin'>;

const grant = (role: string, resource: string, expiresAt: string | null = null) => ({
  role,
  resource,
  expiresAt,
});

const admitted: Held = { roles: [], grants: [], origin: 'admitted' };
const added: Held = { ...admitted, origin: 'added' };

const by = (rules: AdmissionRules, member: Held, groups: readonly string[] = []) =>
  rightsBy(member, { groups, rules, now: NOW });

describe('rightsBy an issuer', () => {
  it('gives an admitted subject the roles of the admission and of its groups', () => {
    expect(by(RULES, admitted, ['eng'])).toEqual({ roles: ['viewer', 'builder'], grants: [] });
  });

  it('makes nobody an admin whom nobody added', () => {
    expect(by(RULES, admitted, ['bosses']).roles).toEqual(['viewer']);
  });

  it('makes a member an admin by its group', () => {
    const member = { ...added, roles: ['operator'] };

    expect(by(RULES, member, ['bosses']).roles).toEqual(['operator', 'tenant-admin']);
  });

  it('keeps an admitted subject an admin whom an admin made one', () => {
    expect(by(RULES, { ...admitted, roles: ['tenant-admin'] }).roles).toEqual([
      'tenant-admin',
      'viewer',
    ]);
  });

  it('gives an admitted subject nothing once the issuer admits members only', () => {
    expect(by({ ...RULES, admission: 'members' }, admitted, ['eng']).roles).toEqual([]);
  });

  it('keeps the grants of a member beside its roles, but for those that have ended', () => {
    const lasting = grant('operator', 'workflow/a');
    const ending = grant('operator', 'workflow/b', '2026-11-22T12:00:00.001Z');
    const ended = grant('operator', 'workflow/c', '2026-11-22T12:00:00Z');

    expect(by(RULES, { ...added, grants: [lasting, ending, ended] })).toEqual({
      roles: [],
      grants: [lasting, ending],
    });
  });

  it('gives a guest everything on the one resource, and nothing in the tenant', () => {
    expect(by(GUEST, admitted, ['eng', 'bosses'])).toEqual({
      roles: [],
      grants: [grant('viewer', 'workflow/po-1'), grant('builder', 'workflow/po-1')],
    });
  });

  it('holds a guest to that resource, whatever somebody gave it besides', () => {
    const grants = [grant('operator', 'workflow/po-1'), grant('operator', 'workflow/other')];

    expect(by(GUEST, { roles: ['builder'], grants, origin: 'added' })).toEqual({
      roles: [],
      grants: [grant('operator', 'workflow/po-1'), grant('builder', 'workflow/po-1')],
    });
  });
});

describe('what a member has by itself', () => {
  const member = {
    roles: ['viewer'],
    grants: [
      grant('operator', 'workflow/a', '2027-01-01T00:00:00Z'),
      grant('builder', 'workflow/b', '2026-01-01T00:00:00Z'),
    ],
  };

  it('is its roles, and the grants that have not ended', () => {
    expect(ownRights(member, NOW)).toEqual({ roles: ['viewer'], grants: [member.grants[0]] });
  });

  it('counts as held, ended or not, wherever somebody gives it or takes it', () => {
    expect(rolesHeld(member)).toEqual(['viewer', 'operator', 'builder']);
  });
});
