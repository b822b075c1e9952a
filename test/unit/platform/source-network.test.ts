// Tests who an address stands for where it is counted: Node's own list of networks says what lies in one /64.

import { BlockList } from 'node:net';
import { expect, test } from 'vitest';
import { sourceNetwork } from '../../../platform/source-network.ts';

test('an address of IPv4 stands for itself, also as a socket for both families writes it', () => {
  expect(['192.0.2.1', '::ffff:192.0.2.1'].map(sourceNetwork)).toEqual(['192.0.2.1', '192.0.2.1']);
});

test('of IPv6 stand for one source exactly those of one /64, however they are written', () => {
  const addresses = [
    ['::1', '0:0:0:0:1::', '0000:0::ffff'],
    ['2001:db8::1', '2001:0db8:0:0:ffff:ffff:ffff:ffff', '2001:DB8::5:6:7:8'],
    ['2001:db8:0:1::', '2001:db8:0:1:2:3:4:5'],
    ['fe80::1%eth0', 'fe80::2'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4::'],
  ];
  for (const [index, same] of addresses.entries()) {
    const [first = ''] = same;
    const network = new BlockList();
    network.addSubnet(first.split('%')[0]!, 64, 'ipv6');
    for (const [at, others] of addresses.entries()) {
      for (const other of others) {
        const isSame = network.check(other.split('%')[0]!, 'ipv6');
        expect([other, isSame]).toEqual([other, at === index]);
        expect([other, sourceNetwork(other) === sourceNetwork(first)]).toEqual([other, isSame]);
      }
    }
  }
});
