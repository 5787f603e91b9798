import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { newId, PLATFORM_ID } from '@tenantry/kernel';
import { openTestDatabase, scopeOf, type TestDatabase } from '@tenantry/testing';
import { ClaimsRegistry, type RegistrationKey, type TokenClaim } from './claims-registry.js';
import { IssuerNotDisjoint } from './issuers.errors.js';

const ACME = { claim: 'hd', value: 'caf\u00e9.example' };
const matching = (value: string, claim = 'hd'): Partial<TokenClaim> => ({
  match: { claim, value },
});

describe('ClaimsRegistry', () => {
  let db: TestDatabase;
  let registry: ClaimsRegistry;
  let url: string;
  let owner: string;
  let stranger: string;

  beforeAll(async () => {
    db = await openTestDatabase();
    registry = new ClaimsRegistry(db.database);
  });
  afterAll(() => db.close());

  beforeEach(() => {
    url = anUrl();
    [owner, stranger] = [newId(), newId()];
  });

  function claimOf(given: Partial<TokenClaim> = {}): TokenClaim {
    return { issuer: url, issuerAliases: [], audiences: ['tenantry'], match: null, ...given };
  }

  /** Claims for a registration of the tenant, and says which. */
  async function claim(
    tenantId: string,
    given: Partial<TokenClaim> = {},
  ): Promise<RegistrationKey> {
    const registrationId = newId();
    await db.database.within(scopeOf(tenantId), (tx) =>
      registry.claim(tx, registrationId, claimOf(given)),
    );
    return { registrationId, tenantId };
  }

  async function release({ registrationId, tenantId }: RegistrationKey): Promise<void> {
    await db.database.within(scopeOf(tenantId), (tx) => registry.release(tx, registrationId));
  }

  /** Asks both for whether it is free and for the thing itself. */
  async function isRefused(tenantId: string, given: Partial<TokenClaim>): Promise<boolean> {
    const asked = await refusalOf(
      db.database.within(scopeOf(tenantId), (tx) =>
        registry.assertFree(tx, newId(), claimOf(given)),
      ),
    );
    const tried = await refusalOf(claim(tenantId, given));
    expect(asked).toBe(tried);
    return tried;
  }

  const find = (claims: Readonly<Record<string, unknown>>): Promise<RegistrationKey[]> =>
    registry.find({ iss: url, aud: 'tenantry', ...claims });

  describe('of two registrations', () => {
    it.each<[string, Partial<TokenClaim>, () => Partial<TokenClaim>]>([
      ['another URL', {}, () => ({ issuer: anUrl() })],
      ['its URL with a slash behind', {}, () => ({ issuer: `${url}/` })],
      ['another URL and another alias', {}, () => ({ issuer: anUrl(), issuerAliases: [anUrl()] })],
      ['no audience in common', { audiences: ['a', 'b'] }, () => ({ audiences: ['c', 'd'] })],
      ['its audience in another case', {}, () => ({ audiences: ['Tenantry'] })],
      ['another value of the same discriminator', { match: ACME }, () => matching('cafes.example')],
      ['a value without the accent', { match: ACME }, () => matching('cafe.example')],
    ])('lets the second one have %s', async (_, first, second) => {
      await claim(owner, first);

      expect(await isRefused(stranger, second())).toBe(false);
    });

    it.each<[string, Partial<TokenClaim>, Partial<TokenClaim>]>([
      ['the same', {}, {}],
      ['one audience in common', { audiences: ['a', 'b'] }, { audiences: ['b', 'c'] }],
      ['a discriminator where the first one has none', {}, { match: ACME }],
      ['no discriminator where the first one has one', { match: ACME }, {}],
      ['the same value', { match: ACME }, { match: ACME }],
      ['the value in upper case', { match: ACME }, matching('CAF\u00c9.EXAMPLE')],
      ['the value decomposed', { match: ACME }, matching('cafe\u0301.example')],
      ['the value decomposed, in upper case', { match: ACME }, matching('CAFE\u0301.EXAMPLE')],
      ['the value in full-width letters', { match: ACME }, matching('\uff43af\u00e9\uff0eexample')],
      ['the value in letter-like symbols', { match: ACME }, matching('\u2102af\u00e9.example')],
      ['a discriminator before its own', { match: ACME }, matching('caf\u00e9.example', 'azp')],
      ['a discriminator behind its own', { match: ACME }, matching('other.example', 'tid')],
      ['its discriminator in another case', { match: ACME }, matching('other.example', 'HD')],
      [
        'one audience in common, with the same value',
        { audiences: ['a', 'b'], match: ACME },
        { audiences: ['b', 'c'], match: ACME },
      ],
    ])('refuses the second one %s', async (_, first, second) => {
      await claim(owner, first);

      expect(await isRefused(stranger, second)).toBe(true);
      expect(await isRefused(owner, second)).toBe(true);
    });

    it('refuses the second one an alias of the first, and the first one’s URL as an alias', async () => {
      const alias = anUrl();
      await claim(owner, { issuerAliases: [anUrl(), alias] });

      expect(await isRefused(stranger, { issuer: alias })).toBe(true);
      expect(await isRefused(stranger, { issuer: anUrl(), issuerAliases: [url] })).toBe(true);
      expect(await isRefused(stranger, { issuer: anUrl(), issuerAliases: [alias] })).toBe(true);
    });

    it('leaves nothing behind of a claim that is refused', async () => {
      const alias = anUrl();
      await claim(owner);

      await refusalOf(claim(stranger, { issuer: alias, issuerAliases: [url] }));

      expect(await find({ iss: alias })).toEqual([]);
      expect(await isRefused(owner, { issuer: alias })).toBe(false);
    });

    it('does not hold a registration against itself', async () => {
      const { registrationId } = await claim(owner);

      const asked = db.database.within(scopeOf(owner), (tx) =>
        registry.assertFree(tx, registrationId, claimOf()),
      );

      await expect(asked).resolves.toBeUndefined();
    });
  });

  describe('of a claim that was let go', () => {
    it('holds it against others, in every spelling, but not against its own tenant', async () => {
      await release(await claim(owner, { match: ACME }));

      const refused = [
        await isRefused(stranger, { match: ACME }),
        await isRefused(stranger, matching('CAF\u00c9.EXAMPLE')),
        await isRefused(stranger, {}),
      ];
      const again = await claim(owner, { match: ACME });

      expect(refused).toEqual([true, true, true]);
      expect(await find({ hd: ACME.value })).toEqual([again]);
      expect(await isRefused(stranger, { match: ACME })).toBe(true);
    });

    it('finds it no more, and knows its issuer no more', async () => {
      const claimed = await claim(owner);
      const before = [await find({}), await registry.isKnown(url)];
      await release(claimed);

      expect(before).toEqual([[claimed], true]);
      expect([await find({}), await registry.isKnown(url)]).toEqual([[], false]);
    });

    it('holds it for a day, and then gives it to whoever comes', async () => {
      await release(await claim(owner));
      const [held] = await db.query(
        `select held_until between now() + interval '23 hours 59 minutes'
           and now() + interval '24 hours' as "isADay" from issuer_claims where issuer = $1`,
        [url],
      );
      await db.query(
        `update issuer_claims set held_until = now() - interval '1 second' where issuer = $1`,
        [url],
      );

      const next = await claim(stranger);

      expect(held).toEqual({ isADay: true });
      expect(await find({})).toEqual([next]);
      expect(await db.query('select from issuer_claims where issuer = $1', [url])).toHaveLength(1);
    });

    it('lets its registration go on to claim something else, and holds both', async () => {
      const { registrationId, tenantId } = await claim(owner);
      const elsewhere = anUrl();

      await db.database.within(scopeOf(tenantId), async (tx) => {
        await registry.release(tx, registrationId);
        await registry.claim(tx, registrationId, claimOf({ issuer: elsewhere }));
      });

      expect(await find({ iss: elsewhere })).toEqual([{ registrationId, tenantId }]);
      expect(await find({})).toEqual([]);
      expect(await isRefused(stranger, {})).toBe(true);
      expect(await isRefused(stranger, { issuer: elsewhere })).toBe(true);
    });

    it('lets go of no claim of another registration', async () => {
      const kept = await claim(owner, { audiences: ['kept'] });

      await release(await claim(owner));

      expect(await find({ aud: 'kept' })).toEqual([kept]);
    });
  });

  it('knows the URLs of the platform from those of tenants', async () => {
    const [ofPlatform, ofNobody] = [anUrl(), anUrl()];
    const claimed = await claim(PLATFORM_ID, { issuer: ofPlatform, audiences: ['a', 'b'] });
    await claim(owner);
    const reserved = (urls: readonly string[]): Promise<string[]> =>
      db.database.within(scopeOf(stranger), (tx) => registry.ofPlatform(tx, urls));

    const before = [
      await reserved([ofNobody, ofPlatform]),
      await reserved([ofPlatform]),
      await reserved([url, ofNobody]),
    ];
    await release(claimed);

    expect(before).toEqual([[ofPlatform], [ofPlatform], []]);
    expect(await reserved([ofPlatform])).toEqual([]);
  });

  describe('of tokens', () => {
    it('finds those of an audience, alone or among others', async () => {
      const claimed = await claim(owner, { audiences: ['one', 'two'] });

      const found = await Promise.all(
        ['one', ['two'], ['elsewhere', 'two'], ['one', 'two'], ['one', 7, null]].map((aud) =>
          find({ aud }),
        ),
      );

      expect(found).toEqual([[claimed], [claimed], [claimed], [claimed], [claimed]]);
    });

    it.each([
      ['another audience', { aud: 'three' }],
      ['the audience in another case', { aud: 'ONE' }],
      ['no audience', { aud: undefined }],
      ['an empty list of audiences', { aud: [] }],
      ['an audience that is no text', { aud: { one: 'one' } }],
      ['audiences within audiences', { aud: [['one']] }],
      ['another issuer', { aud: 'one', iss: 'https://else.example' }],
    ])('finds nothing for one with %s', async (_, claims) => {
      await claim(owner, { audiences: ['one', 'two'] });

      expect(await find(claims)).toEqual([]);
    });

    it('finds those of an alias', async () => {
      const alias = anUrl();
      const claimed = await claim(owner, { issuerAliases: [alias] });

      expect(await find({ iss: alias })).toEqual([claimed]);
    });

    it('tells tenants apart by the discriminator, letter for letter', async () => {
      const acme = await claim(owner, { match: ACME });
      const globex = await claim(stranger, matching('globex.example'));

      const found = await Promise.all(
        [
          { hd: ACME.value },
          { hd: 'globex.example', email: 'ada@globex.example' },
          { hd: 'CAF\u00c9.EXAMPLE' },
          { hd: 'cafe\u0301.example' },
          { hd: [ACME.value] },
          { tid: ACME.value },
          { HD: ACME.value },
          {},
        ].map(find),
      );

      expect(found).toEqual([[acme], [globex], [], [], [], [], [], []]);
    });

    it('finds two where the token names an audience of each', async () => {
      const one = await claim(owner, { audiences: ['one'] });
      const other = await claim(stranger, { audiences: ['two'], match: ACME });
      await claim(newId(), { audiences: ['three'] });

      const both = await find({ aud: ['one', 'two'], hd: ACME.value });

      expect(both).toHaveLength(2);
      expect(both).toEqual(expect.arrayContaining([one, other]));
      expect(await find({ aud: ['one', 'two', 'three'], hd: ACME.value })).toHaveLength(2);
      expect(await find({ aud: ['one', 'two'] })).toEqual([one]);
    });

    it('finds nothing for one with more audiences or texts than it looks at', async () => {
      const claimed = await claim(owner, { match: ACME });
      const audiences = (count: number): string[] => [
        ...numbered(count - 1).map((number) => `audience-${number}`),
        'tenantry',
      ];
      const texts = (count: number): Record<string, string> =>
        // iss, aud and hd are texts as well.
        Object.fromEntries(numbered(count - 3).map((number) => [`text-${number}`, 'x']));

      const found = [
        await find({ hd: ACME.value, aud: audiences(20) }),
        await find({ hd: ACME.value, aud: audiences(21) }),
        await find({ hd: ACME.value, ...texts(100) }),
        await find({ hd: ACME.value, ...texts(101) }),
      ];

      expect(found).toEqual([[claimed], [], [claimed], []]);
    });

    it.each([
      ['NUL', 'a\0b'],
      ['half a character', '\ud83d'],
      ['the other half', 'a\ude00b'],
      ['a whole character beyond the first plane', '\ud83d\ude00'],
      ['a very long text', 'x'.repeat(100_000)],
    ])('is not misled by %s, wherever it stands', async (_, strange) => {
      const claimed = await claim(owner, { match: ACME });

      const beside = await find({ hd: ACME.value, sub: strange, [strange]: strange });
      const found = await Promise.all([
        find({ hd: strange }),
        find({ hd: ACME.value, aud: strange }),
        find({ hd: ACME.value, aud: [strange, 'elsewhere'] }),
      ]);

      expect(beside).toEqual([claimed]);
      expect(await find({ hd: ACME.value, aud: [strange, 'tenantry'] })).toEqual([claimed]);
      expect(found).toEqual([[], [], []]);
    });
  });

  describe('at the same moment', () => {
    const ROUNDS = numbered(5);

    it.each(ROUNDS)('lets one of two tenants claim the same (round %i)', async () => {
      const claims = await Promise.allSettled([claim(owner), claim(stranger)]);

      const [won] = wonBy(claims);
      expect(claims.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(lostBy(claims)).toEqual([expect.any(IssuerNotDisjoint)]);
      expect(await find({})).toEqual([won]);
    });

    it.each(ROUNDS)('lets none wait for the other in a circle (round %i)', async () => {
      const urls = numbered(6).map(anUrl);
      const claiming = (tenantId: string, order: readonly string[]): Promise<RegistrationKey> => {
        const [issuer = '', ...issuerAliases] = order;
        return claim(tenantId, { issuer, issuerAliases });
      };

      const claims = await Promise.allSettled([
        claiming(owner, urls),
        claiming(stranger, urls.toReversed()),
      ]);

      const [won] = wonBy(claims);
      expect(lostBy(claims)).toEqual([expect.any(IssuerNotDisjoint)]);
      const found = await Promise.all(urls.map((iss) => find({ iss })));
      expect(found).toEqual(urls.map(() => [won]));
    });

    it('lets all claim what is disjoint', async () => {
      const values = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example'];

      const claims = await Promise.all(values.map((value) => claim(newId(), matching(value))));

      const found = await Promise.all(values.map((hd) => find({ hd })));
      expect(found).toEqual(claims.map((claimed) => [claimed]));
    });
  });
});

let urls = 0;
function anUrl(): string {
  return `https://login.m${++urls}.example`;
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function refusalOf(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (error instanceof IssuerNotDisjoint) return true;
    throw error;
  }
}

function wonBy<Value>(settled: readonly PromiseSettledResult<Value>[]): Value[] {
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function lostBy(settled: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return settled.flatMap((result): unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
}
