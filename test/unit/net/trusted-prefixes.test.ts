// Tests which proxies are believed, and what is believed of them. Ranges are judged by a second calculation on the bits
// of the addresses.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastForwardedHop, plainAddress, trustPrefixes } from '../../../caster/net/trusted-prefixes.ts';

function bitsOfIpv4(address: string): string {
  return address
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
}

const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.'));

describe('a list of trusted proxies', () => {
  test('trusts nobody where it is empty', () => {
    const trusts = trustPrefixes([]);
    expect([trusts('127.0.0.1'), trusts('::1')]).toEqual([false, false]);
  });

  test('trusts an IPv4 address exactly where its first bits are those of the range', () => {
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 1, max: 32 }), ipv4, fc.nat(32), (range, prefix, other, shared) => {
        const start = bitsOfIpv4(range).slice(0, shared);
        const bits = start + bitsOfIpv4(other).slice(shared);
        const address = [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join('.');
        const expected = bits.slice(0, prefix) === bitsOfIpv4(range).slice(0, prefix);
        expect(trustPrefixes([`${range}/${prefix}`])(address)).toBe(expected);
      }),
      { seed: 20_260_417, numRuns: 500 },
    );
  });

  test.each([
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::1', '2001:0db8:0000:0000:0000:0000:0000:0001', true],
    ['::/0', '2001:db8::1', true],
    ['10.0.0.0/8', '', false],
    ['10.0.0.0/8', 'unix', false],
  ])('the range %s holds %s: %s', (range, address, expected) => {
    expect(trustPrefixes([range])(address)).toBe(expected);
  });

  test('trusts whoever is in any of its ranges', () => {
    const trusts = trustPrefixes(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
    const asked = ['192.0.2.200', '2001:db8::9', '198.51.100.7', '198.51.100.8'];
    expect(asked.map(trusts)).toEqual([true, true, true, false]);
  });
});

describe('the plain form of an address', () => {
  test.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::1', '::1'],
    [undefined, ''],
  ])('of %s is %s', (address, expected) => {
    expect(plainAddress(address)).toBe(expected);
  });
});

describe('the last hop of X-Forwarded-For', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['203.0.113.1', '203.0.113.1'],
    ['203.0.113.1, 198.51.100.2', '198.51.100.2'],
    ['203.0.113.1,198.51.100.2 ', '198.51.100.2'],
    ['unknown, 198.51.100.2', '198.51.100.2'],
    ['203.0.113.1, unknown', undefined],
    ['203.0.113.1,', undefined],
    ['203.0.113.1:4711', undefined],
    ['2001:db8::7', '2001:db8::7'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ["192.0.2.1' OR 1=1", undefined],
  ])('of %j is %j', (header, expected) => {
    expect(lastForwardedHop(header)).toBe(expected);
  });
});
