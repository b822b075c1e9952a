// Tests how a shape is written into what is metered.

import { expect, test } from 'vitest';
import { SHAPE_BYTES } from '../../../caster/metering/ledger/layout.ts';
import { shapeText } from '../../../caster/metering/shape-text.ts';

test('a shape is told in words, and none where all goes out as received', () => {
  expect(shapeText({ constellations: ['GPS', 'GAL'], msmLevelMax: 4, intervalS: 5 })).toBe(
    'constellations=GAL,GPS level=4 interval=5',
  );
  expect([shapeText(undefined), shapeText({ msmLevelMax: 7 })]).toEqual(['', '']);
});

test('shapes that are too long to be told whole stay apart, and fit', () => {
  const long = (last: number): string =>
    shapeText({ messagesKept: [...Array.from({ length: 100 }, (_, n) => 1000 + n), last] });
  expect(long(1200)).not.toBe(long(1201));
  expect([long(1200).length, Buffer.byteLength(long(1201))]).toEqual([SHAPE_BYTES, SHAPE_BYTES]);
});
