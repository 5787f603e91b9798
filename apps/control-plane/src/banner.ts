import type { AppConfig } from '@tenantry/config';
import type { RunningControlPlane } from './start.js';

/** What a newcomer is told once the control plane serves. */
export function banner(running: RunningControlPlane, config: AppConfig): string {
  const { url, generated, embeddedAt } = running;
  return [
    '',
    `Tenantry serves at ${url}`,
    `  reference   ${url}/docs`,
    `  database    ${embeddedAt === null ? 'DATABASE_URL' : `embedded, in ${embeddedAt}`}`,
    ...masterKeyLines(config),
    ...(config.metricsPort === null ? [] : [`  metrics     port ${config.metricsPort}`]),
    '',
    ...(generated.person ? personLines(url, generated.person) : []),
    ...(generated.client ? credentialLines(url, generated.client) : nextLines(url, config)),
    '',
  ].join('\n');
}

/** Of a key that was made here: whoever copies the folder has it too. */
function masterKeyLines({ masterKey, masterKeyFile, kms, dataDir }: AppConfig): string[] {
  if (masterKey ?? masterKeyFile ?? kms) return [];
  return [`  master key  in ${dataDir}: for development only, see TENANTRY_MASTER_KEY`];
}

function personLines(
  url: string,
  { email, password }: { readonly email: string; readonly password: string },
): string[] {
  return [
    'The first platform admin, a person, was made. The password is shown once:',
    `  e-mail         ${email}`,
    `  password       ${password}`,
    `  sign in        POST ${url}/v1/login {"email","password"}; then POST ${url}/v1/password/change`,
    '',
  ];
}

function credentialLines(
  url: string,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): string[] {
  return [
    'The first service account of the platform was made. This credential is shown once:',
    `  client id      ${clientId}`,
    `  client secret  ${clientSecret}`,
    '',
    'Get a token, then create your first tenant:',
    `  TOKEN=$(curl -s -u '${clientId}:${clientSecret}' -d grant_type=client_credentials ${url}/oauth/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `  curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\`,
    `       -d '{"slug":"acme","displayName":"Acme"}' ${url}/v1/tenants`,
    '',
    'Next: register the tenant’s identity provider, POST /v1/tenants/acme/issuers (see README.md).',
  ];
}

function nextLines(url: string, { adminCredential }: AppConfig): string[] {
  const client = adminCredential ? 'TENANTRY_ADMIN_CLIENT_ID' : 'the client of the first start';
  return [`Sign in as ${client}: POST ${url}/oauth/token with grant_type=client_credentials.`];
}
