import { randomUUID } from 'node:crypto';

import pg from 'pg';

import { Database, DATABASE_ROLES } from '@tenantry/database';
import {
  asSuperuser,
  COPY_PREFIX,
  TEMPLATE,
  testServer,
  UNPOLICED_ROLES,
  urlOf,
} from './test-server.js';

const POOL_SIZE = 5;
/** Over the whole server: a template is copied by one at a time. */
const COPY_LOCK = [7_236_841, 9] as const;
const TEMPLATE_IN_USE = '55006';

declare global {
  /** Set by the Jest project that runs the specs as roles that no policy holds. */
  var BYPASS_ROW_LEVEL_SECURITY: boolean | undefined;
}

/** False where only the `where` of Prisma and of hand-written SQL keeps tenants apart. */
export const rowLevelSecurityIsOn = globalThis.BYPASS_ROW_LEVEL_SECURITY !== true;

/** The roles that a `Database` takes in this run. */
export const TEST_ROLES = rowLevelSecurityIsOn ? DATABASE_ROLES : UNPOLICED_ROLES;

/** A database of its own, which nobody else uses. */
export interface DatabaseCopy {
  /** As the ordinary login that owns it. */
  readonly url: string;
  readonly superuserUrl: string;
  readonly drop: () => Promise<void>;
}

/** A `Database` on a copy of its own, and a way past it to see what is really there. */
export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  readonly superuserUrl: string;
  /** As a second node would be: its own pool, the same rows. Closed together with this one. */
  anotherNode(): Database;
  /** As the superuser, whom nothing holds. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Copies the migrated template: some 30 ms. From `template0`, the database has nothing in it. */
export async function createTestDatabase(
  template: typeof TEMPLATE | 'template0' = TEMPLATE,
): Promise<DatabaseCopy> {
  const name = `${COPY_PREFIX}${randomUUID().replaceAll('-', '')}`;
  const { superuserUrl, templateUrl, tablespace } = testServer();
  await asSuperuser(superuserUrl, async (client) => {
    const owner = client.escapeIdentifier(new URL(templateUrl).username);
    await copy(
      client,
      `create database ${name} template ${template} owner ${owner} tablespace ${tablespace}`,
    );
  });
  return {
    url: urlOf(templateUrl, name),
    superuserUrl: urlOf(superuserUrl, name),
    drop: () =>
      asSuperuser(superuserUrl, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

/** A `Database` as the application has it, on a copy of its own. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const { url, superuserUrl, drop } = await createTestDatabase();
  const database = openDatabase(url);
  const nodes = [database];
  const superuser = new pg.Pool({ connectionString: superuserUrl, max: 2 });
  return {
    database,
    url,
    superuserUrl,
    anotherNode: () => {
      const node = openDatabase(url);
      nodes.push(node);
      return node;
    },
    query: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) => {
      const { rows } = await superuser.query<Row>(text, [...values]);
      return rows;
    },
    close: async () => {
      await Promise.all([...nodes.map((node) => node.close()), superuser.end()]);
      await drop();
    },
  };
}

/** A `Database` on any URL, with the roles of this run. */
export function openDatabase(url: string): Database {
  return new Database({ url, poolSize: POOL_SIZE, preparedStatements: true, roles: TEST_ROLES });
}

async function copy(client: pg.Client, statement: string): Promise<void> {
  await client.query('select pg_advisory_lock($1, $2)', [...COPY_LOCK]);
  // The server itself looks into the template now and then: autovacuum.
  await client.query(statement).catch(async (error: unknown) => {
    if (!(error instanceof pg.DatabaseError) || error.code !== TEMPLATE_IN_USE) throw error;
    await client.query(statement);
  });
}
