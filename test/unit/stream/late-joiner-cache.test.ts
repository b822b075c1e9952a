// Tests what a rover that joins late is told: the newest of each kind, as long as it is of use.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EPHEMERIS_KEPT_MS, KEPT_FRAMES_MAX } from '../../../config/limits.ts';
import { FrameScanner } from '../../../caster/rtcm/frame-scanner.ts';
import { Epoch } from '../../../caster/stream/epoch.ts';
import { LateJoinerCache } from '../../../caster/stream/late-joiner-cache.ts';
import { ephemerisFrame, epochOf, observationFrame, splitFrames, stationFrame } from './frames.ts';

function told(cache: LateJoinerCache, nowMs = 0): Buffer[] {
  const greeting = cache.greeting(nowMs);
  const frames = splitFrames(greeting?.bytes ?? Buffer.alloc(0));
  expect(greeting?.frameCount ?? 0).toBe(frames.length);
  return frames;
}

test('a cache that has seen nothing has nothing to tell', () => {
  expect(new LateJoinerCache().greeting(0)).toBe(undefined);
});

test('observations alone are nothing to tell', () => {
  const cache = new LateJoinerCache();
  cache.observe(epochOf([observationFrame()]));
  expect(cache.greeting(0)).toBe(undefined);
});

test('station messages come first, then ephemerides', () => {
  const cache = new LateJoinerCache();
  const [ephemeris, station, receiver] = [
    ephemerisFrame(1019, 3),
    stationFrame(1006, 7),
    stationFrame(1033, 7),
  ];
  cache.observe(epochOf([ephemeris, observationFrame(), station]));
  cache.observe(epochOf([receiver]));
  expect(told(cache)).toEqual([station, receiver, ephemeris]);
});

test('a newer frame takes the place of the older one of its kind, also where the greeting was asked for between', () => {
  const cache = new LateJoinerCache();
  const [older, newer] = [stationFrame(1006, 7), stationFrame(1006, 7)];
  cache.observe(epochOf([older]));
  expect(told(cache)).toEqual([older]);
  cache.observe(epochOf([newer]));
  expect(told(cache)).toEqual([newer]);
});

test('the greeting is made once while nothing new comes', () => {
  const cache = new LateJoinerCache();
  cache.observe(epochOf([stationFrame(1006, 7)]));
  expect(cache.greeting(0)).toBe(cache.greeting(1));
});

test('frames are copied, so that nothing of an epoch is held', () => {
  const cache = new LateJoinerCache();
  const station = stationFrame(1006, 7);
  const epoch = epochOf([station]);
  cache.observe(epoch);
  epoch.bytes.fill(0);
  expect(told(cache)).toEqual([station]);
});

test('another base begins with nothing', () => {
  const cache = new LateJoinerCache();
  cache.observe(epochOf([stationFrame(1006, 7)]));
  cache.greeting(0);
  cache.clear();
  expect(cache.greeting(0)).toBe(undefined);
});

describe('age', () => {
  function cacheAt0(): { cache: LateJoinerCache; station: Buffer; ephemeris: Buffer } {
    const cache = new LateJoinerCache();
    const [station, ephemeris] = [stationFrame(1006, 7), ephemerisFrame(1019, 3)];
    cache.observe(epochOf([station, ephemeris], 0));
    return { cache, station, ephemeris };
  }

  test('an ephemeris is told until EPHEMERIS_KEPT_MS is over', () => {
    const { cache, station, ephemeris } = cacheAt0();
    expect(told(cache, EPHEMERIS_KEPT_MS)).toEqual([station, ephemeris]);
  });

  test('an ephemeris is told no longer than that', () => {
    const { cache, station } = cacheAt0();
    expect(told(cache, EPHEMERIS_KEPT_MS + 1)).toEqual([station]);
  });

  test('an ephemeris is told no longer than that, also where the greeting was asked for before', () => {
    const { cache, station } = cacheAt0();
    told(cache, 0);
    expect(told(cache, EPHEMERIS_KEPT_MS + 1)).toEqual([station]);
  });

  test('an ephemeris that is repeated stays', () => {
    const { cache, station } = cacheAt0();
    const again = ephemerisFrame(1019, 3);
    cache.observe(epochOf([again], EPHEMERIS_KEPT_MS));
    expect(told(cache, 2 * EPHEMERIS_KEPT_MS)).toEqual([station, again]);
  });

  test('a station message is told for ever', () => {
    const { cache, station } = cacheAt0();
    expect(told(cache, 1000 * EPHEMERIS_KEPT_MS)).toEqual([station]);
  });
});

describe('bounds', () => {
  function fullCache(): LateJoinerCache {
    const cache = new LateJoinerCache();
    const stations = Array.from({ length: KEPT_FRAMES_MAX }, (_station, id) => stationFrame(1006, id));
    cache.observe(epochOf(stations));
    return cache;
  }

  test('no more than KEPT_FRAMES_MAX frames are kept', () => {
    const cache = fullCache();
    cache.observe(epochOf([stationFrame(1033, 7)]));
    expect(cache.greeting(0)?.frameCount).toBe(KEPT_FRAMES_MAX);
  });

  test('a full cache still takes the newer frames of what it has', () => {
    const cache = fullCache();
    const newer = stationFrame(1006, 7);
    cache.observe(epochOf([newer]));
    expect(told(cache)).toContainEqual(newer);
  });

  test('a cache full of ephemerides that are too old has room for new ones', () => {
    const cache = new LateJoinerCache();
    for (const number of [1019, 1020, 1042, 1046]) {
      const all = Array.from({ length: 64 }, (_satellite, id) => ephemerisFrame(number, id));
      cache.observe(epochOf(all, 0));
    }
    const fresh = ephemerisFrame(1045, 1);
    cache.observe(epochOf([fresh], EPHEMERIS_KEPT_MS + 1));
    expect(told(cache, EPHEMERIS_KEPT_MS + 1)).toEqual([fresh]);
  });
});

test('whatever came in whatever order, the newest of each kind is told and nothing else', () => {
  const kind = fc.oneof(
    fc.record({ number: fc.constantFrom(1005, 1006, 1033, 1230), of: fc.nat(2) }),
    fc.record({ number: fc.constantFrom(1019, 1020, 1044, 1046), of: fc.nat(3) }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(kind, { minLength: 1, maxLength: 4 }), { maxLength: 20 }), (epochs) => {
      const cache = new LateJoinerCache();
      const newest = new Map<string, Buffer>();
      for (const [n, frames] of epochs.entries()) {
        const made = frames.map(({ number, of }) => {
          const isEphemeris = [1019, 1020, 1044, 1046].includes(number);
          const frame = isEphemeris ? ephemerisFrame(number, of) : stationFrame(number, of);
          newest.set(`${number} ${of}`, frame);
          return frame;
        });
        cache.observe(epochOf(made, n));
        if (n % 3 === 0) cache.greeting(n);
      }
      const hex = (frames: Iterable<Buffer>): string[] =>
        [...frames].map((frame) => frame.toString('hex')).toSorted();
      expect(hex(told(cache, 100))).toEqual(hex(newest.values()));
    }),
    { seed: 20_260_417 },
  );
});

test('of a recording with all systems as many ephemerides are told as its decoders saw satellites', (context) => {
  const file = path.resolve(import.meta.dirname, '../../../../shared/data/eph_all_systems.rtcm3');
  if (!existsSync(file)) context.skip('no recordings in ../shared/data');
  const facts = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as {
    ephemerides: Record<string, { satellites: unknown[] }>;
  };
  const expected = Object.values(facts.ephemerides).reduce(
    (sum, { satellites }) => sum + satellites.length,
    0,
  );
  const cache = new LateJoinerCache();
  new FrameScanner((bytes) => cache.observe(new Epoch(Buffer.from(bytes), 1, 0))).push(readFileSync(file));
  expect(told(cache)).toHaveLength(Math.min(expected, KEPT_FRAMES_MAX));
});
