import { field, HOST } from '../fields.js';
import type { IssuerPreset } from '../issuer-preset.js';

export const GOOGLE_WORKSPACE: IssuerPreset = {
  id: 'google-workspace',
  name: 'Google Workspace',
  summary: 'People of a Google Workspace or Cloud Identity organization, by Google ID tokens.',
  guide: 'docs/issuers/google-workspace.md',
  fields: [
    field({
      name: 'domain',
      label: 'Workspace domain',
      description: 'The domain of the organization, exactly as the claim hd of its tokens says it.',
      example: 'acme.example',
      pattern: HOST,
    }),
    field({
      name: 'clientId',
      label: 'OAuth client id',
      description:
        'The client id of the application whose users sign in: the aud of its ID tokens.',
      example: '407408718192-n3h7k2q9v1x5c8b4m6a0d2f7j9l1p3r5.apps.googleusercontent.com',
      pattern: '^[0-9]+(-[a-z0-9]+)?\\.apps\\.googleusercontent\\.com$',
    }),
  ],
  registration: {
    issuer: 'https://accounts.google.com',
    audiences: ['{clientId}'],
    algorithms: ['RS256'],
    match: { claim: 'hd', value: '{domain}' },
    claims: { subject: 'sub', email: 'email', name: 'name', groups: 'groups' },
    condition: 'claims.email_verified == true',
    admission: 'members',
  },
  notes: [
    'Send the ID token. A Google access token (it begins with ya29.) is no JWT, and nobody but Google can verify it.',
    'Private Google accounts and service accounts have no hd: they belong to no registration with this match.',
    'Google tokens carry no groups. Give roles to members, or to everybody by admission "anyone" and roles.',
    'hd is compared exactly. An organization with several domains registers each of them that shows up as hd.',
    'Ownership is proven on the Workspace domain, at _tenantry.<domain>, not on a host of Google.',
  ],
  ownership: 'dns',
};
