// Numbers as people read them.
import { expect, test } from 'vitest';
import { bitRate, byteSize, counted, duration, percent, timeOfDay } from '../../../cli/units.ts';

test.each([
  [0, '0 s'],
  [200, '0.2 s'],
  [1500, '1.5 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [700_000, '11 min 40 s'],
  [3_600_000, '1 h'],
  [3_599_900, '1 h'],
  [10_920_000, '3 h 2 min'],
])('%i ms last %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [1, '100 %'],
  [0.99999, '99.9 %'],
  [0.5, '50.0 %'],
  [0.0001, 'under 0.1 %'],
  [0, '0.0 %'],
])('a share of %f is %s', (part, text) => {
  expect(percent(part)).toBe(text);
});

test.each([
  [812, '812 bit/s'],
  [3940, '3.9 kbit/s'],
  [1_200_000, '1.2 Mbit/s'],
])('%i bit/s are %s', (rate, text) => {
  expect(bitRate(rate)).toBe(text);
});

test.each([
  [999, '999 B'],
  [1500, '1.5 kB'],
  [2_500_000_000, '2.5 GB'],
  [7e15, '7000.0 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});

test('a time of day shows milliseconds only where there are some', () => {
  expect([timeOfDay(27_211_000), timeOfDay(31_440_800)]).toEqual(['07:33:31', '08:44:00.800']);
});

test('one is not plural', () => {
  expect([counted(0, 'frame'), counted(1, 'frame')]).toEqual(['0 frames', '1 frame']);
});
