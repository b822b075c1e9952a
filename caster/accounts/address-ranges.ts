// Which addresses an app's devices may come from, as its record holds it: JSON of addresses and ranges.

import { BlockList, isIPv6 } from 'node:net';

/** Undefined where every address may. */
export function addressRanges(json: string | null): ((address: string) => boolean) | undefined {
  if (json === null) return undefined;
  const list = new BlockList();
  for (const range of JSON.parse(json) as readonly string[]) {
    const [address = '', prefix] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
