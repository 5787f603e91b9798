import { resolve } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { forgetSecrets } from './forget-secrets.js';
import { readConfig, SettingInvalid } from './read-config.js';

const KEY = Buffer.alloc(32, 1).toString('base64');
const DATABASE_URL = 'postgresql://tenantry:hunter2@db.example.com:5432/tenantry';
const PRODUCTION = { NODE_ENV: 'production', DATABASE_URL, TENANTRY_MASTER_KEY: KEY };

function complaintOf(variables: Readonly<Record<string, string>>): string {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof SettingInvalid) return error.message;
    throw error;
  }
  throw new Error('The settings were accepted.');
}

describe('readConfig', () => {
  it('needs no setting at all outside production', () => {
    expect(readConfig({})).toEqual({
      isProduction: false,
      host: '127.0.0.1',
      port: 3_000,
      metricsHost: '127.0.0.1',
      metricsPort: 9_464,
      publicUrl: 'http://localhost:3000',
      dataDir: resolve('.tenantry'),
      masterKey: null,
      masterKeyFile: null,
      kms: null,
      adminCredential: null,
      adminPerson: null,
      trustedProxies: [],
      tenantHeader: 'x-tenant-id',
      redisUrl: null,
      mail: null,
      logLevel: 'info',
      database: {
        url: null,
        directUrl: null,
        migrationUrl: null,
        poolSize: 10,
        preparedStatements: true,
      },
      throttle: { tenantPerSecond: 1_000, actorPerSecond: 200 },
      outbound: { insecureOrigins: [], insecureLoopback: false, allowedOrigins: [] },
      usage: { retentionMonths: 13, rollupRetentionMonths: 84 },
      audit: { checkpointSeconds: 60, stream: null, trustedKeys: [] },
      decisions: { receipts: 'refusals', retentionDays: 30 },
    });
  });

  it('takes over what is set', () => {
    const config = readConfig({
      ...PRODUCTION,
      PORT: '8080',
      HOST: '0.0.0.0',
      METRICS_PORT: '0',
      PUBLIC_URL: 'https://tenantry.example.com/',
      TENANTRY_DATA_DIR: '/srv/tenantry',
      TENANTRY_ADMIN_CLIENT_ID: 'platform-admin',
      TENANTRY_ADMIN_CLIENT_SECRET: 'a-secret-of-24-characters',
      TRUSTED_PROXIES: '10.0.0.1, 192.168.0.0/16,2001:db8::/32',
      TENANT_HEADER: 'X-Org-Id',
      REDIS_URL: 'rediss://cache.example.com',
      SMTP_URL: 'smtps://tenantry:p%40ss@mail.example.com:2465',
      MAIL_FROM: 'Example Accounts <accounts@example.com>',
      OUTBOUND_ALLOWED_ORIGINS: 'https://idp.internal:8443',
      THROTTLE_TENANT_PER_SECOND: '0',
      THROTTLE_ACTOR_PER_SECOND: '5',
      DATABASE_POOL_SIZE: '20',
      DATABASE_PREPARED_STATEMENTS: 'off',
      USAGE_RETENTION_MONTHS: '2',
      USAGE_ROLLUP_RETENTION_MONTHS: '240',
      DECISION_RECEIPTS: 'all',
      DECISION_RETENTION_DAYS: '7',
      LOG_LEVEL: 'warn',
    });

    expect(config).toMatchObject({
      isProduction: true,
      host: '0.0.0.0',
      port: 8_080,
      metricsPort: null,
      publicUrl: 'https://tenantry.example.com',
      dataDir: '/srv/tenantry',
      masterKey: Buffer.alloc(32, 1),
      adminCredential: { clientId: 'platform-admin', clientSecret: 'a-secret-of-24-characters' },
      trustedProxies: ['10.0.0.1', '192.168.0.0/16', '2001:db8::/32'],
      tenantHeader: 'x-org-id',
      redisUrl: 'rediss://cache.example.com',
      mail: {
        smtpUrl: 'smtps://tenantry:p%40ss@mail.example.com:2465',
        from: 'Example Accounts <accounts@example.com>',
      },
      logLevel: 'warn',
      database: { url: DATABASE_URL, poolSize: 20, preparedStatements: false },
      throttle: { tenantPerSecond: 0, actorPerSecond: 5 },
      outbound: { allowedOrigins: ['https://idp.internal:8443'] },
      decisions: { receipts: 'all', retentionDays: 7 },
    });
  });

  it('names the public URL after the port', () => {
    expect(readConfig({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
  });

  it('reaches the database by one URL unless others are given', () => {
    const one = readConfig({ DATABASE_URL: 'postgresql://one/db' });
    const direct = readConfig({
      DATABASE_URL: 'postgresql://pooler/db',
      DATABASE_DIRECT_URL: 'postgres://two/db',
    });
    const all = readConfig({
      DATABASE_URL: 'postgresql://pooler/db',
      DATABASE_DIRECT_URL: 'postgresql://two/db',
      DATABASE_MIGRATION_URL: 'postgresql://three/db',
    });

    expect(one.database).toMatchObject({
      directUrl: 'postgresql://one/db',
      migrationUrl: 'postgresql://one/db',
    });
    expect(direct.database).toMatchObject({
      directUrl: 'postgres://two/db',
      migrationUrl: 'postgres://two/db',
    });
    expect(all.database).toMatchObject({
      url: 'postgresql://pooler/db',
      directUrl: 'postgresql://two/db',
      migrationUrl: 'postgresql://three/db',
    });
  });

  it('tells insecure origins from the word loopback', () => {
    const { outbound } = readConfig({
      ALLOW_INSECURE_ISSUERS: 'http://idp.test:8080/, loopback ,https://10.0.0.5',
    });

    expect(outbound).toEqual({
      insecureLoopback: true,
      insecureOrigins: ['http://idp.test:8080', 'https://10.0.0.5'],
      allowedOrigins: [],
    });
  });

  it.each([
    ['stdout', { file: null }],
    ['file:/var/log/tenantry/audit log.ndjson', { file: '/var/log/tenantry/audit log.ndjson' }],
  ])('writes the trails to %s', (text, stream) => {
    expect(readConfig({ AUDIT_STREAM: text }).audit.stream).toEqual(stream);
  });

  it.each([
    ['smtp://localhost', 'noreply@localhost'],
    ['SMTP://mail_server:1025/', '"Example, Inc." <no-reply@example.com>'],
    ['smtps://[::1]:465', 'Büro <büro@example.com>'],
    ['smtp://a%2Fb:%25%3A@127.0.0.1', 'a@example.com'],
  ])('sends mail by %j as %j', (smtpUrl, from) => {
    expect(readConfig({ SMTP_URL: smtpUrl, MAIL_FROM: from }).mail).toEqual({ smtpUrl, from });
  });

  it('demands a sender with a mail server, and sends nothing with a sender alone', () => {
    expect(complaintOf({ SMTP_URL: 'smtp://user:hunter2@mail.example.com' })).toBe(
      'MAIL_FROM must be an address or "Name <address>", and is required with SMTP_URL',
    );
    expect(readConfig({ MAIL_FROM: 'a@example.com' }).mail).toBeNull();
  });

  it.each(['', ' ', '\t'])('takes the blank %j for a variable that is not set', (blank) => {
    const names = ['PORT', 'METRICS_PORT', 'DATABASE_URL', 'TENANTRY_MASTER_KEY', 'REDIS_URL'];
    const blanks = Object.fromEntries(names.map((name) => [name, blank]));

    expect(readConfig({ ...blanks, TRUSTED_PROXIES: blank })).toEqual(readConfig({}));
  });

  it('demands a database and a master key in production', () => {
    expect(complaintOf({ NODE_ENV: 'production' })).toBe(
      'DATABASE_URL is required in production, and must be a postgresql:// URL; ' +
        'TENANTRY_MASTER_KEY is required in production, and must be 32 bytes in base64 ' +
        '(or set TENANTRY_MASTER_KEY_FILE, or AWS_KMS_KEY_ID)',
    );
  });

  it.each([
    ['TENANTRY_MASTER_KEY_FILE', '/run/secrets/master-key'],
    ['AWS_KMS_KEY_ID', 'alias/tenantry'],
  ])('takes %s in the place of the master key in production', (name, value) => {
    const { NODE_ENV, DATABASE_URL } = PRODUCTION;

    expect(readConfig({ NODE_ENV, DATABASE_URL, [name]: value }).masterKey).toBeNull();
  });

  it('takes the master key from one place alone', () => {
    const both = { ...PRODUCTION, TENANTRY_MASTER_KEY_FILE: '/run/secrets/master-key' };

    expect(complaintOf(both)).toBe(
      'TENANTRY_MASTER_KEY and TENANTRY_MASTER_KEY_FILE must not both be set',
    );
  });

  it('knows the key service by its key, and says where it is only where that was said', () => {
    const AWS_KMS_KEY_ID = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd';

    expect(readConfig({ AWS_KMS_KEY_ID }).kms).toEqual({
      keyId: AWS_KMS_KEY_ID,
      region: null,
      endpoint: null,
    });
    const more = { AWS_REGION: 'eu-west-1', AWS_KMS_ENDPOINT: 'http://127.0.0.1:4566' };
    expect(readConfig({ AWS_KMS_KEY_ID, ...more }).kms).toEqual({
      keyId: AWS_KMS_KEY_ID,
      region: 'eu-west-1',
      endpoint: 'http://127.0.0.1:4566',
    });
    expect(complaintOf({ ...PRODUCTION, AWS_KMS_KEY_ID, ...more })).toBe(
      'AWS_KMS_ENDPOINT must be https in production',
    );
  });

  it('leaves no secret in the environment that it was told of, and what it does not know alone', () => {
    const variables: NodeJS.ProcessEnv = {
      ...PRODUCTION,
      TENANTRY_ADMIN_PASSWORD: 'hunter2-hunter2',
      SMTP_URL: 'smtp://user:hunter2@mail',
      AWS_SECRET_ACCESS_KEY: 'for the SDK',
      PATH: '/bin',
    };

    forgetSecrets(variables);

    expect(variables).toEqual({
      NODE_ENV: 'production',
      AWS_SECRET_ACCESS_KEY: 'for the SDK',
      PATH: '/bin',
    });
  });

  it('refuses insecure issuers in production', () => {
    expect(complaintOf({ ...PRODUCTION, ALLOW_INSECURE_ISSUERS: 'loopback' })).toBe(
      'ALLOW_INSECURE_ISSUERS is refused in production',
    );
  });

  it('refuses one port for two things', () => {
    expect(complaintOf({ PORT: '9464' })).toBe('METRICS_PORT must be another port than PORT');
  });

  it.each([
    ['NODE_ENV', 'staging'],
    ['PORT', 'abc'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3000x'],
    ['METRICS_PORT', 'abc'],
    ['METRICS_PORT', '65536'],
    ['METRICS_PORT', '1.5'],
    ['PUBLIC_URL', 'tenantry.example.com'],
    ['PUBLIC_URL', 'https://tenantry.example.com/path'],
    ['PUBLIC_URL', 'https://user:hunter2@tenantry.example.com'],
    ['PUBLIC_URL', 'ftp://tenantry.example.com'],
    ['DATABASE_URL', 'mysql://root:hunter2@db/x'],
    ['DATABASE_URL', 'postgresql://tenantry:100%hunter2@db/x'],
    ['DATABASE_URL', 'postgresql://db:port/x'],
    ['DATABASE_DIRECT_URL', 'db.example.com:5432'],
    ['DATABASE_MIGRATION_URL', 'http://db.example.com'],
    ['DATABASE_POOL_SIZE', '1'],
    ['DATABASE_POOL_SIZE', 'many'],
    ['DATABASE_PREPARED_STATEMENTS', 'true'],
    ['TENANTRY_MASTER_KEY', 'hunter2'],
    ['TENANTRY_MASTER_KEY', Buffer.alloc(31).toString('base64')],
    ['TENANTRY_MASTER_KEY', Buffer.alloc(33).toString('base64')],
    ['TENANTRY_MASTER_KEY', `${Buffer.alloc(31).toString('base64')}\n`],
    ['AWS_KMS_KEY_ID', 'arn:aws:s3:::hunter2'],
    ['AWS_KMS_ENDPOINT', 'kms.internal'],
    ['AWS_REGION', 'EU Central'],
    ['ALLOW_INSECURE_ISSUERS', 'localhost'],
    ['ALLOW_INSECURE_ISSUERS', 'loopback,http://idp.test/path'],
    ['OUTBOUND_ALLOWED_ORIGINS', 'http://idp.internal'],
    ['OUTBOUND_ALLOWED_ORIGINS', '*'],
    ['TRUSTED_PROXIES', 'true'],
    ['TRUSTED_PROXIES', '10.0.0.1,proxy.internal'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TENANT_HEADER', 'authorization'],
    ['TENANT_HEADER', 'x-tenant id'],
    ['REDIS_URL', 'http://:hunter2@cache'],
    ['MAIL_FROM', 'nobody'],
    ['MAIL_FROM', 'a@example.com, b@example.com'],
    ['MAIL_FROM', 'A <a@example.com>\r\nBcc: b@example.com'],
    ['MAIL_FROM', 'A\u202e <a@example.com>'],
    ['THROTTLE_TENANT_PER_SECOND', '-1'],
    ['THROTTLE_ACTOR_PER_SECOND', 'none'],
    ['THROTTLE_ACTOR_PER_SECOND', '1000001'],
    ['LOG_LEVEL', 'loud'],
    ['DECISION_RECEIPTS', 'none'],
    ['DECISION_RETENTION_DAYS', '0'],
    ['AUDIT_STREAM', 'stderr'],
    ['AUDIT_STREAM', 'file:audit.ndjson'],
    ['AUDIT_STREAM', 'file:/var/log/'],
  ])('complains of %s where it is %j, in one line and without the value', (name, value) => {
    const complaint = complaintOf({ [name]: value });

    expect(complaint).toMatch(
      new RegExp(`^${name} (is required in production, and )?must (not )?be [^;\\n]+$`),
    );
    expect(complaint).not.toContain(value.trim());
    expect(complaint).not.toContain('hunter2');
  });

  it.each([
    'mail.example.com:25',
    'http://user:hunter2@mail.example.com',
    'smtp://',
    'smtp://user@mail.example.com',
    'smtp://user:@mail.example.com',
    'smtp://:hunter2@mail.example.com',
    'smtp://user:100%hunter2@mail.example.com',
    'smtp://user:hunter2%FF@mail.example.com',
    'smtp://user:hun/ter2@mail.example.com',
    'smtp://user:hun@ter2@mail.example.com',
    'smtp://mail.example.com:65536',
    'smtp://mail.example.com/hunter2',
    'smtp://mail.example.com?tls.rejectUnauthorized=false',
    'smtp://mail.example.com#hunter2',
    'smtp://mail example.com',
  ])('takes %j for no mail server, and does not repeat it', (url) => {
    expect(complaintOf({ SMTP_URL: url, MAIL_FROM: 'a@example.com' })).toBe(
      'SMTP_URL must be an smtp:// or smtps:// URL of a host, without a path, and with percent-encoded credentials or none',
    );
  });

  it.each([
    ['TENANTRY_ADMIN_CLIENT_SECRET', { TENANTRY_ADMIN_CLIENT_ID: 'platform-admin' }],
    ['TENANTRY_ADMIN_CLIENT_ID', { TENANTRY_ADMIN_CLIENT_SECRET: 'a-secret-of-24-characters' }],
    [
      'TENANTRY_ADMIN_CLIENT_SECRET',
      { TENANTRY_ADMIN_CLIENT_ID: 'platform-admin', TENANTRY_ADMIN_CLIENT_SECRET: 'hunter2' },
    ],
    [
      'TENANTRY_ADMIN_CLIENT_ID',
      {
        TENANTRY_ADMIN_CLIENT_ID: 'an id',
        TENANTRY_ADMIN_CLIENT_SECRET: 'a-secret-of-24-characters',
      },
    ],
  ])('complains of %s where the first credential is half a one', (name, variables) => {
    const complaint = complaintOf(variables);

    expect(complaint).toMatch(new RegExp(`^${name} must be [^;\\n]+$`));
    Object.values(variables).forEach((value) => {
      expect(complaint).not.toContain(value);
    });
  });

  it('says everything that is wrong at once', () => {
    const complaint = complaintOf({
      PORT: 'abc',
      LOG_LEVEL: 'loud',
      THROTTLE_ACTOR_PER_SECOND: '-1',
      TRUSTED_PROXIES: 'anybody',
    });

    expect(complaint.split('; ').map((part) => part.split(' ')[0])).toEqual([
      'PORT',
      'TRUSTED_PROXIES',
      'THROTTLE_ACTOR_PER_SECOND',
      'LOG_LEVEL',
    ]);
  });

  it('never gives way to a variable that belongs to somebody else', () => {
    expect(readConfig({ __proto__: 'x', constructor: 'x', HOME: '/root' })).toEqual(readConfig({}));
  });
});
