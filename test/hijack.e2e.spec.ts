import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type Answer, pointersOf } from './send.js';
import { type Household, refusalOf, TrustWorld } from './trust-world.js';

const NOT_DISJOINT = '409 issuers.not_disjoint';

describe('a tenant that wants the tokens of another', () => {
  let world: TrustWorld;
  let victim: Household;
  let thief: Household;

  beforeAll(async () => {
    world = await TrustWorld.start();
    [victim, thief] = [await world.household(), await world.household()];
  });
  afterAll(() => world.close());

  const anIssuer = (): string => `https://${world.host()}`;

  /** A refusal, which names nobody. */
  function silently(answer: Answer): string {
    expect(answer.text).not.toContain(victim.id);
    expect(answer.text).not.toContain(victim.slug);
    return refusalOf(answer);
  }

  /** Asks for the registration both ways in: by the tenant itself, and by a platform admin for it. */
  async function attempts(issuer: string, given: object = {}): Promise<string[]> {
    const body = world.body(issuer, given);
    return [
      silently(await thief.post(thief.issuers, body)),
      silently(await world.admin.post(thief.issuers, body)),
    ];
  }

  it('registers first, and neither locks the owner out nor gets the tokens', async () => {
    const issuer = anIssuer();
    const early = await world.registered(thief, issuer);

    const before = await world.opens(world.token(issuer));
    await world.proven(victim, issuer);
    // Even the owner, talked into it, cannot make it two.
    world.publish(early.ownership);
    const late = await thief.post(`${thief.issuers}/${early.id}/prove`);
    const approval = await world.admin.post(`${thief.issuers}/${early.id}/approve`);

    expect(before).toBe(401);
    expect([silently(late), silently(approval)]).toEqual([NOT_DISJOINT, NOT_DISJOINT]);
    expect(await world.issuer(`${thief.issuers}/${early.id}`)).toMatchObject({
      ownership: { proven: false },
      health: { state: 'pending', reason: 'ownership_unproven' },
    });
    expect(await world.opens(world.token(issuer))).toBe(victim.id);
  });

  it('registers second, and is refused', async () => {
    const issuer = anIssuer();
    await world.proven(victim, issuer);

    expect(await attempts(issuer)).toEqual([NOT_DISJOINT, NOT_DISJOINT]);
    expect(await world.opens(world.token(issuer))).toBe(victim.id);
  });

  it('comes while the owner has it disabled, and is refused', async () => {
    const issuer = anIssuer();
    const path = await world.proven(victim, issuer);
    await victim.post(`${path}/disable`);

    const refused = await attempts(issuer);
    const meanwhile = await world.opens(world.token(issuer));
    await victim.post(`${path}/enable`);

    expect(refused).toEqual([NOT_DISJOINT, NOT_DISJOINT]);
    expect(meanwhile).toBe(401);
    expect(await world.opens(world.token(issuer))).toBe(victim.id);
  });

  it('comes after the owner has deleted it, and is refused; the owner may take it up again', async () => {
    const issuer = anIssuer();
    await victim.delete(await world.proven(victim, issuer));

    const refused = await attempts(issuer);
    const meanwhile = await world.opens(world.token(issuer));
    await world.proven(victim, issuer);

    expect(refused).toEqual([NOT_DISJOINT, NOT_DISJOINT]);
    expect(meanwhile).toBe(401);
    expect(await world.opens(world.token(issuer))).toBe(victim.id);
  });

  it('comes after the owner has moved away by a change, and is refused', async () => {
    const issuer = anIssuer();
    const path = await world.proven(victim, issuer);
    await victim.patch(path, { issuer: anIssuer() });

    expect(await attempts(issuer)).toEqual([NOT_DISJOINT, NOT_DISJOINT]);
    expect(await world.opens(world.token(issuer))).toBe(401);
  });

  describe('by another spelling of its discriminator', () => {
    const matching = (value: string, claim = 'hd'): object => ({ match: { claim, value } });
    const composed = 'caf\u00e9.example';
    let issuer: string;

    beforeAll(async () => {
      issuer = anIssuer();
      await world.vouched(victim, issuer, matching(composed));
    });

    it.each([
      ['upper case', matching('CAF\u00c9.EXAMPLE')],
      ['a decomposed accent', matching('cafe\u0301.example')],
      ['a decomposed accent in upper case', matching('CAFE\u0301.example')],
      ['full-width letters', matching('\uff43\uff41\uff46\u00e9.example')],
      ['a full-width stop', matching('caf\u00e9\uff0eexample')],
      ['full-width capitals', matching('\uff23\uff21\uff26\u00c9.example')],
      ['the claim in another case', matching('other.example', 'HD')],
      ['another claim', matching('other.example', 'tenant')],
      ['no discriminator at all', {}],
    ])('is refused: %s', async (_, given) => {
      expect(await attempts(issuer, given)).toEqual([NOT_DISJOINT, NOT_DISJOINT]);
    });

    it('gets what is really another value, and no token of the owner with it', async () => {
      await world.vouched(thief, issuer, matching('cafe.example'));

      const tokens = [composed, 'cafe.example', 'CAF\u00c9.EXAMPLE', 'cafe\u0301.example'];
      const opened = await Promise.all(
        tokens.map((hd) => world.opens(world.token(issuer, { hd }))),
      );

      expect(opened).toEqual([victim.id, thief.id, 401, 401]);
    });
  });

  it.each<[string, (own: string, issuer: string) => object]>([
    ['its URL', (_, issuer) => ({ issuer })],
    ['an alias', (_, issuer) => ({ issuerAliases: [issuer] })],
    ['its URL with an audience more', (_, issuer) => ({ issuer, audiences: ['more', 'tenantry'] })],
    ['both URLs, swapped', (own, issuer) => ({ issuer, issuerAliases: [own] })],
  ])('changes %s to get them, and is refused with nothing changed', async (_, wanted) => {
    const [issuer, own] = [anIssuer(), anIssuer()];
    await world.proven(victim, issuer);
    const path = await world.proven(thief, own);
    const before = await world.issuer(path);

    const byTenant = await thief.patch(path, wanted(own, issuer));
    const byPlatform = await world.admin.patch(path, wanted(own, issuer));

    expect([silently(byTenant), silently(byPlatform)]).toEqual([NOT_DISJOINT, NOT_DISJOINT]);
    expect(await world.issuer(path)).toEqual(before);
    expect(await world.opens(world.token(issuer))).toBe(victim.id);
    expect(await world.opens(world.token(own))).toBe(thief.id);
  });

  it.each([
    ['wider audiences', { audiences: ['theirs', 'tenantry'] }],
    [
      'another discriminator',
      { match: { claim: 'hd', value: 'x.example' }, audiences: ['tenantry'] },
    ],
  ])('shares an issuer, asks for %s, and is refused', async (_, wanted) => {
    const issuer = anIssuer();
    await world.vouched(victim, issuer);
    const path = await world.vouched(thief, issuer, { audiences: ['theirs'] });

    const refused = [await thief.patch(path, wanted), await world.admin.patch(path, wanted)];

    expect(refused.map(silently)).toEqual([NOT_DISJOINT, NOT_DISJOINT]);
    expect(await world.opens(world.token(issuer, { aud: 'theirs' }))).toBe(thief.id);
    expect(await world.opens(world.token(issuer))).toBe(victim.id);
  });

  it('names it as an alias, or an alias of it, and is refused', async () => {
    const [issuer, alias] = [anIssuer(), anIssuer()];
    await world.proven(victim, issuer, { issuerAliases: [alias] });

    const refused = await Promise.all([
      attempts(anIssuer(), { issuerAliases: [anIssuer(), issuer] }),
      attempts(anIssuer(), { issuerAliases: [alias] }),
      attempts(alias),
    ]);

    expect(refused).toEqual(refused.map(() => [NOT_DISJOINT, NOT_DISJOINT]));
    expect(await world.opens(world.token(alias))).toBe(victim.id);
  });

  describe('at the same moment as its owner', () => {
    const ROUNDS = [1, 2, 3, 4, 5];

    /** Both are asked for at once; one wins, and the token opens its tenant and no other. */
    async function race(issuer: string, answers: readonly Promise<Answer>[]): Promise<void> {
      const [first, second] = await Promise.all(answers);
      const statuses = [first?.status ?? 0, second?.status ?? 0].toSorted((a, b) => a - b);
      expect([statuses[0], statuses[1]]).toEqual([200, 409]);
      const winner = first?.status === 200 ? victim.id : thief.id;
      expect(await world.opens(world.token(issuer))).toBe(winner);
    }

    it.each(ROUNDS)('is approved, and one of the two wins (round %i)', async () => {
      const issuer = anIssuer();
      const [one, other] = [
        await world.registered(victim, issuer),
        await world.registered(thief, issuer),
      ];

      await race(issuer, [
        world.admin.post(`${victim.issuers}/${one.id}/approve`),
        world.admin.post(`${thief.issuers}/${other.id}/approve`),
      ]);
    });

    it.each(ROUNDS)('names the same URLs the other way round (round %i)', async () => {
      const [issuer, alias] = [anIssuer(), anIssuer()];
      const one = await world.registered(victim, issuer, { issuerAliases: [alias] });
      const other = await world.registered(thief, alias, { issuerAliases: [issuer] });

      await race(issuer, [
        world.admin.post(`${victim.issuers}/${one.id}/approve`),
        world.admin.post(`${thief.issuers}/${other.id}/approve`),
      ]);
    });

    it.each(ROUNDS)('changes to the same URL, and one of the two wins (round %i)', async () => {
      const issuer = anIssuer();
      const paths = [
        await world.vouched(victim, anIssuer()),
        await world.vouched(thief, anIssuer()),
      ];

      await race(
        issuer,
        paths.map((path) => world.admin.patch(`${path}?wait=first-validation`, { issuer })),
      );
    });
  });

  it('gets no token that names an audience of both', async () => {
    const issuer = anIssuer();
    await world.vouched(victim, issuer);
    await world.vouched(thief, issuer, { audiences: ['theirs'] });

    const opened = await Promise.all(
      ['tenantry', ['theirs'], ['tenantry', 'theirs'], ['theirs', 'else', 'tenantry']].map((aud) =>
        world.opens(world.token(issuer, { aud })),
      ),
    );

    expect(opened).toEqual([victim.id, thief.id, 401, 401]);
  });

  describe('by another spelling of its URL', () => {
    it.each([
      ['an upper-case host', 'https://LOGIN.acme.example'],
      ['an upper-case scheme', 'HTTPS://login.acme.example'],
      ['the default port', 'https://login.acme.example:443'],
      ['a letter encoded', 'https://login.acme.example/%61cme'],
      ['a digit encoded', 'https://login.acme.example/realm%31'],
      ['a tilde encoded', 'https://login.acme.example/%7Eacme'],
      ['an encoded host', 'https://login.%61cme.example'],
      ['a dot segment', 'https://login.acme.example/./acme'],
      ['a way up', 'https://login.acme.example/x/../acme'],
      ['an encoded way up', 'https://login.acme.example/x/%2e%2e/acme'],
      ['a Unicode host', 'https://login.\u00e4cme.example'],
      ['a full-width host', 'https://login.\uff41cme.example'],
      ['an ideographic stop', 'https://login\u3002acme.example'],
      ['backslashes', 'https:\\\\login.acme.example'],
      ['a blank behind', 'https://login.acme.example '],
      ['a line feed within', 'https://login.ac\nme.example'],
      ['an empty query', 'https://login.acme.example?'],
      ['a user', 'https://acme@login.acme.example'],
    ])('is refused: %s', async (_, spelling) => {
      const asIssuer = await thief.post(thief.issuers, world.body(spelling));
      const body = world.body(anIssuer(), { issuerAliases: [anIssuer(), spelling] });
      const asAlias = await thief.post(thief.issuers, body);

      expect([asIssuer, asAlias].map(refusalOf)).toEqual([
        '422 issuers.issuer_invalid',
        '422 issuers.issuer_invalid',
      ]);
      expect([pointersOf(asIssuer), pointersOf(asAlias)]).toEqual([
        ['/issuer'],
        ['/issuerAliases/1'],
      ]);
    });

    it.each(['/', '/a', ':8443'])(
      'gets the issuer with %j behind, and no other token',
      async (behind) => {
        const issuer = anIssuer();
        await world.vouched(victim, issuer);
        await world.vouched(thief, issuer + behind);

        expect(await world.opens(world.token(issuer))).toBe(victim.id);
        expect(await world.opens(world.token(issuer + behind))).toBe(thief.id);
      },
    );
  });
});
