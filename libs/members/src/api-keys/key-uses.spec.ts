import { describe, expect, it } from '@jest/globals';

import { type KeyUse, KeyUses } from './key-uses.js';

const use = (id: string, second = 0): KeyUse => ({
  id,
  tenantId: 'tenant-a',
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
  ip: `192.0.2.${second}`,
});

describe('KeyUses', () => {
  it('writes once for a thousand uses, and of each key the last', async () => {
    const written: (readonly KeyUse[])[] = [];
    const uses = new KeyUses((batch) => Promise.resolve(void written.push(batch)));

    for (let index = 0; index < 500; index += 1) {
      uses.note(use('a', index % 60));
      uses.note(use('b', index % 60));
    }
    await uses.flush();

    // 499 % 60
    const last = [use('a', 19), use('b', 19)];
    expect(written).toHaveLength(1);
    expect(written[0]).toHaveLength(2);
    expect(written[0]).toEqual(expect.arrayContaining(last));
  });

  it('writes nothing where nothing was used, or where all is written', async () => {
    const written: (readonly KeyUse[])[] = [];
    const uses = new KeyUses((batch) => Promise.resolve(void written.push(batch)));

    await uses.flush();
    uses.note(use('a'));
    await uses.flush();
    await uses.flush();

    expect(written).toEqual([[use('a')]]);
  });

  it('tries again what could not be written, unless the key was used since', async () => {
    const written: (readonly KeyUse[])[] = [];
    let isDown = true;
    const uses = new KeyUses((batch) => {
      if (isDown) {
        uses.note(use('b', 7));
        return Promise.reject(new Error('the database is down'));
      }
      return Promise.resolve(void written.push(batch));
    });
    uses.note(use('a', 1));
    uses.note(use('b', 1));

    await expect(uses.flush()).rejects.toThrow('the database is down');
    isDown = false;
    await uses.flush();

    expect(written).toHaveLength(1);
    expect(written[0]).toHaveLength(2);
    expect(written[0]).toEqual(expect.arrayContaining([use('a', 1), use('b', 7)]));
  });

  it('keeps a bounded number, those used last', async () => {
    const written: (readonly KeyUse[])[] = [];
    const uses = new KeyUses((batch) => Promise.resolve(void written.push(batch)), 2);

    for (const id of ['a', 'b', 'a', 'c']) uses.note(use(id));
    await uses.flush();

    expect(written[0]?.map(({ id }) => id).sort()).toEqual(['a', 'c']);
  });
});
