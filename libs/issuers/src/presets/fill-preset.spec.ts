import { describe, expect, it } from '@jest/globals';

import { fillPreset } from './fill-preset.js';
import { KEYCLOAK } from './providers/keycloak.js';
import { KUBERNETES } from './providers/kubernetes.js';

const KEYCLOAK_VALUES = {
  baseUrl: 'https://login.acme.example',
  realm: 'acme',
  audience: 'tenantry',
};
const KUBERNETES_VALUES = {
  issuer: 'https://oidc.cluster.acme.example',
  audience: 'tenantry',
  namespace: 'prod',
  role: 'operator',
};

describe('fillPreset', () => {
  it('leaves out the parts whose optional fields are blank', () => {
    const values = { ...KEYCLOAK_VALUES, group: ' ', role: 'builder' };

    expect(fillPreset(KEYCLOAK, values)).toEqual({
      issuer: 'https://login.acme.example/realms/acme',
      audiences: ['tenantry'],
      claims: { subject: 'sub', email: 'email', name: 'name', groups: '/realm_access/roles' },
      admission: 'members',
    });
  });

  it('reads no value as a template', () => {
    const values = { ...KEYCLOAK_VALUES, group: '{realm} $& {nothing}', role: 'builder' };

    expect(fillPreset(KEYCLOAK, values)).toMatchObject({
      roleMapping: [{ group: '{realm} $& {nothing}', role: 'builder' }],
    });
  });

  it('says everything that is wrong, field by field', () => {
    const values = {
      baseUrl: 'login.acme.example',
      realm: '',
      audience: 'tenantry',
      colour: 'red',
    };

    expect(() => fillPreset(KEYCLOAK, values)).toThrow(
      expect.objectContaining({
        message:
          'The preset keycloak cannot be filled in like this: /colour is not a field of this preset; /baseUrl must look like https://login.acme.example; /realm is required.',
        errors: [
          { pointer: '/colour', message: 'is not a field of this preset' },
          { pointer: '/baseUrl', message: 'must look like https://login.acme.example' },
          { pointer: '/realm', message: 'is required' },
        ],
      }),
    );
  });

  it.each(['nonsense', '[]', '"keys"', 'null'])('refuses %s where a JSON object is due', (jwks) => {
    expect(() => fillPreset(KUBERNETES, { ...KUBERNETES_VALUES, jwks })).toThrow(
      expect.objectContaining({ errors: [{ pointer: '/jwks', message: 'must be a JSON object' }] }),
    );
  });

  it('refuses the name of something that every object has', () => {
    const values = { ...KEYCLOAK_VALUES, constructor: 'x' };

    expect(() => fillPreset(KEYCLOAK, values)).toThrow(
      '/constructor is not a field of this preset',
    );
  });
});
