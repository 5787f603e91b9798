import { type CursorCodec, type Page, pageOf } from '@tenantry/http';

/** Where an item stands in a short list that is sorted in memory: its group, then its name. */
export type Place = readonly [group: number, name: string];

/** Which list it is, and which page of it is wanted. */
export interface SortedPage<Item> {
  readonly list: string;
  /** Tenant and filters: what a cursor of it is good for. */
  readonly scope: string;
  readonly placeOf: (item: Item) => Place;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of a list that is at hand as a whole; a cursor holds although items come and go. */
export function sortedPage<Item>(
  items: readonly Item[],
  cursors: CursorCodec,
  { list, scope, placeOf, limit, cursor }: SortedPage<Item>,
): Page<Item> {
  const sorted = items.toSorted((one, other) => compare(placeOf(one), placeOf(other)));
  const [group, name] = cursor === undefined ? [] : cursors.decode(list, scope, cursor);
  const after: Place | null = name === undefined ? null : [Number(group), String(name)];
  return pageOf(
    after ? sorted.filter((item) => compare(placeOf(item), after) > 0) : sorted,
    limit,
    (item) => item,
    (item) => cursors.encode(list, scope, placeOf(item)),
  );
}

function compare([group, name]: Place, [otherGroup, otherName]: Place): number {
  if (group !== otherGroup) return group - otherGroup;
  if (name === otherName) return 0;
  return name < otherName ? -1 : 1;
}
