// Tests when the coarse clock ticks, on a clock of the test's own.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CLOCK_IDLE_TICK_MS, CLOCK_TICK_MS } from '../../../config/limits.ts';
import { CoarseClock } from '../../../caster/net/coarse-clock.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Times of the ticks since the start, and a switch that makes each tick urgent. */
function startClock(): { clock: CoarseClock; ticks: number[]; state: { urgent: boolean } } {
  const startMs = performance.now();
  const ticks: number[] = [];
  const state = { urgent: false };
  const clock = new CoarseClock((nowMs) => {
    ticks.push(nowMs - startMs);
    return state.urgent;
  });
  return { clock, ticks, state };
}

const multiples = (ofMs: number, count: number, fromMs = 0): number[] =>
  Array.from({ length: count }, (_tick, n) => fromMs + (n + 1) * ofMs);

describe('a clock with nothing urgent', () => {
  test('ticks slowly all the time', () => {
    const { ticks } = startClock();
    vi.advanceTimersByTime(4 * CLOCK_IDLE_TICK_MS);
    expect(ticks).toEqual(multiples(CLOCK_IDLE_TICK_MS, 4));
  });

  test('knows the time of its last tick', () => {
    const { clock } = startClock();
    const startMs = clock.nowMs;
    vi.advanceTimersByTime(CLOCK_IDLE_TICK_MS + 50);
    expect(clock.nowMs - startMs).toBe(CLOCK_IDLE_TICK_MS);
  });
});

describe('a clock in a hurry', () => {
  test('ticks soon after it is asked to, however long the slow tick still is', () => {
    const { clock, ticks } = startClock();
    vi.advanceTimersByTime(30);
    clock.hurry();
    vi.advanceTimersByTime(CLOCK_TICK_MS);
    expect(ticks).toEqual([30 + CLOCK_TICK_MS]);
  });

  test('ticks fast as long as its ticks are urgent, and slowly again afterwards', () => {
    const { clock, ticks, state } = startClock();
    state.urgent = true;
    clock.hurry();
    vi.advanceTimersByTime(10 * CLOCK_TICK_MS);
    expect(ticks).toEqual(multiples(CLOCK_TICK_MS, 10));
    state.urgent = false;
    vi.advanceTimersByTime(CLOCK_TICK_MS);
    ticks.length = 0;
    vi.advanceTimersByTime(4 * CLOCK_IDLE_TICK_MS);
    expect(ticks.length).toBeLessThanOrEqual(5);
  });

  test('is not put off by being asked again and again', () => {
    const { clock, ticks } = startClock();
    for (let n = 0; n < 10; n++) {
      clock.hurry();
      vi.advanceTimersByTime(CLOCK_TICK_MS / 10);
    }
    expect(ticks).toEqual([CLOCK_TICK_MS]);
  });

  test('ticks soon again where a tick that is not urgent was asked to hurry', () => {
    const startMs = performance.now();
    const ticks: number[] = [];
    const clock: CoarseClock = new CoarseClock((nowMs) => {
      ticks.push(nowMs - startMs);
      if (ticks.length === 1) clock.hurry();
      return false;
    });
    vi.advanceTimersByTime(CLOCK_IDLE_TICK_MS + CLOCK_TICK_MS);
    expect(ticks).toEqual([CLOCK_IDLE_TICK_MS, CLOCK_IDLE_TICK_MS + CLOCK_TICK_MS]);
  });
});

test('a clock that was stopped never ticks again', () => {
  const { clock, ticks } = startClock();
  clock.hurry();
  clock.stop();
  vi.advanceTimersByTime(10 * CLOCK_IDLE_TICK_MS);
  expect(ticks).toEqual([]);
});

test('a clock that is stopped by its own tick never ticks again', () => {
  let ticks = 0;
  const clock: CoarseClock = new CoarseClock(() => {
    ticks += 1;
    clock.stop();
    return false;
  });
  vi.advanceTimersByTime(10 * CLOCK_IDLE_TICK_MS);
  expect(ticks).toBe(1);
});

test('a clock that is stopped by its own urgent tick never ticks again', () => {
  let ticks = 0;
  const clock: CoarseClock = new CoarseClock(() => {
    ticks += 1;
    clock.stop();
    return true;
  });
  vi.advanceTimersByTime(10 * CLOCK_IDLE_TICK_MS);
  expect(ticks).toBe(1);
});
