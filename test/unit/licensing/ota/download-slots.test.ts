import { expect, test } from 'vitest';
import { DownloadSlots } from '../../../../licensing/ota/download-slots.ts';

test('so many downloads run at a time, and so many of one vehicle, and what ends makes room once', () => {
  const slots = new DownloadSlots(3, 2);
  const first = slots.take('A');
  slots.take('A');
  expect(slots.take('A')).toBeUndefined();
  expect(typeof slots.take('B')).toBe('function');
  expect(slots.take('C')).toBeUndefined();
  first!();
  first!();
  expect(typeof slots.take('C')).toBe('function');
  expect(slots.take('D')).toBeUndefined();
});
