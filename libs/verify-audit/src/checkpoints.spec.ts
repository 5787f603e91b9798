import { describe, expect, it } from '@jest/globals';

import { ChainReader, type ChainOptions } from './chain-reader.js';
import type { ChainReport } from './chain-report.js';
import { aSigner, buried, chainOf, checkpointsOf, signedBy } from './fixtures/chain.js';
import { type Checkpoint, statementOf, thumbprintOf } from './index.js';

const OTHER_TENANT = '0192f0c1-7a2b-7c3d-8e4f-665544332211';

const signer = aSigner();
const stranger = aSigner();
const events = chainOf(9);
const checkpoints = checkpointsOf(events, { signer, size: 3 });
const [first, second, third] = checkpoints as [Checkpoint, Checkpoint, Checkpoint];

/** Another history from record 5 on, as whoever holds the database and the key would write it. */
const rewritten = chainOf(9, { after: events.slice(0, 4), fields: { deed: 'member.removed' } });

function verified(chain: readonly unknown[], options: ChainOptions = {}): ChainReport {
  const reader = new ChainReader(options);
  for (const event of chain) reader.read(event);
  return reader.end();
}

describe('ChainReader with checkpoints', () => {
  it('finds a history that was written anew from some record on', () => {
    expect(verified(rewritten)).toMatchObject({ valid: true });
    expect(verified(rewritten, { checkpoints }).broken).toMatchObject({
      code: 'checkpoint_head',
      sequence: 6,
      checkpoint: 2,
    });
  });

  it('finds by an earlier checkpoint that all were signed anew', () => {
    const anew = checkpointsOf(rewritten, { signer, size: 3 });

    expect(verified(rewritten, { checkpoints: anew })).toMatchObject({ valid: true });
    expect(verified(rewritten, { checkpoints: [second, ...anew] }).broken).toMatchObject({
      code: 'checkpoint_chain',
      sequence: 4,
      checkpoint: 2,
    });
  });

  it.each([
    ['was cut off at its end', events.slice(0, 7), 8],
    ['is an older backup that was restored', events.slice(0, 5), 6],
    ['is empty', [], 1],
  ])('finds by the last checkpoint that an export %s', (_what, chain, sequence) => {
    expect(verified(chain, { checkpoints: [third] }).broken).toMatchObject({
      code: 'truncated',
      sequence,
      checkpoint: 3,
    });
  });

  it('finds an older backup that was restored and written on', () => {
    const report = verified(rewritten, { checkpoints: [third] });

    expect(report.broken).toMatchObject({ code: 'checkpoint_head', sequence: 9, checkpoint: 3 });
  });

  it('says up to where a checkpoint has signed', () => {
    expect(verified(events, { checkpoints: [first, second] })).toMatchObject({
      valid: true,
      to: 9,
      checkpoints: 2,
      signedTo: 6,
    });
  });

  it.each([
    [
      'another key signed',
      signedBy(stranger, { ...statementOf(second), keyId: thumbprintOf(stranger.publicKey) }),
      'checkpoint_signature',
    ],
    [
      'another key signed in the name of the right one',
      signedBy(stranger, statementOf(second)),
      'checkpoint_signature',
    ],
    ['was changed', { ...second, at: '2026-02-02T00:00:00.000Z' }, 'checkpoint_signature'],
    ['bears another hash', { ...second, hash: first.hash }, 'checkpoint_signature'],
    [
      'bears the key of somebody else',
      { ...second, publicKey: stranger.publicKey },
      'checkpoint_signature',
    ],
    ['bears no signature', { ...second, signature: '' }, 'checkpoint_signature'],
    [
      'follows from another one',
      signedBy(signer, { ...statementOf(second), previous: 'a'.repeat(64) }),
      'checkpoint_chain',
    ],
    [
      'leaves records out',
      signedBy(signer, { ...statementOf(second), from: 5 }),
      'checkpoint_chain',
    ],
    [
      'begins after its end',
      signedBy(signer, { ...statementOf(second), from: 7 }),
      'checkpoint_chain',
    ],
    [
      'is of another trail',
      signedBy(signer, { ...statementOf(second), trail: OTHER_TENANT }),
      'trail',
    ],
  ])('trusts no checkpoint that %s', (_what, checkpoint, code) => {
    expect(verified(events, { checkpoints: [first, checkpoint, third] }).broken).toMatchObject({
      code,
      checkpoint: 2,
    });
  });

  it.each([
    ['another Merkle root', { root: 'a'.repeat(64) }, 'checkpoint_root'],
    ['another last record', { headHash: 'a'.repeat(64) }, 'checkpoint_head'],
  ])('finds a checkpoint of %s, though it is signed', (_what, lie, code) => {
    const lying = signedBy(signer, { ...statementOf(second), ...lie });

    expect(verified(events, { checkpoints: [lying] }).broken).toMatchObject({ code, sequence: 6 });
  });

  it('trusts only the keys that it is told', () => {
    const keys = [stranger.publicKey];

    expect(verified(events, { checkpoints, keys }).broken).toMatchObject({
      code: 'checkpoint_signature',
      checkpoint: 1,
    });
    expect(verified(events, { checkpoints, keys: [...keys, signer.publicKey] }).valid).toBe(true);
  });

  it('finds that the checkpoints are of another trail than the records', () => {
    const foreign = chainOf(3, { fields: { tenantId: OTHER_TENANT } });

    expect(verified(foreign, { checkpoints: [first] }).broken).toMatchObject({
      code: 'trail',
      sequence: 1,
    });
  });
});

describe('ChainReader where records were removed', () => {
  const tombstoned = [buried(first, signer), buried(second, signer), third];

  it('accepts a beginning that has its tombstones', () => {
    expect(verified(events.slice(6), { checkpoints: tombstoned })).toMatchObject({
      valid: true,
      records: 3,
      from: 7,
      removedSegments: 2,
      removedTo: 6,
      signedTo: 9,
      partial: false,
    });
  });

  it('accepts a trail of which nothing is left, and one from before anything was removed', () => {
    const all = [buried(first, signer), buried(second, signer), buried(third, signer)];

    expect(verified([], { checkpoints: all })).toMatchObject({ valid: true, removedTo: 9 });
    expect(verified(events, { checkpoints: all })).toMatchObject({ valid: true, removedTo: 0 });
  });

  it('knows of a tombstone from either copy of a checkpoint', () => {
    const held = { checkpoints: [first, second, ...tombstoned] };

    expect(verified(events.slice(6), held)).toMatchObject({ valid: true, checkpoints: 1 });
  });

  it.each([
    ['more is gone than the tombstones say', events.slice(7), tombstoned, 'removed', 7],
    [
      'one tombstone is missing',
      events.slice(6),
      [tombstoned[0] as Checkpoint, second, third],
      'removed',
      4,
    ],
    ['the earlier checkpoints are missing', events.slice(6), tombstoned.slice(1), 'removed', 1],
    [
      'the rest does not follow from what is gone',
      rewritten.slice(6),
      tombstoned,
      'previous_hash',
      7,
    ],
    [
      'a segment in the middle has a tombstone',
      [...events.slice(0, 3), ...events.slice(6)],
      [first, buried(second, signer), third],
      'gap',
      4,
    ],
    [
      'a tombstone is of another segment',
      events.slice(3),
      [buried(first, signer, { to: 2 })],
      'removed',
      1,
    ],
    [
      'somebody else signed the tombstone',
      events.slice(3),
      [{ ...first, tombstone: buried(first, stranger).tombstone }],
      'checkpoint_signature',
      1,
    ],
  ])('finds that %s', (_what, chain, given, code, sequence) => {
    expect(verified(chain, { checkpoints: given }).broken).toMatchObject({ code, sequence });
  });

  it('says nothing about what came before a part, if only a part is asked for', () => {
    const options = { checkpoints, partial: true };

    expect(verified(events.slice(4), options)).toMatchObject({
      valid: true,
      from: 5,
      checkpoints: 2,
      partial: true,
    });
    expect(verified(rewritten.slice(4), { partial: true }).valid).toBe(true);
    expect(verified(rewritten.slice(6), options).broken).toMatchObject({ code: 'previous_hash' });
    expect(verified(rewritten.slice(4), options).broken).toMatchObject({ code: 'checkpoint_head' });
  });
});
