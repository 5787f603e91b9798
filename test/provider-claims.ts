// What real providers say in their tokens, besides iat, exp and, where it is their own, iss.

/** An access token of Keycloak 26, of a client with an audience mapper. */
export const KEYCLOAK = {
  jti: 'onrtac:5c1f2f0e-7a57-4d0c-9a3e-2f0d5c1b9e11',
  aud: ['tenantry', 'account'],
  sub: 'b8f0c1de-6a51-4d0b-8a3b-6f2f4c0e9d21',
  typ: 'Bearer',
  azp: 'web',
  sid: 'c1a2f3d4-0b5e-4f6a-8c7d-9e0f1a2b3c4d',
  acr: '1',
  'allowed-origins': ['https://app.acme.example'],
  realm_access: {
    roles: ['default-roles-acme', 'offline_access', 'engineering', 'uma_authorization'],
  },
  resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
  scope: 'openid email profile',
  email_verified: true,
  name: 'Ada Lovelace',
  preferred_username: 'ada',
  given_name: 'Ada',
  family_name: 'Lovelace',
  email: 'ada@acme.example',
};

const GOOGLE_CLIENT = '407408718192-n3h7k2q9v1x5c8b4m6a0d2f7j9l1p3r5.apps.googleusercontent.com';

/** An ID token of Google for a person of a Workspace organization. */
export const GOOGLE = {
  iss: 'https://accounts.google.com',
  azp: GOOGLE_CLIENT,
  aud: GOOGLE_CLIENT,
  sub: '110169484474386276334',
  hd: 'acme.example',
  email: 'ada@acme.example',
  email_verified: true,
  at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
  name: 'Ada Lovelace',
  picture: 'https://lh3.googleusercontent.com/a/photo=s96-c',
  given_name: 'Ada',
  family_name: 'Lovelace',
};

/** An access token of Microsoft Entra ID, version 2, with an app role. */
export const ENTRA = {
  aud: '6731de76-14a6-49ae-97bc-6eba6914391e',
  aio: 'AXQAi/8TAAAAFm+E/QTG+gFnVxLjWdw8K+61AGrSOuMMF6ebaMj7XO3IbmD3fGmrOyD+NvZyGn2V',
  azp: '8b7c6d5e-4f3a-4b2c-9d1e-0f9a8b7c6d5e',
  azpacr: '1',
  email: 'ada@acme.example',
  name: 'Ada Lovelace',
  oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
  preferred_username: 'ada@acme.example',
  rh: '0.AgEAI_CujjQroU2biouIydamkMr_5RFEu8dLpN7-_OLgGhEBAAAA.',
  roles: ['Tenantry.Builder'],
  scp: 'access',
  sid: '003ad0a7-1b1c-4d5e-8f60-7a8b9c0d1e2f',
  sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
  tid: '8eaef023-2b34-4da1-9baa-8bc8c9d6a490',
  uti: 'fqiBqXLPj0eQa82S-IYFAA',
  ver: '2.0',
};

/** An access token of a custom authorization server of Okta, with a claim for groups. */
export const OKTA = {
  ver: 1,
  jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
  aud: 'https://tenantry.acme.example',
  cid: '0oa1gjh63g214q0Hq0g4',
  uid: '00u1gjh63g214q0Hq0g4',
  scp: ['openid', 'tenantry'],
  auth_time: 1_767_225_600,
  sub: 'ada@acme.example',
  groups: ['Everyone', 'engineering'],
};

/** An access token of Auth0 for an API, with roles that an Action has written into it. */
export const AUTH0 = {
  'https://acme.example/roles': ['engineering'],
  sub: 'auth0|507f1f77bcf86cd799439020',
  aud: ['https://tenantry.acme.example', 'https://acme.eu.auth0.com/userinfo'],
  scope: 'openid profile email',
  azp: 'my_client_id',
};

/** A token of GitHub Actions for a push to a branch. */
export const GITHUB = {
  iss: 'https://token.actions.githubusercontent.com',
  jti: 'example-id',
  sub: 'repo:acme/shop:ref:refs/heads/main',
  aud: 'https://tenantry.acme.example',
  ref: 'refs/heads/main',
  ref_protected: 'true',
  ref_type: 'branch',
  sha: '7d1f2a9c4b3e5d6f708192a3b4c5d6e7f8091a2b',
  repository: 'acme/shop',
  repository_id: '74',
  repository_owner: 'acme',
  repository_owner_id: '583231',
  repository_visibility: 'private',
  run_id: '1234567890',
  run_number: '10',
  run_attempt: '2',
  runner_environment: 'github-hosted',
  actor: 'ada',
  actor_id: '12',
  workflow: 'deploy',
  workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
  workflow_sha: '7d1f2a9c4b3e5d6f708192a3b4c5d6e7f8091a2b',
  job_workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
  job_workflow_sha: '7d1f2a9c4b3e5d6f708192a3b4c5d6e7f8091a2b',
  head_ref: '',
  base_ref: '',
  event_name: 'push',
};

/** A projected token of a service account of Kubernetes. */
export const KUBERNETES = {
  aud: ['https://tenantry.acme.example/prod-eu'],
  jti: '0a1b2c3d-4e5f-4061-8273-8495a6b7c8d9',
  'kubernetes.io': {
    namespace: 'prod',
    node: { name: 'node-1', uid: '646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1' },
    pod: { name: 'billing-7d9f8', uid: '5e0bd49b-f040-43b0-99b7-22765a53f7f3' },
    serviceaccount: { name: 'billing', uid: '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798' },
    warnafter: 4_102_444_800,
  },
  sub: 'system:serviceaccount:prod:billing',
};

/** A JWT-SVID of SPIRE. */
export const SPIFFE = {
  aud: ['https://tenantry.acme.example'],
  sub: 'spiffe://acme.example/ns/prod/sa/billing',
};
