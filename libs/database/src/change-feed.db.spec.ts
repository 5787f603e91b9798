import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import {
  aTenant,
  openTestDatabase,
  TestClock,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import { type AppliedChange, ChangeFeed } from './change-feed.js';
import type { Database } from './database.js';

const NO_HINTS = 'postgresql://nobody@127.0.0.1:1/none';
const POLL_MS = 300;

describe('ChangeFeed', () => {
  let db: TestDatabase;
  let tenant: TestTenant;
  let clock: TestClock;
  const feeds: ChangeFeed[] = [];

  beforeEach(async () => {
    db = await openTestDatabase();
    tenant = await aTenant(db.database);
    clock = new TestClock();
  });
  afterEach(async () => {
    for (const feed of feeds.splice(0)) await feed.stop();
    await db.close();
  });

  /** A node that never hears a hint: what it learns, it learns by looking. */
  async function aNode(database = db.anotherNode(), directUrl = NO_HINTS): Promise<Node> {
    const feed = new ChangeFeed(database, clock, directUrl);
    feeds.push(feed);
    const node: Node = { feed, database, seen: [], gaps: 0 };
    feed.subscribe({
      onChange: (change) => node.seen.push(change),
      onGap: () => node.gaps++,
    });
    await feed.start();
    return node;
  }

  const change = (...ids: readonly string[]): Promise<void> =>
    db.database.within(tenant.scope, (tx) => {
      for (const id of ids) tx.announce({ kind: 'member', id, tenantId: tenant.id });
      return Promise.resolve();
    });

  it('begins at the present, with everything dropped that was cached before', async () => {
    await change('before');

    const { feed, seen, gaps } = await aNode();

    expect(seen).toEqual([]);
    expect(gaps).toBe(1);
    expect(feed.isTrusted).toBe(true);
  });

  it('tells what changed, in order', async () => {
    const { feed, seen } = await aNode();

    await change('first', 'second');
    await change('third');
    await feed.poll();

    expect(idsOf(seen)).toEqual(['first', 'second', 'third']);
    expect(seen[0]).toEqual({
      revision: seen[0]?.revision,
      kind: 'member',
      id: 'first',
      tenantId: tenant.id,
    });
    expect(feed.revision).toBe(seen[2]?.revision);
  });

  it('tells the second name of a thing, and changes that are no tenant’s', async () => {
    const { feed, seen } = await aNode();

    await db.database.acrossTenants('spec', (tx) => {
      tx.announce({ kind: 'signing_key', id: 'kid', tenantId: null, key: 'another name' });
      return Promise.resolve();
    });
    await feed.poll();

    expect(seen).toMatchObject([{ id: 'kid', tenantId: null, key: 'another name' }]);
  });

  it('tells every node', async () => {
    const nodes = [await aNode(), await aNode()];

    await change('one');
    await Promise.all(nodes.map(({ feed }) => feed.poll()));

    expect(nodes.map(({ seen }) => idsOf(seen))).toEqual([['one'], ['one']]);
  });

  it('tells the node that made a change before the call returns', async () => {
    const { seen } = await aNode(db.database);

    await change('own');

    expect(idsOf(seen)).toEqual(['own']);
  });

  it('lets a later writer wait for an earlier one, so that no reader skips a row', async () => {
    const { feed, seen } = await aNode();
    const doors = new EventEmitter();
    const announced = once(doors, 'announced');
    const early = db.database.acrossTenants('spec', async (tx) => {
      const changes = [{ kind: 'member', id: 'early', tenantId: tenant.id }];
      await tx.query('select announce($1::jsonb)', [JSON.stringify(changes)]);
      doors.emit('announced');
      await once(doors, 'let go');
    });
    await announced;

    const late = change('late');
    const wasFirst = await Promise.race([late.then(() => true), sleep(100, false)]);
    await feed.poll();
    const seenMeanwhile = idsOf(seen);
    doors.emit('let go');
    await Promise.all([early, late]);
    await feed.poll();

    expect(wasFirst).toBe(false);
    expect(seenMeanwhile).toEqual([]);
    expect(idsOf(seen)).toEqual(['early', 'late']);
  });

  it('skips nothing while many write, commit and fail at once', async () => {
    const { feed, seen } = await aNode();
    const database = db.anotherNode();
    const write = (index: number): Promise<void> =>
      database.within(tenant.scope, async (tx) => {
        tx.announce({ kind: 'member', id: String(index), tenantId: tenant.id });
        if (index % 3 === 0) await tx.query('select from pg_sleep(0.01)');
        if (index % 5 === 0) throw new Error('Changed its mind.');
      });
    const writing = Promise.allSettled(Array.from({ length: 60 }, (_, index) => write(index)));

    while ((await Promise.race([writing, feed.poll()])) === undefined);
    await feed.poll();

    const rows = await db.query<{ id: string }>('select id from changes order by revision');
    expect(idsOf(seen)).toEqual(idsOf(rows));
    expect(seen).toHaveLength(48);
  });

  it('reads a flood in batches', async () => {
    const { feed, seen } = await aNode();

    await change(...Array.from({ length: 1_001 }, (_, index) => String(index)));
    await feed.poll();

    expect(seen).toHaveLength(1_001);
  });

  it('finds by its own looking what no hint told', async () => {
    const { seen } = await aNode();

    await change('unheard');

    await until(() => seen.length > 0);
    expect(idsOf(seen)).toEqual(['unheard']);
  });

  describe('fencing itself', () => {
    it('is trusted for a second after it last heard, and no longer', async () => {
      const { feed } = await aNode();
      // Stopped, so that it looks only when it is told to.
      await feed.stop();

      clock.advance(1_000);
      expect(feed.isTrusted).toBe(true);
      clock.advance(1);
      expect(feed.isTrusted).toBe(false);
    });

    it('is trusted again as soon as it hears', async () => {
      const { feed } = await aNode();
      clock.advance(5_000);

      await feed.poll();

      expect(feed.isTrusted).toBe(true);
    });

    it('is not trusted for having asked in vain, and fails nobody', async () => {
      const { feed, database } = await aNode();
      await database.close();
      clock.advance(1_001);

      await Promise.all([feed.poll(), feed.poll(), feed.poll()]);

      expect(feed.isTrusted).toBe(false);
    });

    it('does not mind a wall clock that jumps', async () => {
      const { feed } = await aNode();

      clock.jumpBack(3_600_000);

      expect(feed.isTrusted).toBe(true);
    });
  });

  it('starts afresh after a long silence, because rows may be gone by then', async () => {
    const node = await aNode();
    // Stopped, so that it looks only when it is told to.
    await node.feed.stop();
    await change('unseen');
    clock.advance(600_001);

    await node.feed.poll();

    expect(node.gaps).toBe(2);
    expect(node.seen).toEqual([]);
    expect(node.feed.isTrusted).toBe(true);
    const [newest] = await db.query<{ revision: string }>(
      'select max(revision) as revision from changes',
    );
    expect(node.feed.revision).toBe(BigInt(newest?.revision ?? 0));
  });

  it('says how far it has come, and that it is there', async () => {
    const { feed } = await aNode();
    const row = (): Promise<{ acknowledged: string; heard_at: Date }[]> =>
      db.query('select acknowledged, heard_at from nodes where id = $1', [feed.nodeId]);
    const [atFirst] = await row();

    await change('one');
    await feed.poll();
    const [afterChange] = await row();
    clock.advance(2_001);
    await feed.poll();
    const [afterSilence] = await row();

    expect(atFirst?.acknowledged).toBe('0');
    expect(afterChange?.acknowledged).toBe(String(feed.revision));
    expect(afterSilence?.acknowledged).toBe(String(feed.revision));
    expect(afterSilence?.heard_at.getTime()).toBeGreaterThan(afterChange?.heard_at.getTime() ?? 0);
  });

  it('forgets changes after a week, and nodes after a day', async () => {
    const { feed } = await aNode();
    await change('old', 'new');
    await db.query(`update changes set at = now() - interval '8 days' where id = 'old'`);
    await db.query(
      `insert into nodes select gen_random_uuid(), now(), now() - interval '2 days', 0, now()`,
    );
    clock.advance(3_600_001);

    // The first look starts afresh, after so long a silence.
    await feed.poll();
    await feed.poll();

    expect(await db.query('select id from changes')).toEqual([{ id: 'new' }]);
    expect(await db.query('select id from nodes')).toEqual([{ id: feed.nodeId }]);
  });

  it('leaves nothing running when it is stopped', async () => {
    const { feed, database } = await aNode(undefined, db.url);
    await listening(db, 1);

    await feed.stop();

    await listening(db, 0);
    const looks = looksOf(database);
    await sleep(2 * POLL_MS);
    expect(looksOf(database)).toBe(looks);
  });

  it('can be stopped while it is still connecting', async () => {
    const feed = new ChangeFeed(db.anotherNode(), clock, db.url);
    await feed.start();

    await feed.stop();

    await listening(db, 0);
  });
});

interface Node {
  readonly feed: ChangeFeed;
  readonly database: Database;
  readonly seen: AppliedChange[];
  gaps: number;
}

const idsOf = (changes: readonly { readonly id: string }[]): string[] =>
  changes.map(({ id }) => id);

const looksOf = (database: Database): number => database.crossings.get('change-feed') ?? 0;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}

/** Waits until so many connections listen. */
async function listening(db: TestDatabase, count: number): Promise<void> {
  await until(async () => {
    const listeners = await db.query(
      `select from pg_stat_activity
       where query = 'listen tenantry_changes' and datname = current_database()`,
    );
    return listeners.length === count;
  });
}
