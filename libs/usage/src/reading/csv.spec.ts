import { describe, expect, it } from '@jest/globals';

import { csvLine, csvOf, textCell } from './csv.js';
import { prefersCsv } from './media.js';

describe('textCell', () => {
  it.each([
    [null, ''],
    ['', ''],
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    ["it's", "it's"],
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['-1', "'-1"],
    ['@sum', "'@sum"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['\n=1', '"\'\n=1"'],
    [' =1', "' =1"],
    ['\u00a0 @sum', "'\u00a0 @sum"],
    [' plain', ' plain'],
    ['=cmd|"/c calc",1', '"\'=cmd|""/c calc"",1"'],
  ])('writes %j as %j', (text, cell) => {
    expect(textCell(text)).toBe(cell);
  });
});

describe('csvOf', () => {
  const told: number[] = [];

  async function* pages(lengths: readonly number[]): AsyncGenerator<readonly number[], void> {
    for (const length of lengths) {
      told.push(length);
      yield await Promise.resolve(Array.from({ length }, (_, n) => n));
    }
  }

  const textOf = async (lengths: readonly number[]): Promise<string> =>
    (await (await csvOf(['n'], pages(lengths), (n) => [String(n)])).toArray()).join('');

  it('writes a heading, and a line a row', async () => {
    expect(await textOf([2, 1])).toBe('n\r\n0\r\n1\r\n0\r\n');
    expect(await textOf([])).toBe('n\r\n');
    expect(csvLine(['a', 'b'])).toBe('a,b\r\n');
  });

  it('fails before it begins where the first page cannot be read', async () => {
    async function* failing(): AsyncGenerator<readonly number[], void> {
      await Promise.reject(new Error('no database'));
    }

    await expect(csvOf(['n'], failing(), () => [])).rejects.toThrow('no database');
  });

  it('reads no further than it is read itself', async () => {
    told.length = 0;
    const pageCount = 1_000;
    const file = await csvOf(['n'], pages(Array.from({ length: pageCount }, () => 100)), (n) => [
      String(n),
    ]);

    await file.iterator({ destroyOnReturn: false }).next();

    expect(told.length).toBeLessThan(pageCount / 2);
    file.destroy();
  });
});

describe('prefersCsv', () => {
  it.each([
    ['text/csv', true],
    ['TEXT/CSV; charset=utf-8', true],
    ['text/csv, application/json', true],
    ['application/json;q=0.5, text/csv;q=0.8', true],
    ['application/json, text/csv;q=0.9', false],
    ['text/csv;q=0', false],
    ['application/json', false],
    ['*/*', false],
    ['', false],
    [undefined, false],
  ])('of %j is %j', (accept, wanted) => {
    expect(prefersCsv(accept)).toBe(wanted);
  });
});
