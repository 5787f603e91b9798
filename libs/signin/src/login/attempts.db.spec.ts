import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { TenantNotFound, Throttled } from '@tenantry/access';
import { MasterKey } from '@tenantry/crypto';
import { newId } from '@tenantry/kernel';
import { openTestDatabase, TestClock, type TestDatabase } from '@tenantry/testing';
import { Attempts } from './attempts.js';
import { SigninRefused } from './login.errors.js';

const HOME = '203.0.113.7';
const HOUR_MS = 3_600_000;

describe('attempts to sign in', () => {
  let test: TestDatabase;
  let clock: TestClock;
  let attempts: Attempts;

  beforeAll(async () => {
    test = await openTestDatabase();
    clock = new TestClock();
    attempts = new Attempts(test.database, clock, new MasterKey(Buffer.alloc(32, 3)));
  });
  afterAll(() => test.close());

  const anAddress = (): string => `${newId()}@acme.example`;
  const guess = (email: string, { ip = HOME, isKnownPlace = false, error = wrong } = {}) =>
    attempts
      .count({ email, ip, isKnownPlace }, () => Promise.reject(error()))
      .catch((refusal: unknown) =>
        refusal instanceof Throttled ? refusal.retryAfterSeconds : 'looked at',
      );
  const wrong = (): Error => new SigninRefused();
  const succeed = (email: string): Promise<string> =>
    attempts.count({ email, ip: HOME, isKnownPlace: false }, () => Promise.resolve('in'));

  it('have whoever guesses wait ever longer, from the fifth on, without looking', async () => {
    const email = anAddress();
    const found: unknown[] = [];

    for (const seconds of [0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 1]) {
      clock.advance(seconds * 1_000);
      found.push(await guess(` ${email.toUpperCase()}`));
    }

    const looked = 'looked at';
    expect(found).toEqual([looked, looked, looked, looked, 1, looked, 2, looked, 4, 1, looked]);
  });

  it('at the same moment are no more than one after the other', async () => {
    const email = anAddress();
    const look = jest.fn(() => Promise.reject(new SigninRefused()));

    await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        attempts.count({ email, ip: HOME, isKnownPlace: true }, look),
      ),
    );

    expect(look).toHaveBeenCalledTimes(4);
  });

  it('are forgotten once one succeeds', async () => {
    const email = anAddress();
    for (const ip of [HOME, HOME, HOME, HOME]) await guess(email, { ip });
    expect(await guess(email)).toBe(1);
    clock.advance(1_000);

    expect(await succeed(email)).toBe('in');

    expect(await guess(email)).toBe('looked at');
    expect(await guess(email)).toBe('looked at');
  });

  it('that fail for another reason leave everything as it was', async () => {
    const email = anAddress();
    const error = (): Error => new TenantNotFound();
    for (let at = 0; at < 3; at += 1) await guess(email);

    for (let at = 0; at < 3; at += 1) expect(await guess(email, { error })).toBe('looked at');

    clock.advance(1);
    expect(await guess(email)).toBe('looked at');
    expect(await guess(email)).toBe(1);
  });

  it('from many networks slow strangers down to one in five seconds, and no known place', async () => {
    const email = anAddress();
    for (let at = 0; at <= 50; at += 1) {
      expect(await guess(email, { ip: `198.51.100.${at}` })).toBe('looked at');
    }

    expect(await guess(email, { ip: '198.51.100.200' })).toBe(5);
    expect(await guess(email, { isKnownPlace: true })).toBe('looked at');
    clock.advance(5_000);
    expect(await guess(email, { ip: '198.51.100.201' })).toBe('looked at');
    expect(await guess(email, { ip: '198.51.100.202' })).toBe(5);
    clock.advance(HOUR_MS);
    expect(await guess(email, { ip: '198.51.100.203' })).toBe('looked at');
    expect(await guess(email, { ip: '198.51.100.204' })).toBe('looked at');
  });

  it('count a whole IPv6 network as one', async () => {
    const email = anAddress();
    for (let at = 0; at < 4; at += 1) await guess(email, { ip: `2001:db8:1:2::${at}` });

    expect(await guess(email, { ip: '2001:db8:1:2:ffff::1' })).toBe(1);
    expect(await guess(email, { ip: '2001:db8:1:3::1' })).toBe('looked at');
  });

  it('to get a reset are counted by themselves, however they end', async () => {
    const email = anAddress();
    for (let at = 0; at < 4; at += 1) await attempts.countReset(email, HOME);

    await expect(attempts.countReset(email, HOME)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    expect(await guess(email)).toBe('looked at');
  });

  it('leave no address behind that could be read', async () => {
    const email = anAddress();
    await guess(email);

    const rows = await test.query<{ text: string }>(
      'select signin_attempts::text as text from signin_attempts',
    );

    const all = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThan(0);
    expect(all).not.toContain(email.slice(0, 36));
    expect(all).not.toContain(Buffer.from(email).toString('hex'));
  });
});
