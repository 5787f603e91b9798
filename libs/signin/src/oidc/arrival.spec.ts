import { describe, expect, it } from '@jest/globals';

import { MasterKey, Sealer } from '@tenantry/crypto';
import { TestClock } from '@tenantry/testing';
import { arrivalPage } from './arrival-page.js';
import { RETURN_PATH, returnUrl } from './return-path.js';
import { transactionOf } from './transaction-cookie.js';
import { Transactions } from './transactions.js';

const TRANSACTION = {
  tenantId: '01981f7c-3b1e-7c2a-9d4e-5f6071829304',
  registrationId: '01981f7c-3b1e-7c2a-9d4e-5f6071829305',
  state: 's',
  nonce: 'n',
  codeVerifier: 'v',
  returnTo: '/',
  previousSessionId: null,
};

describe('a path to return to', () => {
  it.each([
    ['/', 'https://us.example/'],
    ['/a/b?c=d#e', 'https://us.example/a/b?c=d#e'],
    ['/?next=//evil.example', 'https://us.example/?next=//evil.example'],
    ['/.//evil.example', 'https://us.example//evil.example'],
    ['/"><script>', 'https://us.example/%22%3E%3Cscript%3E'],
  ])('leads from %s to our own address', (path, url) => {
    expect(RETURN_PATH.test(path)).toBe(true);
    expect(returnUrl('https://us.example', path)).toBe(url);
  });

  it.each([
    '',
    'a',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    ' /a',
    '/a\\b',
    '/\t/evil.example',
    '/\n/evil.example',
    '/a\u0000',
    '/a\u0085',
  ])('is not %j', (path) => {
    expect(RETURN_PATH.test(path)).toBe(false);
    expect(returnUrl('https://us.example', path)).toBe('https://us.example/');
  });

  it('stands in the page as text, whatever is in it', () => {
    const page = arrivalPage(`https://us.example/?a='"><script>&b`);

    expect(page).toContain('url=https://us.example/?a=&#39;&quot;&gt;&lt;script&gt;&amp;b"');
    expect(page).not.toContain('<script');
  });
});

describe('a sign-in under way', () => {
  const clock = new TestClock();
  const sealer = new Sealer(new MasterKey(Buffer.alloc(32, 7)));
  const transactions = new Transactions(sealer, clock);

  it('opens as it was sealed, for ten minutes', () => {
    const sealed = transactions.seal(TRANSACTION);

    clock.advance(599_999);
    expect(transactions.open(sealed)).toEqual(TRANSACTION);
    clock.advance(1);
    expect(() => transactions.open(sealed)).toThrow('Begin anew');
  });

  it.each([
    ['nothing', null],
    ['an empty text', ''],
    ['made up text', 'AAAA'],
    [
      'what was sealed for something else',
      sealer
        .seal(Buffer.from(JSON.stringify({ ...TRANSACTION, endsAtMs: 9e15 })), 'refresh-token')
        .toString('base64url'),
    ],
  ])('does not open from %s', (_, text) => {
    expect(() => transactions.open(text)).toThrow('Begin anew');
  });

  it.each([
    [undefined, null],
    ['a=b', null],
    ['__Host-tenantry-signin=', null],
    ['a=b; __Host-tenantry-signin=x; c=d', 'x'],
    ['__Host-tenantry-signin=x; __Host-tenantry-signin=y', null],
    ['__host-tenantry-signin=x', null],
    [`__Host-tenantry-signin=${'x'.repeat(4_097)}`, null],
  ])('is found in the cookies %j as %j', (header, text) => {
    expect(transactionOf(header)).toBe(text);
  });
});
