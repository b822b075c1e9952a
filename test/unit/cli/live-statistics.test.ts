// Age and evenness of a live stream, on a clock that the test turns.
import { expect, test } from 'vitest';
import { LiveStatistics } from '../../../cli/inspect/live-statistics.ts';

/** 2026-11-22T12:00:00Z is 12:00:18 of the GPS day: 18 leap seconds (IERS Bulletin C 70, none since). */
const NOON_UNIX_MS = Date.UTC(2026, 10, 22, 12);
const NOON_GPS_DAY_MS = 43_218_000;

function stream(): { live: LiveStatistics; wait: (ms: number) => void; frame: (agoMs: number) => void } {
  let elapsed = 1000;
  let epoch = 0;
  const live = new LiveStatistics({
    elapsedMs: () => elapsed,
    unixMs: () => NOON_UNIX_MS + elapsed - 1000,
  });
  return {
    live,
    wait: (ms) => {
      elapsed += ms;
    },
    frame: (agoMs) => {
      live.takeFrame();
      live.takeObservation(NOON_GPS_DAY_MS + elapsed - 1000 - agoMs, ++epoch);
    },
  };
}

test('the age of an epoch is now minus its time', () => {
  const { live, frame } = stream();
  frame(300);
  expect(live.ageMs).toBe(300);
});

test('smallest, median and largest age are told, and what is late', () => {
  const { live, frame, wait } = stream();
  for (const age of [200, 300, 250, 300, 2300]) {
    wait(1000);
    frame(age);
  }
  expect(live.report(1000)).toMatchObject({ ageMs: { min: 200, median: 300, max: 2300 }, late: 1 });
});

test('an epoch of a replay has no age', () => {
  const { live, frame } = stream();
  frame(3_600_000);
  expect(live.report(1000).ageMs).toBeNull();
});

test('an epoch just before midnight is young just behind it', () => {
  const midnight = Date.UTC(2026, 10, 22, 23, 59, 42);
  const live = new LiveStatistics({ elapsedMs: () => 0, unixMs: () => midnight + 200 });
  live.takeObservation(86_399_900, 1);
  expect(live.ageMs).toBe(300);
});

test('the longest silence and the wait for the first frame are told', () => {
  const { live, frame, wait } = stream();
  wait(400);
  frame(0);
  wait(2500);
  frame(0);
  wait(100);
  expect(live.report(1000)).toMatchObject({
    firstFrameAfterMs: 400,
    longestSilenceMs: 2500,
    watchedMs: 3000,
  });
});

test('a stream that never sent has no first frame', () => {
  const { live, wait } = stream();
  wait(5000);
  expect(live.report(null)).toMatchObject({ firstFrameAfterMs: null, longestSilenceMs: 5000 });
});
