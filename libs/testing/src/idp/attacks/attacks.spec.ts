import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  compactVerify,
  createLocalJWKSet,
  decodeProtectedHeader,
  type JWTPayload,
  jwtVerify,
} from 'jose';

import { type IdentityProvider } from '../identity-provider.js';
import { type AttackWorld, closeAttackWorld, forge, startAttackWorld } from './attack-world.js';
import { ATTACKS, CROSS_TENANT } from './attacks.js';
import { ATTACKS_ON_CLAIMS } from './on-claims.js';

describe('The attack corpus', () => {
  let world: AttackWorld;

  beforeAll(async () => {
    world = await startAttackWorld({
      audience: 'tenantry',
      builtInIssuer: 'http://localhost:3000',
      now: () => new Date('2030-01-01T00:00:00Z'),
    });
  });

  afterAll(() => closeAttackWorld(world));

  it('has many attacks, each under a name of its own', () => {
    const names = ATTACKS.map(({ name }) => name);

    expect(names.length).toBeGreaterThan(60);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['forged without a change', (): string => forge(world)],
    ['of the provider', () => world.idp.token({ subject: 'alice' })],
  ])('begins from a token that is good: %s', async (_, craft) => {
    const payload = await strictlyVerified(world, world.idp, await craft());

    expect(payload).toMatchObject({ iss: world.idp.issuer, sub: 'alice', aud: 'tenantry' });
  });

  it.each(ATTACKS)('is refused by a strict verifier: $name', async ({ craft }) => {
    const token = await craft(world);

    await expect(strictlyVerified(world, world.idp, token)).rejects.toThrow();
  });

  it('fits into an Authorization header as it is', async () => {
    const tokens = await Promise.all(ATTACKS.map(async ({ craft }) => craft(world)));

    expect(tokens.filter((token) => !/^[!-~](?:[\t -~]*[!-~])?$/.test(token))).toEqual([]);
  });

  it.each([...ATTACKS_ON_CLAIMS, ...ATTACKS.filter(({ name }) => name.startsWith('typ: '))])(
    'is well signed: $name',
    async ({ craft }) => {
      const token = await craft(world);

      await expect(compactVerify(token, keysOf(world.idp))).resolves.toBeDefined();
    },
  );

  it.each(CROSS_TENANT)('is good for the other tenant alone: $name', async ({ craft }) => {
    const token = await craft(world);

    await expect(strictlyVerified(world, world.otherIdp, token)).resolves.toBeDefined();
    await expect(strictlyVerified(world, world.idp, token)).rejects.toThrow();
  });
});

function keysOf(idp: IdentityProvider): ReturnType<typeof createLocalJWKSet> {
  return createLocalJWKSet({ keys: idp.keys.map(({ publicJwk }) => publicJwk) });
}

/** What a correct verifier does, in as few lines as possible; jose with these options alone lets 39 attacks by. */
async function strictlyVerified(
  { audience, now }: AttackWorld,
  idp: IdentityProvider,
  token: string,
): Promise<JWTPayload> {
  check(token.length <= 16_384 && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token), 'shape');
  const { typ } = decodeProtectedHeader(token);
  check(typ === undefined || typ === 'JWT' || typ === 'at+jwt', 'typ');
  const { payload } = await jwtVerify(token, keysOf(idp), {
    issuer: idp.issuer,
    audience,
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    clockTolerance: 30,
    currentDate: now(),
    requiredClaims: ['exp', 'sub'],
  });
  checkClaims(payload, now(), token);
  return payload;
}

function checkClaims({ exp, iat = 0, sub }: JWTPayload, now: Date, token: string): void {
  check(Number.isFinite(exp), 'exp');
  check(iat <= now.getTime() / 1_000 + 30, 'iat');
  check(typeof sub === 'string' && /^[^\0\p{Surrogate}]{1,255}$/u.test(sub), 'sub');
  new TextDecoder('utf-8', { fatal: true }).decode(
    Buffer.from(token.split('.')[1] ?? '', 'base64url'),
  );
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`The token fails at its ${what}`);
}
