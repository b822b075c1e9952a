import { describe, expect, test } from 'vitest';
import { formatIpv6, parseIpv4, parseIpv6 } from '../../../caster/ntrip/ip-address.ts';
import { type ProxyHeader, parseProxyHeader } from '../../../caster/ntrip/proxy-protocol.ts';
import { integerBelow, randomSource } from './random.ts';

const SEED = 1929;
const SIGNATURE = '0d0a0d0a000d0a515549540a';
/** 203.0.113.7:51234 to 192.0.2.1:2101. */
const IPV4 = 'cb007107c0000201c8220835';
/** 2001:db8::7 port 51234 to 2001:db8::1 port 2101. */
const IPV6 = '20010db800000000000000000000000720010db8000000000000000000000001c8220835';
/** PP2_TYPE_NOOP with two bytes. */
const TLV = '040002aabb';

const REQUEST = Buffer.from('GET /M HTTP/1.0\r\n');

function ok(address: string | undefined, port: number | undefined, header: Buffer): ProxyHeader {
  return { ok: true, address, port, bytesUsed: header.length };
}

describe('a PROXY header', () => {
  const cases: [string, Buffer, string | undefined, number | undefined][] = [
    ['v1 over IPv4', Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 51234 2101\r\n'), '203.0.113.7', 51234],
    [
      'v1 over IPv6',
      Buffer.from('PROXY TCP6 2001:DB8:0:0::7 2001:db8::1 51234 2101\r\n'),
      '2001:db8::7',
      51234,
    ],
    ['v1 unknown', Buffer.from('PROXY UNKNOWN\r\n'), undefined, undefined],
    ['v1 unknown with words', Buffer.from('PROXY UNKNOWN ffff:f::1 x 65535 65535\r\n'), undefined, undefined],
    ['v2 over IPv4', Buffer.from(`${SIGNATURE}2111000c${IPV4}`, 'hex'), '203.0.113.7', 51234],
    ['v2 over IPv4 with TLVs', Buffer.from(`${SIGNATURE}21110011${IPV4}${TLV}`, 'hex'), '203.0.113.7', 51234],
    ['v2 over IPv6', Buffer.from(`${SIGNATURE}21210024${IPV6}`, 'hex'), '2001:db8::7', 51234],
    ['v2 local', Buffer.from(`${SIGNATURE}20000000`, 'hex'), undefined, undefined],
    ['v2 local with addresses', Buffer.from(`${SIGNATURE}2011000c${IPV4}`, 'hex'), undefined, undefined],
    ['v2 unspecified with a TLV', Buffer.from(`${SIGNATURE}21000005${TLV}`, 'hex'), undefined, undefined],
    [
      'v2 over a UNIX socket',
      Buffer.from(`${SIGNATURE}213100d8${'00'.repeat(216)}`, 'hex'),
      undefined,
      undefined,
    ],
  ];
  test.each(cases)('%s is read', (_name, header, address, port) => {
    expect(parseProxyHeader(Buffer.concat([header, REQUEST]))).toStrictEqual(ok(address, port, header));
  });

  test.each(cases)('%s needs more at every byte before its end', (_name, header) => {
    const answers = Array.from({ length: header.length }, (_byte, i) =>
      parseProxyHeader(header.subarray(0, i)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toStrictEqual(
      new Set(['{"need":"more"}']),
    );
  });

  const damaged: [string, Buffer, (ProxyHeader & { bad: unknown })['bad']][] = [
    ['v1 without carriage return', Buffer.from('PROXY UNKNOWN\n'), 'bad_line'],
    ['v1 of another family', Buffer.from('PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n'), 'bad_line'],
    ['v1 with surplus words', Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n'), 'bad_line'],
    ['v1 with a wrong address', Buffer.from('PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n'), 'bad_addresses'],
    [
      'v1 with the wrong family of address',
      Buffer.from('PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n'),
      'bad_addresses',
    ],
    ['v1 with a wrong port', Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n'), 'bad_addresses'],
    ['v1 without addresses', Buffer.from('PROXY TCP4\r\n'), 'bad_addresses'],
    ['v1 that does not end', Buffer.from(`PROXY TCP4 ${'1'.repeat(100)}`), 'line_too_long'],
    ['v1 that ends too late', Buffer.from(`PROXY UNKNOWN ${'1'.repeat(100)}\r\n`), 'line_too_long'],
    ['v2 of version 3', Buffer.from(`${SIGNATURE}31110000`, 'hex'), 'bad_version'],
    ['v2 with a strange command', Buffer.from(`${SIGNATURE}22110000`, 'hex'), 'bad_command'],
    ['v2 too short for its addresses', Buffer.from(`${SIGNATURE}2111000b${IPV4}`, 'hex'), 'bad_addresses'],
    ['v2 of 64 KiB', Buffer.from(`${SIGNATURE}2111ffff`, 'hex'), 'header_too_long'],
  ];
  test.each(damaged)('%s is bad', (_name, header, bad) => {
    expect(parseProxyHeader(header)).toStrictEqual({ bad });
  });

  test.each(['GET / HTTP/1.0\r\n', 'P OST', 'PUT /M', 'POST /M', '\r\n\r\nGET', 'PROXIES'])(
    'is not: %j',
    (text) => {
      expect(parseProxyHeader(Buffer.from(text))).toStrictEqual({ none: true });
    },
  );

  test(`of random bytes never throws (seed ${SEED})`, () => {
    const random = randomSource(SEED);
    for (let round = 0; round < 50_000; round++) {
      const start =
        integerBelow(random, 2) === 0 ? Buffer.from(SIGNATURE, 'hex') : Buffer.from('PROXY TCP4 ');
      const tail = Buffer.from(
        Array.from({ length: integerBelow(random, 60) }, () => integerBelow(random, 256)),
      );
      const answer = parseProxyHeader(Buffer.concat([start, tail]));
      if ('ok' in answer && answer.bytesUsed > start.length + tail.length) expect.fail(`round ${round}`);
    }
  });
});

describe('IP addresses', () => {
  /** What the platform's URL parser makes of an IPv6 address: RFC 5952 text, or nothing. */
  function judged(text: string): string | undefined {
    return URL.canParse(`http://[${text}]/`) ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : undefined;
  }

  const addresses = [
    '::',
    '::1',
    '1::',
    '2001:db8::7',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '1:0:0:4:0:0:0:8',
    '1:0:0:2:3:0:0:4',
    '0:0:1::',
    'fe80::1:0:0:1',
    '64:ff9b::192.0.2.33',
    'ABCD::ef01',
    '1:2:3:4:5:6:7',
    '1::2::3',
    '12345::',
    ':1',
    '1:',
    '::1.2.3',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:8:9',
    '1::2:3:4:5:6:7:8',
    'g::',
    '',
    ':::',
  ];
  test.each(addresses)('IPv6 "%s" is read as the platform reads it', (text) => {
    const bytes = parseIpv6(text);
    expect(bytes === undefined ? undefined : formatIpv6(bytes)).toBe(judged(text));
  });

  test('an IPv4-mapped address is written as IPv4', () => {
    expect(formatIpv6(parseIpv6('::ffff:192.0.2.1') ?? [])).toBe('192.0.2.1');
  });

  test.each(['1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', 'a.b.c.d', '', '256.1.1.1'])(
    'IPv4 "%s" is none',
    (text) => expect(parseIpv4(text)).toBeUndefined(),
  );
});
