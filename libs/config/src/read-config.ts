import { resolve } from 'node:path';

import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';

import { AppConfig } from './app-config.js';
import { Environment } from './environment.js';

/** A setting is missing or malformed. The message names the variable, never its value. */
export class SettingInvalid extends Error {
  override readonly name = 'SettingInvalid';
}

/** Reads the environment once. Throws `SettingInvalid` with one line that names every bad variable. */
export function readConfig(variables: NodeJS.ProcessEnv): AppConfig {
  const environment = plainToInstance(Environment, withoutBlanks(variables), {
    exposeDefaultValues: true,
  });
  const complaints = [...validateSync(environment).map(complaintOf), ...refusedHere(environment)];
  if (complaints.length > 0) throw new SettingInvalid(complaints.join('; '));
  return toConfig(environment);
}

/** A blank variable counts as one that is not set: compose files write `NAME=`. */
function withoutBlanks(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim()));
}

// Names and never values: a value here may be a secret, and this text reaches the log.
function complaintOf({ property, constraints = {} }: ValidationError): string {
  const [first = 'is malformed'] = Object.values(constraints);
  return `${property} ${first.startsWith(property) ? first.slice(property.length + 1) : first}`;
}

/** What each setting allows by itself, and not together with another. */
function refusedHere(environment: Environment): string[] {
  const { NODE_ENV, ALLOW_INSECURE_ISSUERS, PORT, METRICS_PORT } = environment;
  const { TENANTRY_MASTER_KEY, TENANTRY_MASTER_KEY_FILE, AWS_KMS_ENDPOINT } = environment;
  return [
    ...(TENANTRY_MASTER_KEY !== undefined && TENANTRY_MASTER_KEY_FILE !== undefined
      ? ['TENANTRY_MASTER_KEY and TENANTRY_MASTER_KEY_FILE must not both be set']
      : []),
    ...(NODE_ENV === 'production' && AWS_KMS_ENDPOINT?.startsWith('http:') === true
      ? ['AWS_KMS_ENDPOINT must be https in production']
      : []),
    ...(NODE_ENV === 'production' && ALLOW_INSECURE_ISSUERS.length > 0
      ? ['ALLOW_INSECURE_ISSUERS is refused in production']
      : []),
    ...(environment.USAGE_ROLLUP_RETENTION_MONTHS < environment.USAGE_RETENTION_MONTHS
      ? ['USAGE_ROLLUP_RETENTION_MONTHS must not be less than USAGE_RETENTION_MONTHS']
      : []),
    ...(METRICS_PORT !== 0 && METRICS_PORT === Number(PORT)
      ? ['METRICS_PORT must be another port than PORT']
      : []),
  ];
}

function toConfig(environment: Environment): AppConfig {
  const port = Number(environment.PORT);
  return new AppConfig({
    isProduction: environment.NODE_ENV === 'production',
    host: environment.HOST,
    port,
    metricsHost: environment.METRICS_HOST,
    metricsPort: environment.METRICS_PORT === 0 ? null : environment.METRICS_PORT,
    publicUrl: (environment.PUBLIC_URL ?? `http://localhost:${port}`).replace(/\/$/, ''),
    dataDir: resolve(environment.TENANTRY_DATA_DIR),
    masterKey: environment.TENANTRY_MASTER_KEY
      ? Buffer.from(environment.TENANTRY_MASTER_KEY, 'base64')
      : null,
    masterKeyFile: environment.TENANTRY_MASTER_KEY_FILE ?? null,
    kms: kmsOf(environment),
    adminCredential: adminCredentialOf(environment),
    adminPerson: adminPersonOf(environment),
    trustedProxies: environment.TRUSTED_PROXIES,
    tenantHeader: environment.TENANT_HEADER.toLowerCase(),
    redisUrl: environment.REDIS_URL ?? null,
    mail: mailOf(environment),
    logLevel: environment.LOG_LEVEL,
    database: databaseOf(environment),
    throttle: {
      tenantPerSecond: environment.THROTTLE_TENANT_PER_SECOND,
      actorPerSecond: environment.THROTTLE_ACTOR_PER_SECOND,
    },
    outbound: outboundOf(environment),
    usage: {
      retentionMonths: environment.USAGE_RETENTION_MONTHS,
      rollupRetentionMonths: environment.USAGE_ROLLUP_RETENTION_MONTHS,
    },
    decisions: {
      receipts: environment.DECISION_RECEIPTS,
      retentionDays: environment.DECISION_RETENTION_DAYS,
    },
    audit: {
      checkpointSeconds: environment.AUDIT_CHECKPOINT_SECONDS,
      stream: auditStreamOf(environment),
      trustedKeys: environment.AUDIT_TRUSTED_KEYS,
    },
  });
}

function databaseOf(environment: Environment): AppConfig['database'] {
  const url = environment.DATABASE_URL ?? null;
  const directUrl = environment.DATABASE_DIRECT_URL ?? url;
  return {
    url,
    directUrl,
    migrationUrl: environment.DATABASE_MIGRATION_URL ?? directUrl,
    poolSize: environment.DATABASE_POOL_SIZE,
    preparedStatements: environment.DATABASE_PREPARED_STATEMENTS === 'on',
  };
}

function outboundOf(environment: Environment): AppConfig['outbound'] {
  const insecure = environment.ALLOW_INSECURE_ISSUERS;
  return {
    insecureOrigins: insecure.filter((entry) => entry !== 'loopback').map(originOf),
    insecureLoopback: insecure.includes('loopback'),
    allowedOrigins: environment.OUTBOUND_ALLOWED_ORIGINS.map(originOf),
  };
}

function kmsOf(environment: Environment): AppConfig['kms'] {
  const { AWS_KMS_KEY_ID: keyId, AWS_KMS_ENDPOINT: endpoint, AWS_REGION: region } = environment;
  return keyId ? { keyId, region: region ?? null, endpoint: endpoint ?? null } : null;
}

function mailOf({ SMTP_URL: smtpUrl, MAIL_FROM: from }: Environment): AppConfig['mail'] {
  return smtpUrl && from ? { smtpUrl, from } : null;
}

function auditStreamOf({ AUDIT_STREAM: stream }: Environment): AppConfig['audit']['stream'] {
  if (stream === undefined) return null;
  return { file: stream === 'stdout' ? null : stream.slice('file:'.length) };
}

function adminCredentialOf(environment: Environment): AppConfig['adminCredential'] {
  const { TENANTRY_ADMIN_CLIENT_ID: clientId, TENANTRY_ADMIN_CLIENT_SECRET: clientSecret } =
    environment;
  return clientId && clientSecret ? { clientId, clientSecret } : null;
}

function adminPersonOf(environment: Environment): AppConfig['adminPerson'] {
  const { TENANTRY_ADMIN_EMAIL: email, TENANTRY_ADMIN_PASSWORD: password } = environment;
  return email && password ? { email, password } : null;
}

function originOf(text: string): string {
  return new URL(text).origin;
}
