import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { ChainReader, type ChainOptions } from './chain-reader.js';
import type { ChainReport } from './chain-report.js';
import { aSigner, anEvent, chainOf, checkpointsOf, hashed } from './fixtures/chain.js';
import { type AuditEvent, contentHashOf, recordOf, thumbprintOf, Unreadable } from './index.js';

const OTHER_TENANT = '0192f0c1-7a2b-7c3d-8e4f-665544332211';

const signer = aSigner();
const events = chainOf(9);
const checkpoints = checkpointsOf(events, { signer, size: 3 });

function verified(chain: readonly unknown[], options: ChainOptions = {}): ChainReport {
  const reader = new ChainReader(options);
  for (const event of chain) reader.read(event);
  return reader.end();
}

/** The chain with one record changed, found by its sequence. */
function changed(sequence: number, change: (event: AuditEvent) => AuditEvent): AuditEvent[] {
  return events.map((event) => (event.sequence === sequence ? change(event) : event));
}

function without(...sequences: number[]): AuditEvent[] {
  return events.filter(({ sequence }) => !sequences.includes(sequence));
}

describe('ChainReader', () => {
  it('finds nothing wrong with a whole chain and its checkpoints', () => {
    expect(verified(events, { checkpoints, keys: [signer.publicKey] })).toEqual({
      valid: true,
      broken: null,
      trail: '0192f0c1-7a2b-7c3d-8e4f-112233445566',
      records: 9,
      from: 1,
      to: 9,
      checkpoints: 3,
      signedTo: 9,
      removedSegments: 0,
      removedTo: 0,
      erased: 0,
      partial: false,
      keyIds: [thumbprintOf(signer.publicKey)],
    });
  });

  it('follows records whose content somebody else has hashed', () => {
    const reader = new ChainReader({ checkpoints });
    for (const event of events) {
      reader.follow({
        trail: '0192f0c1-7a2b-7c3d-8e4f-112233445566',
        sequence: event.sequence,
        at: event.at,
        content: contentHashOf(recordOf(event)),
        previousHash: Buffer.from(event.previousHash, 'hex'),
        hash: Buffer.from(event.hash, 'hex'),
      });
    }

    expect(reader.end()).toMatchObject({ valid: true, records: 9, checkpoints: 3 });
  });

  it('says where the chain is broken, what was found, and what that means', () => {
    const report = verified(changed(5, (event) => ({ ...event, deed: 'member.removed' })));

    expect(report).toMatchObject({ valid: false, records: 4, from: 1, to: 4 });
    expect(report.broken).toEqual({
      code: 'content',
      sequence: 5,
      eventId: '0192f0c1-7a2b-7c3d-8e4f-000000000005',
      checkpoint: null,
      message: 'Record 5 does not have the hash that it bears.',
      meaning: 'This record, its time or its place was changed after it was written.',
    });
  });

  it.each([
    [
      'a record that was changed and hashed anew',
      changed(5, (event) => hashed({ ...event, count: 2 })),
      'previous_hash',
      6,
    ],
    [
      'a record at another time',
      changed(5, (event) => ({ ...event, at: '2026-01-01T00:00:06.000Z' })),
      'content',
      5,
    ],
    ['a record that was taken out', without(5), 'gap', 5],
    [
      'a record that was taken out, its place closed',
      [
        ...events.slice(0, 4),
        ...events.slice(5).map((event) => ({ ...event, sequence: event.sequence - 1 })),
      ],
      'previous_hash',
      5,
    ],
    [
      'a record that was put in',
      [...events.slice(0, 4), anEvent(events[3], { deed: 'tenant.deleted' }), ...events.slice(4)],
      'duplicate',
      5,
    ],
    [
      'a record that was put in, and the others moved on',
      [
        ...events.slice(0, 4),
        anEvent(events[3], { deed: 'x' }),
        ...events.slice(4).map((event) => hashed({ ...event, sequence: event.sequence + 1 })),
      ],
      'previous_hash',
      6,
    ],
    [
      'two records that changed places',
      [...events.slice(0, 4), events[5], events[4], ...events.slice(6)],
      'reordered',
      5,
    ],
    [
      'a first record that comes later',
      [...events.slice(1, 4), events[0], ...events.slice(4)],
      'reordered',
      1,
    ],
    ['a record that is there twice', [...events.slice(0, 5), ...events.slice(4)], 'duplicate', 5],
    ['a beginning that was cut off', events.slice(3), 'removed', 1],
    [
      'a record of another tenant',
      [...events.slice(0, 4), anEvent(events[3], { tenantId: OTHER_TENANT })],
      'trail',
      5,
    ],
    [
      'a record of the platform',
      [...events.slice(0, 4), anEvent(events[3], { tenantId: null })],
      'trail',
      5,
    ],
    [
      'a chain that does not begin at its beginning',
      [hashed({ ...anEvent(undefined), previousHash: 'a'.repeat(64) })],
      'previous_hash',
      1,
    ],
  ])('finds %s', (_what, chain, code, sequence) => {
    expect(verified(chain).broken).toMatchObject({ code, sequence });
  });

  it('finds whatever was changed in a record', () => {
    const places = placesIn(events[4]);
    const change = fc.tuple(fc.constantFrom(...places), fc.jsonValue({ noUnicodeString: false }));

    fc.assert(
      fc.property(change, ([path, value]) => {
        const forged = structuredClone(events[4]) as AuditEvent;
        if (!put(forged, path, value)) return;
        expect(isFound(forged)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('finds every byte that says something else', () => {
    const line = JSON.stringify(events[4]);
    const byte = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));

    fc.assert(
      fc.property(fc.nat(line.length - 1), byte, (place, character) => {
        const forged = parsed(`${line.slice(0, place)}${character}${line.slice(place + 1)}`);
        if (forged === undefined || JSON.stringify(forged) === line) return;
        expect(isFound(forged)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['no object', 'x'],
    ['a list', []],
    ['no sequence', { ...events[0], sequence: '1' }],
    ['a sequence that is no whole number', { ...events[0], sequence: 1.5 }],
    ['a time of another form', { ...events[0], at: '2026-01-01T00:00:01Z' }],
    ['a hash of another form', { ...events[0], hash: events[0]?.hash.toUpperCase() }],
    ['a tenant that is none', { ...events[0], tenantId: '","sequence":2' }],
    ['a commitment that is none', { ...events[0], commitments: { '/ip': null } }],
    [
      'a commitment to the record as a whole',
      { ...events[0], commitments: { '': { commitment: 'x', salt: null } } },
    ],
    ['a lone surrogate', { ...events[0], deed: '\ud800' }],
    [
      'lists within lists without end',
      { ...events[0], deed: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown },
    ],
  ])('does not read %s', (_what, value) => {
    expect(() => verified([value])).toThrow(Unreadable);
  });
});

describe('ChainReader on personal values', () => {
  const email = '/actor/email';
  const withEmail = (value: unknown, commitment: object = {}): AuditEvent[] =>
    changed(
      5,
      (event) =>
        ({
          ...event,
          actor: { ...(event['actor'] as object), email: value },
          commitments: {
            ...event.commitments,
            [email]: { ...event.commitments[email], ...commitment },
          },
        }) as AuditEvent,
    );

  it('says how many were erased', () => {
    const report = verified(withEmail(null, { salt: null }), { checkpoints });

    expect(report).toMatchObject({ valid: true, records: 9, erased: 1 });
  });

  it.each([
    ['was changed', withEmail('eve@example.com')],
    ['was taken away, while its salt is there', withEmail(null)],
    ['stands where it was erased', withEmail('eve@example.com', { salt: null })],
    ['is no text', withEmail({ at: 'eve@example.com' })],
    [
      'has lost its beginning to the salt',
      withEmail('da@example.com', { salt: Buffer.from('0123456789abcdefa').toString('base64url') }),
    ],
    [
      'has a salt that is written in another way',
      withEmail('ada@example.com', { salt: 'MDEyMzQ1Njc4OWFiY2RlZh' }),
    ],
  ])('finds one that %s', (_what, chain) => {
    expect(verified(chain).broken).toMatchObject({ code: 'commitment', sequence: 5 });
  });

  it('finds a commitment that was made anew', () => {
    const commitment = `sha256:${'x'.repeat(43)}`;

    expect(verified(withEmail(null, { salt: null, commitment })).broken).toMatchObject({
      code: 'content',
      sequence: 5,
    });
  });
});

function isFound(forged: unknown): boolean {
  try {
    return !verified([forged], { partial: true }).valid;
  } catch (error) {
    return error instanceof Unreadable;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Every way that leads to something in a value. */
function placesIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    [name],
    ...placesIn(inner).map((path) => [name, ...path]),
  ]);
}

/** Puts another value in a place; answers whether it is another. */
function put(target: object, [name = '', ...rest]: readonly string[], value: unknown): boolean {
  const place = target as Record<string, unknown>;
  if (rest.length > 0) return put(place[name] as object, rest, value);
  if (JSON.stringify(place[name]) === JSON.stringify(value)) return false;
  place[name] = value;
  return true;
}
