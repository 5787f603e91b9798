import pg from 'pg';

import type { Credentials } from './credentials.js';

const NAME = 'tenantry';

/** The ordinary login, which owns the database and is no superuser. */
export const loginUrl = (port: number, { password }: Credentials): string =>
  `postgresql://${NAME}:${password}@127.0.0.1:${port}/${NAME}`;

export const superuserUrl = (port: number, { superuserPassword }: Credentials): string =>
  `postgresql://postgres:${superuserPassword}@127.0.0.1:${port}/postgres`;

/** Makes the login and its database where they are missing. */
export async function prepareLogin(port: number, credentials: Credentials): Promise<void> {
  const client = new pg.Client({
    connectionString: superuserUrl(port, credentials),
    // Not to be decided by PG* variables that are meant for another server.
    ssl: false,
    options: '-c client_min_messages=warning',
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    // The statement that follows holds a password, and must not reach the server's log.
    await client.query(`set log_statement = none; set log_min_error_statement = panic;
                        set log_min_duration_statement = -1`);
    const roles = await client.query('select from pg_roles where rolname = $1', [NAME]);
    if (roles.rowCount === 0) {
      await client.query(
        `create role ${NAME} login createrole createdb password '${credentials.password}'`,
      );
    }
    const databases = await client.query('select from pg_database where datname = $1', [NAME]);
    if (databases.rowCount === 0) await client.query(`create database ${NAME} owner ${NAME}`);
  } finally {
    await client.end();
  }
}
