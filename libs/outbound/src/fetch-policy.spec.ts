import { describe, expect, it } from '@jest/globals';

import type { OutboundConfig } from '@tenantry/config';
import { SafeOutbound } from './safe-outbound.js';

const STRICT: OutboundConfig = { insecureOrigins: [], insecureLoopback: false, allowedOrigins: [] };

function reasonFor(url: string, config: Partial<OutboundConfig> = {}): string | null {
  const resolve = (): never => {
    throw new Error('nobody is to be asked');
  };
  return new SafeOutbound({ ...STRICT, ...config }, { resolve }).explainUrl(url)?.reason ?? null;
}

describe('explainUrl', () => {
  it.each([
    'https://idp.example.com',
    'https://IDP.Example.com:8443/realms/a?b=c#d',
    'https://idp.example.com./',
    'https://bücher.example/',
    'https://xn--bcher-kva.example/',
    'https://8.8.8.8/',
    'https://134744072/',
    'https://[2606:4700::1111]/',
    'https://localhost.example.com/',
    'https://127.0.0.1.nip.io/',
  ])('has nothing against %s', (url) => {
    expect(reasonFor(url)).toBeNull();
  });

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0X7F.0.0.1/',
    'https://017700000001/',
    'https://0177.0.0.1/',
    'https://00000177.0.0.1/',
    'https://127.0.0.1./',
    'https://%31%32%37.0.0.1/',
    'https://１２７.０.０.１/',
    'https://①②⑦.⓪.⓪.①/',
    'https://127。0。0。1/',
    'https://0/',
    'https://0.0.0.0/',
    'https://10.0.0.1:6443/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://100.100.100.200/',
    'https://168.63.129.16/',
    'https://[::]/',
    'https://[::1]/',
    'https://[0000:0000::0001]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::FFFF:7F00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::a00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
    'https://localhost/',
    'https://LOCALHOST/',
    'https://localhost./',
    'https://ⓛocalhost/',
    'https://idp.localhost/',
  ])('forbids the address in %s', (url) => {
    expect(reasonFor(url)).toBe('address_forbidden');
  });

  it.each([
    'http://idp.example.com/',
    'HTTP://idp.example.com/',
    'ftp://idp.example.com/',
    'file:///etc/passwd',
    'data:application/json,{}',
    'javascript:1',
    'gopher://127.0.0.1:6379/',
    'ws://idp.example.com/',
    'blob:https://idp.example.com/1',
  ])('forbids the scheme of %s', (url) => {
    expect(reasonFor(url)).toBe('scheme_forbidden');
  });

  it.each([
    'https://user@idp.example.com/',
    'https://user:pass@idp.example.com/',
    'https://:pass@idp.example.com/',
    'https://idp.example.com:443@127.0.0.1/',
    'https://idp.example.com%2f@127.0.0.1/',
  ])('forbids the credentials in %s', (url) => {
    expect(reasonFor(url)).toBe('credentials_forbidden');
  });

  it.each([
    '',
    'idp.example.com',
    '//idp.example.com/',
    'https://',
    'https://[fe80::1%25eth0]/',
    'https://[::1%lo]/',
    'https://[::1]./',
    'https://256.256.256.256/',
    'https://1.2.3.4.5/',
    'https://idp.0x7f/',
    'https://idp.example.com:65536/',
    'https://idp .example.com/',
    'https://idp\t.example.com/',
    'https://idp.example.com/\r\nHost: other',
    ' https://idp.example.com/',
    'https:\\\\idp.example.com\\',
    'https://idp.example.com\\@127.0.0.1/',
    'https://idp.example.com/\u0000',
    `https://idp.example.com/${'a'.repeat(2_048)}`,
  ])('cannot read %j', (url) => {
    expect(reasonFor(url)).toBe('url_invalid');
  });

  it('forbids nothing of an origin that the operator named as insecure', () => {
    const config = { insecureOrigins: ['http://10.0.0.1:4000', 'http://localhost:4000'] };

    expect(reasonFor('http://10.0.0.1:4000/jwks', config)).toBeNull();
    expect(reasonFor('http://localhost:4000/jwks', config)).toBeNull();
  });

  it.each([
    ['another port', 'http://10.0.0.1:4001/', 'scheme_forbidden'],
    ['another address', 'http://10.0.0.2:4000/', 'scheme_forbidden'],
    ['another scheme', 'https://10.0.0.1:4000/', 'address_forbidden'],
    ['a name that begins alike', 'http://10.0.0.1.example:4000/', 'scheme_forbidden'],
  ])('does not take %s for a named origin', (_, url, reason) => {
    expect(reasonFor(url, { insecureOrigins: ['http://10.0.0.1:4000'] })).toBe(reason);
  });

  it('lets an allowed origin be private, and never over http', () => {
    const config = { allowedOrigins: ['https://10.0.0.1', 'http://10.0.0.2'] };

    expect(reasonFor('https://10.0.0.1/', config)).toBeNull();
    expect(reasonFor('https://10.0.0.3/', config)).toBe('address_forbidden');
    expect(reasonFor('http://10.0.0.2/', config)).toBe('scheme_forbidden');
  });

  it.each(['https://169.254.169.254', 'https://[fd00:ec2::254]', 'https://224.0.0.1'])(
    'opens %s for nobody',
    (origin) => {
      const config = { allowedOrigins: [origin], insecureOrigins: [origin] };

      expect(reasonFor(`${origin}/`, config)).toBe('address_forbidden');
    },
  );

  it.each([
    ['http://127.0.0.1:4000/', null],
    ['http://[::1]:4000/', null],
    ['http://localhost:4000/', null],
    ['https://localhost:4000/', null],
    ['http://may-be-loopback.example/', null],
    ['https://idp.example.com/', null],
    ['http://8.8.8.8/', 'scheme_forbidden'],
    ['http://10.0.0.1/', 'address_forbidden'],
    ['https://10.0.0.1/', 'address_forbidden'],
    ['http://0.0.0.0:4000/', 'address_forbidden'],
    ['ftp://127.0.0.1/', 'scheme_forbidden'],
  ])('with insecure loopback says of %s: %s', (url, reason) => {
    expect(reasonFor(url, { insecureLoopback: true })).toBe(reason);
  });
});
