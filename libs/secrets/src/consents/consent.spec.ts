import { describe, expect, it } from '@jest/globals';

import { consentChanges, firstRepetition } from './consent.js';

const to = (accountId: string, namePrefix: string) => ({
  accountId,
  clientId: `svc-${accountId}`,
  namePrefix,
});

describe('consentChanges', () => {
  it('gives and withdraws only what is not there on the other side', () => {
    const before = [to('a', 'x'), to('a', 'y'), to('b', 'x')];
    const after = [to('b', 'x'), to('b', 'y'), to('a', 'x')];

    expect(consentChanges(before, after)).toEqual({
      withdrawn: [to('a', 'y')],
      given: [to('b', 'y')],
    });
  });

  it('does nothing where all is said again in another order', () => {
    const consents = [to('a', 'x'), to('b', 'x')];

    expect(consentChanges(consents, consents.toReversed())).toEqual({ withdrawn: [], given: [] });
  });
});

describe('firstRepetition', () => {
  it.each([
    [[], null],
    [[to('a', 'x'), to('a', 'y'), to('b', 'x')], null],
    [[to('a', 'x'), to('b', 'x'), to('a', 'x'), to('b', 'x')], 2],
  ])('finds in %j the place %j', (consents, place) => {
    expect(firstRepetition(consents)).toBe(place);
  });
});
