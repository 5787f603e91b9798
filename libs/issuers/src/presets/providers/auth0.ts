import { CHOSEN_AUDIENCE, field, GROUP, GROUP_ROLE, HOST, MAPPED_GROUP } from '../fields.js';
import type { IssuerPreset } from '../issuer-preset.js';

export const AUTH0: IssuerPreset = {
  id: 'auth0',
  name: 'Auth0',
  summary: 'People and applications of an Auth0 tenant, by access tokens for an API.',
  guide: 'docs/issuers/auth0.md',
  fields: [
    field({
      name: 'domain',
      label: 'Auth0 domain',
      description:
        'The domain of the Auth0 tenant, or its custom domain, without https:// and slash.',
      example: 'acme.eu.auth0.com',
      pattern: HOST,
    }),
    { ...CHOSEN_AUDIENCE, description: 'The identifier of the API in Auth0.' },
    field({
      name: 'rolesClaim',
      label: 'Claim with the roles',
      description: 'The namespaced claim that your Action writes the roles into.',
      example: 'https://acme.example/roles',
    }),
    { ...GROUP, label: 'Auth0 role', description: 'The Auth0 role that brings a role here.' },
    GROUP_ROLE,
  ],
  registration: {
    issuer: 'https://{domain}/',
    audiences: ['{audience}'],
    algorithms: ['RS256'],
    claims: { subject: 'sub', email: 'email', name: 'name', groups: '{rolesClaim}' },
    admission: 'members',
    roleMapping: MAPPED_GROUP,
  },
  notes: [
    'The issuer ends in a slash. Without it, no token matches.',
    'Without the parameter audience, Auth0 issues an opaque or encrypted access token that nobody but Auth0 can read.',
    'Access tokens for an API carry custom claims only under a URL of your own, not of Auth0; roles and groups without such a namespace are left out in silence.',
    'The API must sign with RS256: HS256 is a shared secret, and is never believed.',
    'With Auth0 Organizations, where one Auth0 tenant serves many customers, add match { "claim": "org_id", "value": "org_…" }.',
    'On a custom domain ownership is proven by DNS; on auth0.com a platform admin approves.',
  ],
  ownership: 'approval',
};
