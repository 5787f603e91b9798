import { beforeEach, describe, expect, it } from '@jest/globals';

import { DatabaseUnavailable } from '@tenantry/database';
import { TestClock } from '@tenantry/testing';
import { MembershipMissing, Throttled, TokenInvalid } from './access.errors.js';
import { AddressThrottle } from './address-throttle.js';
import { MemoryThrottleStorage } from './throttle-storage.js';

const SECRETS_MAX = 60;
const TOKENS_MAX = 1_000;
const HOME = '203.0.113.7';

describe('AddressThrottle', () => {
  let clock: TestClock;
  let throttle: AddressThrottle;

  beforeEach(() => {
    clock = new TestClock();
    throttle = new AddressThrottle(new MemoryThrottleStorage(clock));
  });

  const wrong = (): Promise<never> => Promise.reject(new TokenInvalid('bad_signature'));
  const right = (): Promise<string> => Promise.resolve('let in');

  async function guess(
    times: number,
    ip = HOME,
    what: 'secret' | 'token' = 'secret',
  ): Promise<void> {
    for (let n = 0; n < times; n++) {
      await expect(throttle.attempt(what, ip, wrong)).rejects.toBeInstanceOf(TokenInvalid);
    }
  }

  it.each([
    ['secret', SECRETS_MAX],
    ['token', TOKENS_MAX],
  ] as const)('lets an address guess at a %s so often a minute', async (what, max) => {
    await guess(max, HOME, what);

    const late = throttle.attempt(what, HOME, right);

    await expect(late).rejects.toMatchObject({ code: 'access.throttled', retryAfterSeconds: 60 });
  });

  it('opens again when the minute is over', async () => {
    await guess(SECRETS_MAX);
    clock.advance(59_500);

    await expect(throttle.attempt('secret', HOME, right)).rejects.toMatchObject({
      retryAfterSeconds: 1,
    });
    clock.advance(500);
    await expect(throttle.attempt('secret', HOME, right)).resolves.toBe('let in');
  });

  it('does not hold honest attempts at the same moment against their address', async () => {
    const atOnce = Array.from({ length: 2 * SECRETS_MAX }, () =>
      throttle.attempt('secret', HOME, right).catch(() => 'turned away'),
    );
    const answers = await Promise.all(atOnce);

    expect(answers.filter((answer) => answer === 'let in')).toHaveLength(SECRETS_MAX);
    await expect(throttle.attempt('secret', HOME, right)).resolves.toBe('let in');
  });

  it('counts guesses of one kind, from one address, for that alone', async () => {
    await guess(SECRETS_MAX);

    await expect(throttle.attempt('token', HOME, right)).resolves.toBe('let in');
    await expect(throttle.attempt('secret', '203.0.113.8', right)).resolves.toBe('let in');
  });

  it('counts no success', async () => {
    await guess(SECRETS_MAX - 1);

    for (let n = 0; n < SECRETS_MAX; n++) await throttle.attempt('secret', HOME, right);

    await expect(throttle.attempt('secret', HOME, right)).resolves.toBe('let in');
  });

  it.each([
    ['that our database is away', new DatabaseUnavailable()],
    ['that a good token is no member’s', new MembershipMissing()],
  ])('does not count %s as a guess', async (_, error) => {
    for (let n = 0; n < SECRETS_MAX + 1; n++) {
      await expect(throttle.attempt('secret', HOME, () => Promise.reject(error))).rejects.toBe(
        error,
      );
    }
  });

  it('counts attempts at the same moment, before it is known how they end', async () => {
    let fail: () => void = () => undefined;
    const undecided = new Promise<never>((_, reject) => {
      fail = () => {
        reject(new TokenInvalid('bad_signature'));
      };
    });
    const attempts = Array.from({ length: SECRETS_MAX + 5 }, () =>
      throttle.attempt('secret', HOME, () => undecided),
    );
    const settled = Promise.allSettled(attempts);
    fail();

    const refused = (await settled).filter(
      (result) => result.status === 'rejected' && result.reason instanceof Throttled,
    );

    expect(refused).toHaveLength(5);
  });

  it('counts the whole /64 of an IPv6 host as one address, and the next /64 as another', async () => {
    await guess(SECRETS_MAX / 2, '2001:db8:0:1::1');
    await guess(SECRETS_MAX / 2, '2001:db8:0:1:ffff:ffff:ffff:ffff');

    await expect(throttle.attempt('secret', '2001:db8:0:1::2', right)).rejects.toBeInstanceOf(
      Throttled,
    );
    await expect(throttle.attempt('secret', '2001:db8:0:2::1', right)).resolves.toBe('let in');
  });

  it('counts an IPv4 address that is written as IPv6 as what it is', async () => {
    await guess(SECRETS_MAX, `::ffff:${HOME}`);

    await expect(throttle.attempt('secret', HOME, right)).rejects.toBeInstanceOf(Throttled);
    await expect(throttle.attempt('secret', '::ffff:203.0.113.8', right)).resolves.toBe('let in');
  });
});
