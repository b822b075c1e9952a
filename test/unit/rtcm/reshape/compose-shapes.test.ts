// Two shapes as one; that it makes the same bytes is shown with recordings (test/recordings/reshape).
import { describe, expect, test } from 'vitest';
import { composeShapes } from '../../../../caster/rtcm/reshape/compose-shapes.ts';
import { type Shape } from '../../../../caster/rtcm/reshape/shape.ts';

describe('two shapes as one', () => {
  test.each<[what: string, first: Shape, then: Shape, both: Shape]>([
    ['keep nothing more of a shape that asks for nothing', {}, { msmLevelMax: 4 }, { msmLevelMax: 4 }],
    [
      'have the constellations that are in both lists',
      { constellations: ['GPS', 'GAL'] },
      { constellations: ['GAL', 'BDS'] },
      { constellations: ['GAL'] },
    ],
    ['have the bands of the only list', { bands: ['L1'] }, {}, { bands: ['L1'] }],
    ['have the lower level', { msmLevelMax: 5 }, { msmLevelMax: 4 }, { msmLevelMax: 4 }],
    ['come at the seconds of both', { intervalS: 4 }, { intervalS: 6 }, { intervalS: 12 }],
    [
      'come at the longer interval that is a multiple',
      { intervalS: 5 },
      { intervalS: 10 },
      { intervalS: 10 },
    ],
    [
      'have the channels of GLONASS where either wants them',
      { msmLevelMax: 4 },
      { glonassChannelsKept: true },
      { msmLevelMax: 4, glonassChannelsKept: true },
    ],
    [
      'drop what either drops',
      { messagesDropped: [1019] },
      { messagesDropped: [1020] },
      { messagesDropped: [1019, 1020] },
    ],
    [
      'keep what is in both lists',
      { messagesKept: [1005, 1077] },
      { messagesKept: [1077, 1087] },
      { messagesKept: [1077] },
    ],
  ])('%s', (_what, first, then, both) => expect(composeShapes(first, then)).toEqual(both));

  test('keep a message that the second names as the first has made it', () => {
    const first: Shape = { msmLevelMax: 4, messagesKept: [1005, 1077] };
    const { messagesKept } = composeShapes(first, { messagesKept: [1005, 1074] });
    expect(messagesKept?.toSorted()).toEqual([1005, 1077]);
  });

  test('do not make by the second level what the first has dropped by its number', () => {
    const { messagesDropped } = composeShapes({ messagesKept: [1005, 1074] }, { msmLevelMax: 4 });
    expect(messagesDropped).toContain(1077);
  });
});
