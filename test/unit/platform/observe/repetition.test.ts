// Tests that one cause cannot fill the log, that nothing is left out without a word, and that the counting is bounded.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  SAMPLED_EVENTS_MAX,
  SAMPLED_KEYS_MAX,
  SAMPLING_LINES_MAX,
  SAMPLING_PERIOD_MS,
} from '../../../../config/limits.ts';
import { Repetition, type LeftOut } from '../../../../platform/observe/repetition.ts';

let told: LeftOut[];
let repetition: Repetition;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  repetition = new Repetition((leftOut) => told.push(leftOut));
});

afterEach(() => {
  vi.useRealTimers();
});

/** How many of `count` events are let through. */
function admitted(key: string, count: number, event = 'rover_refused'): number {
  let through = 0;
  for (let n = 0; n < count; n++) if (repetition.admit(key, 'warn', event)) through++;
  return through;
}

test('the first ten of one origin are let through, and each origin has its own ten', () => {
  expect([admitted('10.0.0.1', 25), admitted('10.0.0.2', 3), admitted('10.0.0.1', 5)]).toEqual([10, 3, 0]);
});

test('two kinds of event from one origin are counted apart', () => {
  expect([admitted('10.0.0.1', 25), admitted('10.0.0.1', 25, 'tls_failed')]).toEqual([10, 10]);
});

test('what was left out is told when the period ends, and not before', () => {
  admitted('10.0.0.1', 25);
  vi.advanceTimersByTime(SAMPLING_PERIOD_MS - 1);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([{ level: 'warn', event: 'rover_refused', origin: '10.0.0.1', count: 15 }]);
});

test('a period in which nothing was left out ends without a word', () => {
  admitted('10.0.0.1', SAMPLED_EVENTS_MAX);
  vi.advanceTimersByTime(SAMPLING_PERIOD_MS);
  expect(told).toEqual([]);
});

test('after the period the origin has its ten again', () => {
  admitted('10.0.0.1', 25);
  vi.advanceTimersByTime(SAMPLING_PERIOD_MS);
  expect(admitted('10.0.0.1', 25)).toBe(10);
});

test('of many origins the worst are told by name and the others in one line', () => {
  for (let origin = 1; origin <= 50; origin++) admitted(`10.0.0.${origin}`, SAMPLED_EVENTS_MAX + origin);
  repetition.endPeriod();
  expect(told).toHaveLength(SAMPLING_LINES_MAX + 1);
  expect(told[0]).toEqual({ level: 'warn', event: 'rover_refused', origin: '10.0.0.50', count: 50 });
  // 1 + 2 + … + 30
  expect(told.at(-1)).toEqual({ level: 'info', event: 'various', origin: undefined, count: 465 });
});

test('origins beyond the bound share one count, so that no flood of addresses fills the memory', () => {
  for (let n = 0; n < SAMPLED_KEYS_MAX; n++) repetition.admit(`known-${n}`, 'warn', 'rover_refused');
  let through = 0;
  for (let n = 0; n < 1000; n++) if (repetition.admit(`late-${n}`, 'warn', 'rover_refused')) through++;
  repetition.endPeriod();
  expect(through).toBe(10);
  expect(told).toEqual([{ level: 'warn', event: 'rover_refused', origin: undefined, count: 990 }]);
});

test('no timer is left once the period has been ended', () => {
  admitted('10.0.0.1', 25);
  repetition.endPeriod();
  expect(vi.getTimerCount()).toBe(0);
});
