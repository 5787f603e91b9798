import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import { DATABASE_ROLES, migrate } from '@tenantry/database';
import { type EmbeddedServer, startEmbeddedServer, stopEmbeddedServer } from './embedded-server.js';
import { IN_MEMORY, makeMemoryTablespace } from './memory-tablespace.js';

const VARIABLE = 'TENANTRY_TEST_SERVER';
const LOGIN = 'tenantry_spec';

export const TEMPLATE = 'tenantry_template';
export const COPY_PREFIX = 'tenantry_copy_';

/** The roles of the second lock's proof: they hold the same grants, and no policy holds them. */
export const UNPOLICED_ROLES = {
  tenant: `${DATABASE_ROLES.tenant}_unpoliced`,
  platform: `${DATABASE_ROLES.platform}_unpoliced`,
} as const;

/** Where this repository's models and migrations are. */
export const PRISMA_DIR = fileURLToPath(new URL('../../../prisma', import.meta.url));

/** The PostgreSQL server of this test run, as its spec files find it. */
export interface TestServer {
  readonly superuserUrl: string;
  /** As the ordinary login that owns the template and every copy. */
  readonly templateUrl: string;
  /** Where new databases lie. */
  readonly tablespace: string;
}

let embedded: EmbeddedServer | undefined;

/** Starts the server, or takes the one of TEST_DATABASE_URL, and migrates the template on it. */
export async function startTestServer(): Promise<void> {
  const given = process.env['TEST_DATABASE_URL'];
  if (!given) embedded = await startEmbeddedServer();
  const superuserUrl = given ?? embedded?.server.superuserUrl ?? '';
  const tablespace = await asSuperuser(superuserUrl, tablespaceOf);
  await removeDatabases(superuserUrl);
  const templateUrl = await makeTemplate(superuserUrl, tablespace);
  await migrate({ url: templateUrl, prismaDir: PRISMA_DIR });
  await asSuperuser(superuserUrl, makeUnpolicedRoles);
  const server: TestServer = { superuserUrl, templateUrl, tablespace };
  process.env[VARIABLE] = JSON.stringify(server);
}

/** Stops the server, and removes whatever the run has left behind. */
export async function stopTestServer(): Promise<void> {
  if (embedded) await stopEmbeddedServer(embedded);
  else await removeDatabases(testServer().superuserUrl);
}

/** What the global setup has started. */
export function testServer(): TestServer {
  const server = process.env[VARIABLE];
  if (!server) throw new Error('There is no test server: the global setup of Jest has not run.');
  return JSON.parse(server) as TestServer;
}

/** One connection as the superuser, for as long as `work` lasts. */
export async function asSuperuser<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same server and login, another database. */
export function urlOf(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

async function tablespaceOf(client: pg.Client): Promise<string> {
  if (!embedded) return 'pg_default';
  const { dataDir, server } = embedded;
  return (await makeMemoryTablespace(client, dataDir, server.dataDirectory))
    ? IN_MEMORY
    : 'pg_default';
}

async function makeTemplate(superuserUrl: string, tablespace: string): Promise<string> {
  const password = randomUUID();
  await asSuperuser(superuserUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [LOGIN]);
    await client.query(
      `${rowCount ? 'alter' : 'create'} role ${LOGIN} login createrole createdb password '${password}'`,
    );
    await client.query(`create database ${TEMPLATE} owner ${LOGIN} tablespace ${tablespace}`);
  });
  const url = new URL(urlOf(superuserUrl, TEMPLATE));
  url.username = LOGIN;
  url.password = password;
  return url.href;
}

async function makeUnpolicedRoles(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  const isNew = (rows[0]?.version ?? 0) >= 160_000;
  for (const kind of ['tenant', 'platform'] as const) {
    const role = UNPOLICED_ROLES[kind];
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
    if (!rowCount) await client.query(`create role ${role} nologin bypassrls`);
    await client.query(
      `grant ${DATABASE_ROLES[kind]} to ${role}${isNew ? ' with inherit true' : ''}`,
    );
    await client.query(`grant ${role} to ${LOGIN}${isNew ? ' with inherit false, set true' : ''}`);
  }
}

/** The template and its copies, of this run or of one that was killed. */
async function removeDatabases(superuserUrl: string): Promise<void> {
  await asSuperuser(superuserUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select datname as name from pg_database where datname = $1 or starts_with(datname, $2)',
      [TEMPLATE, COPY_PREFIX],
    );
    for (const { name } of rows) await client.query(`drop database ${name} with (force)`);
  });
}
