import { describe, expect, it } from '@jest/globals';

import { isForbiddenAddress, kindOf } from './address.js';

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001::1',
  '2A00:1450:4001::1',
  '::ffff:8.8.8.8',
];

const FORBIDDEN: readonly (readonly [string, readonly string[]])[] = [
  ['unspecified', ['0.0.0.0', '0.1.2.3', '::', '0:0:0:0:0:0:0:0']],
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1']],
  ['private', ['10.0.0.0', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1']],
  ['carrier-grade NAT', ['100.64.0.1', '100.127.255.255']],
  ['link-local', ['169.254.0.1', '169.254.255.255', 'fe80::1', 'febf::1', 'fe80::1%eth0']],
  ['unique local', ['fc00::1', 'fd12:3456:789a::1', 'FD00::1', 'fec0::1', 'feff::1']],
  ['a zone of this machine', ['2606:4700::1%eth0', '::1%lo']],
  [
    'metadata of a cloud',
    [
      '169.254.169.254',
      '169.254.170.2',
      '100.100.100.200',
      '168.63.129.16',
      '192.0.0.192',
      'fd00:ec2::254',
      'fd00:0ec2:0:0:0:0:0:254',
      'fd00:ec2::23',
      'fd20:ce::254',
      'fd00:42::42',
      'fd00:c1::a9fe:a9fe',
      '::ffff:168.63.129.16',
    ],
  ],
  ['multicast and broadcast', ['224.0.0.1', '239.255.255.255', 'ff02::1', '255.255.255.255']],
  ['reserved', ['192.0.0.1', '192.88.99.1', '240.0.0.1', '254.255.255.255', '192.52.193.1']],
  ['benchmarks', ['198.18.0.1', '198.19.255.255', '2001:2::1']],
  ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1']],
  [
    'mapped IPv4',
    ['::ffff:127.0.0.1', '::ffff:7f00:1', '::FFFF:10.0.0.1', '::ffff:169.254.169.254'],
  ],
  ['compatible IPv4', ['::127.0.0.1', '::7f00:1', '::10.0.0.1', '::8.8.8.8']],
  ['translated IPv4', ['::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8']],
  ['NAT64', ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::8.8.8.8', '64:ff9b:1::1']],
  ['6to4', ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:808:808::']],
  ['Teredo', ['2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2']],
  [
    'tunnels, identifiers and sinks',
    ['2001:3::1', '2001:10::1', '2001:20::1', '100::1', '5f00::1'],
  ],
  ['what nobody assigned', ['4000::1', '8000::1', 'c000::1', 'e000::1', 'fe00::1', '200::1']],
  [
    'another spelling of an address',
    ['2130706433', '0x7f000001', '017700000001', '127.1', '0177.0.0.1', '010.8.8.8', '8.8.8.8 '],
  ],
  ['no address', ['', 'localhost', 'example.com', '8.8.8', '8.8.8.8/32', '[::1]', '1.2.3.4:80']],
];

describe('isForbiddenAddress', () => {
  it.each(PUBLIC)('lets %s pass', (address) => {
    expect(isForbiddenAddress(address)).toBe(false);
  });

  it.each(FORBIDDEN.flatMap(([what, addresses]) => addresses.map((one) => [what, one] as const)))(
    'forbids %s: %s',
    (_, address) => {
      expect(isForbiddenAddress(address)).toBe(true);
    },
  );
});

describe('kindOf', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::127.0.0.1', 'forbidden'],
    ['::10.0.0.1', 'forbidden'],
    ['64:ff9b::10.0.0.1', 'forbidden'],
    ['10.1.2.3', 'private'],
    ['fd12::1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.100.100.200', 'forbidden'],
    ['fd00:ec2::254', 'forbidden'],
    ['169.254.1.1', 'forbidden'],
  ])('sorts %s as %s, which decides what an operator may open', (address, kind) => {
    expect(kindOf(address)).toBe(kind);
  });
});
