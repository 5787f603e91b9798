import { describe, expect, it } from '@jest/globals';

import { CursorInvalid } from '../request.errors.js';
import { CursorCodec } from './cursor.js';

const codec = new CursorCodec(Buffer.alloc(32, 1));
const position = ['2026-11-21T23:05:00.000Z', 'b/ü', 7] as const;
const cursor = codec.encode('issuers', 'tenant-a?status=enabled', position);

describe('CursorCodec', () => {
  it('gives back the position that it was given', () => {
    expect(codec.decode('issuers', 'tenant-a?status=enabled', cursor)).toEqual(position);
  });

  it('writes cursors that need no escaping in a URL', () => {
    expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,512}$/);
  });

  it.each([
    ['another list', 'members', 'tenant-a?status=enabled'],
    ['another tenant', 'issuers', 'tenant-b?status=enabled'],
    ['other filters', 'issuers', 'tenant-a'],
    ['a list and a scope that read alike', 'issuerstenant-a', '?status=enabled'],
  ])('refuses a cursor of %s', (_, list, scope) => {
    expect(() => codec.decode(list, scope, cursor)).toThrow(CursorInvalid);
  });

  it('refuses a cursor of another key', () => {
    const other = new CursorCodec(Buffer.alloc(32, 2));

    expect(() => other.decode('issuers', 'tenant-a?status=enabled', cursor)).toThrow(CursorInvalid);
  });

  it('refuses a cursor of which any bit was changed', () => {
    const bytes = Buffer.from(cursor, 'base64url');

    for (let index = 0; index < bytes.length; index += 1) {
      const forged = Buffer.from(bytes);
      forged[index] = (forged[index] ?? 0) ^ 1;
      const text = forged.toString('base64url');
      expect(() => codec.decode('issuers', 'tenant-a?status=enabled', text)).toThrow(CursorInvalid);
    }
  });

  it.each([
    '',
    'a',
    '!',
    `${cursor}=`,
    ` ${cursor}`,
    `${cursor}!`,
    cursor.slice(0, 20),
    'ü'.repeat(40),
  ])('refuses %j', (text) => {
    expect(() => codec.decode('issuers', 'tenant-a?status=enabled', text)).toThrow(CursorInvalid);
  });

  it('makes no cursor that a list query would refuse', () => {
    expect(() => codec.encode('issuers', 'tenant-a', ['x'.repeat(400)])).toThrow('too long');
  });

  it('wants a key of 32 bytes', () => {
    expect(() => new CursorCodec(Buffer.alloc(31))).toThrow('32 bytes');
  });
});
