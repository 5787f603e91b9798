import { describe, expect, it } from '@jest/globals';

import { requestIdOf } from './request-id.js';

describe('requestIdOf', () => {
  it.each(['request-0001', '019aa0b5-7c1e-7d0a-9a53-6f4b6d1f2c11', 'a'.repeat(128)])(
    'takes %s from the caller',
    (id) => {
      expect(requestIdOf({ headers: { 'x-request-id': id } })).toBe(id);
    },
  );

  it.each([
    undefined,
    '',
    'short',
    'a'.repeat(129),
    'with blanks in it',
    'line\nbreak',
    '"quoted"',
  ])('makes a new one in the place of %j', (id) => {
    const headers = id === undefined ? {} : { 'x-request-id': id };

    expect(requestIdOf({ headers })).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});
