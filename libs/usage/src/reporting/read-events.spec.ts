import { describe, expect, it } from '@jest/globals';

import { RequestInvalid } from '@tenantry/http';
import type { FieldError } from '@tenantry/kernel';
import { readEvents } from './read-events.js';

const ACCEPTANCE = {
  from: Date.parse('2025-10-01T00:00:00Z'),
  until: Date.parse('2026-11-22T12:10:00Z'),
};
const EVENT = { id: 'a', meter: 'cpu_seconds', value: 1.5, at: '2026-11-22T12:00:00Z' };

function refusalOf(body: unknown): readonly FieldError[] {
  try {
    readEvents(body, ACCEPTANCE);
  } catch (error) {
    if (error instanceof RequestInvalid) return error.errors;
    throw error;
  }
  throw new Error('The events were accepted.');
}

const pointersOf = (body: unknown): string[] => refusalOf(body).map(({ pointer }) => pointer);

describe('readEvents', () => {
  it('reads what is given, and nothing for what is not', () => {
    const full = {
      ...EVENT,
      id: '~id/!',
      at: '2026-11-22T13:30:00.25+01:30',
      value: 0.000001,
      resource: 'Büro 🏢',
      actor: 'ada',
      labels: { 'pool.eu/1': '' },
    };

    expect(readEvents({ events: [EVENT, full] }, ACCEPTANCE)).toEqual([
      {
        ...EVENT,
        at: Date.parse('2026-11-22T12:00:00Z'),
        resource: null,
        actor: null,
        labels: null,
      },
      { ...full, at: Date.parse('2026-11-22T12:00:00.250Z') },
    ]);
  });

  it.each([
    ['value', [0, -0, 1e15, 999_999_999.123456, 0.1]],
    ['at', ['2025-10-01T00:00:00Z', '2026-11-22T12:10:00Z', '2026-02-28T23:59+00:00']],
    ['meter', ['a', 'a9_.:-', 'm'.repeat(63)]],
    ['id', ['x'.repeat(128), '"', '{}']],
    ['labels', [{}, Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`k${n}`, 'v']))]],
  ])('takes every good %s', (field, values) => {
    const events = values.map((value) => ({ ...EVENT, [field]: value }));

    expect(readEvents({ events }, ACCEPTANCE)).toHaveLength(values.length);
  });

  it.each<[string, readonly unknown[]]>([
    ['id', [undefined, null, '', 'a b', 'ä', 'x'.repeat(129), 7, 'a\n']],
    ['meter', [undefined, null, '', 'Cpu', '1cpu', 'm'.repeat(64), 'a b', ['cpu'], 'cpu\n']],
    ['value', [undefined, null, '1', -1, -0.000001, 1e15 + 1, NaN, Infinity, 1e-7, 0.1234567]],
    ['at', [undefined, null, 1, '', '2026-11-22', '2026-11-22T12:00:00', '2026-02-30T00:00:00Z']],
    ['at', ['2026-13-01T00:00:00Z', '2026-11-22T25:00:00Z', '2026-11-22T12:10:00.001Z']],
    ['at', ['2025-09-30T23:59:59.999Z', '2026-11-22t12:00:00Z', 'yesterday']],
    ['resource', [null, '', 'a\tb', 'a\0b', '\ud800', 'x'.repeat(256), 1]],
    ['actor', [null, '', '\u009f', {}]],
    ['labels', [null, [], 'a', { '': 'v' }, { k: 1 }, { k: 'x'.repeat(256) }, { k: 'a\0' }]],
    ['labels', [Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, 'v']))]],
    ['labels', [{ k: '\n=1' }, { k: 'a\tb' }, { k: '\u009f' }, { k: '\ud800' }]],
    ['tenantId', ['another']],
    ['a/b~c', [1]],
  ])('refuses every bad %s, and says where', (field, values) => {
    const pointer = field.replaceAll('~', '~0').replaceAll('/', '~1');
    const events = values.map((value) => ({ ...EVENT, [field]: value }));

    expect(pointersOf({ events })).toEqual(values.map((_, place) => `/events/${place}/${pointer}`));
  });

  it.each<[unknown, string]>([
    [undefined, ''],
    [null, ''],
    [[], ''],
    ['events', ''],
    [{}, '/events'],
    [{ events: null }, '/events'],
    [{ events: {} }, '/events'],
    [{ events: [] }, '/events'],
    [{ events: Array.from({ length: 1_001 }, () => EVENT) }, '/events'],
    [{ events: [EVENT], tenantId: 'another' }, '/tenantId'],
    [{ events: [EVENT, null] }, '/events/1'],
    [{ events: [[EVENT]] }, '/events/0'],
  ])('refuses %j as a batch', (body, pointer) => {
    expect(pointersOf(body)).toEqual([pointer]);
  });

  it('names every wrong field of an event, and twenty places at most', () => {
    const bad = { id: '', meter: '', value: -1, at: '', colour: 'red' };
    const places = pointersOf({ events: Array.from({ length: 1_000 }, () => bad) });

    expect(places.slice(0, 5)).toEqual(
      ['id', 'meter', 'value', 'at', 'colour'].map((field) => `/events/0/${field}`),
    );
    expect(places).toHaveLength(20);
  });

  it('is not fooled by what objects inherit', () => {
    const events = [JSON.parse('{"__proto__":{"id":"a"},"toString":1}') as unknown];

    expect(pointersOf({ events })).toEqual(
      expect.arrayContaining(['/events/0/id', '/events/0/__proto__', '/events/0/toString']),
    );
  });
});
