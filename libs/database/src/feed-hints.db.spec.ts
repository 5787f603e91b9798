import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { aTenant, openTestDatabase, type TestDatabase } from '@tenantry/testing';
import { FeedHints } from './feed-hints.js';

describe('FeedHints', () => {
  let db: TestDatabase;
  let hints: FeedHints;
  let heard: number;

  beforeEach(async () => {
    db = await openTestDatabase();
    heard = 0;
    hints = new FeedHints(db.url);
    hints.listen('tenantry_changes', () => heard++);
    hints.start();
    await until(() => heard === 1);
  });
  afterEach(async () => {
    await hints.stop();
    await db.close();
  });

  it('hints at once at what changed before anybody listened', () => {
    expect(heard).toBe(1);
  });

  it('hints at what is announced, once it is committed', async () => {
    const tenant = await aTenant(db.database);

    await db.database.within(tenant.scope, (tx) => {
      tx.announce({ kind: 'tenant', id: tenant.id, tenantId: tenant.id });
      return Promise.resolve();
    });

    await until(() => heard === 2);
  });

  it('listens again after its connection ended, and hints at what it may have missed', async () => {
    await db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where query like 'listen tenantry_%' and datname = current_database()`,
    );

    await until(() => heard === 2);
  });

  it('hears a channel that somebody asks for later, with its payload, and again after a loss', async () => {
    const payloads: string[] = [];
    hints.listen('tenantry_quotas', (payload) => payloads.push(payload));

    await db.query("select pg_notify('tenantry_quotas', 'a tenant')");
    await until(() => payloads.includes('a tenant'));
    await db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where query like 'listen tenantry_%' and datname = current_database()`,
    );

    await until(() => payloads.at(-1) === '');
  });

  it('stays quiet where nobody answers', async () => {
    const deaf = new FeedHints('postgresql://nobody@127.0.0.1:1/none');
    deaf.listen('tenantry_changes', () => heard++);

    deaf.start();
    await sleep(50);
    await deaf.stop();

    expect(heard).toBe(1);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}
