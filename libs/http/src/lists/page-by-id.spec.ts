import { describe, expect, it, jest } from '@jest/globals';

import { CursorInvalid } from '../request.errors.js';
import { CursorCodec } from './cursor.js';
import { pageById, type Stretch } from './page-by-id.js';

const cursors = new CursorCodec(Buffer.alloc(32, 1));
const wanted = { list: 'issuers', scope: 'tenant-a', limit: 2 };

const rows = ['a', 'b', 'c'].map((id) => ({ id, name: `name of ${id}` }));
const read = ({ after, limit }: Stretch) =>
  Promise.resolve(rows.filter(({ id }) => after === null || id > after).slice(0, limit));

describe(pageById.name, () => {
  it('goes through a list page by page', async () => {
    const load = jest.fn(read);

    const first = await pageById(cursors, wanted, load);
    const second = await pageById(cursors, { ...wanted, cursor: first.nextCursor ?? '' }, load);

    expect(first.items).toEqual([
      { id: 'a', name: 'name of a' },
      { id: 'b', name: 'name of b' },
    ]);
    expect(first.nextCursor).toBe(cursors.encode('issuers', 'tenant-a', ['b']));
    expect(second).toEqual({ items: [{ id: 'c', name: 'name of c' }], nextCursor: null });
    expect(load.mock.calls).toEqual([[{ after: null, limit: 3 }], [{ after: 'b', limit: 3 }]]);
  });

  it.each([
    ['another list', { list: 'members' }],
    ['another scope', { scope: 'tenant-b' }],
    ['nobody’s making', { cursor: 'made-up' }],
  ])('refuses a cursor of %s, and reads nothing', async (_, other) => {
    const load = jest.fn(read);
    const cursor = cursors.encode('issuers', 'tenant-a', ['b']);

    const page = pageById(cursors, { ...wanted, cursor, ...other }, load);

    await expect(page).rejects.toBeInstanceOf(CursorInvalid);
    expect(load).not.toHaveBeenCalled();
  });
});
