import { CHOSEN_AUDIENCE, field, GROUP, GROUP_ROLE, HOST, MAPPED_GROUP } from '../fields.js';
import type { IssuerPreset } from '../issuer-preset.js';

export const OKTA: IssuerPreset = {
  id: 'okta',
  name: 'Okta',
  summary: 'People of an Okta organization, by access tokens of a custom authorization server.',
  guide: 'docs/issuers/okta.md',
  fields: [
    field({
      name: 'domain',
      label: 'Okta domain',
      description:
        'The domain of the organization, or its custom domain, as the issuer URI has it.',
      example: 'acme.okta.com',
      pattern: HOST,
    }),
    field({
      name: 'serverId',
      label: 'Authorization server id',
      description: 'The last part of the issuer URI: "default", or an id that begins with aus.',
      example: 'aus9o8wzkhckw9TLa0h7',
      pattern: '^[A-Za-z0-9_-]+$',
    }),
    { ...CHOSEN_AUDIENCE, description: 'The audience of the authorization server.' },
    GROUP,
    GROUP_ROLE,
  ],
  registration: {
    issuer: 'https://{domain}/oauth2/{serverId}',
    audiences: ['{audience}'],
    algorithms: ['RS256'],
    claims: { subject: 'uid', email: 'email', name: 'name', groups: 'groups' },
    admission: 'members',
    roleMapping: MAPPED_GROUP,
  },
  notes: [
    'The org authorization server (iss https://<domain>, without /oauth2/…) issues access tokens for Okta alone. A custom one is needed, "default" included.',
    'sub is the user name, which may change; uid is the user for good. Tokens of service applications have no uid: register their own authorization server with claims.subject "cid".',
    'An access token carries no groups, email or name until the authorization server has claims for them.',
    'A groups claim with more than 100 matching groups makes Okta refuse the sign-in: filter it.',
    'With a custom domain, iss is the one by which the token was asked for, unless the server fixes it. Name the other as issuerAliases.',
    'On a custom domain ownership is proven by DNS; on okta.com a platform admin approves.',
  ],
  ownership: 'approval',
};
