import { type AppConfig, SettingInvalid } from '@tenantry/config';
import {
  KeyServiceRefused,
  KeyServiceUnreachable,
  MasterKeyUnreadable,
  SealBroken,
} from '@tenantry/crypto';
import {
  DatabaseUnsafe,
  EmbeddedPostgresFailed,
  isUnreachable,
  MigrationRefused,
} from '@tenantry/database';

interface Failure extends Error {
  readonly code?: string;
  readonly syscall?: string;
  /** Where a socket was to listen. */
  readonly port?: number;
  /** The name that did not resolve. */
  readonly hostname?: string;
}

type Listening = Pick<AppConfig, 'host' | 'metricsHost' | 'metricsPort'>;

/** A step failed that rests on one setting: the one that the operator is to look at. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';

  constructor(
    readonly setting: string,
    cause: unknown,
  ) {
    super(`${setting}: a step of the start failed.`, { cause });
  }
}

/** PostgreSQL's ways of refusing a connection. */
const BY_SQLSTATE: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong.',
  '28000': 'the login may not connect.',
  '3D000': 'there is no such database.',
  '42501':
    'the login may not do what a migration needs. Set DATABASE_MIGRATION_URL to one that may create roles.',
};

const OTHER_MASTER_KEY =
  'TENANTRY_MASTER_KEY: this database was sealed with another key. Set that one.';

const SAID_WELL = [
  SettingInvalid,
  MasterKeyUnreadable,
  DatabaseUnsafe,
  EmbeddedPostgresFailed,
  MigrationRefused,
];

/**
 * One line for the operator: which setting is to be mended, and never its value. Null for what
 * no setting explains: then the stack is wanted.
 */
export function explain(error: unknown, config: Listening | undefined): string | null {
  let setting = 'DATABASE_URL';
  for (let link = error; link instanceof Error; link = link.cause) {
    const failure: Failure = link;
    if (SAID_WELL.some((known) => link instanceof known)) return failure.message;
    if (link instanceof StepFailed) setting = link.setting;
    if (link instanceof SealBroken) return OTHER_MASTER_KEY;
    if (link instanceof KeyServiceUnreachable || link instanceof KeyServiceRefused) {
      return `AWS_KMS_KEY_ID: ${failure.message}`;
    }
    const refusal = BY_SQLSTATE[failure.code ?? ''];
    if (refusal) return `${setting}: ${refusal}`;
    const said = config && listenFailure(failure, config);
    if (said) return said;
  }
  if (isUnreachable(error)) return `${setting}: the server cannot be reached (${codeOf(error)}).`;
  return null;
}

function listenFailure(
  { code, syscall, port, hostname }: Failure,
  { host, metricsHost, metricsPort }: Listening,
): string | null {
  if (syscall === 'getaddrinfo' && hostname === host) return 'HOST: there is no such address.';
  if (syscall === 'getaddrinfo' && hostname === metricsHost) {
    return 'METRICS_HOST: there is no such address.';
  }
  if (syscall !== 'listen') return null;
  const prefix = port === metricsPort ? 'METRICS_' : '';
  if (code === 'EADDRINUSE') return `${prefix}PORT: another program listens on that port.`;
  if (code === 'EACCES') return `${prefix}PORT: that port needs more rights.`;
  if (code === 'EADDRNOTAVAIL') return `${prefix}HOST: this machine does not have that address.`;
  return null;
}

/** The innermost code: what PostgreSQL or the network said, not how we wrapped it. */
function codeOf(error: unknown): string {
  let code = 'no answer';
  for (let link = error; link instanceof Error; link = link.cause) {
    if ('code' in link && typeof link.code === 'string') code = link.code;
  }
  return code;
}
