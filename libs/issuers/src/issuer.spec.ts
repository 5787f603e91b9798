import { describe, expect, it } from '@jest/globals';

import { areDisjoint, type TokenClaim } from './issuer.js';

const claim: TokenClaim = { issuer: 'https://idp.example', audiences: ['api'], match: null };
const hd = (value: string): TokenClaim => ({ ...claim, match: { claim: 'hd', value } });

describe('areDisjoint', () => {
  it.each<[string, TokenClaim]>([
    ['another issuer', { ...claim, issuer: 'https://idp.example/' }],
    ['other audiences', { ...claim, audiences: ['other'] }],
  ])('holds for %s', (_, other) => {
    expect(areDisjoint(claim, other)).toBe(true);
  });

  it('holds for the same discriminator with different values', () => {
    expect(areDisjoint(hd('a.example'), hd('b.example'))).toBe(true);
  });

  it.each<[string, TokenClaim, TokenClaim]>([
    ['one audience in common', claim, { ...claim, audiences: ['other', 'api'] }],
    ['a discriminator on one side only', claim, hd('a.example')],
    ['the same discriminator with the same value', hd('a.example'), hd('a.example')],
    [
      'two discriminators that one token may carry together',
      hd('a.example'),
      { ...claim, match: { claim: 'org', value: 'b' } },
    ],
  ])('does not hold for %s', (_, one, other) => {
    expect(areDisjoint(one, other)).toBe(false);
    expect(areDisjoint(other, one)).toBe(false);
  });
});
