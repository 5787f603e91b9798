import type { CursorCodec } from './cursor.js';
import { type Page, pageOf } from './page.dto.js';

/** Which list it is, and which page of it is wanted. */
export interface WantedPage {
  readonly list: string;
  /** Tenant and filters: what a cursor of it is good for. */
  readonly scope: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What to read for a page: so many rows behind this one, in the order of the list. */
export interface Stretch {
  /** The id of the last row of the page before; `null`: from the start. */
  readonly after: string | null;
  /** One more than the page holds. */
  readonly limit: number;
}

/** One page of a list that is sorted by id. Throws `CursorInvalid`. */
export async function pageById<Row extends { readonly id: string }>(
  cursors: CursorCodec,
  { list, scope, limit, cursor }: WantedPage,
  load: (stretch: Stretch) => Promise<readonly Row[]>,
): Promise<Page<Row>> {
  const after = cursor ? String(cursors.decode(list, scope, cursor)[0]) : null;
  return pageOf(
    await load({ after, limit: limit + 1 }),
    limit,
    (row) => row,
    ({ id }) => cursors.encode(list, scope, [id]),
  );
}
