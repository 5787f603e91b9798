import { CHOSEN_AUDIENCE, field, HTTPS_URL, WORKLOAD_ROLE } from '../fields.js';
import type { IssuerPreset } from '../issuer-preset.js';

export const SPIFFE: IssuerPreset = {
  id: 'spiffe',
  name: 'SPIFFE (SPIRE)',
  summary: 'Workloads of a SPIFFE trust domain, by JWT-SVIDs.',
  guide: 'docs/issuers/spiffe.md',
  fields: [
    field({
      name: 'issuer',
      label: 'JWT issuer',
      description:
        'The jwt_issuer of the SPIRE server: the URL at which its OIDC discovery provider answers.',
      example: 'https://oidc.spire.acme.example',
      pattern: HTTPS_URL,
    }),
    field({
      name: 'trustDomain',
      label: 'Trust domain',
      description: 'The name of the trust domain, without spiffe://.',
      example: 'acme.example',
      pattern: '^[a-z0-9._-]{1,255}$',
    }),
    field({
      name: 'pathPrefix',
      label: 'Path prefix',
      description: 'How the paths of the SPIFFE IDs begin that come in; ends in a slash.',
      example: 'ns/prod/',
      pattern: '^([A-Za-z0-9._-]+/)+$',
    }),
    CHOSEN_AUDIENCE,
    WORKLOAD_ROLE,
  ],
  registration: {
    issuer: '{issuer}',
    audiences: ['{audience}'],
    algorithms: ['RS256', 'ES256', 'ES384'],
    claims: { subject: 'sub', email: 'email', name: 'sub', groups: 'groups' },
    condition: 'claims.sub.startsWith("spiffe://{trustDomain}/{pathPrefix}")',
    admission: 'anyone',
    roles: ['{role}'],
  },
  notes: [
    'Without jwt_issuer in the SPIRE server, a JWT-SVID has no iss, and belongs to no issuer.',
    'jwt_issuer of the server and of the discovery provider must be the same, byte for byte.',
    'Take the keys from the discovery provider. In a SPIFFE bundle they are marked use "jwt-svid", and are not taken for signing keys.',
    'The workload names the audience when it asks for the SVID; the server adds none.',
    'A SPIFFE ID of more than 255 characters is too long for a subject here.',
    'The prefix ends in a slash: without it, ns/prod would let ns/production in too.',
  ],
  ownership: 'dns',
};
