import { describe, expect, it } from '@jest/globals';

import { rotationDue, stateOf } from './secret.js';
import { versionNumberOf } from './secret-version-number.js';

const NOW = new Date('2026-11-22T12:00:00Z');
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

describe('stateOf', () => {
  it.each([
    ['current', null, null],
    ['current', inDays(15), inDays(1)],
    ['expiring', inDays(14), null],
    ['expiring', inDays(1), inDays(1)],
    ['rotation_due', null, NOW],
    ['rotation_due', inDays(1), inDays(-1)],
    ['expired', NOW, null],
    ['expired', inDays(-1), inDays(-1)],
  ])('is %s for what expires at %p and is due at %p', (state, expiresAt, rotationDueAt) => {
    expect(stateOf({ expiresAt, rotationDueAt }, NOW)).toBe(state);
  });
});

describe('rotationDue', () => {
  it('counts days from when the value was saved, where anybody asked for it', () => {
    expect(rotationDue(NOW, 90)).toEqual(inDays(90));
    expect(rotationDue(NOW, null)).toBeNull();
  });
});

describe('versionNumberOf', () => {
  it.each([
    ['1', 1],
    ['2147483647', 2_147_483_647],
    ['2147483648', null],
    ['0', null],
    ['01', null],
    ['-1', null],
    ['1e3', null],
    ['', null],
  ])('reads %j as %p', (text, version) => {
    expect(versionNumberOf(text)).toBe(version);
  });
});
