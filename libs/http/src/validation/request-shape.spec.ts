import { describe, expect, it } from '@jest/globals';

import { findFlaw } from './request-shape.js';

const nested = (depth: number): unknown => (depth === 0 ? 'core' : { inner: nested(depth - 1) });

describe('findFlaw', () => {
  it.each([
    ['no body', undefined],
    ['an ordinary body', { labels: { team: 'a/b', note: null }, list: [1, 'two', { three: [] }] }],
    ['a whole surrogate pair', { name: 'a \u{1F600}' }],
    ['the deepest nesting', nested(32)],
    ['a list of many values', Array.from({ length: 4_900 }, (_, index) => index)],
  ])('lets %s by', (_, value) => {
    expect(findFlaw(value)).toBeNull();
  });

  it.each([
    ['NUL', { name: 'a\0b' }, '/name'],
    ['half a surrogate pair', { list: ['\ud83d'] }, '/list/0'],
    ['NUL in a name', { labels: { 'a\0': 1 } }, '/labels'],
    ['an infinite number', { ttl: JSON.parse('1e999') as number }, '/ttl'],
    ['null in a list', { keys: [{}, null] }, '/keys/1'],
    ['a name that is dropped in silence', { labels: { constructor: 'x' } }, '/labels'],
    ['a list in a list', { keys: [[]] }, '/keys/0'],
    ['a prototype', { prototype: {} }, ''],
  ])('refuses %s', (_, value, pointer) => {
    expect(findFlaw(value)).toMatchObject({ pointer });
  });

  it('writes the place as RFC 6901 asks', () => {
    expect(findFlaw({ 'a/b': { 'c~d': ['\0'] } })?.pointer).toBe('/a~1b/c~0d/0');
  });

  it('refuses what is nested too deeply, however deep it is', () => {
    const bomb: unknown = JSON.parse('{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000));

    expect(findFlaw(bomb)?.message).toBe('must be nested at most 32 levels deep');
  });

  it('refuses more values than validation can look at in time', () => {
    const many = { list: Array.from({ length: 5_000 }, () => ({})) };

    expect(findFlaw(many)?.message).toBe('must hold at most 5000 values');
  });
});
