// The anchors are RTKLIB's: it prints 2026-03-10 04:00:00 GPST as week 2409, 187200 s.
import { describe, expect, test } from 'vitest';
import {
  bdtMs,
  gpsMsOfWeek,
  gpsTimeFromUnixMs,
  gpsWeek,
  moscowMs,
  MS_PER_DAY,
} from '../../../caster/simulator/gps-time.ts';

const ANCHOR_S = 2409 * 604_800 + 187_200;

describe('time scales of the simulator', () => {
  test('UTC plus the leap seconds is GPS time', () => {
    expect(gpsTimeFromUnixMs(Date.UTC(2026, 2, 10, 3, 59, 42), 18)).toBe(ANCHOR_S);
  });

  test('a fraction of a Unix second is kept', () => {
    expect(gpsTimeFromUnixMs(Date.UTC(2026, 2, 10, 3, 59, 42, 250), 18)).toBe(ANCHOR_S + 0.25);
  });

  test('week and milliseconds of the week are those of RTKLIB', () => {
    expect([gpsWeek(ANCHOR_S * 1000), gpsMsOfWeek(ANCHOR_S * 1000)]).toEqual([2409, 187_200_000]);
  });

  test('the first seconds of a GPS week belong to the BeiDou week before', () => {
    const bdt = bdtMs(2410 * 604_800_000);
    expect([gpsWeek(bdt), gpsMsOfWeek(bdt)]).toEqual([2409, 604_786_000]);
  });

  test('the Moscow clock shows three hours more than UTC', () => {
    const moscow = moscowMs(ANCHOR_S * 1000, 18);
    expect(moscow % MS_PER_DAY).toBe(((6 * 60 + 59) * 60 + 42) * 1000);
  });

  test('day 2 of the Moscow week is a Tuesday, as 2026-03-10 was', () => {
    expect(Math.floor(moscowMs(ANCHOR_S * 1000, 18) / MS_PER_DAY) % 7).toBe(2);
  });
});
