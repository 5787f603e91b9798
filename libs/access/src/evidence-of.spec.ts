import { describe, expect, it } from '@jest/globals';

import { newSigningKey } from '@tenantry/testing';
import { evidenceOf, evidenceOfSession } from './evidence-of.js';
import type { AdmissionRules, Tenancy } from './issuer-directory.js';
import type { VerifiedToken } from './verify-token.js';

const { publicKey } = await newSigningKey('EdDSA');
const RULES: AdmissionRules = {
  admission: 'anyone',
  roles: ['viewer'],
  roleMapping: [
    { group: 'staff', role: 'operator' },
    { group: 'boss', role: 'builder' },
  ],
  resource: null,
};

function verified(claims: Readonly<Record<string, unknown>>, tenancy: Tenancy): VerifiedToken {
  const key = {
    kid: 'a',
    thumbprint: 'a',
    key: publicKey,
    algorithms: ['EdDSA'],
    trustedUntil: null,
  };
  return {
    subject: 'ada@acme.example',
    key,
    claims: { exp: 1, ...claims },
    issuer: {
      id: 'i1',
      tenancy,
      rules: {
        issuer: 'https://login.acme.example',
        issuerAliases: [],
        audiences: ['tenantry'],
        clockSkewSeconds: 30,
        maxTokenAgeSeconds: null,
        notAfter: null,
        condition: { admits: () => true },
      },
      claimNames: { subject: 'sub', email: 'email', name: 'name', groups: '/realm/roles' },
      admission: RULES,
      keyFor: () => Promise.resolve(key),
    },
  };
}

describe('the evidence of a token', () => {
  it('names claims, groups and the roles that they are mapped to, and no address', () => {
    const claims = {
      email: 'ada@acme.example',
      email_verified: true,
      realm: { roles: ['staff', 'other'] },
    };

    const evidence = evidenceOf(verified(claims, { kind: 'claim', claim: 'org' }));

    expect(evidence).toEqual({
      registration: 'i1',
      names: { subject: 'sub', email: 'email', groups: '/realm/roles', tenant: 'org' },
      isEmailVerified: true,
      groups: ['staff', 'other'],
      mappedRoles: [{ group: 'staff', role: 'operator' }],
      admission: 'anyone',
      admissionRoles: ['viewer'],
      resource: null,
      condition: 'held',
    });
    expect(JSON.stringify(evidence)).not.toContain('ada');
  });

  it('holds fifty groups of two hundred letters, and maps all of them', () => {
    const groups = [...Array<string>(70).fill('g'.repeat(300)), 'boss'];

    const evidence = evidenceOf(
      verified({ realm: { roles: groups } }, { kind: 'owner', tenantId: 't1' }),
    );

    expect(evidence.groups).toEqual(Array(50).fill('g'.repeat(200)));
    expect(evidence.mappedRoles).toEqual([{ group: 'boss', role: 'builder' }]);
    expect(evidence).toMatchObject({ isEmailVerified: false, names: { tenant: null } });
  });
});

describe('the evidence of a session', () => {
  it('is what its token said, not where; whom a closed door admits has no roles by it', () => {
    const registration = {
      id: 'i1',
      ownerId: 't1',
      keyThumbprint: null,
      subject: 'ada',
      email: 'ada@acme.example',
      groups: ['boss'],
    };

    expect(evidenceOfSession(registration, { ...RULES, admission: 'members' })).toEqual({
      registration: 'i1',
      names: null,
      isEmailVerified: false,
      groups: ['boss'],
      mappedRoles: [{ group: 'boss', role: 'builder' }],
      admission: 'members',
      admissionRoles: [],
      resource: null,
      condition: null,
    });
  });
});
