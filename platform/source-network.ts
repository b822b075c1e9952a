// Who an address stands for where it is counted how often somebody fails or asks. Whoever has IPv6 has a /64 of it, and
// with that as many addresses as he likes: all of them are one.

/** The address itself of IPv4, also as ::ffff:1.2.3.4; of IPv6 its /64. */
export function sourceNetwork(address: string): string {
  if (!address.includes(':')) return address;
  if (MAPPED.test(address)) return address.replace(MAPPED, '');
  const [front = '', back] = address.split('%', 1)[0]!.split('::', 2);
  const groups = groupsOf(front);
  if (back !== undefined) {
    const missing = Math.max(0, GROUPS - groups.length - groupsOf(back).length);
    groups.push(...Array<string>(missing).fill('0'), ...groupsOf(back));
  }
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase());
  return `${network.join(':')}::/64`;
}

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
const GROUPS = 8;
const NETWORK_GROUPS = 4;

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':');
}
