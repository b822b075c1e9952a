// The proxies whose word about a device's address is taken, and that word itself (X-Forwarded-For).

import { BlockList, isIP, isIPv6 } from 'node:net';

export type TrustedPrefixes = (address: string) => boolean;

/** `ranges` are validated addresses or CIDR ranges of the configuration. */
export function trustPrefixes(ranges: readonly string[]): TrustedPrefixes {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** IPv4 addresses in their plain form also where the socket is an IPv6 one (RFC 4291 §2.5.5.2). */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** The last hop a trusted proxy named: the only one that it has seen itself. Undefined where it is no address. */
export function lastForwardedHop(forwardedFor: string | undefined): string | undefined {
  const hop = forwardedFor?.split(',').at(-1)?.trim();
  return hop !== undefined && isIP(hop) !== 0 ? plainAddress(hop) : undefined;
}
