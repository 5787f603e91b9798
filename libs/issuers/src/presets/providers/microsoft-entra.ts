import { field, GROUP, GROUP_ROLE, GUID, MAPPED_GROUP } from '../fields.js';
import type { IssuerPreset } from '../issuer-preset.js';

export const MICROSOFT_ENTRA: IssuerPreset = {
  id: 'microsoft-entra',
  name: 'Microsoft Entra ID',
  summary:
    'People and applications of one Microsoft Entra directory, by access tokens of version 2.',
  guide: 'docs/issuers/microsoft-entra.md',
  fields: [
    field({
      name: 'tenantId',
      label: 'Directory (tenant) id',
      description: 'The GUID of the directory, in small letters.',
      example: '8eaef023-2b34-4da1-9baa-8bc8c9d6a490',
      pattern: GUID,
    }),
    field({
      name: 'clientId',
      label: 'Application (client) id',
      description: 'The GUID of the app registration that stands for this service.',
      example: '6731de76-14a6-49ae-97bc-6eba6914391e',
      pattern: GUID,
    }),
    {
      ...GROUP,
      label: 'App role',
      description: 'The value of the app role that brings a role here.',
      example: 'Tenantry.Builder',
    },
    GROUP_ROLE,
  ],
  registration: {
    issuer: 'https://login.microsoftonline.com/{tenantId}/v2.0',
    audiences: ['{clientId}'],
    algorithms: ['RS256'],
    claims: { subject: 'oid', email: 'email', name: 'name', groups: 'roles' },
    admission: 'members',
    roleMapping: MAPPED_GROUP,
  },
  notes: [
    'Without requestedAccessTokenVersion 2 in the manifest, Entra issues tokens of version 1: iss is https://sts.windows.net/<tenantId>/, aud is api://<clientId>.',
    'Use app roles. Beyond 200 groups Entra leaves the claim groups out and writes _claim_names in its place: such a person would lose every mapped role.',
    'oid is one person throughout the directory; sub is another one for each application.',
    'email is no proof of an address, and Entra sends no email_verified: add members with their object id as subject.',
    'Any application of the directory can get a token for yours unless "Assignment required" is on. Mind that before you choose admission "anyone".',
    'Tokens for Microsoft Graph (aud 00000003-0000-0000-c000-000000000000) are for Graph alone, and their signature cannot be verified by others.',
  ],
  ownership: 'approval',
};
