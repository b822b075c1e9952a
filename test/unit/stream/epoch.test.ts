// Tests which frames of an epoch are found worth keeping, and that its forms are made once.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { FrameScanner } from '../../../caster/rtcm/frame-scanner.ts';
import { buildFrame } from '../../../caster/rtcm/frame-builder.ts';
import { Epoch } from '../../../caster/stream/epoch.ts';
import { dechunk, ephemerisFrame, epochOf, observationFrame, stationFrame } from './frames.ts';

const dataFolder = path.resolve(import.meta.dirname, '../../../../shared/data');

function keptOf(frames: Buffer[]): Buffer[] {
  const epoch = epochOf(frames);
  return epoch.keptFrames.map(({ start, end }) => epoch.bytes.subarray(start, end));
}

function keyOf(frame: Buffer): number | undefined {
  return epochOf([frame]).keptFrames[0]?.key;
}

describe('the kept frames', () => {
  test('are the station and ephemeris frames, whole, in stream order', () => {
    const [station, ephemeris, receiver] = [
      stationFrame(1006, 7),
      ephemerisFrame(1019, 3),
      stationFrame(1033, 7),
    ];
    expect(keptOf([observationFrame(), station, observationFrame(), ephemeris, receiver])).toEqual([
      station,
      ephemeris,
      receiver,
    ]);
  });

  test.each([1005, 1006, 1007, 1008, 1013, 1033, 1230])('include message %s', (messageNumber) => {
    expect(keptOf([stationFrame(messageNumber, 1)])).toHaveLength(1);
  });

  test.each([63, 1019, 1020, 1041, 1042, 1043, 1044, 1045, 1046])('include ephemeris %s', (messageNumber) => {
    expect(epochOf([ephemerisFrame(messageNumber, 1)]).keptFrames).toMatchObject([{ ephemeris: true }]);
  });

  test.each([1004, 1012, 1029, 1057, 1074, 1077, 1127, 4072, 4095])(
    'leave out message %s',
    (messageNumber) => {
      expect(keptOf([stationFrame(messageNumber, 1)])).toEqual([]);
    },
  );

  test('are none of a raw stream', () => {
    expect(new Epoch(stationFrame(1006, 7), 0, 0).keptFrames).toEqual([]);
  });

  test('are found once', () => {
    const epoch = epochOf([stationFrame(1006, 7)]);
    expect(epoch.keptFrames).toBe(epoch.keptFrames);
  });

  const cutStation = (length: number): Buffer =>
    buildFrame(Buffer.from([1006 >> 4, (1006 & 0x0f) << 4, 7]).subarray(0, length));

  test.each([0, 1])('leave out a frame of %s bytes of payload, which has no message number', (length) => {
    expect(keptOf([cutStation(length), stationFrame(1006, 7)])).toHaveLength(1);
  });

  test('leave out a station message that ends before its station', () => {
    expect(keptOf([cutStation(2)])).toEqual([]);
  });

  test('include a station message that has nothing but its station', () => {
    expect(keptOf([cutStation(3)])).toHaveLength(1);
  });
});

describe('the key of a kept frame', () => {
  test('is the same for the same message of the same station or satellite', () => {
    expect(keyOf(stationFrame(1006, 7))).toBe(keyOf(stationFrame(1006, 7, 20)));
    expect(keyOf(ephemerisFrame(1019, 7))).toBe(keyOf(ephemerisFrame(1019, 7, 20)));
  });

  test('is another one for every message, station and satellite', () => {
    const frames = [
      ...[1005, 1006, 1007, 1008, 1013, 1033, 1230].flatMap((number) =>
        [0, 1, 2047, 4095].map((station) => stationFrame(number, station)),
      ),
      ...[63, 1019, 1020, 1041, 1042, 1043, 1045, 1046].flatMap((number) =>
        [0, 1, 32, 63].map((satellite) => ephemerisFrame(number, satellite)),
      ),
      ...[1, 10].map((satellite) => ephemerisFrame(1044, satellite)),
    ];
    const keys = frames.map(keyOf);
    expect(keys).not.toContain(undefined);
    expect(new Set(keys).size).toBe(frames.length);
  });
});

describe('the chunk', () => {
  test('holds the bytes of the epoch and is made once', () => {
    const epoch = epochOf([observationFrame(), stationFrame(1006, 7)]);
    expect(dechunk(epoch.chunk)).toEqual(epoch.bytes);
    expect(epoch.chunk).toBe(epoch.chunk);
  });

  test('of no bytes is none, as an empty one would end the stream', () => {
    expect(new Epoch(Buffer.alloc(0), 0, 0).chunk).toHaveLength(0);
  });
});

const KEPT_NUMBERS = [
  63, 1005, 1006, 1007, 1008, 1013, 1019, 1020, 1033, 1041, 1042, 1043, 1044, 1045, 1046, 1230,
];

/** Of a recording: what is found in it, and what its decoders counted. */
function countsOf(name: string): { kept: number; counted: number } {
  const frames: Buffer[] = [];
  new FrameScanner((bytes) => frames.push(Buffer.from(bytes))).push(
    readFileSync(path.join(dataFolder, name)),
  );
  const facts = JSON.parse(readFileSync(path.join(dataFolder, `${name}.json`), 'utf8')) as {
    message_counts: Record<string, number>;
  };
  const counted = KEPT_NUMBERS.reduce((sum, number) => sum + (facts.message_counts[number] ?? 0), 0);
  return { kept: epochOf(frames).keptFrames.length, counted };
}

test('in every recording as many frames are kept as its decoders counted station messages and ephemerides', (context) => {
  if (!existsSync(dataFolder)) context.skip('no recordings in ../shared/data');
  const names = readdirSync(dataFolder).filter((name) => /\.(rtcm3|bin)$/.test(name));
  const counts = names.map((name) => ({ name, ...countsOf(name) }));
  expect(counts.filter(({ kept, counted }) => kept !== counted)).toEqual([]);
  expect(counts.length).toBeGreaterThan(10);
});
