import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** `null`: this was the last page. */
  readonly nextCursor: string | null;
}

/**
 * Makes a page of the rows that were read, one more than the page holds.
 *
 * The row too many is never shown: it only tells that there is a next page.
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toCursor: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > limit && last !== undefined ? toCursor(last) : null,
  };
}

/** The response class of a list of `item`: `class IssuersPageDto extends PageDtoOf(IssuerDto) {}`. */
export function PageDtoOf<Item>(item: Type<Item>): new (page: Page<Item>) => Page<Item> {
  class PageDto implements Page<Item> {
    @ApiProperty({ type: [item], description: 'The items of this page, in a stable order.' })
    readonly items: readonly Item[];

    @ApiProperty({
      type: 'string',
      nullable: true,
      description: 'Send it as ?cursor= for the next page; null on the last one.',
      example: null,
    })
    readonly nextCursor: string | null;

    constructor({ items, nextCursor }: Page<Item>) {
      this.items = items;
      this.nextCursor = nextCursor;
    }
  }
  return PageDto;
}
