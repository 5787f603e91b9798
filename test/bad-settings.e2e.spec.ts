import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { type AppConfig, readConfig } from '@tenantry/config';
import { createTestDatabase, type DatabaseCopy } from '@tenantry/testing';
import { start } from '../apps/control-plane/src/start.js';
import { explain } from '../apps/control-plane/src/start-failure.js';
import { ControlPlaneProcess } from './control-plane-process.js';
import { freePort } from './free-port.js';

const LIMIT_MS = 60_000;
const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
const SECRET_SETTINGS = ['DATABASE_URL', 'TENANTRY_MASTER_KEY', 'TENANTRY_ADMIN_CLIENT_SECRET'];
const SECRET = 'hunter2-is-a-password-of-many';

type Settings = Readonly<Record<string, string>>;

/** A setting to break, the complaint that is expected, and the settings that break it. */
type BadSetting = readonly [what: string, complaint: RegExp, settings: () => Settings];

describe('a control plane with a bad setting', () => {
  let database: DatabaseCopy;
  let dataDir: string;
  let somebody: Server;
  let takenPort: string;
  let silentPort: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'tenantry-bad-settings-'));
    somebody = createServer().listen(0, '127.0.0.1');
    await once(somebody, 'listening');
    takenPort = String((somebody.address() as AddressInfo).port);
    silentPort = String(await freePort());
  });
  afterEach(() => ControlPlaneProcess.endAll());
  afterAll(async () => {
    somebody.close();
    await database.drop();
    await rm(dataDir, { recursive: true });
  });

  /** A start and its end within this process: another one costs more than all that a setting decides. */
  async function startAndStop(config: AppConfig): Promise<void> {
    const running = await start(config, { log: () => undefined, onFailure: () => undefined });
    await running.stop();
  }

  /** What is said of settings with which it does not start. */
  async function lineOn(settings: Settings): Promise<string | null> {
    let config: AppConfig | undefined;
    try {
      config = readConfig(await inThisProcess(settings));
      await startAndStop(config);
    } catch (error) {
      return explain(error, config);
    }
    throw new Error('The settings were accepted.');
  }

  async function inThisProcess(settings: Settings): Promise<Settings> {
    const ports = { PORT: String(await freePort()), METRICS_PORT: String(await freePort()) };
    return { TENANTRY_DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...ports, ...settings };
  }

  /** Ends as soon as it can, and is asked what it said. */
  async function complaintOn(settings: Settings): Promise<string> {
    const failing = await ControlPlaneProcess.launch({
      settings: { TENANTRY_DATA_DIR: dataDir, ...settings },
      cwd: dataDir,
    });
    await expect(failing.exited).resolves.toEqual({ code: 1, signal: null });
    for (const secret of secretsOf(settings)) expect(failing.stdout).not.toContain(secret);
    for (const value of [...secretsOf(settings), ...ordinaryValuesOf(settings)]) {
      expect(failing.stderr).not.toContain(value);
    }
    return failing.stderr;
  }

  const working = (): Settings => ({ DATABASE_URL: database.url, TENANTRY_MASTER_KEY: KEY });
  const inProduction = (): Settings => ({ ...working(), NODE_ENV: 'production' });
  const withUrl = (change: (url: URL) => void): Settings => {
    const url = new URL(database.url);
    change(url);
    return { ...working(), DATABASE_URL: url.href };
  };

  const REFUSED_WHEN_READ: readonly BadSetting[] = [
    ['a port that is none', /^PORT must/, () => ({ ...working(), PORT: 'abc' })],
    [
      'a database that is no PostgreSQL',
      /^DATABASE_URL .*must be a postgresql:\/\/ URL$/,
      () => ({ DATABASE_URL: `mysql://root:${SECRET}@db/tenantry` }),
    ],
    [
      'no database in production',
      /^DATABASE_URL is required in production/,
      () => ({ NODE_ENV: 'production', TENANTRY_MASTER_KEY: KEY }),
    ],
    [
      'no master key in production',
      /^TENANTRY_MASTER_KEY is required in production/,
      () => ({ NODE_ENV: 'production', DATABASE_URL: database.url }),
    ],
    [
      'a master key that is none',
      /^TENANTRY_MASTER_KEY .*must be 32 bytes in base64 \(or set/,
      () => ({ ...working(), TENANTRY_MASTER_KEY: SECRET }),
    ],
    [
      'insecure issuers in production',
      /^ALLOW_INSECURE_ISSUERS is refused in production$/,
      () => ({ ...inProduction(), ALLOW_INSECURE_ISSUERS: 'http://idp.example.com' }),
    ],
    [
      'a limit below nothing',
      /^THROTTLE_ACTOR_PER_SECOND must not be less than 0$/,
      () => ({ ...working(), THROTTLE_ACTOR_PER_SECOND: '-1' }),
    ],
    [
      'a trusted proxy without an address',
      /^TRUSTED_PROXIES must be a list of addresses or CIDR ranges$/,
      () => ({ ...working(), TRUSTED_PROXIES: 'proxy.internal' }),
    ],
    [
      'a first admin without a secret',
      /^TENANTRY_ADMIN_CLIENT_SECRET must be/,
      () => ({ ...working(), TENANTRY_ADMIN_CLIENT_ID: 'platform-admin' }),
    ],
    [
      'a first admin without an id',
      /^TENANTRY_ADMIN_CLIENT_ID must be/,
      () => ({ ...working(), TENANTRY_ADMIN_CLIENT_SECRET: SECRET }),
    ],
  ];

  const REFUSED_WHEN_USED: readonly BadSetting[] = [
    [
      'a port for metrics that is taken',
      /^METRICS_PORT: another program listens on that port\.$/,
      () => ({ ...working(), METRICS_PORT: takenPort }),
    ],
    [
      'a database where nobody listens',
      /^DATABASE_URL: the server cannot be reached \(ECONNREFUSED\)\.$/,
      () => withUrl((url) => (url.port = silentPort)),
    ],
    [
      'a database that takes connections and never answers',
      /^DATABASE_URL: the server cannot be reached \(no answer\)\.$/,
      () => withUrl((url) => (url.port = takenPort)),
    ],
    [
      'a database that is missing',
      /^DATABASE_URL: there is no such database\.$/,
      () => withUrl((url) => (url.pathname = '/of-nobody')),
    ],
    [
      'a superuser’s login in production',
      /^DATABASE_URL names a superuser, who passes every policy by\./,
      () => ({ ...inProduction(), DATABASE_URL: database.superuserUrl }),
    ],
  ];

  it.each([...REFUSED_WHEN_READ, ...REFUSED_WHEN_USED])(
    'has one line, without any value, on %s',
    async (_, complaint, settings) => {
      const line = await lineOn(settings());

      expect(line).toMatch(/^[^\n]+$/);
      expect(line).toMatch(complaint);
      for (const value of [...secretsOf(settings()), ...ordinaryValuesOf(settings())]) {
        expect(line).not.toContain(value);
      }
    },
    LIMIT_MS,
  );

  /** One for each place where a start can end: nothing is loaded, the database refuses, all is up. */
  const ENDED: readonly BadSetting[] = [
    [
      'three mistakes at once',
      /^PORT must [^;]+; DATABASE_URL [^;]+; TENANTRY_MASTER_KEY [^;]+$/,
      () => ({
        PORT: 'abc',
        DATABASE_URL: `mysql://root:${SECRET}@db/tenantry`,
        TENANTRY_MASTER_KEY: SECRET,
      }),
    ],
    [
      'a wrong password',
      /^DATABASE_URL: the password is wrong\.$/,
      () => withUrl((url) => (url.password = SECRET)),
    ],
    [
      'a port that is taken',
      /^PORT: another program listens on that port\.$/,
      () => ({ ...working(), PORT: takenPort }),
    ],
  ];

  it.each(ENDED)(
    'ends at once with one line, on %s',
    async (_, complaint, settings) => {
      const said = await complaintOn(settings());

      expect(said).toMatch(/^tenantry: [^\n]+\n$/);
      expect(said.slice('tenantry: '.length).trimEnd()).toMatch(complaint);
    },
    LIMIT_MS,
  );

  it(
    'has one line on a master key that is not the one of its database',
    async () => {
      await startAndStop(readConfig(await inThisProcess(working())));

      expect(await lineOn({ ...working(), TENANTRY_MASTER_KEY: OTHER_KEY })).toBe(
        'TENANTRY_MASTER_KEY: this database was sealed with another key. Set that one.',
      );
    },
    LIMIT_MS,
  );
});

/** What nobody may read in a log: keys, client secrets, passwords, and the URLs that hold them. */
function secretsOf(settings: Settings): string[] {
  const values = SECRET_SETTINGS.flatMap((name) => settings[name] ?? []);
  const passwords = values
    .filter((value) => URL.canParse(value))
    .map((value) => new URL(value).password);
  return [...values, ...passwords];
}

/** The values that an operator mistyped; the word `production` stands in honest complaints. */
function ordinaryValuesOf(settings: Settings): string[] {
  return Object.values(settings).filter((value) => value !== 'production');
}
