import { CHOSEN_AUDIENCE, field, GROUP, GROUP_ROLE, MAPPED_GROUP } from '../fields.js';
import type { IssuerPreset } from '../issuer-preset.js';

export const KEYCLOAK: IssuerPreset = {
  id: 'keycloak',
  name: 'Keycloak',
  summary: 'People and service accounts of a Keycloak realm, with their realm roles.',
  guide: 'docs/issuers/keycloak.md',
  fields: [
    field({
      name: 'baseUrl',
      label: 'Base URL',
      description:
        'Where Keycloak is reached, without a slash at the end; with its relative path, such as /auth, if it has one.',
      example: 'https://login.acme.example',
      pattern: '^https?://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$',
    }),
    field({
      name: 'realm',
      label: 'Realm',
      description: 'The name of the realm, as it stands in URLs.',
      example: 'acme',
      pattern: '^[A-Za-z0-9._~%-]+$',
    }),
    { ...CHOSEN_AUDIENCE, example: 'tenantry' },
    { ...GROUP, label: 'Realm role', description: 'The realm role that brings a role here.' },
    GROUP_ROLE,
  ],
  registration: {
    issuer: '{baseUrl}/realms/{realm}',
    audiences: ['{audience}'],
    claims: { subject: 'sub', email: 'email', name: 'name', groups: '/realm_access/roles' },
    admission: 'members',
    roleMapping: MAPPED_GROUP,
  },
  notes: [
    'By itself Keycloak writes no audience of yours into a token ("account" at most): an audience mapper must add it.',
    'Keycloak takes the host of iss from the request unless its option hostname is set. Where it is not, name the other URLs as issuerAliases.',
    'Since Keycloak 25, sub comes from the client scope "basic": a client without that scope gets tokens without a subject.',
    'Roles of a client are at /resource_access/<client>/roles; groups need a "Group Membership" mapper, and claims.groups set to the name of its claim.',
    'Do not map default-roles-<realm>, offline_access or uma_authorization: every user of the realm has them.',
  ],
  ownership: 'dns',
};
