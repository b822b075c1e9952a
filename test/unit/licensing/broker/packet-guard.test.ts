// Tests what of MQTT 3.1.1 gets past the guard: a table of packets, each with the rule of the standard that it keeps or
// breaks, whatever aedes would make of it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PacketGuard } from '../../../../licensing/broker/packet-guard.ts';
import { ack, CLEAN, connect, packet, publish, subscribe, text, unsubscribe } from './mqtt-bytes.ts';

const RULES = { bytesMax: 1000, levelsMax: 4, filtersMax: 3, sendsQos2: false, judge: () => undefined };
const NAME = text('car1');
const HELLO = connect(CLEAN, ...NAME);

function guard(rules: Partial<typeof RULES> = {}) {
  return new PacketGuard<never>({ ...RULES, ...rules });
}

/** What is said of the last of these packets. */
function verdict(packets: readonly Buffer[], rules: Partial<typeof RULES> = {}): string {
  const one = guard(rules);
  let last = 'ok';
  for (const bytes of packets) {
    const passed = one.take(bytes);
    last = passed.ok ? (passed.packets.length === 1 ? 'ok' : 'waits') : passed.reason;
  }
  return last;
}

const SURROGATE = [0xed, 0xa0, 0x80];
const OVERLONG_ZERO = [0xc0, 0x80];

describe('a CONNECT', () => {
  test.each<[string, Buffer, string]>([
    ['as it should be', HELLO, 'ok'],
    ['of MQTT 3.1', packet(0x10, ...text('MQIsdp'), 3, CLEAN, 0, 60, ...NAME), 'ok'],
    ['with user and password', connect(0xc2, ...NAME, ...text('u'), ...text('p')), 'ok'],
    ['with a user only', connect(0x82, ...NAME, ...text('u')), 'ok'],
    ['with a will', connect(0x0e, ...NAME, ...text('a/b'), ...text('bye')), 'ok'],
    ['without a name, clean [MQTT-3.1.3-7]', connect(CLEAN, ...text('')), 'ok'],
    ['without a name, to be kept [MQTT-3.1.3-8]', connect(0, ...text('')), 'client_id_empty'],
    [
      'of MQTT 3.1 without a name',
      packet(0x10, ...text('MQIsdp'), 3, CLEAN, 0, 60, ...text('')),
      'client_id_empty',
    ],
    ['of MQTT 5', packet(0x10, ...text('MQTT'), 5, CLEAN, 0, 60, 0, ...NAME), 'protocol_level'],
    [
      'of MQTT 3.1 by the newer name',
      packet(0x10, ...text('MQTT'), 3, CLEAN, 0, 60, ...NAME),
      'protocol_level',
    ],
    ['of a bridge', packet(0x10, ...text('MQTT'), 0x84, CLEAN, 0, 60, ...NAME), 'protocol_level'],
    [
      'of another protocol [MQTT-3.1.2-1]',
      packet(0x10, ...text('MQTS'), 4, CLEAN, 0, 60, ...NAME),
      'packet_malformed',
    ],
    ['with flags in its first byte [MQTT-2.2.2-2]', packet(0x11, ...HELLO.subarray(2)), 'packet_malformed'],
    ['with the reserved flag [MQTT-3.1.2-3]', connect(0x03, ...NAME), 'packet_malformed'],
    [
      'with a will of QoS 3 [MQTT-3.1.2-14]',
      connect(0x1e, ...NAME, ...text('a'), ...text('b')),
      'packet_malformed',
    ],
    ['with QoS and no will [MQTT-3.1.2-13]', connect(0x0a, ...NAME), 'packet_malformed'],
    ['with retain and no will [MQTT-3.1.2-15]', connect(0x22, ...NAME), 'packet_malformed'],
    ['with a password and no user [MQTT-3.1.2-22]', connect(0x42, ...NAME, ...text('p')), 'packet_malformed'],
    ['that says will and has none', connect(0x06, ...NAME), 'packet_malformed'],
    ['that says user and has none', connect(0x82, ...NAME), 'packet_malformed'],
    ['with more behind its end', connect(CLEAN, ...NAME, 0), 'packet_malformed'],
    ['cut in its name', connect(CLEAN, 0, 9, 65), 'packet_malformed'],
    ['cut in its head', packet(0x10, ...text('MQTT'), 4), 'packet_malformed'],
    ['that is empty', packet(0x10), 'packet_malformed'],
    ['with U+0000 in the name [MQTT-1.5.3-2]', connect(CLEAN, ...text('a\0b')), 'text_invalid'],
    [
      'with a surrogate in the name [MQTT-1.5.3-1]',
      connect(CLEAN, ...text(Uint8Array.from(SURROGATE))),
      'text_invalid',
    ],
    ['with U+0000 in the user', connect(0x82, ...NAME, ...text('\0')), 'text_invalid'],
    ['with U+0000 in the will’s topic', connect(0x06, ...NAME, ...text('\0'), ...text('b')), 'text_invalid'],
    [
      'with a wildcard in the will’s topic',
      connect(0x06, ...NAME, ...text('a/#'), ...text('b')),
      'topic_invalid',
    ],
    ['with a will and no topic', connect(0x06, ...NAME, ...text(''), ...text('b')), 'topic_invalid'],
    ['with zero bytes in the password', connect(0xc2, ...NAME, ...text('u'), ...text('\0\0')), 'ok'],
  ])('%s', (_, bytes, expected) => {
    expect(verdict([bytes])).toBe(expected);
  });

  test.each<[string, Buffer]>([
    ['a PUBLISH', publish('a')],
    ['a SUBSCRIBE', subscribe(['a'])],
    ['a PINGREQ', packet(0xc0)],
    ['a DISCONNECT', packet(0xe0)],
    ['a PUBACK', ack(0x40)],
  ])('must come before %s [MQTT-3.1.0-1]', (_, bytes) => {
    expect(verdict([bytes])).toBe('not_expected');
  });

  test('may not come twice [MQTT-3.1.0-2]', () => {
    expect(verdict([HELLO, HELLO])).toBe('not_expected');
  });
});

describe('after a CONNECT', () => {
  test.each<[string, Buffer, string]>([
    ['PUBLISH with QoS 0', publish('a/b', { first: 0x30 }), 'ok'],
    ['PUBLISH with QoS 1', publish('a/b'), 'ok'],
    ['PUBLISH again', publish('a/b', { first: 0x3a }), 'ok'],
    ['PUBLISH with QoS 2', publish('a/b', { first: 0x34 }), 'ok'],
    ['PUBLISH without a body', publish('a/b', { body: '' }), 'ok'],
    ['PUBLISH with QoS 3 [MQTT-3.3.1-4]', publish('a/b', { first: 0x36 }), 'packet_malformed'],
    ['PUBLISH with QoS 0 again [MQTT-3.3.1-2]', publish('a/b', { first: 0x38 }), 'packet_malformed'],
    ['PUBLISH with the id 0 [MQTT-2.3.1-1]', publish('a/b', { id: 0 }), 'message_id_zero'],
    ['PUBLISH with QoS 2 and the id 0', publish('a/b', { first: 0x34, id: 0 }), 'message_id_zero'],
    ['PUBLISH without a topic [MQTT-4.7.3-1]', publish(''), 'topic_invalid'],
    ['PUBLISH to a + [MQTT-3.3.2-2]', publish('a/+'), 'topic_invalid'],
    ['PUBLISH to a #', publish('a/#'), 'topic_invalid'],
    ['PUBLISH to a topic with U+0000 [MQTT-4.7.3-2]', publish('a\0'), 'text_invalid'],
    ['PUBLISH to a control character (§1.5.3)', publish('a\u001f'), 'text_invalid'],
    ['PUBLISH to U+009F', publish('a\u009f'), 'text_invalid'],
    ['PUBLISH to U+FFFF', publish('a\uffff'), 'text_invalid'],
    ['PUBLISH to U+2A6D4 (§1.5.3.1)', publish('A\u{2a6d4}'), 'ok'],
    ['PUBLISH to a surrogate', publish(Uint8Array.from(SURROGATE)), 'text_invalid'],
    ['PUBLISH to an overlong zero', publish(Uint8Array.from(OVERLONG_ZERO)), 'text_invalid'],
    ['PUBLISH to a topic that begins with U+FEFF [MQTT-1.5.3-3]', publish('\ufeffa'), 'ok'],
    ['PUBLISH to a topic of five levels', publish('a/b/c/d/e'), 'topic_invalid'],
    ['PUBLISH cut in its topic', packet(0x32, 0, 5, 65), 'packet_malformed'],
    ['PUBLISH cut in its id', packet(0x32, ...text('a'), 0), 'packet_malformed'],
    ['SUBSCRIBE', subscribe(['a', '#', '+/+']), 'ok'],
    ['SUBSCRIBE with wrong flags [MQTT-3.8.1-1]', subscribe(['a'], { first: 0x80 }), 'packet_malformed'],
    ['SUBSCRIBE with the id 0', subscribe(['a'], { id: 0 }), 'message_id_zero'],
    ['SUBSCRIBE to nothing [MQTT-3.8.3-3]', subscribe([]), 'packet_malformed'],
    ['SUBSCRIBE with QoS 3 [MQTT-3.8.3-4]', subscribe(['a'], { qos: 3 }), 'packet_malformed'],
    ['SUBSCRIBE with reserved bits', subscribe(['a'], { qos: 0x11 }), 'packet_malformed'],
    ['SUBSCRIBE without its QoS', packet(0x82, 0, 1, ...text('a')), 'packet_malformed'],
    ['SUBSCRIBE to an empty filter [MQTT-4.7.3-1]', subscribe(['']), 'topic_invalid'],
    ['SUBSCRIBE to a# [MQTT-4.7.1-2]', subscribe(['a#']), 'topic_invalid'],
    ['SUBSCRIBE to #/a', subscribe(['#/a']), 'topic_invalid'],
    ['SUBSCRIBE to a+ [MQTT-4.7.1-3]', subscribe(['a/b+']), 'topic_invalid'],
    ['SUBSCRIBE to +a', subscribe(['+a/b']), 'topic_invalid'],
    ['SUBSCRIBE to U+0000', subscribe(['a\0']), 'text_invalid'],
    ['SUBSCRIBE to more than may be', subscribe(['a', 'b', 'c', 'd']), 'packet_too_large'],
    ['SUBSCRIBE to 200 levels', subscribe(['a/'.repeat(200)]), 'topic_invalid'],
    ['UNSUBSCRIBE', unsubscribe(['a']), 'ok'],
    ['UNSUBSCRIBE with wrong flags [MQTT-3.10.1-1]', unsubscribe(['a'], { first: 0xa0 }), 'packet_malformed'],
    ['UNSUBSCRIBE from nothing [MQTT-3.10.3-2]', unsubscribe([]), 'packet_malformed'],
    ['UNSUBSCRIBE with the id 0', unsubscribe(['a'], { id: 0 }), 'message_id_zero'],
    ['PUBACK', ack(0x40), 'ok'],
    ['PUBACK with the id 0', ack(0x40, 0), 'message_id_zero'],
    ['PUBACK with flags', ack(0x42), 'packet_malformed'],
    ['PUBACK that is too long', packet(0x40, 0, 1, 0), 'packet_malformed'],
    ['PUBACK that is too short', packet(0x40, 1), 'packet_malformed'],
    ['PUBREC that nothing asked for', ack(0x50), 'not_expected'],
    ['PUBCOMP that nothing asked for', ack(0x70), 'not_expected'],
    ['PUBREL of what it never sent, which is answered [MQTT-4.3.3-2]', ack(0x62), 'ok'],
    ['PUBREL with wrong flags [MQTT-3.6.1-1]', ack(0x60), 'packet_malformed'],
    ['PINGREQ', packet(0xc0), 'ok'],
    ['PINGREQ with flags', packet(0xc1), 'packet_malformed'],
    ['PINGREQ with a body', packet(0xc0, 0), 'packet_malformed'],
    ['DISCONNECT', packet(0xe0), 'ok'],
    ['DISCONNECT with flags [MQTT-3.14.1-1]', packet(0xe2), 'packet_malformed'],
    ['DISCONNECT with a body', packet(0xe0, 0), 'packet_malformed'],
    ['CONNACK', packet(0x20, 0, 0), 'not_expected'],
    ['SUBACK', packet(0x90, 0, 1, 0), 'not_expected'],
    ['UNSUBACK', packet(0xb0, 0, 1), 'not_expected'],
    ['PINGRESP', packet(0xd0), 'not_expected'],
    ['a packet of kind 0', packet(0x00), 'not_expected'],
    ['a packet of kind 15', packet(0xf0), 'not_expected'],
    ['a length of five bytes', Buffer.from([0xc0, 0x80, 0x80, 0x80, 0x80, 0x01]), 'packet_malformed'],
    ['a packet that is too large, told by its head', Buffer.from([0x32, 0xe9, 0x07]), 'packet_too_large'],
    ['one of just the size', publish('a', { body: 'x'.repeat(995) }), 'ok'],
  ])('%s', (_, bytes, expected) => {
    expect(verdict([HELLO, bytes])).toBe(expected);
  });

  test('PUBREC is taken where messages of QoS 2 go out', () => {
    expect(verdict([HELLO, ack(0x50)], { sendsQos2: true })).toBe('ok');
  });

  test('nothing passes any more after the first fault', () => {
    const one = guard();
    one.take(HELLO);
    expect(one.take(packet(0xf0))).toMatchObject({ ok: false, reason: 'not_expected' });
    expect(one.take(publish('a'))).toEqual({ ok: true, packets: [] });
  });

  test('what came before a fault in the same bytes passes', () => {
    const passed = guard().take(Buffer.concat([HELLO, publish('a'), packet(0xf0), publish('b')]));
    expect(passed).toMatchObject({ ok: false, packets: [HELLO, publish('a')], isConnect: false });
  });
});

test('however the bytes are cut, the same packets come out', () => {
  const packets = [
    HELLO,
    subscribe(['a/b']),
    publish('a', { body: 'x'.repeat(300) }),
    packet(0xc0),
    ack(0x40, 300),
  ];
  const whole = Buffer.concat(packets);
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (cuts) => {
      const one = guard();
      const out: Buffer[] = [];
      const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      for (const [index, end] of places.slice(1).entries()) {
        const passed = one.take(whole.subarray(places[index], end));
        expect(passed.ok).toBe(true);
        out.push(...passed.packets);
      }
      expect(out).toEqual(packets);
    }),
    { seed: 20_261_130, numRuns: 300 },
  );
});

test('no bytes make it throw', () => {
  const start = fc.constantFrom(HELLO, Buffer.alloc(0));
  const mutated = fc.tuple(fc.constantFrom(publish('a/b'), subscribe(['a']), HELLO), fc.nat(40), fc.nat(255));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    mutated.map(([bytes, at, value]) =>
      Buffer.from(bytes).fill(value, at % bytes.length, (at % bytes.length) + 1),
    ),
  );
  fc.assert(
    fc.property(start, fc.array(piece, { maxLength: 6 }), (first, pieces) => {
      const one = guard();
      for (const bytes of [first, ...pieces]) one.take(bytes);
    }),
    { seed: 20_261_131, numRuns: 3000 },
  );
});
