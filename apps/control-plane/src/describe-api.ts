import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

import { addDefaultRefusals, PROBLEM_MODELS } from '@tenantry/http';
import { projectRoot } from './project-root.js';

const DESCRIPTION = `The control plane of a multi-tenant SaaS: who is asking, for which tenant, may they, within which limits.

Every request carries a bearer token. The tenant is the token's own; a tenant in the path, or in the \`X-Tenant-Id\` header, must agree with it and never selects. Failures are problems (RFC 9457) with a stable \`code\`. Lists are paged by opaque cursors. Mutable resources carry an \`ETag\`; changes honour \`If-Match\`. Every \`POST\` takes an \`Idempotency-Key\`.`;

const TAGS = [
  ['Tenants', 'Organizations: created, found, suspended, resumed, on their way out.'],
  ['Issuers', 'Whose tokens a tenant trusts.'],
  ['Platform issuers', 'Whose tokens name the tenant that they belong to.'],
  ['Members', 'Who may act in a tenant, and as what.'],
  ['Roles', 'What roles hold; a tenant’s own, and the permissions of engines.'],
  ['Invitations', 'Who is asked to join, and how they do.'],
  ['Service accounts', 'Machines of a tenant, their secrets and API keys.'],
  ['Secrets', 'What a tenant keeps secret: saved once, revealed to services alone.'],
  ['Vault', 'The keys under which secrets are sealed: locked, replaced, destroyed.'],
  ['Quotas', 'What a tenant is allowed of each kind, and what it spends of it.'],
  ['Plans', 'Limits that tenants are sold together.'],
  ['Usage', 'Who used what: reported, metered, told by hour, day and month.'],
  ['Break-glass', 'Times in which the platform may alter what a tenant has claimed.'],
  ['Account', 'What people do with their own account.'],
  ['Platform admins', 'Who runs the platform: people and service accounts.'],
  ['Audit', 'What was done, by whom, to what.'],
  ['Sign-in', 'How a credential becomes a token.'],
  ['Service', 'The service itself: its health, and who you are to it.'],
] as const;

/** The OpenAPI 3.1 document of the whole application. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tenantry')
    .setDescription(DESCRIPTION)
    .setVersion(versionOf(projectRoot()))
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .setContact('Tenantry', 'https://tenantry.example', 'support@tenantry.example')
    .addServer('http://localhost:3000', 'A control plane on this machine')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'A token of an issuer that the tenant trusts, or of this service itself.',
    })
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'Client id and secret.' });
  for (const [name, description] of TAGS) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [...PROBLEM_MODELS],
  });
  addDefaultRefusals(document);
  return document;
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
