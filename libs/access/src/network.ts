import ipaddr from 'ipaddr.js';

const IPV6_NETWORK_BYTES = 8;

/** Where somebody sits: an IPv4 address, or the /64 that an IPv6 host has to itself. */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${address.toByteArray().slice(0, IPV6_NETWORK_BYTES).join('.')}/64`;
}
