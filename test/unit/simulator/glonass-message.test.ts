// The calendar of 1020, worked out by hand; its orbit is judged in orbit.test.ts and by RTKLIB.
import { expect, test } from 'vitest';
import { createConstellation } from '../../../caster/simulator/constellation.ts';
import { readFields } from './raw-bits.ts';

test('a 1020 names slot, channel, time of day, day and four-year interval as the calendar has them', () => {
  const startGpsTimeS = 2409 * 604_800 + 187_200; // 2026-03-10 06:59:42 on the Moscow clock
  const constellation = createConstellation({ seed: 1, systems: ['GLO'], startGpsTimeS });
  const frame = constellation.statesAt(startGpsTimeS * 1000)[1]!.issue.frame;
  const fields = readFields(frame);
  const head = {
    number: fields.unsigned(12),
    slot: fields.unsigned(6),
    channel: fields.unsigned(5) - 7,
  };
  fields.skip(4);
  const sent = [fields.unsigned(5), fields.unsigned(6), fields.unsigned(1)];
  fields.skip(2);
  const referenceQuarter = fields.unsigned(7);
  fields.skip(3 * (24 + 27 + 5) + 1 + 11 + 3 + 22 + 5 + 5 + 1 + 4);
  const day = fields.unsigned(11);
  fields.skip(2 + 1 + 11 + 32);
  const interval = fields.unsigned(5);

  expect(head).toEqual({ number: 1020, slot: 2, channel: -4 });
  // Sent from 06:30:00 on, for 06:45, the 27th quarter of an hour.
  expect([...sent, referenceQuarter]).toEqual([6, 30, 0, 27]);
  // 2024 began the eighth interval since 1996: 366 days of 2024, 365 of 2025, and 10 March is day 69.
  expect([interval, day]).toEqual([8, 366 + 365 + 69]);
  expect(frame).toHaveLength(45 + 6);
});
