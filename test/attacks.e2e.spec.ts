import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  type Attack,
  ATTACKS,
  type AttackWorld,
  closeAttackWorld,
  CROSS_TENANT,
  startAttackWorld,
} from '@tenantry/testing';
import { type Answer, textOf } from './send.js';
import { type Trusting, World } from './world.js';

const AUDIENCE = 'tenantry';
const EVERYBODY = { admission: 'anyone', roles: ['viewer'] };

/** What Node itself refuses, for the size of the header, before a token is read. */
const OVERSIZED = new Set([
  'signed payload: nested twenty thousand deep',
  'signed payload: more than 16 KiB',
]);
const namesOf = (attacks: readonly Attack[]): string[] => attacks.map(({ name }) => name);

describe('a token of the attack corpus', () => {
  let world: World;
  let players: AttackWorld;
  let victim: Trusting;
  let other: Trusting;

  beforeAll(async () => {
    world = await World.start();
    const seats = await startAttackWorld({
      audience: AUDIENCE,
      builtInIssuer: 'http://tenantry.test',
      now: () => new Date(),
    });
    victim = await world.trusting(seats.idp, EVERYBODY);
    other = await world.trusting(seats.otherIdp, EVERYBODY);
    players = { ...seats, victim: { tenantId: victim.tenant.id, slug: victim.tenant.slug } };
  });
  afterAll(async () => {
    await world.close();
    await closeAttackWorld(players);
  });

  const attackOf = (attacks: readonly Attack[], name: string): Attack['craft'] => {
    const attack = attacks.find((one) => one.name === name);
    if (!attack) throw new Error('There is no such attack.');
    return attack.craft;
  };

  const ask = async (token: string, path = '/v1/me'): Promise<Answer> =>
    world.bearer(token).get(path);

  it.each(['idp', 'otherIdp'] as const)(
    'would be let by, were it an honest one of %s',
    async (who) => {
      const token = await players[who].token({ subject: 'alice' });

      expect((await ask(token)).status).toBe(200);
    },
  );

  it.each(namesOf(ATTACKS).filter((name) => !OVERSIZED.has(name)))(
    'is refused: %s',
    async (name) => {
      const token = await attackOf(ATTACKS, name)(players);

      const { status, json, headers } = await ask(token);

      expect({ status, json, challenge: headers['www-authenticate'] }).toEqual({
        status: 401,
        json: {
          type: 'urn:tenantry:problem:access.token_invalid',
          title: 'Unauthorized',
          status: 401,
          code: 'access.token_invalid',
          detail: 'The bearer token is not valid here.',
          requestId: headers['x-request-id'],
        },
        challenge: 'Bearer realm="tenantry", error="invalid_token"',
      });
      const { discovery, jwks } = players.stranger.hits;
      expect([discovery, jwks]).toEqual([0, 0]);
    },
  );

  it.each([...OVERSIZED])('is refused unread: %s', async (name) => {
    const token = await attackOf(ATTACKS, name)(players);

    const { status, json } = await ask(token);

    expect(status).toBe(431);
    expect(json).toMatchObject({ code: 'request.headers_too_large' });
  });

  it.each(namesOf(CROSS_TENANT))('opens nothing of the victim: %s', async (name) => {
    const token = await attackOf(CROSS_TENANT, name)(players);
    const { id, slug } = victim.tenant;

    const refused = await Promise.all([
      ask(token, `/v1/tenants/${id}`),
      ask(token, `/v1/tenants/${slug}`),
      ask(token, victim.path),
      ask(token, `/v1/tenants/${slug}/issuers`),
      world.bearer(token).get('/v1/me', { 'x-tenant-id': id }),
      world.bearer(token).get('/v1/me', { 'x-tenant-id': slug }),
    ]);
    const own = await ask(token);

    expect(refused.map((answer) => textOf(answer, 'code'))).toEqual(
      Array.from({ length: 6 }, () => 'access.tenant_mismatch'),
    );
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    // Whatever it claims, it is good for the tenant of its issuer, and for no role beyond that.
    expect(own.status).toBe(200);
    expect(own.json).toMatchObject({ tenant: { id: other.tenant.id }, roles: ['viewer'] });
  });
});
