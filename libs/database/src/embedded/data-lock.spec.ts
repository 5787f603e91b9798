import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { DataLock } from './data-lock.js';
import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';

const DEAD_PID = 2 ** 30;
const IN_USE = (holder: number): string => `held by ${holder}`;

describe('DataLock', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-lock-'));
    path = join(folder, 'lock.json');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is refused while its holder lives', async () => {
    const lock = await DataLock.take(path, 0, IN_USE);

    const second = DataLock.take(path, 0, IN_USE);

    await expect(second).rejects.toEqual(new EmbeddedPostgresFailed(`held by ${process.pid}`));
    await lock.release();
  });

  it('is taken as soon as its holder lets go', async () => {
    const lock = await DataLock.take(path, 0, IN_USE);

    const waiting = DataLock.take(path, 2_000, IN_USE);
    await lock.release();

    await expect(waiting).resolves.toBeInstanceOf(DataLock);
  });

  it('leaves nothing behind when it is let go', async () => {
    const lock = await DataLock.take(path, 0, IN_USE);

    await lock.release();

    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['a dead process', JSON.stringify({ pid: DEAD_PID, startedAt: null })],
    ['an earlier process with our id', JSON.stringify({ pid: process.pid, startedAt: '1' })],
    ['nobody, being damaged', '{"pi'],
  ])('goes to exactly one of many that find it held by %s', async (_, content) => {
    await writeFile(path, content);

    const takers = Array.from({ length: 8 }, () => DataLock.take(path, 0, IN_USE));
    const outcomes = await Promise.allSettled(takers);

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock.json']);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is taken over although an earlier takeover died halfway', async () => {
    const dead = JSON.stringify({ pid: DEAD_PID, startedAt: null });
    await writeFile(path, dead);
    await writeFile(`${path}.takeover`, dead);

    await DataLock.take(path, 0, IN_USE);

    expect(await readdir(folder)).toEqual(['lock.json']);
  });

  it('does not take away a lock that has passed to another', async () => {
    const lock = await DataLock.take(path, 0, IN_USE);
    await writeFile(path, 'of another');

    await lock.release();

    expect(await readFile(path, 'utf8')).toBe('of another');
  });
});
