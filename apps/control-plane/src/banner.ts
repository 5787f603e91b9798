import type { AppConfig } from '@tenantry/config';
import type { RunningControlPlane } from './start.js';

/** What a newcomer is told once the control plane serves. */
export function banner(running: RunningControlPlane, config: AppConfig): string {
  const { url, firstCredential, embeddedAt } = running;
  return [
    '',
    `Tenantry serves at ${url}`,
    `  reference   ${url}/docs`,
    `  database    ${embeddedAt === null ? 'DATABASE_URL' : `embedded, in ${embeddedAt}`}`,
    ...(config.metricsPort === null ? [] : [`  metrics     port ${config.metricsPort}`]),
    '',
    ...(firstCredential ? credentialLines(url, firstCredential) : nextLines(url, config)),
    '',
  ].join('\n');
}

function credentialLines(
  url: string,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): string[] {
  return [
    'The first platform admin was made. This credential is shown once:',
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
