import { describe, expect, it } from '@jest/globals';

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

  it('keeps nobody waiting for a work of another key', async () => {
    const turns = new Turns();
    let finish = (): void => undefined;
    const held = turns.take('a', () => new Promise<void>((resolve) => (finish = resolve)));

    expect(await turns.take('b', () => Promise.resolve('done'))).toBe('done');

    finish();
    await held;
  });
});
