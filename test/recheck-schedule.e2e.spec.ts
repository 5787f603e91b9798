import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import type { IdentityProvider } from '@tenantry/testing';
import { RecheckSchedule } from '../libs/issuers/src/recheck-schedule.js';
import { eventually } from './eventually.js';
import { send } from './send.js';
import { type Api, startApi } from './start-api.js';
import { Superuser } from './superuser.js';
import { type Trusting, World } from './world.js';

const MINUTE_MS = 60_000;

interface Row {
  readonly id: string;
  readonly next_check_at: Date | null;
  readonly last_checked_at: Date | null;
  readonly health_state: string;
}

describe('an issuer that is due', () => {
  let world: World;
  let node: Api;
  let superuser: Superuser;
  let idp: IdentityProvider;
  let audiences = 0;

  beforeAll(async () => {
    world = await World.start();
    superuser = new Superuser(world.api);
    [node, idp] = await Promise.all([
      startApi({ databaseUrl: world.api.databaseUrl }),
      world.idp(),
    ]);
  });
  afterEach(() => idp.comeUp());
  afterAll(async () => {
    await superuser.close();
    await node.close();
    await world.close();
  });

  const trusting = (given: object = {}, provider = idp): Promise<Trusting> =>
    world.trusting(provider, { audiences: [`audience-${++audiences}`], ...given });

  const idsOf = (issuers: readonly Trusting[]): string[] => issuers.map(({ issuer }) => issuer.id);

  /** Sets the time at which they are to be looked at again; by default, now. */
  async function makeDue(issuers: readonly Trusting[], at = 'now()'): Promise<void> {
    await superuser.query(
      `update issuers set next_check_at = ${at}, last_checked_at = null where id = any($1::uuid[])`,
      [idsOf(issuers)],
    );
  }

  const rowsOf = (issuers: readonly Trusting[]): Promise<Row[]> =>
    superuser.query<Row>(
      `select id, next_check_at, last_checked_at, health_state from issuers
       where id = any($1::uuid[])`,
      [idsOf(issuers)],
    );

  const isChecked = ({ last_checked_at: at }: Row): boolean => at !== null;

  it('is looked at without anybody asking, and again some minutes later', async () => {
    const trusted = await trusting();
    idp.resetHits();
    await makeDue([trusted]);

    await eventually(
      () => rowsOf([trusted]),
      (rows) => rows.every(isChecked),
    );
    const { json } = await world.admin.get(trusted.path);

    const { health } = json as { readonly health: { readonly nextCheckAt: string } };
    const minutes = (Date.parse(health.nextCheckAt) - Date.now()) / MINUTE_MS;
    expect(idp.hits).toMatchObject({ discovery: 1, jwks: 1 });
    expect(minutes).toBeGreaterThan(7);
    expect(minutes).toBeLessThan(12);
  });

  it('shows that it has failed, and is looked at again sooner', async () => {
    const trusted = await trusting();
    idp.respondWith(503);
    await makeDue([trusted]);

    const rows = await eventually(
      () => rowsOf([trusted]),
      (found) => found.every(isChecked),
    );

    expect(rows).toMatchObject([{ health_state: 'unverified' }]);
    const seconds = (Number(rows[0]?.next_check_at) - Date.now()) / 1_000;
    expect(seconds).toBeLessThan(37);
  });

  it('takes up new keys by itself', async () => {
    const provider = await world.idp();
    const trusted = await trusting({ audiences: ['tenantry'] }, provider);
    await provider.rotateKeys({ keepOld: false });
    await makeDue([trusted]);

    await eventually(
      () => rowsOf([trusted]),
      (rows) => rows.every(isChecked),
    );

    expect((await world.admin.get(trusted.path)).json).toMatchObject({ keyIds: provider.kids });
  });

  it.each<[string, (trusted: Trusting) => Promise<unknown>]>([
    ['disabled', (trusted) => world.act(trusted, 'disable')],
    [
      'unproven',
      ({ issuer }) =>
        superuser.query('update issuers set ownership_proven_at = null where id = $1', [issuer.id]),
    ],
    [
      'past its end',
      ({ issuer }) =>
        superuser.query(
          `update issuers set not_after = now() - interval '1 second' where id = $1`,
          [issuer.id],
        ),
    ],
  ])('is not asked, and leaves the line, where it is %s', async (_, end) => {
    const trusted = await trusting();
    await end(trusted);
    idp.resetHits();
    await makeDue([trusted]);

    const rows = await eventually(
      () => rowsOf([trusted]),
      ([row]) => row?.next_check_at === null,
    );

    expect(rows).toMatchObject([{ next_check_at: null, last_checked_at: null }]);
    expect(idp.hits).toMatchObject({ discovery: 0, jwks: 0 });
  });

  it.each<[string, (trusted: Trusting) => Promise<unknown>]>([
    ['enabled', (trusted) => world.act(trusted, 'enable')],
    [
      'given a later end',
      ({ path }) =>
        send(world.api.url, {
          method: 'PATCH',
          path,
          token: world.admin.token,
          body: { notAfter: null },
          headers: { 'if-match': '*' },
        }),
    ],
  ])('is back in line as soon as it is %s', async (how, revive) => {
    const trusted = await trusting();
    if (how === 'enabled') await world.act(trusted, 'disable');
    else {
      await superuser.query(`update issuers set not_after = now() where id = $1`, [
        trusted.issuer.id,
      ]);
    }
    await makeDue([trusted]);
    await eventually(
      () => rowsOf([trusted]),
      ([row]) => row?.next_check_at === null,
    );

    await revive(trusted);

    await eventually(
      () => rowsOf([trusted]),
      (rows) => rows.every(isChecked),
    );
    expect(await rowsOf([trusted])).toMatchObject([{ next_check_at: expect.any(Date) }]);
  });

  it('is looked at by one node, however many of them look', async () => {
    const issuers = await Promise.all(Array.from({ length: 6 }, () => trusting()));
    const schedules = [world.api.app, node.app].map((app) => app.get(RecheckSchedule));

    for (const round of [1, 2, 3]) {
      idp.resetHits();
      await makeDue(issuers);
      await Promise.all([...schedules, ...schedules].map((schedule) => schedule.lookOnce()));
      await eventually(
        () => rowsOf(issuers),
        (rows) => rows.every(isChecked),
      );

      expect([round, idp.hits]).toMatchObject([round, { discovery: 6, jwks: 6 }]);
    }
  });

  it('is not kept waiting by one that hangs', async () => {
    const hanging = await world.idp();
    const slow = await Promise.all(Array.from({ length: 3 }, () => trusting({}, hanging)));
    const quick = await Promise.all(Array.from({ length: 3 }, () => trusting()));
    hanging.hang();
    hanging.resetHits();
    await makeDue(slow, `now() - interval '1 hour'`);
    await eventually(
      () => hanging.hits.discovery,
      (hits) => hits === 3,
    );
    await makeDue(quick);

    await eventually(
      () => rowsOf(quick),
      (rows) => rows.every(isChecked),
    );
    const waiting = await rowsOf(slow);
    await hanging.comeUp();
    await eventually(
      () => rowsOf(slow),
      (rows) => rows.every(isChecked),
    );

    expect(waiting.filter(isChecked)).toEqual([]);
  });
});
