import { describe, expect, it } from '@jest/globals';

import { newSigningKey } from '@tenantry/testing';
import { identityOf, tenantNameOf } from './identity.js';
import type { Tenancy } from './issuer-directory.js';
import type { VerifiedToken } from './verify-token.js';

const { publicKey } = await newSigningKey('EdDSA');

function verified(claims: Readonly<Record<string, unknown>>, tenancy: Tenancy): VerifiedToken {
  const key = {
    kid: 'a',
    thumbprint: 'a',
    key: publicKey,
    algorithms: ['EdDSA'],
    trustedUntil: null,
  };
  return {
    subject: 'ada',
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
        condition: null,
      },
      claimNames: { subject: 'sub', email: 'email', name: 'name', groups: '/realm/roles' },
      admission: { admission: 'members', roles: [], roleMapping: [], resource: null },
      keyFor: () => Promise.resolve(key),
    },
  };
}

const OWNER: Tenancy = { kind: 'owner', tenantId: 't1' };
const BY_CLAIM: Tenancy = { kind: 'claim', claim: '/org/slug' };

describe('identityOf', () => {
  it('reads claims by name and by pointer', () => {
    const claims = {
      email: 'ada@acme.example',
      email_verified: true,
      realm: { roles: ['staff', 7, 'dev'] },
    };

    expect(identityOf(verified(claims, OWNER))).toEqual({
      issuerId: 'i1',
      issuerOwnerId: 't1',
      subject: 'ada',
      email: 'ada@acme.example',
      isEmailVerified: true,
      name: null,
      groups: ['staff', 'dev'],
    });
  });

  it.each(['', 'a\0b', '\ud800', 'x'.repeat(321), 7, null, ['a@b.example']])(
    'takes %j for no address and no name',
    (value) => {
      expect(identityOf(verified({ email: value, name: value }, OWNER))).toMatchObject({
        email: null,
        name: null,
      });
    },
  );

  it('takes only true itself for a verified address', () => {
    expect(identityOf(verified({ email_verified: 'true' }, OWNER)).isEmailVerified).toBe(false);
  });

  it('takes `email_verified` for the word on `email`, and on no other claim', () => {
    const token = verified({ upn: 'boss@acme.example', email_verified: true }, OWNER);
    const { claimNames } = token.issuer;
    const issuer = { ...token.issuer, claimNames: { ...claimNames, email: 'upn' } };

    expect(identityOf({ ...token, issuer })).toMatchObject({
      email: 'boss@acme.example',
      isEmailVerified: false,
    });
  });

  it('says that an issuer of the platform is the platform’s', () => {
    expect(identityOf(verified({}, BY_CLAIM)).issuerOwnerId).toBe(
      '00000000-0000-0000-0000-000000000000',
    );
  });
});

describe('tenantNameOf', () => {
  it('is the owner of the issuer, whatever a token claims', () => {
    expect(tenantNameOf(verified({ org: { slug: 'globex' } }, OWNER))).toBe('t1');
  });

  it('is what the claim of an issuer of the platform names', () => {
    expect(tenantNameOf(verified({ org: { slug: 'acme' } }, BY_CLAIM))).toBe('acme');
  });

  it.each([undefined, null, '', 7, true, ['acme'], { slug: 'acme' }, 'x'.repeat(64)])(
    'is none where the claim holds %j',
    (slug) => {
      expect(tenantNameOf(verified({ org: { slug } }, BY_CLAIM))).toBeNull();
    },
  );

  it('is none for the platform’s own tokens', () => {
    expect(tenantNameOf(verified({}, { kind: 'none' }))).toBeNull();
  });
});
