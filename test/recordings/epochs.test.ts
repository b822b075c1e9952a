// Epoch assembly over every recording, against the patterns of message types and multiple message bits that an
// independent decoder lists, epoch by epoch.
import { describe, expect, test } from 'vitest';
import { type AssembledEpoch, EpochAssembler } from '../../caster/rtcm/epoch-assembler.ts';
import { messageFamily } from '../../caster/rtcm/message-types.ts';
import {
  framesOf,
  type RecordingFacts,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from './recordings.ts';

/** GPS - UTC on the day of those recordings that are older than 2017. */
const OLD_LEAP_SECONDS: Readonly<Record<string, number>> = {
  'gmsd7_netr9_msm7_1hz.rtcm3': 16,
  'gpsd_rtcm3_2.bin': 17,
  'testglo_1004_1012_1hz.rtcm3': 15,
};

/**
 * The independent list goes by the bits alone. These streams lose bits, or change over to another base in the middle of
 * an epoch, so that one entry of the list is several epochs; their number follows from other figures of the decoder.
 */
const EPOCHS_BY_TIME: Readonly<Record<string, (facts: RecordingFacts) => number>> = {
  'fw206_msm5_split_1hz.rtcm3': (facts) => facts.msm['1075']!.epochs,
  'navcom_legacy_1hz.rtcm3': (facts) => facts.legacy_observations['1004']!.count,
  'switch_legacy_msm4_msm7.rtcm3': (facts) =>
    facts.legacy_observations['1004']!.count + 2 + facts.msm['1124']!.epochs + facts.msm['1127']!.epochs,
};

function assemble(name: string, leapSeconds?: number): AssembledEpoch[] {
  const epochs: AssembledEpoch[] = [];
  const assembler = new EpochAssembler({
    epochHoldMs: 500,
    rideAlongMs: 5000,
    epochBytesMax: 1 << 20,
    ...(leapSeconds === undefined ? {} : { leapSeconds }),
    onEpoch: (epoch) => epochs.push(epoch),
  });
  // A file has no arrival times: it is as if all of it came at once.
  for (const { bytes, messageNumber } of framesOf(recordingBytes(name)))
    assembler.pushFrame(bytes, messageNumber, 0);
  assembler.flush();
  return epochs;
}

function observationTypes(epoch: AssembledEpoch): number[] {
  return epoch.messageNumbers.filter((number) =>
    ['msm', 'legacy-observation'].includes(messageFamily(number)),
  );
}

function countPatterns(patterns: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pattern of patterns) counts[pattern] = (counts[pattern] ?? 0) + 1;
  return counts;
}

function typesOfPattern(pattern: string): string {
  return pattern.replace('(unterminated) ', '').replaceAll(/:[01]/g, '');
}

describe.skipIf(!RECORDINGS_PRESENT)(`epochs of recordings${SKIP_NOTE}`, () => {
  const names = recordingNames('');
  const regular = names.filter((name) => !(name in EPOCHS_BY_TIME));

  test.each(regular)('%s: every epoch is one output with the messages that belong to it', (name) => {
    const epochs = assemble(name, OLD_LEAP_SECONDS[name]).filter(({ observation }) => observation);
    const expected: Record<string, number> = {};
    for (const [pattern, times] of recordingFacts(name).epoch_patterns_type_colon_multiplebit) {
      expected[typesOfPattern(pattern)] = (expected[typesOfPattern(pattern)] ?? 0) + times;
    }
    expect(countPatterns(epochs.map((epoch) => observationTypes(epoch).join(' ')))).toEqual(expected);
  });

  test.each(names.filter((name) => name in EPOCHS_BY_TIME))(
    '%s: lost bits do not join epochs of different times',
    (name) => {
      const epochs = assemble(name).filter(({ observation }) => observation);
      expect(epochs).toHaveLength(EPOCHS_BY_TIME[name]!(recordingFacts(name)));
    },
  );

  test.each(names)('%s: the epochs together are exactly the valid frames, in order', (name) => {
    const frames = framesOf(recordingBytes(name));
    const joined = Buffer.concat(assemble(name).map(({ bytes }) => bytes));
    expect(joined.equals(Buffer.concat(frames.map(({ bytes }) => bytes)))).toBe(true);
  });

  test.each(names)('%s: frame ends and message numbers describe the frames inside', (name) => {
    const frames = framesOf(recordingBytes(name));
    const inside = assemble(name).flatMap((epoch) =>
      epoch.frameEnds.map((end, index) => ({
        bytes: epoch.bytes.subarray(epoch.frameEnds[index - 1] ?? 0, end).toString('hex'),
        messageNumber: epoch.messageNumbers[index],
      })),
    );
    expect(inside).toEqual(
      frames.map(({ bytes, messageNumber }) => ({ bytes: bytes.toString('hex'), messageNumber })),
    );
  });

  test.each(Object.keys(OLD_LEAP_SECONDS))(
    '%s: stale leap seconds cost the first two epochs their wholeness, not more',
    (name) => {
      const patterns = assemble(name)
        .filter(({ observation }) => observation)
        .map((epoch) => observationTypes(epoch).join(' '));
      const whole = recordingFacts(name).epoch_patterns_type_colon_multiplebit[0]!;
      const wholeEpochs = patterns.filter((pattern) => pattern === typesOfPattern(whole[0]));
      expect(wholeEpochs.length).toBeGreaterThanOrEqual(whole[1] - 1);
    },
  );
});
