import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { type Database, migrate } from '@tenantry/database';
import { readConfig } from '@tenantry/config';
import { MasterKey, Sealer } from '@tenantry/crypto';
import { newId, PLATFORM_ID } from '@tenantry/kernel';
import { createTestDatabase, type DatabaseCopy, openDatabase, PRISMA_DIR } from '@tenantry/testing';
import { Trails } from '../trails.js';
import { AuditKeys } from './audit-keys.js';
import { CheckpointsRepository } from './checkpoints.repository.js';
import { Verifying } from './verifying.js';

const FIRST_CHAINED = '0007_audit_chain';
const TENANT = newId();

describe('records from before there was a chain', () => {
  let copy: DatabaseCopy;
  let before: string;
  let database: Database;

  beforeAll(async () => {
    copy = await createTestDatabase('template0');
    before = await mkdtemp(join(tmpdir(), 'before-the-chain-'));
    const isOlder = (path: string): boolean => !/\/00(?:0[7-9]|[1-9]\d)_/.test(path);
    await cp(PRISMA_DIR, before, { recursive: true, filter: isOlder });
    expect(await migrate({ url: copy.url, prismaDir: before })).not.toContain(FIRST_CHAINED);
    await writeOldRecords();
    expect(await migrate({ url: copy.url, prismaDir: PRISMA_DIR })).toContain(FIRST_CHAINED);
    database = openDatabase(copy.url);
  });
  afterAll(async () => {
    await database.close();
    await copy.drop();
    await rm(before, { recursive: true });
  });

  /** As they were written: with sequence and time in them, some of months ago. */
  async function writeOldRecords(trails = [TENANT, TENANT, PLATFORM_ID, TENANT]): Promise<void> {
    const client = new pg.Client({ connectionString: copy.url });
    await client.connect();
    await client.query('set role tenantry_platform');
    for (const [n, trail] of trails.entries()) {
      const id = newId();
      const record = {
        ...{ v: 1, id, deed: 'thing.done', outcome: 'done', tenantId: null as string | null },
        ...{ actor: { kind: 'system', id: 'tenantry' }, reason: 'Größe \u0001 "q" \\ \u2028 😀' },
        target: { kind: 'thing', id: String(n), name: null },
        changes: { labels: { after: { b: 1.5, a: [true, null, -3, 'ü'], 'Ä/x': {} } } },
      };
      if (trail === TENANT) record.tenantId = TENANT;
      await client.query('select append_audit($1, $2, $3, $4)', [
        ...[trail, id, JSON.stringify(record), '{}'],
      ]);
    }
    await client.query('reset role');
    await client.end();
    const superuser = new pg.Client({ connectionString: copy.superuserUrl });
    await superuser.connect();
    await superuser.query(
      `update audit_records set at = at - interval '70 days' where sequence = 1 and not exists (
         select from pg_proc where proname = 'audit_link')`,
    );
    await superuser.end();
  }

  it('are chained as they stand, each on its trail', async () => {
    const trails = new Trails(database);
    const keys = new AuditKeys(
      database,
      new Sealer(new MasterKey(Buffer.alloc(32, 5))),
      readConfig({}),
    );
    const verifying = new Verifying(new CheckpointsRepository(database), keys);

    expect([
      await verifying.verify(trails.ofAny(TENANT, 'spec')),
      await verifying.verify(trails.ofPlatform()),
    ]).toMatchObject([
      { valid: true, checked: 3, broken: null },
      { valid: true, checked: 1, broken: null },
    ]);
    // A node of the version before, which is still to be replaced.
    await writeOldRecords([TENANT, TENANT]);
    expect(await verifying.verify(trails.ofAny(TENANT, 'spec'))).toMatchObject({
      ...{ valid: true, checked: 5 },
    });
  });
});
