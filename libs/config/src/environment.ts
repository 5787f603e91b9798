import { Transform, Type } from 'class-transformer';
import {
  IsEmail,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsPort,
  isEmail,
  Matches,
  Max,
  Min,
  MinLength,
  registerDecorator,
  ValidateIf,
} from 'class-validator';
import ipaddr from 'ipaddr.js';

/** A setting that is a list is written with commas; blanks around an entry do not count. */
const CommaSeparated = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((entry) => entry.trim())
          .filter(Boolean)
      : value,
  );

function Check(message: string, accepts: (value: unknown) => boolean): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: message,
      target: target.constructor,
      propertyName: String(property),
      options: { message },
      validator: { validate: accepts },
    });
  };
}

const every =
  (accepts: (entry: string) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every((entry) => typeof entry === 'string' && accepts(entry));

const POSTGRES_URL = /^postgres(ql)?:\/\//;
const SMTP_URL = /^smtps?:\/\/([^/?#@]+@)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d+)?\/?$/i;
const PER_SECOND_MAX = 1_000_000;

/** The environment as the operator writes it: every setting, its form and its default. */
export class Environment {
  @IsOptional()
  @IsIn(['production', 'development', 'test'], {
    message: 'must be production, development or test',
  })
  readonly NODE_ENV?: 'production' | 'development' | 'test';

  @IsPort({ message: 'must be a port number' })
  readonly PORT: string = '3000';

  @IsNotEmpty()
  readonly HOST: string = '127.0.0.1';

  @Type(() => Number)
  @IsInt({ message: 'must be a port number, or 0 to switch metrics off' })
  @Min(0)
  @Max(65_535)
  readonly METRICS_PORT: number = 9_464;

  @IsNotEmpty()
  readonly METRICS_HOST: string = '127.0.0.1';

  @IsOptional()
  @Check(
    'must be an http or https origin, without a path',
    (value) => typeof value === 'string' && isOrigin(value),
  )
  readonly PUBLIC_URL?: string;

  @ValidateIf(
    ({ NODE_ENV, DATABASE_URL }: Environment) =>
      NODE_ENV === 'production' || DATABASE_URL !== undefined,
  )
  @Check(
    'is required in production, and must be a postgresql:// URL',
    (value) => typeof value === 'string' && isPostgresUrl(value),
  )
  readonly DATABASE_URL?: string;

  @IsOptional()
  @Check(
    'must be a postgresql:// URL',
    (value) => typeof value === 'string' && isPostgresUrl(value),
  )
  readonly DATABASE_DIRECT_URL?: string;

  @IsOptional()
  @Check(
    'must be a postgresql:// URL',
    (value) => typeof value === 'string' && isPostgresUrl(value),
  )
  readonly DATABASE_MIGRATION_URL?: string;

  @Type(() => Number)
  @IsInt({ message: 'must be a whole number from 2 to 200' })
  @Min(2)
  @Max(200)
  readonly DATABASE_POOL_SIZE: number = 10;

  @IsIn(['on', 'off'], { message: 'must be on or off' })
  readonly DATABASE_PREPARED_STATEMENTS: 'on' | 'off' = 'on';

  @IsNotEmpty()
  readonly TENANTRY_DATA_DIR: string = '.tenantry';

  @ValidateIf(
    (environment: Environment) =>
      environment.TENANTRY_MASTER_KEY !== undefined ||
      (environment.NODE_ENV === 'production' &&
        environment.TENANTRY_MASTER_KEY_FILE === undefined &&
        environment.AWS_KMS_KEY_ID === undefined),
  )
  @Check(
    'is required in production, and must be 32 bytes in base64 (or set TENANTRY_MASTER_KEY_FILE, or AWS_KMS_KEY_ID)',
    is32BytesOfBase64,
  )
  readonly TENANTRY_MASTER_KEY?: string;

  @IsOptional()
  @IsNotEmpty()
  readonly TENANTRY_MASTER_KEY_FILE?: string;

  @IsOptional()
  @Matches(/^(?:arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/)?[A-Za-z0-9/_-]{1,256}$/, {
    message: 'must be the id, the alias or the ARN of a key in AWS KMS',
  })
  readonly AWS_KMS_KEY_ID?: string;

  @IsOptional()
  @Check(
    'must be an http or https origin, without a path',
    (value) => typeof value === 'string' && isOrigin(value),
  )
  readonly AWS_KMS_ENDPOINT?: string;

  @IsOptional()
  @Matches(/^[a-z0-9-]{1,63}$/, { message: 'must be the name of a region' })
  readonly AWS_REGION?: string;

  @ValidateIf(({ TENANTRY_ADMIN_CLIENT_ID, TENANTRY_ADMIN_CLIENT_SECRET }: Environment) =>
    Boolean(TENANTRY_ADMIN_CLIENT_ID ?? TENANTRY_ADMIN_CLIENT_SECRET),
  )
  @Matches(/^[A-Za-z0-9._-]{3,64}$/, {
    message: 'must be 3 to 64 letters, digits, dots, dashes or underscores',
  })
  readonly TENANTRY_ADMIN_CLIENT_ID?: string;

  @ValidateIf(({ TENANTRY_ADMIN_CLIENT_ID, TENANTRY_ADMIN_CLIENT_SECRET }: Environment) =>
    Boolean(TENANTRY_ADMIN_CLIENT_ID ?? TENANTRY_ADMIN_CLIENT_SECRET),
  )
  @MinLength(24, { message: 'must be at least 24 characters, and set with the client id' })
  readonly TENANTRY_ADMIN_CLIENT_SECRET?: string;

  @ValidateIf(({ TENANTRY_ADMIN_EMAIL, TENANTRY_ADMIN_PASSWORD }: Environment) =>
    Boolean(TENANTRY_ADMIN_EMAIL ?? TENANTRY_ADMIN_PASSWORD),
  )
  @IsEmail({ require_tld: false }, { message: 'must be an e-mail address' })
  readonly TENANTRY_ADMIN_EMAIL?: string;

  @ValidateIf(({ TENANTRY_ADMIN_EMAIL, TENANTRY_ADMIN_PASSWORD }: Environment) =>
    Boolean(TENANTRY_ADMIN_EMAIL ?? TENANTRY_ADMIN_PASSWORD),
  )
  @MinLength(12, { message: 'must be at least 12 characters, and set with the e-mail address' })
  readonly TENANTRY_ADMIN_PASSWORD?: string;

  @CommaSeparated()
  @Check('must be a list of http origins, or the word loopback', every(isInsecureIssuer))
  readonly ALLOW_INSECURE_ISSUERS: readonly string[] = [];

  @CommaSeparated()
  @Check('must be a list of https origins', every((entry) => isOrigin(entry, ['https:'])))
  readonly OUTBOUND_ALLOWED_ORIGINS: readonly string[] = [];

  @CommaSeparated()
  @Check('must be a list of addresses or CIDR ranges', every(isAddressOrRange))
  readonly TRUSTED_PROXIES: readonly string[] = [];

  @Matches(/^x-[a-z0-9-]{1,60}$/i, { message: 'must be a header name that begins with x-' })
  readonly TENANT_HEADER: string = 'x-tenant-id';

  @IsOptional()
  @Matches(/^rediss?:\/\//, { message: 'must be a redis:// or rediss:// URL' })
  readonly REDIS_URL?: string;

  @IsOptional()
  @Check(
    'must be an smtp:// or smtps:// URL of a host, without a path, and with percent-encoded credentials or none',
    (value) => typeof value === 'string' && isSmtpUrl(value),
  )
  readonly SMTP_URL?: string;

  @ValidateIf(
    ({ SMTP_URL, MAIL_FROM }: Environment) => SMTP_URL !== undefined || MAIL_FROM !== undefined,
  )
  @Check(
    'must be an address or "Name <address>", and is required with SMTP_URL',
    (value) => typeof value === 'string' && isSender(value),
  )
  readonly MAIL_FROM?: string;

  @Type(() => Number)
  @IsInt({ message: 'must be a whole number; 0 switches it off' })
  @Min(0)
  @Max(PER_SECOND_MAX)
  readonly THROTTLE_TENANT_PER_SECOND: number = 1_000;

  @Type(() => Number)
  @IsInt({ message: 'must be a whole number; 0 switches it off' })
  @Min(0)
  @Max(PER_SECOND_MAX)
  readonly THROTTLE_ACTOR_PER_SECOND: number = 200;

  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of months from 2 to 120' })
  @Min(2)
  @Max(120)
  readonly USAGE_RETENTION_MONTHS: number = 13;

  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of months from 2 to 240' })
  @Min(2)
  @Max(240)
  readonly USAGE_ROLLUP_RETENTION_MONTHS: number = 84;

  @IsIn(['refusals', 'all'], { message: 'must be refusals or all' })
  readonly DECISION_RECEIPTS: 'refusals' | 'all' = 'refusals';

  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of days from 1 to 3650' })
  @Min(1)
  @Max(3_650)
  readonly DECISION_RETENTION_DAYS: number = 30;

  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of seconds from 1 to 86400' })
  @Min(1)
  @Max(86_400)
  readonly AUDIT_CHECKPOINT_SECONDS: number = 60;

  @CommaSeparated()
  @Check('must be a list of thumbprints (RFC 7638)', every(isThumbprint))
  readonly AUDIT_TRUSTED_KEYS: readonly string[] = [];

  @IsOptional()
  @Matches(/^(?:stdout|file:\/[^\0]*[^\0/])$/, {
    message: 'must be stdout, or file: and an absolute path',
  })
  readonly AUDIT_STREAM?: string;

  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    message: 'must be fatal, error, warn, info, debug, trace or silent',
  })
  readonly LOG_LEVEL: string = 'info';
}

function isOrigin(text: string, protocols = ['http:', 'https:']): boolean {
  const url = URL.parse(text);
  return url !== null && protocols.includes(url.protocol) && url.origin === text.replace(/\/$/, '');
}

function isPostgresUrl(text: string): boolean {
  const url = POSTGRES_URL.test(text) ? URL.parse(text) : null;
  return url !== null && [url.username, url.password, url.pathname].every(isEncoded);
}

/** No query: the mail library would read `?tls.rejectUnauthorized=false` and its like from it. */
function isSmtpUrl(text: string): boolean {
  const url = SMTP_URL.test(text) ? URL.parse(text) : null;
  if (url === null || (url.username === '') !== (url.password === '')) return false;
  return [url.username, url.password].every(isEncodedText);
}

/** As `isEncoded`, and what is encoded is UTF-8: `%FF` alone is none. */
function isEncodedText(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '' || text === '';
  } catch {
    return false;
  }
}

function isSender(text: string): boolean {
  return (
    !/[\p{Cc}\p{Cf}]/u.test(text) && isEmail(text, { allow_display_name: true, require_tld: false })
  );
}

/** A percent sign that stands for itself would end the start with no more than `URI malformed`. */
function isEncoded(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text);
}

function is32BytesOfBase64(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^[A-Za-z0-9+/]{43}=?$/.test(value) &&
    Buffer.from(value, 'base64').length === 32
  );
}

function isInsecureIssuer(entry: string): boolean {
  return entry === 'loopback' || isOrigin(entry);
}

function isThumbprint(entry: string): boolean {
  return /^[\w-]{43}$/.test(entry);
}

function isAddressOrRange(entry: string): boolean {
  return ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry);
}
