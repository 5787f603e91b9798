import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';

import {
  aSigner,
  anEvent,
  chainOf,
  checkpointsOf,
  hashed,
  signedBy,
  TRAIL,
} from './fixtures/chain.js';
import {
  type AuditEvent,
  canonicalJson,
  type Checkpoint,
  commitmentOf,
  contentHashOf,
  hashOfStatement,
  type Inclusion,
  inclusionPath,
  linkHashOf,
  merkleRoot,
  type Proof,
  proofFrom,
  recordOf,
  rootOfInclusion,
  signatureHolds,
  statementOf,
  thumbprintOf,
  trailOf,
  Unreadable,
  valueAt,
  verifyProof,
} from './index.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('canonicalJson', () => {
  it('writes what canonicalize writes', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('10', '9', '__proto__', 'toJSON', '\ud800'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value')),
        fc.dictionary(name, tie('value')),
      ),
    }));

    fc.assert(
      fc.property(value, (json) => {
        expect(outcomeOf(() => canonicalJson(json))).toBe(outcomeOf(() => canonicalize(json)));
      }),
      { numRuns: 200 },
    );
  });

  it('sorts names as RFC 8785 does, numbers among them', () => {
    const json = JSON.parse(
      '{"b":1e21,"10":"\\u0007ü","9":{"z":-0,"a":[{"y":1,"x":null}]}}',
    ) as unknown;

    expect(canonicalJson(json)).toBe(
      '{"10":"\\u0007ü","9":{"a":[{"x":null,"y":1}],"z":0},"b":1e+21}',
    );
  });
});

describe('recordOf', () => {
  const event = anEvent(undefined);

  it('puts commitments in place of values, and leaves the event as it is', () => {
    const record = recordOf(event);

    expect(Object.keys(record)).toEqual([
      'v',
      'id',
      'deed',
      'outcome',
      'actor',
      'target',
      'tenantId',
      'changes',
      'reason',
      'count',
    ]);
    expect(valueAt(record, '/actor/email')).toBe(
      'sha256:hZtdjMG6uHrY7YiZAJA6GsBZcl_RR4UYEgBXgXGaXN4',
    );
    expect(valueAt(record, '/changes/a~1b/to')).toMatch(/^sha256:/);
    expect(valueAt(event, '/actor/email')).toBe('ada@example.com');
    expect(valueAt(record, '/actor/toString')).toBeUndefined();
  });

  it('is hashed with its place, as the database does', () => {
    expect(contentHashOf({ v: 2, deed: 'tenant.created' }).toString('hex')).toBe(
      '80c1e5ce98d3da28df1c1d835854f7c8d5b8e1244291081be994e61c721061c9',
    );
    expect(
      linkHashOf({
        trail: TRAIL,
        sequence: 7,
        at: '2026-01-01T00:00:07.000Z',
        content: Buffer.alloc(32, 1),
        previousHash: Buffer.alloc(32, 2),
      }).toString('hex'),
    ).toBe('58f5c1de3ddcc32041f09598618559ea53af68f168755cd76499a9e6519b6b35');
    expect(commitmentOf(Buffer.from('0123456789abcdef'), 'Grace')).toBe(
      'sha256:d_bC7b-bqnxXslaE8yBBGVYdy1G9M_C7mu7WUABTjyw',
    );
  });

  it('is on the trail of its tenant, or of the platform', () => {
    expect(trailOf({ tenantId: TRAIL })).toBe(TRAIL);
    expect(trailOf({ tenantId: null })).toBe('00000000-0000-0000-0000-000000000000');
  });
});

describe('a Merkle tree', () => {
  // Of the tests of Certificate Transparency.
  const leaves = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map(hex);

  it.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('of %i leaves has the root of RFC 9162', (size, root) => {
    expect(merkleRoot(leaves.slice(0, size)).toString('hex')).toBe(root);
  });

  it('leads from every leaf to its root, and from no other place', () => {
    const many = Array.from({ length: 17 }, (_, index) => Buffer.from([index]));
    for (let size = 1; size <= many.length; size += 1) {
      const tree = many.slice(0, size);
      const root = merkleRoot(tree).toString('hex');
      const rootOf = (lie: Partial<Inclusion>, index: number): string | undefined => {
        const inclusion = {
          leaf: Buffer.from([index]),
          index,
          size,
          path: inclusionPath(tree, index),
        };
        return rootOfInclusion({ ...inclusion, ...lie })?.toString('hex');
      };
      for (let index = 0; index < size; index += 1) {
        const path = inclusionPath(tree, index);
        expect(rootOf({}, index)).toBe(root);
        expect(rootOf({ leaf: Buffer.from('x') }, index)).not.toBe(root);
        expect(rootOf({ path: [...path, Buffer.alloc(32)] }, index)).toBeUndefined();
        expect(rootOf({ path: [...path.slice(1), Buffer.alloc(32)] }, index)).not.toBe(root);
        expect(rootOf({ index: index + 1 }, index)).not.toBe(root);
      }
    }
  });

  it.each([-1, 3, 0.5])('has no leaf %d among three', (index) => {
    expect(() => inclusionPath(leaves.slice(0, 3), index)).toThrow(RangeError);
    expect(rootOfInclusion({ leaf: hex(''), index, size: 3, path: [] })).toBeNull();
  });
});

describe('a checkpoint', () => {
  const key = {
    kty: 'OKP',
    crv: 'Ed25519',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  } as const;

  it('is hashed as canonical JSON, under the thumbprint of RFC 7638', () => {
    expect(thumbprintOf(key)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    expect(
      hashOfStatement({
        v: 1,
        kind: 'checkpoint',
        trail: TRAIL,
        number: 1,
        from: 1,
        to: 3,
        at: '2026-02-01T00:00:00.000Z',
        headHash: '11'.repeat(32),
        root: '22'.repeat(32),
        previous: '00'.repeat(32),
        keyId: thumbprintOf(key),
      }),
    ).toBe('25d7e518823754098b9cc4b39ff89944f895a7f261dbe50446e543ad515a5bb4');
  });

  it('has no signature of a key that is none', () => {
    const signer = aSigner();
    const [checkpoint] = checkpointsOf(chainOf(1), { signer, size: 1 }) as [Checkpoint];
    const { signature, publicKey } = checkpoint;

    expect(signatureHolds(statementOf(checkpoint), signature, publicKey)).toBe(true);
    expect(signatureHolds(statementOf(checkpoint), signature, { ...publicKey, x: '' })).toBe(false);
    expect(signatureHolds(statementOf(checkpoint), signature, key)).toBe(false);
    expect(signatureHolds(statementOf(checkpoint), `${signature}=`, publicKey)).toBe(false);
  });
});

describe('verifyProof', () => {
  const signer = aSigner();
  const events = chainOf(7);
  const [, checkpoint] = checkpointsOf(events, { signer, size: 3 }) as [Checkpoint, Checkpoint];
  const leaves = events.slice(3, 6).map(({ hash }) => hex(hash));
  const proof: Proof = {
    event: events[4] as AuditEvent,
    checkpoint,
    leafIndex: 1,
    treeSize: 3,
    path: inclusionPath(leaves, 1).map((each) => each.toString('hex')),
  };

  it('finds an event where a checkpoint signed it', () => {
    expect(verifyProof(proofFrom(JSON.parse(JSON.stringify(proof))))).toEqual({
      valid: true,
      broken: null,
      trail: TRAIL,
      sequence: 5,
      eventId: '0192f0c1-7a2b-7c3d-8e4f-000000000005',
      checkpoint: 2,
      keyIds: [checkpoint.keyId],
    });
  });

  it.each([
    ['an event that was changed', { event: { ...proof.event, count: 2 } }, 'content'],
    [
      'an event that was changed and hashed anew',
      { event: hashed({ ...proof.event, count: 2 }) },
      'inclusion',
    ],
    [
      'a personal value that was changed',
      { event: { ...proof.event, target: { kind: 'member', id: 'm1', name: 'Eve' } } },
      'commitment',
    ],
    ['an event of another place', { event: events[5] as AuditEvent }, 'inclusion'],
    ['an event of another tenant', { event: anEvent(events[3], { tenantId: null }) }, 'trail'],
    ['another index', { leafIndex: 0 }, 'inclusion'],
    ['a tree of another size', { treeSize: 4 }, 'inclusion'],
    ['another path', { path: [] }, 'inclusion'],
    [
      'a checkpoint that was changed',
      { checkpoint: { ...checkpoint, root: checkpoint.headHash } },
      'checkpoint_signature',
    ],
  ])('finds %s', (_what, lie, code) => {
    expect(verifyProof({ ...proof, ...lie }).broken).toMatchObject({ code });
  });

  it('holds the checkpoint against those that were held before, and their key', () => {
    const anew = signedBy(signer, { ...statementOf(checkpoint), root: 'a'.repeat(64) });
    const other = aSigner();

    expect(verifyProof(proof, { checkpoints: [checkpoint] }).valid).toBe(true);
    expect(verifyProof(proof, { checkpoints: [anew] }).broken?.code).toBe('checkpoint_chain');
    expect(verifyProof(proof, { keys: [other.publicKey] }).broken?.code).toBe(
      'checkpoint_signature',
    );
  });

  it.each([
    ['path', { path: ['x'] }],
    ['leafIndex', { leafIndex: -1 }],
    ['event', { event: 1 }],
    ['checkpoint', { checkpoint: { ...checkpoint, v: 2 } }],
    ['checkpoint', { checkpoint: { ...checkpoint, publicKey: { kty: 'RSA' } } }],
  ])('does not read a %s that is none', (_field, lie) => {
    expect(() => proofFrom({ ...proof, ...lie })).toThrow(Unreadable);
  });
});

function outcomeOf(work: () => string | undefined): string | undefined {
  try {
    return work();
  } catch {
    return 'refused';
  }
}
