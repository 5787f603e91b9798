import { describe, expect, it } from '@jest/globals';

import { IfMatchMalformed, RevisionStale } from '../request.errors.js';
import { assertRevision, etagOf, ifMatchOf } from './etag.js';

describe('etagOf', () => {
  it('quotes the revision', () => {
    expect(etagOf(7)).toBe('"7"');
  });
});

describe('ifMatchOf', () => {
  it.each([
    [undefined, null],
    ['*', '*'],
    ['"7"', 7],
    [' "7" ', 7],
    ['"0"', 0],
  ])('reads %j as %j', (header, expected) => {
    expect(ifMatchOf(header)).toBe(expected);
  });

  it.each(['W/"7"', '"abc"', '""', '"07"', '"7", "8"', '"-7"', '"99999999999999999999"'])(
    'takes %j, which we never hand out, for a stale one',
    (header) => {
      expect(() => ifMatchOf(header)).toThrow(RevisionStale);
    },
  );

  it.each(['', '7', '"7', '"7""8"', '*, "7"', "'7'", 'w/"7"'])('refuses %j', (header) => {
    expect(() => ifMatchOf(header)).toThrow(IfMatchMalformed);
  });
});

describe('assertRevision', () => {
  it.each([7, '*', null] as const)('accepts %j for revision 7', (expected) => {
    expect(() => {
      assertRevision(expected, 7);
    }).not.toThrow();
  });

  it.each([6, 8, 0])('refuses %i for revision 7', (expected) => {
    expect(() => {
      assertRevision(expected, 7);
    }).toThrow(RevisionStale);
  });
});
