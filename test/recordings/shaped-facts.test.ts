// What the sourcetable says of a stream in a shape, worked out from what the base sends, against what a stream of that
// shape says of itself once it is made.
import { describe, expect, test } from 'vitest';
import { createObservationHeader, readObservationHeader } from '../../caster/rtcm/observation-header.ts';
import { type Shape } from '../../caster/rtcm/reshape/shape.ts';
import { StationFacts, type StationFactsSnapshot } from '../../caster/rtcm/station-facts.ts';
import { shapedFacts } from '../../caster/stream/shaped-facts.ts';
import { type TestFrame } from '../unit/rtcm/observation-frames.ts';
import { reshaped } from '../unit/rtcm/reshape/streams.ts';
import { framesOf, recordingBytes, RECORDINGS_PRESENT, SKIP_NOTE } from './recordings.ts';

const RECORDINGS = [
  'sept_msm7_1hz.rtcm3',
  'trimble_msm4_1hz.rtcm3',
  'aamakinen_mixed_levels_1hz.rtcm3',
  'agpartner2_msm5_msm7_legacy_1hz.rtcm3',
  'mixed_msm7_legacy_1hz.rtcm3',
];

const SHAPES: readonly Shape[] = [
  { constellations: ['GPS', 'GAL'], msmLevelMax: 4 },
  { bands: ['L1', 'L2', 'G1', 'G2', 'E1', 'E5b'], msmLevelMax: 5 },
  { bands: ['L1', 'G1', 'E1', 'B1I'] },
  { messagesKept: [1005, 1006, 1077, 1074, 1097, 1004], msmLevelMax: 4 },
  // Observations alone: the others would have the time of the last that has gone out.
  { intervalS: 5, messagesKept: [1004, 1012, 1074, 1075, 1077, 1084, 1087, 1094, 1097, 1124, 1127] },
];

/** The most that the estimate of the bit rate may be off: cells are not spread evenly over satellites and signals. */
const BIT_RATE_ERROR_MAX = 0.15;

/** By the time of GPS observations, which every one of these recordings has throughout. */
function factsOf(frames: readonly TestFrame[]): StationFactsSnapshot {
  const facts = new StationFacts();
  const header = createObservationHeader();
  let nowMs = 0;
  for (const { bytes, messageNumber } of frames) {
    const isTimed = readObservationHeader(bytes, messageNumber, header) && header.system === 'GPS';
    if (isTimed) nowMs = header.epochKey;
    facts.observe(bytes, messageNumber, nowMs);
  }
  return facts.snapshot(nowMs);
}

const cases = RECORDINGS.flatMap((name) => SHAPES.map((shape) => [name, shape] as const));

describe.skipIf(!RECORDINGS_PRESENT)(`the line of a stream in a shape${SKIP_NOTE}`, () => {
  test.each(cases)('of %s in %j is that of the stream once it is made', (name, shape) => {
    const frames = framesOf(recordingBytes(name));
    const { format, formatDetails, systems, carrier } = factsOf(reshaped(shape, frames));
    expect(shapedFacts(factsOf(frames), shape)).toMatchObject({ format, formatDetails, systems, carrier });
  });

  test.each(cases)('of %s in %j has the bit rate of that stream, nearly', (name, shape) => {
    const frames = framesOf(recordingBytes(name));
    const source = factsOf(frames);
    const bytesOf = (of: readonly TestFrame[]): number =>
      of.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const share = bytesOf(reshaped(shape, frames)) / bytesOf(frames);
    const told = shapedFacts({ ...source, bitsPerSecond: 100_000 }, shape).bitsPerSecond / 100_000;
    expect(Math.abs(told / share - 1)).toBeLessThan(BIT_RATE_ERROR_MAX);
  });
});
