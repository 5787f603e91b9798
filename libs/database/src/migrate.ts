import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';

import { DATABASE_ROLES } from './pool-scope.js';
import { SchemaEngine } from './schema-engine.js';

const LOCK = [7_236_841, 2] as const;
const LOCK_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;
const UNDEFINED_TABLE = '42P01';

/** The database cannot be brought to this version. The message is for the operator. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

export interface MigrateOptions {
  readonly url: string;
  /** The login that the pool uses, where migrations have another one. */
  readonly login?: string;
  readonly prismaDir: string;
}

/**
 * Brings the database to this version, and returns the names of what was applied.
 *
 * Any number of processes may start at once: one migrates under an advisory lock, the others
 * wait. Where nothing is missing, the engine is not even loaded.
 */
export async function migrate({
  url,
  login,
  prismaDir,
}: MigrateOptions): Promise<readonly string[]> {
  const client = new pg.Client({
    connectionString: url,
    options: '-c role=none',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('select pg_advisory_lock($1, $2)', [...LOCK]);
    const applied = (await isCurrent(client, prismaDir)) ? [] : await apply(url, prismaDir);
    if (login) await grantRoles(client, login);
    return applied;
  } finally {
    await client.end();
  }
}

async function apply(url: string, prismaDir: string): Promise<readonly string[]> {
  const engine = await SchemaEngine.connect(url, prismaDir);
  try {
    return await engine.applyMigrations();
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n   0:');
    throw new MigrationRefused(`A migration failed: ${reason.replaceAll(/\s+/g, ' ')}`, {
      cause: error,
    });
  } finally {
    await engine.close();
  }
}

async function isCurrent(client: pg.Client, prismaDir: string): Promise<boolean> {
  const wanted = await checksums(join(prismaDir, 'migrations'));
  const applied = await appliedMigrations(client);
  const unknown = [...applied.keys()].filter((name) => !wanted.has(name));
  if (unknown.length > 0) {
    throw new MigrationRefused(
      `The database was migrated by a newer version (${unknown.join(', ')}). Start that version.`,
    );
  }
  return [...wanted].every(([name, checksum]) => applied.get(name) === checksum);
}

async function checksums(dir: string): Promise<Map<string, string>> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const pairs = names.map(async (name): Promise<[string, string]> => {
    const script = await readFile(join(dir, name, 'migration.sql'));
    return [name, createHash('sha256').update(script).digest('hex')];
  });
  return new Map(await Promise.all(pairs));
}

async function appliedMigrations(client: pg.Client): Promise<Map<string, string>> {
  try {
    const { rows } = await client.query<{ name: string; checksum: string }>(
      `select migration_name as name, checksum from _prisma_migrations
       where finished_at is not null and rolled_back_at is null`,
    );
    return new Map(rows.map(({ name, checksum }) => [name, checksum]));
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return new Map();
    throw error;
  }
}

/** Lets the pool's login become the two roles, where another login made them. */
async function grantRoles(client: pg.Client, login: string): Promise<void> {
  for (const role of [DATABASE_ROLES.tenant, DATABASE_ROLES.platform]) {
    const { rows } = await client.query<{ member: boolean; version: number }>(
      `select pg_has_role($1, $2, 'member') as member,
              current_setting('server_version_num')::int as version`,
      [login, role],
    );
    if (rows[0]?.member) continue;
    const options = (rows[0]?.version ?? 0) >= 160_000 ? ' with inherit false, set true' : '';
    await client.query(
      `grant ${client.escapeIdentifier(role)} to ${client.escapeIdentifier(login)}${options}`,
    );
  }
}
