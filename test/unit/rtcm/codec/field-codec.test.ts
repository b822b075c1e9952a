import { describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../../../caster/rtcm/codec/codec.ts';
import { fieldLayoutOf } from '../../../../caster/rtcm/codec/field-codec.ts';
import { type Field, indexOfField } from '../../../../caster/rtcm/codec/message-fields.ts';
import { BitWriter } from '../../../../caster/rtcm/bit-writer.ts';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { FRAME_BYTES_MAX } from '../../../../caster/rtcm/frame-layout.ts';
import { encodeReceiverDescriptor } from '../../../../caster/rtcm/station-encoders.ts';

const into = Buffer.alloc(FRAME_BYTES_MAX);

/** The standard's own example of 1005, as the tests of gnss-sdr and pyrtcm have it. */
const GOLDEN_1005 = Buffer.from('D300133ED7D30202980EDEEF34B4BD62AC0941986F33360B98', 'hex');

const RECEIVER = encodeReceiverDescriptor({
  station: 1,
  antenna: 'AB',
  setupId: 3,
  antennaSerial: '',
  receiver: 'R',
  firmware: '',
  receiverSerial: '12',
});

function decoded(frame: Buffer): RtcmCodec {
  const codec = new RtcmCodec();
  expect(codec.decode(frame)).toBe('fields');
  return codec;
}

function encoded(codec: RtcmCodec): Buffer | string {
  const length = codec.encode('fields', into, 0);
  return typeof length === 'number' ? Buffer.from(into.subarray(0, length)) : length;
}

function valueOf(codec: RtcmCodec, name: string): number | undefined {
  return codec.fields.values[indexOfField(codec.fields, name)];
}

/** 1013 with announcements of 1077 and 1087, each with an interval of its own. */
function systemParameters(): Buffer {
  const writer = new BitWriter(64);
  for (const [value, bits] of [
    [1013, 12],
    [7, 12],
    [60_000, 16],
    [86_399, 17],
    [2, 5],
    [18, 8],
    [1077, 12],
    [1, 1],
    [10, 16],
    [1087, 12],
    [0, 1],
    [50, 16],
  ] as const) {
    writer.writeUnsigned(value, bits);
  }
  return buildFrame(writer.toBytes());
}

describe('a station message', () => {
  test('of the standard (1005) has the position that the standard gives, and its bytes again', () => {
    const codec = decoded(GOLDEN_1005);
    expect(['DF003', 'DF021', 'DF025', 'DF026', 'DF027'].map((name) => valueOf(codec, name))).toEqual([
      2003, 0, 11_141_045_999, -48_507_297_108, 39_755_214_643,
    ]);
    expect(encoded(codec)).toEqual(GOLDEN_1005);
  });

  test('with texts is a list of characters behind their counters', () => {
    const { fields } = decoded(RECEIVER);
    const names = fields.fields.slice(0, fields.count).map(({ name }) => name);
    expect(names.join(' ')).toBe(
      'DF002 DF003 DF029 DF030 DF030 DF031 DF032 DF227 DF228 DF229 DF231 DF232 DF232',
    );
    expect(Array.from(fields.values.subarray(0, fields.count))).toEqual([
      1033, 1, 2, 65, 66, 3, 0, 1, 82, 0, 2, 49, 50,
    ]);
  });

  test('that ends anywhere before its last field is refused', () => {
    const payload = RECEIVER.subarray(3, -3);
    for (let bytes = 2; bytes < payload.length; bytes++) {
      expect(new RtcmCodec().decode(buildFrame(payload.subarray(0, bytes)))).toBe('too-short');
    }
  });

  test('of which an announcement is dropped is encoded without it', () => {
    const codec = decoded(systemParameters());
    const { fields } = codec;
    const first = indexOfField(fields, 'DF055');
    fields.fields.splice(first, 3);
    fields.values.copyWithin(first, first + 3, fields.count);
    fields.count -= 3;
    fields.values[indexOfField(fields, 'DF053')] = 1;
    fields.tail.bits = 0;
    const again = decoded(encoded(codec) as Buffer);
    expect(['DF053', 'DF055', 'DF056', 'DF057'].map((name) => valueOf(again, name))).toEqual([
      1, 1087, 0, 50,
    ]);
  });

  test('whose counter says more than there is, is not encoded', () => {
    const codec = decoded(systemParameters());
    codec.fields.values[indexOfField(codec.fields, 'DF053')] = 3;
    expect(encoded(codec)).toBe('fields-out-of-order');
  });

  test('under the number of another message is not encoded', () => {
    const codec = decoded(GOLDEN_1005);
    codec.fields.messageNumber = 1006;
    expect(encoded(codec)).toBe('fields-out-of-order');
  });

  test.each([
    ['DF021', 64],
    ['DF021', -1],
    ['DF025', 2 ** 37],
    ['DF025', -(2 ** 37) - 1],
    ['DF025', 0.5],
    ['DF025', NaN],
  ])('with %s = %d is not encoded', (name, value) => {
    const codec = decoded(GOLDEN_1005);
    codec.fields.values[indexOfField(codec.fields, name)] = value;
    expect(encoded(codec)).toBe('value-out-of-range');
  });
});

describe('an ephemeris', () => {
  /** Bits of each message, as research on RTKLIB's, BNC's and librtcm's decoders gives them. */
  test.each([
    [1019, 488],
    [1020, 360],
    [1041, 482],
    [1042, 511],
    [1043, 230],
    [1044, 485],
    [1045, 496],
    [1046, 504],
  ])('%d has %d bits of fields', (messageNumber, bits) => {
    const layout = fieldLayoutOf(messageNumber) as readonly Field[];
    expect(layout.reduce((sum, field) => sum + field.bits, 0)).toBe(bits);
  });

  test('of GLONASS keeps a negative zero, which is another pattern than zero', () => {
    const payload = Buffer.alloc(45);
    payload.writeUInt16BE(1020 << 4, 0);
    // The sign of DF111, behind 12 + 6 + 5 + 1 + 1 + 2 + 12 + 1 + 1 + 7 = 48 bits.
    payload[6] = 0x80;
    const frame = buildFrame(payload);
    const codec = decoded(frame);
    expect(valueOf(codec, 'DF111')).toBe(-0);
    expect(encoded(codec)).toEqual(frame);
  });
});
