import { CHOSEN_AUDIENCE, field, WORKLOAD_ROLE } from '../fields.js';
import type { IssuerPreset } from '../issuer-preset.js';

export const GITHUB_ACTIONS: IssuerPreset = {
  id: 'github-actions',
  name: 'GitHub Actions',
  summary: 'Workflows of one GitHub owner on one branch or tag, without a stored secret.',
  guide: 'docs/issuers/github-actions.md',
  fields: [
    field({
      name: 'owner',
      label: 'Owner',
      description:
        'The organization or user that owns the repositories, spelt as GitHub spells it.',
      example: 'acme',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$',
    }),
    field({
      name: 'ownerId',
      label: 'Owner id',
      description:
        'The number of that owner: gh api users/<owner> --jq .id. Names are given away again, numbers never.',
      example: '583231',
      pattern: '^[0-9]{1,20}$',
    }),
    CHOSEN_AUDIENCE,
    field({
      name: 'ref',
      label: 'Git ref',
      description: 'The branch or tag whose workflows come in, in full.',
      example: 'refs/heads/main',
      pattern: '^refs/(heads|tags)/[A-Za-z0-9._/@+-]{1,200}$',
    }),
    WORKLOAD_ROLE,
  ],
  registration: {
    issuer: 'https://token.actions.githubusercontent.com',
    audiences: ['{audience}'],
    algorithms: ['RS256'],
    match: { claim: 'repository_owner', value: '{owner}' },
    claims: { subject: 'sub', email: 'email', name: 'repository', groups: 'repository' },
    condition:
      'claims.repository_owner_id == "{ownerId}" && claims.ref == "{ref}" && claims.event_name != "pull_request_target"',
    admission: 'anyone',
    roles: ['{role}'],
  },
  notes: [
    'Without permissions: id-token: write, a job has no token to ask for.',
    'By default aud is the URL of the owner: the workflow must ask for your audience by name.',
    'A run of pull_request_target has the ref of the base branch, though a stranger may have opened it: the condition keeps it out.',
    'Repositories created, renamed or transferred since July 2026 have a sub with ids: repo:acme@583231/shop@42:ref:… A change of sub makes another subject here.',
    'The condition names the owner by number as well: whoever takes over a name that was given up does not come in.',
    'GitHub Enterprise Server has another issuer: https://<host>/_services/token.',
  ],
  ownership: 'approval',
};
