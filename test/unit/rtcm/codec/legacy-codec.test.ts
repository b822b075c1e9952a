import { describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../../../caster/rtcm/codec/codec.ts';
import { type LegacyObservations } from '../../../../caster/rtcm/codec/legacy-observations.ts';
import { BitWriter } from '../../../../caster/rtcm/bit-writer.ts';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { FRAME_BYTES_MAX } from '../../../../caster/rtcm/frame-layout.ts';
import { readLegacyHeader } from '../../../../caster/rtcm/legacy-header.ts';
import { seededRandom } from '../seeded-random.ts';

const NUMBERS = [1001, 1002, 1003, 1004, 1009, 1010, 1011, 1012];
const SATELLITE_BITS = [58, 74, 101, 125, 64, 79, 107, 130];

const into = Buffer.alloc(FRAME_BYTES_MAX);

/** A message with random bits in all fields but its number and its count of satellites. */
function randomFrame(messageNumber: number, satellites: number, seed: number): Buffer {
  const random = seededRandom(seed);
  const writer = new BitWriter(1023);
  const bits = (count: number): void => {
    for (let bit = 0; bit < count; bit++) writer.writeUnsigned(random.below(2), 1);
  };
  writer.writeUnsigned(messageNumber, 12);
  bits(12 + (messageNumber <= 1004 ? 30 : 27) + 1);
  writer.writeUnsigned(satellites, 5);
  bits(4 + satellites * SATELLITE_BITS[NUMBERS.indexOf(messageNumber)]!);
  return buildFrame(writer.toBytes());
}

function decoded(frame: Buffer): RtcmCodec {
  const codec = new RtcmCodec();
  expect(codec.decode(frame)).toBe('legacy');
  return codec;
}

function encoded(codec: RtcmCodec): Buffer | string {
  const length = codec.encode('legacy', into, 0);
  return typeof length === 'number' ? Buffer.from(into.subarray(0, length)) : length;
}

describe('a legacy observation message', () => {
  test.each(NUMBERS)('%d with 0 to 31 satellites comes back with the same bytes', (messageNumber) => {
    for (let satellites = 0; satellites <= 31; satellites++) {
      const frame = randomFrame(messageNumber, satellites, satellites);
      expect(encoded(decoded(frame))).toEqual(frame);
    }
  });

  test.each(NUMBERS)('%d that ends before its last satellite is refused', (messageNumber) => {
    const payload = randomFrame(messageNumber, 3, 1).subarray(3, -3);
    for (let bytes = 2; bytes < payload.length; bytes++) {
      expect(new RtcmCodec().decode(buildFrame(payload.subarray(0, bytes)))).toBe('too-short');
    }
  });

  test('from which a satellite is dropped says so in its count', () => {
    const codec = decoded(randomFrame(1012, 5, 1));
    codec.legacy.satelliteCount = 4;
    codec.legacy.tail.bits = 0;
    expect(readLegacyHeader(encoded(codec) as Buffer)).toMatchObject({ satelliteCount: 4 });
  });

  test('turned into the one without L2 keeps the values of L1', () => {
    const codec = decoded(randomFrame(1004, 5, 1));
    codec.legacy.messageNumber = 1002;
    codec.legacy.tail.bits = 0;
    const again = decoded(encoded(codec) as Buffer);
    expect([again.legacy.satelliteIds, again.legacy.range1, again.legacy.phase1, again.legacy.cnr1]).toEqual([
      codec.legacy.satelliteIds,
      codec.legacy.range1,
      codec.legacy.phase1,
      codec.legacy.cnr1,
    ]);
  });

  const changes: readonly (readonly [what: string, change: (legacy: LegacyObservations) => void])[] = [
    ['32 satellites', (legacy) => (legacy.satelliteCount = 32)],
    ['a negative count', (legacy) => (legacy.satelliteCount = -1)],
    ['a station of 13 bits', (legacy) => (legacy.station = 4096)],
    ['an epoch of 28 bits', (legacy) => (legacy.epochRaw = 2 ** 27)],
    ['a range of 26 bits', ({ range1 }) => (range1[0] = 2 ** 25)],
    ['a negative channel', ({ channel }) => (channel[1] = -1)],
    ['a phase of 21 bits', ({ phase2 }) => (phase2[1] = 2 ** 19)],
    ['the number of another message', (legacy) => (legacy.messageNumber = 1008)],
  ];

  test.each(changes)('with %s is not encoded', (_, change) => {
    const codec = decoded(randomFrame(1012, 5, 1));
    change(codec.legacy);
    expect(encoded(codec)).toBe('value-out-of-range');
  });
});
