import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { readConfig } from '@tenantry/config';
import { MasterKey, Sealer } from '@tenantry/crypto';
import { newId } from '@tenantry/kernel';
import { scopeOf, TestClock } from '@tenantry/testing';
import {
  ChainReader,
  type Checkpoint,
  contentHashOf,
  linkHashOf,
  recordOf,
  textOfStatement,
  verifyProof,
} from '@tenantry/verify-audit';
import { AuditWorld } from '../fixtures/audit-world.js';
import { PersonUnknown } from '../audit.errors.js';
import type { Erased } from '../erasure/erasure.js';
import { AuditKeys } from './audit-keys.js';
import { NothingSignedHere, TooManyVerifications } from './chain.errors.js';
import { checkpointOf } from './checkpoint.js';
import { CheckpointSchedule } from './checkpoint-schedule.js';

describe('a trail', () => {
  let world: AuditWorld;
  let clock: TestClock;

  beforeEach(async () => {
    clock = new TestClock(new Date().toISOString());
    world = await AuditWorld.open(clock);
  });
  afterEach(() => world.close());

  const sign = (): Promise<void> => world.checkpointing.sign(world.tenantId);
  const checkpoints = async (): Promise<Checkpoint[]> =>
    (await world.checkpoints.after(world.trail, 0, 100)).map((row) => checkpointOf(row));
  /** What the tenant's own verifier says of an export. */
  const verifyOffline = async (held: readonly Checkpoint[] = []): Promise<unknown> => {
    const reader = new ChainReader({ checkpoints: held });
    for (const event of await world.events()) reader.read(JSON.parse(JSON.stringify(event)));
    return reader.end().broken?.code ?? 'valid';
  };

  it('is whole, to the platform and to whoever has no more than an export', async () => {
    await world.act(5);
    await sign();
    await world.act(2);

    expect(await world.verifying.verify(world.trail)).toEqual({
      ...{ trail: world.tenantId, valid: true, checked: 7, upTo: 7, checkpoints: 1 },
      ...{ removedTo: 0, broken: null },
    });
    expect(await verifyOffline(await checkpoints())).toBe('valid');
  });

  it('on which nothing stands is whole', async () => {
    expect(await world.verifying.verify(world.trail)).toMatchObject({ valid: true, checked: 0 });
    expect(await world.proving.signNow(world.trail)).toBeNull();
  });

  describe('of which somebody has', () => {
    const REMOVE = (sequence: number): string =>
      `delete from audit_records where sequence = ${String(sequence)}`;
    /** Everything from 4 on told anew, with hashes that fit: as whoever holds the database can. */
    const fork = async (): Promise<void> => {
      const [, , third, ...later] = await world.events();
      let previous: Buffer = Buffer.from(third?.hash ?? '', 'hex');
      for (const event of later) {
        const { sequence, at } = event;
        const record = { ...recordOf(event), reason: 'told anew' };
        const content = contentHashOf(record);
        const link = { trail: world.tenantId, sequence, at, content, previousHash: previous };
        const hash = linkHashOf(link);
        await world.db.query(
          'update audit_records set record = $2, previous_hash = $3, hash = $4 where sequence = $1',
          [sequence, JSON.stringify(record), previous, hash],
        );
        previous = hash;
      }
      await world.db.query('update audit_heads set hash = $1', [previous]);
    };

    it.each<[string, string, number, string]>([
      [
        'changed a record',
        `update audit_records set record = jsonb_set(record, '{changes,level,after}', '99') where sequence = 4`,
        4,
        'content',
      ],
      [
        'changed when it was',
        `update audit_records set at = at + interval '1 ms' where sequence = 4`,
        4,
        'content',
      ],
      [
        'changed a name',
        `update audit_records set personal = jsonb_set(personal, '{/actor/name,value}', '"Eve"') where sequence = 4`,
        4,
        'commitment',
      ],
      [
        'changed an actor, so that nobody finds it',
        `update audit_records set actor_id = 'nobody' where sequence = 4`,
        4,
        'columns',
      ],
      ['removed a record', REMOVE(4), 4, 'gap'],
      ['removed the first', REMOVE(1), 1, 'gap'],
      ['removed the last', REMOVE(8), 8, 'truncated'],
      [
        'removed what was signed, and the head with it',
        `delete from audit_records where sequence > 5; update audit_heads set sequence = 5, hash = (select hash from audit_records where sequence = 5)`,
        6,
        'truncated',
      ],
      [
        'swapped two',
        `update audit_records set sequence = 9 - sequence where sequence in (4, 5)`,
        4,
        'previous_hash',
      ],
      [
        'inserted one',
        `update audit_records set sequence = sequence + 1 where sequence = 8; insert into audit_records select tenant_id, 8, id, at, deed, outcome, actor_id, target_id, record, personal, previous_hash, hash from audit_records where sequence = 7; update audit_heads set sequence = 9`,
        8,
        'previous_hash',
      ],
      [
        'replaced a checkpoint',
        `update audit_checkpoints set statement = replace(statement, '"at":"20', '"at":"19') where number = 2`,
        4,
        'checkpoint_signature',
      ],
      [
        'inserted one far beyond',
        `insert into audit_records select tenant_id, 900, id, at, deed, outcome, actor_id, target_id, record, personal, previous_hash, hash from audit_records where sequence = 7`,
        9,
        'inserted',
      ],
      [
        'told one twice',
        `insert into audit_records select tenant_id, sequence, id, at + interval '1 s', deed, outcome, actor_id, target_id, record, personal, previous_hash, hash from audit_records where sequence = 7`,
        7,
        'duplicate',
      ],
      ['removed the head', 'delete from audit_heads', 1, 'inserted'],
      [
        'hidden what was done as if it were erased',
        `update audit_records set personal = personal || '{"/deed": null}' where sequence = 4`,
        4,
        'commitment',
      ],
      [
        'moved a checkpoint',
        'update audit_checkpoints set to_sequence = 5 where number = 2',
        4,
        'columns',
      ],
      [
        'removed a checkpoint',
        'delete from audit_checkpoints where number = 2',
        6,
        'checkpoint_missing',
      ],
      [
        'removed all records and left no trace of it',
        'delete from audit_records; delete from audit_checkpoints; update audit_heads set checkpoints = 0, checkpointed = 0',
        1,
        'truncated',
      ],
    ])('%s, is found to be broken', async (_, tampering, brokenAt, code) => {
      await world.act(3);
      await sign();
      await world.act(3);
      await sign();
      await world.act(2);

      await world.db.query(tampering);

      const { valid, broken } = await world.verifying.verify(world.trail);
      expect({ valid, at: broken?.sequence, code: broken?.code }).toEqual({
        ...{ valid: false, at: brokenAt, code },
      });
    });

    it.each<[string, string | (() => Promise<void>), string]>([
      ['told everything anew since a checkpoint that the tenant holds', fork, 'checkpoint_head'],
      [
        'restored an older backup whole',
        `delete from audit_records where sequence > 4; delete from audit_checkpoints where number > 1; update audit_heads set sequence = 4, checkpoints = 1, checkpointed = 3, hash = (select hash from audit_records where sequence = 4)`,
        'truncated',
      ],
    ])('%s, the tenant finds out by what it holds', async (_, tampering, code) => {
      await world.act(3);
      await sign();
      await world.act(3);
      await sign();
      const held = await checkpoints();

      await (typeof tampering === 'string' ? world.db.query(tampering) : tampering());

      expect(await verifyOffline(held)).toBe(code);
    });

    it('told everything anew, is found to be broken, and whole to whoever holds nothing', async () => {
      await world.act(5);
      await sign();
      await fork();

      const { broken } = await world.verifying.verify(world.trail);
      expect(broken).toMatchObject({ sequence: 5, code: 'checkpoint_head', checkpoint: 1 });
      expect(await verifyOffline()).toBe('valid');
    });

    it('restored an older backup whole, is whole to whoever holds nothing', async () => {
      await world.act(3);
      const backup = await world.db.query('select hash from audit_records where sequence = 2');
      await world.db.query('delete from audit_records where sequence > 2');
      await world.db.query('update audit_heads set sequence = 2, hash = $1', [backup[0]?.['hash']]);

      expect(await world.verifying.verify(world.trail)).toMatchObject({ valid: true });
      expect(await verifyOffline()).toBe('valid');
    });

    it('removed it all under tombstones of another key, and put that key where keys are', async () => {
      const key = await new AuditKeys(
        world.db.database,
        new Sealer(new MasterKey(Buffer.alloc(32, 9))),
        readConfig({}),
      ).current();
      await world.act(3);
      await sign();
      const [signed] = await checkpoints();
      const { number = 1, from = 1, to = 3, headHash = '', hash = '' } = signed ?? {};
      const statement = textOfStatement({
        ...{
          v: 1,
          kind: 'tombstone',
          trail: world.tenantId,
          checkpoint: number,
          from,
          to,
          headHash,
        },
        ...{ checkpointHash: hash, reason: 'retention', at: hash, keyId: key.kid },
      });
      await world.db.query(
        'update audit_checkpoints set tombstone = $1, tombstone_signature = $2, tombstone_jwk = $3',
        [statement, key.sign(statement), key.publicKey],
      );
      await world.db.query('delete from audit_records');

      expect(await world.verifying.verify(world.trail)).toMatchObject({
        ...{ valid: false, broken: { code: 'checkpoint_signature' } },
      });
      expect((await world.keys.published()).map(({ kid }) => kid)).not.toContain(key.kid);
    });

    it('altered what was not signed yet, is not signed any more', async () => {
      await world.act(3);
      await world.db.query(
        `update audit_records set deed = 'x.y', record = '{"deed":"x.y"}' where sequence = 2`,
      );

      await expect(sign()).rejects.toThrow('broken at record 2');
      await expect(world.proving.signNow(world.trail)).rejects.toBeInstanceOf(NothingSignedHere);
      expect(await checkpoints()).toEqual([]);
    });
  });

  it('has every record once and in its place, however many write at once', async () => {
    const nodes = [world.db.database, world.db.anotherNode(), world.db.anotherNode()];
    const scopes = [world.scope, scopeOf(newId())];

    await Promise.all(
      Array.from({ length: 90 }, (_, n) =>
        nodes[n % 3]
          ?.within(scopes[n % 2] ?? world.scope, (tx) => {
            const deed = { deed: 'thing.done', target: { kind: 'thing', id: String(n) } } as const;
            world.audit.record(tx, world.caller, deed);
            world.audit.record(tx, world.caller, deed);
            return n % 9 === 8 ? Promise.reject(new Error('Changed its mind.')) : Promise.resolve();
          })
          .catch(() => undefined),
      ),
    );
    await Promise.all([sign(), sign(), sign()]);

    const { valid, upTo, checked, checkpoints: signed } = await world.verifying.verify(world.trail);
    expect({ valid, upTo, checked, signed }).toEqual({
      valid: true,
      upTo: 80,
      checked: 80,
      signed: 1,
    });
  });

  it('is signed in time by whichever node comes first, and in stretches', async () => {
    const config = { audit: { checkpointSeconds: 60 } } as never;
    const schedule = new CheckpointSchedule(world.checkpointing, world.checkpoints, config);
    await world.act(2);
    expect(await schedule.lookOnce()).toBe(0);
    await world.db.query(`update audit_heads set pending_since = now() - interval '61 s'`);

    expect(await schedule.lookOnce()).toBe(1);

    expect(await checkpoints()).toMatchObject([{ number: 1, from: 1, to: 2 }]);
    expect(await schedule.lookOnce()).toBe(0);
    const deeds = Array.from({ length: 1_001 }, (_, n) => ({
      ...({ deed: 'thing.done', target: { kind: 'thing', id: String(n) } } as const),
    }));
    await world.audit.recordNow(world.scope, world.caller, deeds);
    expect(await schedule.lookOnce()).toBe(1);
    expect(await checkpoints()).toMatchObject([
      { number: 1 },
      { number: 2, from: 3, to: 1_002 },
      { number: 3, from: 1_003, to: 1_003 },
    ]);
    expect(await world.verifying.verify(world.trail)).toMatchObject({
      valid: true,
      checkpoints: 3,
    });
  });

  it('proves one event without the others', async () => {
    await world.act(9);
    const [, , third] = await world.events();

    const proof = await world.proving.proofOf(world.trail, third?.id ?? '');

    expect(verifyProof(JSON.parse(JSON.stringify(proof)) as never)).toMatchObject({ valid: true });
    const other = { ...proof, event: { ...proof.event, deed: 'thing.undone' } };
    expect(verifyProof(JSON.parse(JSON.stringify(other)) as never)).toMatchObject({ valid: false });
  });

  it('is verified by one at a time', async () => {
    await world.act(3);

    const [one, other] = await Promise.allSettled([
      world.verifying.verify(world.trail),
      world.verifying.verify(world.trail),
    ]);

    expect(one).toMatchObject({ status: 'fulfilled', value: { valid: true } });
    expect(other).toMatchObject({ status: 'rejected', reason: new TooManyVerifications() });
  });

  describe('that is kept for a while', () => {
    // Checkpoints are signed with their time: these of a year ago.
    beforeEach(() => {
      clock.jumpBack(365 * 86_400_000);
    });

    /** By the clock of the database, which no spec can set: what was written was so long ago. */
    const daysPass = async (days: number): Promise<void> => {
      for (const [table, column] of [
        ['audit_checkpoints', 'ended_at'],
        ['audit_heads', 'purge_at'],
      ]) {
        await world.db.query(
          `update ${table ?? ''} set ${column ?? ''} = ${column ?? ''} - $1 * interval '1 day'`,
          [days],
        );
      }
    };

    it('keeps evidence of tampering beyond its time', async () => {
      await world.act(2);
      await sign();
      await world.retention.set(world.caller, world.tenantId, 30);
      await world.db.query(`update audit_records set record = '{}' where sequence = 2`);
      await daysPass(31);

      await world.retention.work(new AbortController().signal);

      expect(await world.db.query('select from audit_records')).toHaveLength(3);
      expect(await checkpoints()).toMatchObject([{ tombstone: null }]);
      expect(await world.retention.work(new AbortController().signal)).toBe(0);
    });

    it('loses whole segments, leaves tombstones, and is whole', async () => {
      await world.act(3);
      await sign();
      await world.retention.set(world.caller, world.tenantId, 30);
      await sign();
      await daysPass(29);
      await world.retention.work(new AbortController().signal);
      expect((await world.events()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);

      await daysPass(2);
      await world.retention.work(new AbortController().signal);

      expect((await world.events()).map(({ sequence, deed }) => [sequence, deed])).toEqual([
        [5, 'audit.segment_removed'],
        [6, 'audit.segment_removed'],
      ]);
      expect(await world.verifying.verify(world.trail)).toMatchObject({
        ...{ valid: true, checked: 2, upTo: 6, removedTo: 4 },
      });
      const held = await checkpoints();
      expect(held).toMatchObject([
        { tombstone: { from: 1, to: 3, reason: 'retention' } },
        { tombstone: { from: 4, to: 4 } },
      ]);
      expect(await verifyOffline(held)).toBe('valid');
      expect(await verifyOffline()).toBe('removed');
      expect(await verifyOffline(held.map((one) => ({ ...one, tombstone: null })))).toBe('removed');
    });

    it('keeps everything once that is said again', async () => {
      await world.act(1);
      await sign();
      await world.retention.set(world.caller, world.tenantId, 30);
      await world.retention.set(world.caller, world.tenantId, null);
      await daysPass(400);

      expect(await world.retention.work(new AbortController().signal)).toBe(0);

      expect(await world.retention.get(world.trail)).toBeNull();
      const [, , set] = await world.events();
      expect(set).toMatchObject({
        ...{ deed: 'audit.retention_changed', changes: { days: { before: 30, after: null } } },
      });
    });
  });

  describe('from which a person is erased', () => {
    const erase = (whom: Erased): Promise<number> =>
      world.erasure.erase(world.caller, world.tenantId, whom);

    it('by an address, tells it nowhere', async () => {
      await world.act(3);

      expect(await erase({ person: 'target-3', email: 'N1@acme.example' })).toBe(3);

      const rows = await world.db.query('select personal::text from audit_records');
      expect(JSON.stringify(rows)).not.toMatch(/n1@acme|n3@acme|Name 3/);
      expect(JSON.stringify(rows)).toMatch(/n2@acme/);
      expect(await world.verifying.verify(world.trail)).toMatchObject({ valid: true });
    });

    it('refuses whom it does not know, and says nothing of that', async () => {
      await world.act(1);

      await expect(erase({ person: newId() })).rejects.toBeInstanceOf(PersonUnknown);

      expect(await world.events()).toHaveLength(1);
    });

    it('tells nothing of them any more, and is whole', async () => {
      await world.act(2);
      await sign();
      const [before] = await world.events();

      expect(await erase({ person: world.actorId })).toBe(3);

      const [after, , erasure] = await world.events();
      expect(after).toMatchObject({
        actor: { id: world.actorId, subject: null, email: null, name: null },
        ...{ ip: null, userAgent: null, hash: before?.hash },
        target: { name: 'Name 1' },
        commitments: { '/actor/email': { salt: null } },
      });
      expect(erasure).toMatchObject({ deed: 'audit.person_erased', target: { id: world.actorId } });
      const rows = await world.db.query('select personal::text, record::text from audit_records');
      expect(JSON.stringify(rows)).not.toMatch(/ada|203\.0\.113/i);
      expect(await world.verifying.verify(world.trail)).toMatchObject({ valid: true, checked: 3 });
      expect(await verifyOffline(await checkpoints())).toBe('valid');
    });

    it('as what was acted upon, keeps who acted', async () => {
      await world.act(2);

      expect(await erase({ person: 'target-2' })).toBe(2);

      const [one, two] = await world.events();
      expect(one).toMatchObject({ target: { name: 'Name 1' } });
      expect(two).toMatchObject({
        ...{ actor: { name: 'Ada' }, target: { name: null } },
        changes: { email: { after: null }, level: { after: 2 } },
      });
      expect(await world.verifying.verify(world.trail)).toMatchObject({ valid: true });
    });
  });
});
