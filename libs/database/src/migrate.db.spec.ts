import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { createTestDatabase, type DatabaseCopy, PRISMA_DIR, scopeOf } from '@tenantry/testing';
import { newId } from '@tenantry/kernel';
import { assertIsolation } from './boot-checks.js';
import { Database } from './database.js';
import { migrate, MigrationRefused } from './migrate.js';
import { SchemaEngine } from './schema-engine.js';

describe('migrate', () => {
  let copies: DatabaseCopy[];
  let url: string;

  beforeEach(async () => {
    copies = [];
    url = await emptyDatabase();
  });
  afterEach(async () => {
    for (const copy of copies) await copy.drop();
  });

  async function emptyDatabase(): Promise<string> {
    const copy = await createTestDatabase('template0');
    copies.push(copy);
    return copy.url;
  }

  async function run(text: string, as: 'owner' | 'superuser' = 'owner'): Promise<pg.QueryResult> {
    const connectionString = as === 'owner' ? url : copies[0]?.superuserUrl;
    const client = new pg.Client({ connectionString });
    await client.connect();
    return client.query(text).finally(() => client.end());
  }

  it('brings an empty database to this version, as an ordinary login', async () => {
    const applied = await migrate({ url, prismaDir: PRISMA_DIR });

    expect(applied).toContain('0001_spine');
    await expect(assertIsolation(url, true)).resolves.toBeUndefined();
  });

  it('finds nothing to do the second time', async () => {
    await migrate({ url, prismaDir: PRISMA_DIR });

    await expect(migrate({ url, prismaDir: PRISMA_DIR })).resolves.toEqual([]);
  });

  it('is done by one of many that start at once, and awaited by the others', async () => {
    const starts = [1, 2, 3, 4].map(() => migrate({ url, prismaDir: PRISMA_DIR }));

    const applied = await Promise.all(starts);

    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  });

  it('serves several databases of one cluster at once, which share the roles', async () => {
    const urls = [url, await emptyDatabase(), await emptyDatabase(), await emptyDatabase()];

    const applied = await Promise.all(
      urls.map((each) => migrate({ url: each, prismaDir: PRISMA_DIR })),
    );

    expect(applied.every((names) => names.length > 0)).toBe(true);
  });

  it('makes what the models say: schema and migrations do not drift', async () => {
    await migrate({ url, prismaDir: PRISMA_DIR });
    const engine = await SchemaEngine.connect(url, PRISMA_DIR);

    const drift = await engine.drift().finally(() => engine.close());

    expect(drift.trim()).toBe('-- This is an empty migration.');
  });

  it('tells of a column that no migration made', async () => {
    await migrate({ url, prismaDir: PRISMA_DIR });
    await run('alter table members add column shoe_size integer');
    const engine = await SchemaEngine.connect(url, PRISMA_DIR);

    const drift = await engine.drift().finally(() => engine.close());

    expect(drift).toContain('DROP COLUMN "shoe_size"');
  });

  it('refuses a database that a newer version has migrated', async () => {
    await migrate({ url, prismaDir: PRISMA_DIR });
    await run(`insert into _prisma_migrations (id, checksum, migration_name, finished_at)
               values ('newer', 'newer', '9999_the_future', now())`);

    const migration = migrate({ url, prismaDir: PRISMA_DIR });

    await expect(migration).rejects.toThrow(MigrationRefused);
    await expect(migration).rejects.toThrow('a newer version (9999_the_future)');
  });

  it('refuses with the reason where a migration fails, and again until it is mended', async () => {
    const prismaDir = await mkdtemp(join(tmpdir(), 'tenantry-prisma-'));
    try {
      await cp(PRISMA_DIR, prismaDir, { recursive: true });
      await mkdir(join(prismaDir, 'migrations', '9999_broken'));
      const script = 'create table half_way (id uuid); select 1 / 0;';
      await writeFile(join(prismaDir, 'migrations', '9999_broken', 'migration.sql'), script);

      await expect(migrate({ url, prismaDir })).rejects.toThrow('division by zero');
      await expect(migrate({ url, prismaDir })).rejects.toThrow(MigrationRefused);
    } finally {
      await rm(prismaDir, { recursive: true });
    }
    // The script was undone as a whole.
    await expect(run('select from half_way')).rejects.toThrow('does not exist');
  });

  it('migrates as the login itself, though the login becomes the tenant role by default', async () => {
    const { username, pathname } = new URL(url);
    await run(
      `do $$ begin create role tenantry_tenant nologin;
       exception when duplicate_object then null; end $$;
       alter role ${username} in database ${pathname.slice(1)} set role = 'tenantry_tenant'`,
      'superuser',
    );

    await expect(migrate({ url, prismaDir: PRISMA_DIR })).resolves.toContain('0001_spine');
  });

  it('lets another login take the two roles, which then serves the pool', async () => {
    const login = `spec_${newId().replaceAll('-', '')}`;
    await run(`create role ${login} login noinherit password 'spec'`, 'superuser');
    const poolUrl = Object.assign(new URL(url), { username: login, password: 'spec' }).href;
    const database = new Database({ url: poolUrl, poolSize: 1, preparedStatements: false });
    try {
      await migrate({ url, login, prismaDir: PRISMA_DIR });

      await expect(assertIsolation(poolUrl, true)).resolves.toBeUndefined();
      await expect(database.read(scopeOf(newId()), ({ member }) => member.count())).resolves.toBe(
        0,
      );
    } finally {
      await database.close();
      await run(`drop role ${login}`, 'superuser');
    }
  });
});
