// Every field of decoded legacy observations against the values that pyrtcm reads from the same bytes.
import { describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../../caster/rtcm/codec/codec.ts';
import {
  type LegacyColumn,
  type LegacyObservations,
} from '../../../caster/rtcm/codec/legacy-observations.ts';
import { messageFamily } from '../../../caster/rtcm/message-types.ts';
import { framesOf, recordingBytes, recordingNames, RECORDINGS_PRESENT, SKIP_NOTE } from '../recordings.ts';
import { codecFacts, codecVectors, legacyInTheirWords, unscaled } from './expectations.ts';

/** The samples' names of the columns. */
const COLUMNS: Readonly<Record<string, LegacyColumn>> = {
  sat: 'satelliteIds',
  code1: 'code1',
  fcn7: 'channel',
  pr1: 'range1',
  ppr1: 'phase1',
  lock1: 'lock1',
  amb: 'ambiguity',
  cnr1: 'cnr1',
  code2: 'code2',
  pr21: 'range2',
  ppr2: 'phase2',
  lock2: 'lock2',
  cnr2: 'cnr2',
};

/** The decoded satellites with exactly those columns that the sample has. */
function inSampleWords(
  observations: LegacyObservations,
  sample: readonly Record<string, number>[],
): Record<string, number>[] {
  return Array.from({ length: observations.satelliteCount }, (_, index) =>
    Object.fromEntries(
      Object.keys(sample[index] ?? {})
        .filter((name) => name in COLUMNS)
        .map((name) => [name, observations[COLUMNS[name]!][index]!]),
    ),
  );
}

const withLegacy = recordingNames('').filter(
  (name) => Object.keys(codecFacts(name).legacy_observations).length > 0,
);

describe.skipIf(!RECORDINGS_PRESENT)(`legacy observations of recordings${SKIP_NOTE}`, () => {
  test.each(withLegacy)('%s: the first message of each number is what pyrtcm reads', (name) => {
    const codec = new RtcmCodec();
    const ours: Partial<Record<string, object>> = {};
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      if (codec.decode(bytes) === 'legacy') ours[messageNumber] ??= legacyInTheirWords(codec.legacy);
    }
    expect(ours).toEqual(
      Object.fromEntries(
        Object.entries(codecFacts(name).legacy_observations).map(([number, facts]) => [
          number,
          unscaled(facts.first_message_fields_pyrtcm_scaled),
        ]),
      ),
    );
  });

  test.each(withLegacy)('%s: the raw integers of the sampled messages are those of the dump', (name) => {
    const codec = new RtcmCodec();
    const frames = framesOf(recordingBytes(name)).filter(
      ({ messageNumber }) => messageFamily(messageNumber) === 'legacy-observation',
    );
    const samples = codecFacts(name).legacy_sample_raw;
    const ours = samples.map(({ type, epoch_raw, satellites }) => {
      const found = frames.find(
        ({ bytes, messageNumber }) =>
          messageNumber === type &&
          codec.decode(bytes) === 'legacy' &&
          codec.legacy.epochRaw === epoch_raw &&
          codec.legacy.satelliteIds[0] === satellites[0]?.['sat'],
      );
      return found && inSampleWords(codec.legacy, satellites);
    });
    expect(ours).toEqual(
      samples.map(({ satellites }) =>
        satellites.map((satellite) =>
          Object.fromEntries(Object.entries(satellite).filter(([column]) => column in COLUMNS)),
        ),
      ),
    );
  });

  test.each(recordingNames('vectors'))(
    '%s: every field of every legacy message is what pyrtcm reads',
    (name) => {
      const codec = new RtcmCodec();
      const bytes = recordingBytes(name);
      const vectors = codecVectors(name).filter(({ type }) => messageFamily(type) === 'legacy-observation');
      const ours = vectors.map(({ name: vector, offset, length }) => {
        expect(codec.decode(bytes.subarray(offset, offset + length))).toBe('legacy');
        return { vector, ...legacyInTheirWords(codec.legacy) };
      });
      expect(ours).toEqual(
        vectors.map(({ name: vector, fields_pyrtcm_scaled }) => ({
          vector,
          ...unscaled(fields_pyrtcm_scaled!),
        })),
      );
    },
  );
});
