// When two shapes make the same stream.
import { describe, expect, test } from 'vitest';
import { shapeKey } from '../../../../caster/rtcm/reshape/shape.ts';

describe('shapeKey', () => {
  test('is empty where all goes out as received', () => {
    expect(shapeKey({})).toBe('');
    expect(shapeKey({ msmLevelMax: 7, glonassChannelsKept: true })).toBe('');
  });

  test('does not depend on the order of lists or on what is named twice', () => {
    const one = shapeKey({ constellations: ['GPS', 'GAL'], messagesKept: [1005, 1077, 1005] });
    expect(shapeKey({ messagesKept: [1077, 1005], constellations: ['GAL', 'GPS'] })).toBe(one);
  });

  test('differs with every part', () => {
    const keys = [
      shapeKey({ constellations: ['GPS'] }),
      shapeKey({ bands: ['L1'] }),
      shapeKey({ msmLevelMax: 4 }),
      shapeKey({ msmLevelMax: 5 }),
      shapeKey({ msmLevelMax: 4, glonassChannelsKept: true }),
      shapeKey({ messagesKept: [1005] }),
      shapeKey({ messagesDropped: [1005] }),
      shapeKey({ intervalS: 5 }),
      shapeKey({ intervalS: 50 }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
