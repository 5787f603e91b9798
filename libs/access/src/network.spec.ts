import { describe, expect, it } from '@jest/globals';

import { networkOf } from './network.js';

describe(networkOf.name, () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:0:1::1', '32.1.13.184.0.0.0.1/64'],
    ['2001:db8:0:1:ffff:ffff:ffff:ffff', '32.1.13.184.0.0.0.1/64'],
    ['2001:db8:0:2::1', '32.1.13.184.0.0.0.2/64'],
    ['', 'unknown'],
    ['localhost', 'unknown'],
  ])('puts %j into %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});
