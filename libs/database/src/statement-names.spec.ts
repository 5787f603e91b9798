import { describe, expect, it } from '@jest/globals';

import { statementNames } from './statement-names.js';

describe('statementNames', () => {
  it('gives the same SQL the same name, and other SQL another', () => {
    const nameOf = statementNames();

    const names = ['select 1', 'select 2', 'select 1'].map((sql) => nameOf({ sql }));

    expect(names).toEqual(['tenantry_0', 'tenantry_1', 'tenantry_0']);
  });

  it.each(['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT one', 'RELEASE SAVEPOINT one'])(
    'leaves %s unnamed',
    (sql) => {
      expect(statementNames()({ sql })).toBeUndefined();
    },
  );

  it('leaves ever new SQL unnamed at last, and remembers what it knew', () => {
    const nameOf = statementNames();
    for (let index = 0; index < 500; index++) nameOf({ sql: `select ${index}` });

    expect(nameOf({ sql: 'select 500' })).toBeUndefined();
    expect(nameOf({ sql: 'select 499' })).toBe('tenantry_499');
  });
});
