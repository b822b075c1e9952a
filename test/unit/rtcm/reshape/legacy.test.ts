// Legacy observations, satellite by satellite, read back by a reader of the test's own.
import { describe, expect, test } from 'vitest';
import { BitReader } from '../../../../caster/rtcm/bit-reader.ts';
import { BitWriter } from '../../../../caster/rtcm/bit-writer.ts';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { type TestFrame } from '../observation-frames.ts';
import { reshaped } from './streams.ts';

const FIRST_GPS = [6, 1, 24, 20, 7];
const FIRST_GLONASS = [6, 1, 5, 25, 20, 7];
const SECOND = [2, 14, 20, 7];

/** Widths of a satellite's fields. */
const WIDTHS: Readonly<Record<number, readonly number[]>> = {
  1001: FIRST_GPS,
  1002: [...FIRST_GPS, 8, 8],
  1003: [...FIRST_GPS, ...SECOND],
  1004: [...FIRST_GPS, 8, 8, ...SECOND, 8],
  1009: FIRST_GLONASS,
  1010: [...FIRST_GLONASS, 7, 8],
  1011: [...FIRST_GLONASS, ...SECOND],
  1012: [...FIRST_GLONASS, 7, 8, ...SECOND, 8],
};

/** Every field a different pattern; the first is the id. */
function legacy(messageNumber: number, ids: readonly number[], epochMs = 600_000, lock?: number): TestFrame {
  const widths = WIDTHS[messageNumber]!;
  const writer = new BitWriter(1023);
  writer.writeUnsigned(messageNumber, 12);
  writer.writeUnsigned(5, 12);
  writer.writeUnsigned(epochMs, messageNumber < 1009 ? 30 : 27);
  writer.writeUnsigned(0, 1);
  writer.writeUnsigned(ids.length, 5);
  writer.writeUnsigned(5, 4);
  for (const id of ids) {
    for (const [index, bits] of widths.entries()) {
      const isLock = bits === 7 && index > 3 && index !== 6;
      if (index === 0) writer.writeUnsigned(id, bits);
      else
        writer.writeUnsigned(
          isLock && lock !== undefined ? lock : (id * 7919 + index * 104_729) % 2 ** bits,
          bits,
        );
    }
  }
  return { bytes: buildFrame(writer.toBytes()), messageNumber };
}

function satellitesOf({ bytes, messageNumber }: TestFrame): number[][] {
  const reader = new BitReader(bytes, 24 + 24 + (messageNumber < 1009 ? 30 : 27) + 1);
  const count = reader.unsigned(5);
  reader.unsigned(4);
  return Array.from({ length: count }, () => WIDTHS[messageNumber]!.map((bits) => reader.unsigned(bits)));
}

describe('legacy observations', () => {
  test('of a GPS message the SBAS satellites go with their constellation', () => {
    const frame = legacy(1004, [3, 44, 17, 58, 31]);
    const [out] = reshaped({ constellations: ['GPS'] }, [frame]);
    expect(satellitesOf(out!)).toEqual(satellitesOf(frame).filter(([id]) => id! < 40));
  });

  test('of a GPS message only the SBAS satellites stay where only they are wanted', () => {
    const frame = legacy(1002, [3, 44, 17, 58, 31]);
    const [out] = reshaped({ constellations: ['SBAS', 'GAL'] }, [frame]);
    expect(satellitesOf(out!)).toEqual(satellitesOf(frame).filter(([id]) => id! >= 40));
  });

  test('a message that no satellite is left of goes', () => {
    expect(reshaped({ constellations: ['SBAS'] }, [legacy(1004, [3, 17])])).toEqual([]);
  });

  test('a message with nothing to lose goes out byte for byte', () => {
    const frames = [legacy(1004, [3, 17]), legacy(1012, [1, 24])];
    const out = reshaped({ constellations: ['GPS', 'GLO'] }, frames);
    expect(out.map(({ bytes }) => bytes.toString('hex'))).toEqual(
      frames.map(({ bytes }) => bytes.toString('hex')),
    );
  });

  test.each([1003, 1004, 1011, 1012])(
    '%i loses the second band and keeps every value of the first',
    (number) => {
      const frame = legacy(number, [1, 2, 24]);
      const [out] = reshaped({ bands: ['L1', 'G1'] }, [frame]);
      expect(out!.messageNumber).toBe(number - 2);
      expect((out!.bytes[3]! << 4) | (out!.bytes[4]! >>> 4)).toBe(number - 2);
      const kept = WIDTHS[number - 2]!.length;
      expect(satellitesOf(out!)).toEqual(satellitesOf(frame).map((values) => values.slice(0, kept)));
    },
  );

  test('a slip in an epoch between stays visible', () => {
    const frames = [20, 21, 0, 22, 23].map((lock, index) => legacy(1004, [7], 600_000 + index * 1000, lock));
    const out = reshaped({ intervalS: 3 }, frames);
    expect(out.map((frame) => satellitesOf(frame)[0]![4])).toEqual([20, 19]);
    expect(out.map((frame) => satellitesOf(frame)[0]![10])).toEqual([20, 19]);
  });
});
