import { describe, expect, it } from '@jest/globals';

import { PageDtoOf, pageOf } from './page.dto.js';

const letters = (rows: readonly string[]) =>
  pageOf(
    rows,
    2,
    (row) => row.toUpperCase(),
    (row) => `after ${row}`,
  );

describe('pageOf', () => {
  it.each([
    [[], { items: [], nextCursor: null }],
    [['a'], { items: ['A'], nextCursor: null }],
    [['a', 'b'], { items: ['A', 'B'], nextCursor: null }],
    [['a', 'b', 'c'], { items: ['A', 'B'], nextCursor: 'after b' }],
  ])('makes a page of %j', (rows, page) => {
    expect(letters(rows)).toEqual(page);
  });

  it('fills the response class of a list', () => {
    class LetterDto {
      readonly letter!: string;
    }
    class LettersPageDto extends PageDtoOf(LetterDto) {}

    const page = new LettersPageDto({ items: [{ letter: 'a' }], nextCursor: null });

    expect(page).toMatchObject({ items: [{ letter: 'a' }], nextCursor: null });
  });
});
