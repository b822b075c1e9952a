// Frames with a right CRC and nonsense inside reach every decoder: whoever owns a base can send them.
import { describe, expect, test } from 'vitest';
import { ephemerisSatellite } from '../../../caster/rtcm/ephemeris-id.ts';
import { buildFrame } from '../../../caster/rtcm/frame-builder.ts';
import { messageNumberOf } from '../../../caster/rtcm/frame-layout.ts';
import { readLegacyHeader } from '../../../caster/rtcm/legacy-header.ts';
import { readMsmHeader } from '../../../caster/rtcm/msm-header.ts';
import { StationFacts } from '../../../caster/rtcm/station-facts.ts';
import { encodeReceiverDescriptor, encodeStationPosition } from '../../../caster/rtcm/station-encoders.ts';
import {
  decodeAntennaDescriptor,
  decodeGlonassBiases,
  decodeReceiverDescriptor,
  decodeStationPosition,
  decodeSystemParameters,
  decodeText,
} from '../../../caster/rtcm/station-messages.ts';
import { msmFrame } from './observation-frames.ts';
import { seededRandom } from './seeded-random.ts';

const DECODED_NUMBERS = [
  63, 1004, 1005, 1006, 1007, 1008, 1012, 1013, 1019, 1029, 1033, 1044, 1074, 1087, 1230,
];

function decodeAll(frame: Buffer): void {
  const messageNumber = messageNumberOf(frame);
  decodeStationPosition(frame);
  decodeAntennaDescriptor(frame);
  decodeReceiverDescriptor(frame);
  decodeGlonassBiases(frame);
  decodeSystemParameters(frame);
  decodeText(frame);
  readMsmHeader(frame);
  readLegacyHeader(frame);
  ephemerisSatellite(frame, messageNumber);
}

describe('decoders', () => {
  test.each([1, 2, 3])('never throw on random payloads of the messages they know (seed %d)', (seed) => {
    const random = seededRandom(seed);
    const facts = new StationFacts();
    for (let count = 0; count < 4000; count++) {
      const payload = random.bytes(2 + random.below(random.below(2) === 0 ? 30 : 1020));
      const messageNumber = DECODED_NUMBERS[random.below(DECODED_NUMBERS.length)]!;
      payload[0] = messageNumber >>> 4;
      payload[1] = ((messageNumber & 15) << 4) | (payload[1]! & 15);
      const frame = buildFrame(payload);
      decodeAll(frame);
      facts.observe(frame, messageNumber, count * 100);
    }
    expect(facts.snapshot(400_000).frames).toBe(4000);
  });

  test('refuse a position that ends before its last field', () => {
    const frame = encodeStationPosition({
      station: 1,
      itrfYear: 0,
      gps: true,
      glonass: true,
      galileo: true,
      virtualStation: false,
      singleOscillator: false,
      reserved: 0,
      quarterCycle: 0,
      ecefXTenthMm: 1,
      ecefYTenthMm: 2,
      ecefZTenthMm: 3,
      antennaHeightTenthMm: 4,
    });
    expect(decodeStationPosition(buildFrame(frame.subarray(3, -4)))).toBeUndefined();
  });

  test('refuse a descriptor whose text would run out of the payload', () => {
    const frame = encodeReceiverDescriptor({
      station: 1,
      antenna: 'A',
      setupId: 0,
      antennaSerial: 'B',
      receiver: 'C',
      firmware: 'D',
      receiverSerial: 'EF',
    });
    expect(decodeReceiverDescriptor(buildFrame(frame.subarray(3, -4)))).toBeUndefined();
  });

  test('take a message that a later edition has made longer', () => {
    const biases = buildFrame(Buffer.from('4ce0018000010000ff', 'hex'));
    expect(decodeGlonassBiases(biases)).toMatchObject({ station: 1 });
  });
});

describe('MSM headers', () => {
  function withMasks(satellites: bigint, signals: number, payloadBytes: number): Buffer {
    const payload = Buffer.alloc(payloadBytes);
    msmFrame(1077, 0, 0).bytes.copy(payload, 0, 3, 12);
    let masks = (satellites << 32n) | BigInt(signals);
    // 96 bits from bit 73 on, that is up to bit 168: the last bit is the first of byte 21.
    masks <<= 7n;
    for (let index = 21; index >= 9; index--) {
      payload[index] = payload[index]! | Number(masks & 0xffn);
      masks >>= 8n;
    }
    return buildFrame(payload);
  }

  test('with more than 64 cells are refused', () => {
    expect(readMsmHeader(withMasks(0xffffn, 0x1f, 100))).toEqual({ ok: false, reason: 'cell-mask-too-long' });
  });

  test('with 64 cells are read', () => {
    const result = readMsmHeader(withMasks(0xffffn, 0xf, 100));
    expect(result.ok && [result.header.satellites.length, result.header.signals]).toEqual([
      16,
      [29, 30, 31, 32],
    ]);
  });

  test('whose cell mask does not fit the payload are refused', () => {
    expect(readMsmHeader(withMasks(0xffffn, 0xf, 22))).toEqual({ ok: false, reason: 'too-short' });
  });

  test('of other messages are refused', () => {
    expect(readMsmHeader(buildFrame(Buffer.alloc(40)))).toEqual({ ok: false, reason: 'not-msm' });
  });
});
