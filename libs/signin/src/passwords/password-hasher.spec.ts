import { setImmediate as turn } from 'node:timers/promises';

import { beforeAll, describe, expect, it } from '@jest/globals';
import { hash } from '@node-rs/argon2';

import { HashingQueue } from './hashing-queue.js';
import { HASH_OF_NOBODY, PasswordHasher } from './password-hasher.js';
import { SigninBusy } from './passwords.errors.js';

const hasher = new PasswordHasher();

describe('PasswordHasher', () => {
  let stored: string;

  beforeAll(async () => {
    stored = await hasher.hash('caf\u00e9 \u2460 am Platz');
  });

  it('hashes with argon2id and the parameters of OWASP, and a salt of its own', async () => {
    const again = await hasher.hash('caf\u00e9 \u2460 am Platz');

    expect(stored).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
    expect(again).not.toBe(stored);
  });

  it('knows the password however its characters are composed, and no other', async () => {
    expect(await hasher.matches('caf\u00e9 \u2460 am Platz', stored)).toBe(true);
    expect(await hasher.matches('cafe\u0301 1 am Platz', stored)).toBe(true);
    expect(await hasher.matches('cafe 1 am Platz', stored)).toBe(false);
    expect(await hasher.matches('', stored)).toBe(false);
  });

  it('does for an unknown account the work of a wrong password, and refuses it', async () => {
    const single = new PasswordHasher({ atOnce: 1, waiting: 0 });

    const checking = single.matches('correct horse battery', null);

    await expect(single.matches('correct horse battery', null)).rejects.toThrow(SigninBusy);
    expect(await checking).toBe(false);
    expect(hasher.needsRehash(HASH_OF_NOBODY)).toBe(false);
  });

  it.each([
    ['less memory', { memoryCost: 12_288, timeCost: 2, parallelism: 1 }],
    ['one pass', { memoryCost: 19_456, timeCost: 1, parallelism: 1 }],
    ['two lanes', { memoryCost: 19_456, timeCost: 2, parallelism: 2 }],
    ['argon2i', { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 1 }],
  ])('asks for a new hash in place of one with %s', async (_, parameters) => {
    expect(hasher.needsRehash(await hash('a', parameters))).toBe(true);
  });

  it('keeps a hash of the present parameters', () => {
    expect(hasher.needsRehash(stored)).toBe(false);
  });
});

describe('HashingQueue', () => {
  it('runs so many at once, lets so many wait in turn, and refuses the next', async () => {
    const queue = new HashingQueue({ atOnce: 2, waiting: 2 });
    const started: string[] = [];
    const finish = new Map<string, () => void>();
    const work = (name: string) =>
      queue.run(async () => {
        started.push(name);
        await new Promise<void>((resolve) => finish.set(name, resolve));
        return name;
      });
    const works = ['a', 'b', 'c', 'd'].map(work);

    await expect(work('e')).rejects.toMatchObject({
      code: 'signin.busy',
      kind: 'unavailable',
      retryAfterSeconds: 2,
    });
    expect(started).toEqual(['a', 'b']);

    finish.get('b')?.();
    expect(await works[1]).toBe('b');
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);

    finish.get('a')?.();
    finish.get('c')?.();
    expect(await works[2]).toBe('c');
    await turn();
    finish.get('d')?.();
    expect(await Promise.all(works)).toEqual(['a', 'b', 'c', 'd']);
    expect(started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives the place of a work that failed to the next', async () => {
    const queue = new HashingQueue({ atOnce: 1, waiting: 1 });

    const failing = queue.run(() => Promise.reject(new Error('out of memory')));
    const next = queue.run(() => Promise.resolve('hashed'));

    await expect(failing).rejects.toThrow('out of memory');
    expect(await next).toBe('hashed');
    expect(await queue.run(() => Promise.resolve('again'))).toBe('again');
  });
});
