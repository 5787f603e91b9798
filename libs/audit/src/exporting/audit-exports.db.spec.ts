import { PassThrough, type Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { Caller } from '@tenantry/access';
import { newId, SystemClock, type TenantScope } from '@tenantry/kernel';
import { scopeOf } from '@tenantry/testing';
import { contentHashOf, linkHashOf, recordOf, trailOf } from '@tenantry/verify-audit';
import type { Deed } from '../deed.js';
import type { AuditEvent } from '../event.js';
import { AuditWorld } from '../fixtures/audit-world.js';
import type { Trail } from '../trails.js';
import {
  AuditExports,
  type BegunExport,
  type ExportAnswer,
  type WantedExport,
} from './audit-exports.js';
import { TooManyStreams } from './streams.errors.js';
import { TrailHeads } from './trail-heads.js';

/** More than a page. */
const MANY = 1_005;

describe('an export', () => {
  let world: AuditWorld;
  let exports: AuditExports;
  let scope: TenantScope;
  let caller: Caller;
  let trail: Trail;
  /** Of more than a page. */
  let long: { readonly caller: Caller; readonly trail: Trail };

  beforeAll(async () => {
    world = await AuditWorld.open(new SystemClock());
    const { database } = world.db;
    exports = new AuditExports(database, world.audit, world.records, new TrailHeads(database));
    const many = scopeOf(newId());
    long = { caller: callerOf(many), trail: world.trails.of(many) };
    await world.audit.recordNow(many, long.caller, some(MANY));
  });
  afterAll(() => world.close());

  beforeEach(() => {
    scope = scopeOf(newId());
    caller = callerOf(scope);
    trail = world.trails.of(scope);
  });

  function callerOf({ tenantId: id }: TenantScope): Caller {
    const { actor, origin } = world.caller;
    const state = { slug: 'acme', status: 'active', requiresSecondFactor: false } as const;
    return new Caller(actor, { id, ...state }, origin);
  }

  const deedOf = (deed: Deed['deed'], id: string): Deed => ({
    deed,
    target: { kind: 'member', id, name: `${id}@acme.example` },
  });
  const write = (deeds: readonly Deed[]): Promise<void> =>
    world.audit.recordNow(scope, caller, deeds);
  const some = (times: number): Deed[] =>
    Array.from({ length: times }, (_, n) => deedOf('thing.done', `target-${n}`));
  const answerOf = (): ExportAnswer =>
    Object.assign(new PassThrough(), { setTimeout: () => undefined });
  const begin = (wanted: WantedExport = {}, answer = answerOf()): Promise<BegunExport> =>
    exports.begin(caller, trail, wanted, answer);
  const beginLong = (from = long.trail): Promise<BegunExport> =>
    exports.begin(long.caller, from, {}, answerOf());
  const textOf = async (lines: Readable): Promise<string> => {
    let text = '';
    for await (const chunk of lines) text += String(chunk);
    return text;
  };
  const eventsOf = async ({ lines }: BegunExport): Promise<AuditEvent[]> =>
    (await textOf(lines))
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditEvent);
  const sequencesOf = async (wanted: WantedExport): Promise<number[]> => {
    const answer = answerOf();
    const events = await eventsOf(await begin(wanted, answer));
    answer.destroy();
    return events.map(({ sequence }) => sequence);
  };

  it('tells the whole trail in its order, and ends where it stood, though others go on writing', async () => {
    const begun = await beginLong();
    await world.audit.recordNow(long.caller.scope, long.caller, some(5));
    const events = await eventsOf(begun);

    expect(begun).toMatchObject({ from: 1, to: MANY });
    expect(events.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: MANY }, (_, n) => n + 1),
    );
    const unproven = events.filter((event) => {
      const { at, sequence, hash, previousHash } = event;
      const record = recordOf(event);
      const content = contentHashOf(record);
      const before = Buffer.from(previousHash, 'hex');
      const link = { trail: trailOf(record), sequence, at, content, previousHash: before };
      return linkHashOf(link).toString('hex') !== hash;
    });
    expect(unproven).toEqual([]);
  });

  it('is of a stretch, and of what was asked for', async () => {
    await write([...some(3), deedOf('other.done', 'bob'), ...some(2), deedOf('other.done', 'eve')]);

    expect(await sequencesOf({ fromSequence: 3, toSequence: 5 })).toEqual([3, 4, 5]);
    expect(await sequencesOf({ deed: 'other.done' })).toEqual([4, 7]);
    expect(await sequencesOf({ deed: 'other.done', toSequence: 6 })).toEqual([4]);
    expect(await sequencesOf({ target: 'eve', fromSequence: 8 })).toEqual([]);
    expect(await sequencesOf({ to: new Date(0) })).toEqual([]);
    // Each of these is on record itself, and the next one tells of it.
    expect(await sequencesOf({ deed: 'audit.exported', outcome: 'done' })).toEqual([
      8, 9, 10, 11, 12,
    ]);
  });

  it('is on record before its first line, with what was asked for', async () => {
    await write(some(2));

    await begin({ deed: 'thing.done', from: new Date('2026-01-01T00:00:00Z'), format: 'ocsf' });

    const [row] = await world.records.newest(trail, {}, { limit: 1 });
    expect(row?.record).toMatchObject({
      deed: 'audit.exported',
      outcome: 'done',
      actor: { id: world.actorId },
      target: { kind: 'audit', id: scope.tenantId },
      tenantId: scope.tenantId,
      changes: {
        deed: { after: 'thing.done' },
        from: { after: '2026-01-01T00:00:00.000Z' },
        toSequence: { after: 2 },
        format: { after: 'ocsf' },
      },
    });
  });

  it('of the platform’s trail is on record there', async () => {
    const { actor, origin } = caller;
    const admin = new Caller(actor, null, origin);

    const begun = await exports.begin(admin, world.trails.ofPlatform(), {}, answerOf());

    expect(begun).toMatchObject({ from: 1, to: 0 });
    expect(await textOf(begun.lines)).toBe('');
    const again = await exports.begin(admin, world.trails.ofPlatform(), {}, answerOf());
    expect(await eventsOf(again)).toMatchObject([
      { sequence: 1, deed: 'audit.exported', tenantId: null, target: { kind: 'audit' } },
    ]);
  });

  it('reads a page only when the one before it was taken, and none for whoever has gone', async () => {
    let asked = 0;
    const counted: Trail = {
      id: long.trail.id,
      query: (...question) => {
        asked += 1;
        return long.trail.query(...question);
      },
    };

    const { lines } = await beginLong(counted);
    const beforeReading = asked;
    const pages = lines.iterator({ destroyOnReturn: true });
    await pages.next();
    await setImmediate();
    await pages.return?.();
    const afterLeaving = asked;
    await setImmediate();

    // The head, and the first page; then at most the one that was being read when its reader left.
    expect(beforeReading).toBe(2);
    expect(afterLeaving).toBeLessThanOrEqual(3);
    expect(asked).toBe(afterLeaving);
    expect(lines.destroyed).toBe(true);
  });

  it('fails where it cannot be read on, and does not end as if it were whole', async () => {
    let asked = 0;
    const failing: Trail = {
      id: long.trail.id,
      query: (...question) =>
        (asked += 1) > 2 ? Promise.reject(new Error('gone')) : long.trail.query(...question),
    };

    const { lines } = await beginLong(failing);

    await expect(textOf(lines)).rejects.toThrow('gone');
  });

  it('is one of four of its trail at once on a node', async () => {
    const answers = Array.from({ length: 4 }, answerOf);
    for (const answer of answers) await begin({}, answer);

    await expect(begin()).rejects.toBeInstanceOf(TooManyStreams);
    const other = scopeOf(newId());
    const elsewhere = world.trails.of(other);
    expect((await exports.begin(callerOf(other), elsewhere, {}, answerOf())).to).toBe(0);
    answers[0]?.destroy();
    await setImmediate();
    expect((await begin()).to).toBe(4);
  });

  it('is cut off when its node stops', async () => {
    const answer = answerOf();
    await begin({}, answer);

    exports.onModuleDestroy();

    expect(answer.destroyed).toBe(true);
  });
});
