import { isIP, isIPv6 } from 'node:net';

import ipaddr from 'ipaddr.js';

/** What an address means for a fetch; nobody can be named to reach a `forbidden` one. */
export type AddressKind = 'public' | 'loopback' | 'private' | 'forbidden';

/** Ranges that an operator may open for a named origin; whatever is not listed stays forbidden. */
const KIND_OF_RANGE: Readonly<Record<string, AddressKind>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
};

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Where clouds hand out credentials, outside of link-local: some of these lie in ranges that an
 * operator may open, and that of Azure is a public address.
 */
const METADATA: ReadonlySet<string> = new Set([
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure
  'fd00:42::42', // Scaleway
  'fd00:c1::a9fe:a9fe', // Oracle
  'fd00:ec2::23', // Amazon, credentials of a pod
  'fd00:ec2::254', // Amazon
  'fd20:ce::254', // Google
]);

/** Whether nobody may be fetched from `address` unless the operator says so; anything unreadable is forbidden. */
export function isForbiddenAddress(address: string): boolean {
  return kindOf(address) !== 'public';
}

/** Sorts an address as a resolver writes it; any other spelling of one is forbidden. */
export function kindOf(address: string): AddressKind {
  // Strict first: ipaddr.js reads 010.0.0.1 as octal, where another reader sees 10.0.0.1. A zone is
  // an interface of this machine, and no foreign server stands behind that.
  if (isIP(address) === 0 || address.includes('%')) return 'forbidden';

  const parsed = ipaddr.process(canonical(address));
  if (METADATA.has(parsed.toString())) return 'forbidden';
  const kind = KIND_OF_RANGE[parsed.range()] ?? 'forbidden';
  return kind === 'public' && !isAssigned(parsed) ? 'forbidden' : kind;
}

/** ipaddr.js reads `::8.8.8.8` as the mapped address, which is another one; in hexadecimal it does not. */
function canonical(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/** ipaddr.js calls unicast what it has no name for, the IPv4-compatible `::127.0.0.1` among it. */
function isAssigned(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}
