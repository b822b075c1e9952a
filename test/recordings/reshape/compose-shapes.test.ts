// Two shapes made of a real stream one after the other, against the one that they are composed to: the same bytes. Recordings of bases that
// send a constellation at two high levels are left out: there one shape lowers the better of the two.
import { describe, expect, test } from 'vitest';
import { composeShapes } from '../../../caster/rtcm/reshape/compose-shapes.ts';
import { type Shape } from '../../../caster/rtcm/reshape/shape.ts';
import { type TestFrame } from '../../unit/rtcm/observation-frames.ts';
import { reshaped } from '../../unit/rtcm/reshape/streams.ts';
import { framesOf, recordingBytes, RECORDINGS_PRESENT, SKIP_NOTE } from '../recordings.ts';

const RECORDINGS = [
  'sept_msm7_1hz.rtcm3',
  'trimble_msm4_1hz.rtcm3',
  'aamakinen_mixed_levels_1hz.rtcm3',
  'mixed_msm7_legacy_1hz.rtcm3',
];

const PAIRS: readonly (readonly [first: Shape, then: Shape])[] = [
  [{ constellations: ['GPS', 'GAL', 'GLO'] }, { constellations: ['GAL', 'BDS', 'GPS'] }],
  [{ constellations: ['GPS'] }, { constellations: ['GAL'] }],
  [{ msmLevelMax: 5 }, { msmLevelMax: 4 }],
  [
    { msmLevelMax: 4, glonassChannelsKept: true },
    { msmLevelMax: 5, constellations: ['GPS', 'GLO'] },
  ],
  [{ bands: ['L1', 'L2', 'E1', 'G1'] }, { bands: ['L1', 'G1', 'G2', 'E5b'], msmLevelMax: 4 }],
  [{ msmLevelMax: 4, messagesKept: [1005, 1006, 1077, 1097] }, { messagesKept: [1005, 1074] }],
  [{ messagesKept: [1005, 1006, 1074, 1004] }, { msmLevelMax: 4 }],
  [{ msmLevelMax: 4 }, { messagesDropped: [1074, 1019] }],
  [{ messagesDropped: [1097] }, { messagesKept: [1077, 1097, 1087], bands: ['L1', 'G1', 'E1'] }],
  [{ intervalS: 2 }, { intervalS: 3, constellations: ['GPS'] }],
  [
    { intervalS: 10, msmLevelMax: 5 },
    { intervalS: 5, msmLevelMax: 4 },
  ],
];

const cases = RECORDINGS.flatMap((name) => PAIRS.map((pair) => [name, ...pair] as const));

const hexOf = (frames: readonly TestFrame[]): string[] => frames.map(({ bytes }) => bytes.toString('hex'));

describe.skipIf(!RECORDINGS_PRESENT)(`two shapes as one${SKIP_NOTE}`, () => {
  test.each(cases)('make of %s by %j and %j what they make one after the other', (name, first, then) => {
    const frames = framesOf(recordingBytes(name)).slice(0, 2000);
    const inTurn = reshaped(then, reshaped(first, frames));
    expect(hexOf(reshaped(composeShapes(first, then), frames))).toEqual(hexOf(inTurn));
  });
});
