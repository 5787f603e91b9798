import { describe, expect, it } from '@jest/globals';

import { claimAt, isClaimName } from './claim.js';

const CLAIMS = {
  sub: 'ada',
  'https://acme.example/roles': ['admin'],
  realm_access: { roles: ['builder'] },
  'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'ci' } },
  'a/b': { 'c~d': 1 },
  '/odd': 'named like a pointer',
  '': { '': 'empty' },
  nothing: null,
};

describe('claimAt', () => {
  it.each([
    ['sub', 'ada'],
    ['https://acme.example/roles', ['admin']],
    ['/realm_access/roles', ['builder']],
    ['/realm_access/roles/0', 'builder'],
    ['/kubernetes.io/serviceaccount/name', 'ci'],
    ['/a~1b/c~0d', 1],
    ['//', 'empty'],
    ['/nothing', null],
  ])('finds %s', (name, value) => {
    expect(claimAt(CLAIMS, name)).toEqual(value);
  });

  it.each([
    'absent',
    '/absent/deeper',
    '/sub/0',
    '/nothing/deeper',
    '/realm_access/roles/length',
    '/realm_access/roles/00',
    '/realm_access/roles/1',
    'constructor',
    '__proto__',
    '/constructor/name',
    '/realm_access/__proto__/toString',
  ])('finds nothing at %s', (name) => {
    expect(claimAt(CLAIMS, name)).toBeUndefined();
  });
});

describe('isClaimName', () => {
  it.each(['sub', 'https://acme.example/roles', 'a~b', '/a', '/a/b~1c~0d', '/a//b'])(
    'takes %s',
    (name) => {
      expect(isClaimName(name)).toBe(true);
    },
  );

  it.each(['', '/a~', '/a~2b', '/1/2/3/4/5/6/7/8/9'])('refuses %j', (name) => {
    expect(isClaimName(name)).toBe(false);
  });
});
