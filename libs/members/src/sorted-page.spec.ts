import { describe, expect, it } from '@jest/globals';

import { CursorCodec } from '@tenantry/http';
import { sortedPage } from './sorted-page.js';

const CURSORS = new CursorCodec(Buffer.alloc(32, 1));

const ITEMS = [
  { name: 'zeta', group: 0 },
  { name: 'alpha', group: 1 },
  { name: 'beta', group: 0 },
];

function page(items: readonly (typeof ITEMS)[number][], cursor?: string) {
  const shown = sortedPage(items, CURSORS, {
    list: 'letters',
    scope: 'tenant-a',
    placeOf: ({ group, name }) => [group, name],
    limit: 2,
    cursor,
  });
  return { names: shown.items.map(({ name }) => name), nextCursor: shown.nextCursor };
}

describe('sortedPage', () => {
  it('goes by group, then by name, and says where the next page begins', () => {
    const { names, nextCursor } = page(ITEMS);

    expect(names).toEqual(['beta', 'zeta']);
    expect(page(ITEMS, nextCursor ?? '')).toEqual({ names: ['alpha'], nextCursor: null });
  });

  it('goes on where it was although the last item of the page before is gone', () => {
    const { nextCursor } = page(ITEMS);

    expect(page(ITEMS.slice(1, 2), nextCursor ?? '').names).toEqual(['alpha']);
  });
});
