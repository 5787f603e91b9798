import { appendFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { type AppConfig, readConfig } from '@tenantry/config';
import type { Database } from '@tenantry/database';
import { aTenant, openTestDatabase, type TestDatabase, type TestTenant } from '@tenantry/testing';
import { AuditRepository } from '../audit.repository.js';
import { AuditTrail } from '../audit-trail.js';
import { TENANTRY } from '../deed.js';
import { Waking } from '../sinks/waking.js';
import { Trails } from '../trails.js';
import { StdoutTarget } from './line-target.js';
import { OperatorStream } from './operator-stream.js';
import { StreamSchedule } from './stream-schedule.js';

let test: TestDatabase;
let second: Database;
let folder: string;
let file: string;
let config: AppConfig;
const schedules: StreamSchedule[] = [];

beforeAll(async () => {
  test = await openTestDatabase();
  second = test.anotherNode();
});
afterAll(() => test.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-stream-'));
  file = join(folder, 'audit.ndjson');
  config = readConfig({ AUDIT_STREAM: `file:${file}` });
  await test.query('delete from audit_stream_cursors');
  await test.query('delete from audit_records');
  await test.query('delete from audit_heads');
});
afterEach(async () => {
  await Promise.all(schedules.splice(0).map((schedule) => schedule.onModuleDestroy()));
  await rm(folder, { recursive: true });
});

function streamOn(database: Database): OperatorStream {
  return new OperatorStream(database, new Trails(database), new AuditRepository());
}

/** One node's share in it, which is looked at until nothing is due. */
function aNode(database: Database): () => Promise<void> {
  const waking = new Waking(database, config);
  const schedule = new StreamSchedule(streamOn(database), config);
  schedules.push(schedule);
  return async () => {
    await waking.wake();
    while (await schedule.lookOnce());
  };
}

async function deeds(count: number, { scope }: TestTenant): Promise<void> {
  const target = { kind: 'thing', id: 'one' };
  const all = Array.from({ length: count }, () => ({ deed: 'spec.done', target }) as const);
  await new AuditTrail(test.database).recordNow(scope, TENANTRY, all);
}

interface Line {
  readonly tenantId: string;
  readonly sequence: number;
  readonly hash: string;
}

async function linesOf({ id }: TestTenant, path = file): Promise<number[]> {
  const text = await readFile(path, 'utf8');
  const lines = text.split('\n').filter(Boolean);
  const events = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
  return events.filter(({ tenantId }) => tenantId === id).map(({ sequence }) => sequence);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

describe("the operator's stream", () => {
  it('holds every trail from its beginning, in order, and goes on where any node stopped', async () => {
    const [one, other] = [await aTenant(test.database), await aTenant(test.database)];
    const [here, there] = [aNode(test.database), aNode(second)];
    await deeds(450, one);
    // Others have been told of it, while nobody was streaming.
    await test.query('update audit_heads set woken = false');
    await deeds(2, other);

    await here();
    expect(await linesOf(one)).toEqual(range(1, 450));
    expect(await linesOf(other)).toEqual([1, 2]);

    await deeds(1, one);
    await Promise.all([here(), there(), here()]);
    await there();
    expect(await linesOf(one)).toEqual(range(1, 451));
    expect(await linesOf(other)).toEqual([1, 2]);
  });

  it('holds again what was written, where its node died before that was noted', async () => {
    const tenant = await aTenant(test.database);
    await deeds(3, tenant);
    const stream = streamOn(test.database);
    await stream.begin();
    let seen = '';
    const dying = {
      write: (lines: string) => {
        seen = lines;
        return Promise.reject(new Error('killed'));
      },
      close: () => Promise.resolve(),
    };

    await expect(stream.writeSome(dying)).rejects.toThrow('killed');
    await aNode(second)();

    expect(await readFile(file, 'utf8')).toBe(seen);
    expect(await linesOf(tenant)).toEqual([1, 2, 3]);
  });

  it('begins a new file where the old one was moved away, and a new line after half a one', async () => {
    const tenant = await aTenant(test.database);
    const node = aNode(test.database);
    await deeds(1, tenant);
    await node();
    await rename(file, `${file}.1`);
    await deeds(1, tenant);
    await node();
    expect(await linesOf(tenant, `${file}.1`)).toEqual([1]);
    expect(await linesOf(tenant)).toEqual([2]);

    await appendFile(file, '{"sequence":3,"ten');
    await deeds(1, tenant);
    await aNode(second)();
    expect(await linesOf(tenant)).toEqual([2, 3]);
  });

  it('waits for nobody who holds a trail, and comes back to it', async () => {
    const tenant = await aTenant(test.database);
    const node = aNode(test.database);
    await deeds(1, tenant);
    await node();
    await deeds(1, tenant);

    await test.database.acrossTenants('spec', async ({ query }) => {
      await query('select 1 from audit_stream_cursors for update');
      await node();
    });
    expect(await linesOf(tenant)).toEqual([1]);
    await node();
    expect(await linesOf(tenant)).toEqual([1, 2]);
  });

  it('is standard output where the operator says so', async () => {
    const output = new PassThrough();
    await new StdoutTarget(output).write('{"sequence":1}\n');

    expect(String(output.read())).toBe('{"sequence":1}\n');
  });
});
