import { describe, expect, it } from '@jest/globals';

import { QuotasUnavailable } from '../quotas.errors.js';
import { Turns } from './turns.js';

describe(Turns.name, () => {
  it('lets one work of a key begin when the one before has ended, however that ended', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      told.push(`${name} begins`);
      await Promise.resolve();
      told.push(`${name} ends`);
      if (name === 'one') throw new Error('one fails');
      return name;
    };

    const works = ['one', 'two', 'three'].map((name) => turns.take('a', work(name)));
    const outcomes = await Promise.allSettled(works);

    expect(told).toEqual([
      ...['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'],
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(await turns.take('a', work('four'))).toBe('four');
  });

  it('turns away whoever comes when a thousand wait for a work that hangs, and takes the next one after', async () => {
    const turns = new Turns();
    let finish = (): void => undefined;
    const hung = turns.take('a', () => new Promise<void>((resolve) => (finish = resolve)));
    const begun: number[] = [];
    const work = (index: number) => (): Promise<void> => {
      begun.push(index);
      return Promise.resolve();
    };

    const waiting = Array.from({ length: 999 }, (_, index) => turns.take('a', work(index)));
    const refused = await turns.take('a', work(999)).catch((error: unknown) => error);
    await turns.take('b', work(1_000));
    await Promise.resolve();
    finish();
    await Promise.all([hung, ...waiting]);

    expect(refused).toBeInstanceOf(QuotasUnavailable);
    expect(begun).toEqual([1_000, ...Array.from({ length: 999 }, (_, index) => index)]);
    expect(await turns.take('a', () => Promise.resolve('taken'))).toBe('taken');
  });

  it('keeps nobody waiting for a work of another key', async () => {
    const turns = new Turns();
    let finish = (): void => undefined;
    const held = turns.take('a', () => new Promise<void>((resolve) => (finish = resolve)));

    expect(await turns.take('b', () => Promise.resolve('done'))).toBe('done');

    finish();
    await held;
  });
});
