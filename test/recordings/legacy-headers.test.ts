// Headers of the legacy observation messages against pyrtcm.
import { describe, expect, test } from 'vitest';
import { readLegacyHeader } from '../../caster/rtcm/legacy-header.ts';
import { createObservationHeader, readObservationHeader } from '../../caster/rtcm/observation-header.ts';
import {
  framesOf,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
  vectorFacts,
} from './recordings.ts';

interface Sum {
  readonly count: number;
  readonly first_epoch_ms: number;
  readonly last_epoch_ms: number;
  readonly satellites: { readonly min: number; readonly max: number };
  readonly sync_flag_counts: Record<string, number>;
}

describe.skipIf(!RECORDINGS_PRESENT)(`legacy observations of recordings${SKIP_NOTE}`, () => {
  const withLegacy = recordingNames('').filter(
    (name) => Object.keys(recordingFacts(name).legacy_observations).length > 0,
  );

  test.each(withLegacy)('%s: epochs, satellites and sync flags are as pyrtcm counts them', (name) => {
    const ours: Record<string, Sum> = {};
    const cheap = createObservationHeader();
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      const header = readLegacyHeader(bytes);
      if (header === undefined) continue;
      readObservationHeader(bytes, messageNumber, cheap);
      const before = ours[messageNumber];
      const flag = cheap.moreToCome ? '1' : '0';
      ours[messageNumber] = {
        count: (before?.count ?? 0) + 1,
        first_epoch_ms: before?.first_epoch_ms ?? header.epochMs,
        last_epoch_ms: header.epochMs,
        satellites: {
          min: Math.min(before?.satellites.min ?? Infinity, header.satelliteCount),
          max: Math.max(before?.satellites.max ?? 0, header.satelliteCount),
        },
        sync_flag_counts: { ...before?.sync_flag_counts, [flag]: (before?.sync_flag_counts[flag] ?? 0) + 1 },
      };
    }
    expect(ours).toEqual(
      Object.fromEntries(
        Object.entries(recordingFacts(name).legacy_observations).map(([number, facts]) => [
          number,
          {
            count: facts.count,
            first_epoch_ms: facts.first_epoch_ms,
            last_epoch_ms: facts.last_epoch_ms,
            satellites: { min: facts.sats_min_mean_max[0], max: facts.sats_min_mean_max[2] },
            sync_flag_counts: facts.sync_flag_counts,
          },
        ]),
      ),
    );
  });

  test.each(recordingNames('vectors'))('%s: headers are those that pyrtcm reads', (name) => {
    const bytes = recordingBytes(name);
    const vectors = vectorFacts(name).index.filter(({ type }) =>
      [1001, 1002, 1003, 1004, 1009, 1010, 1011, 1012].includes(type),
    );
    const ours = vectors.map(({ name: vector, offset, length }) => {
      const header = readLegacyHeader(bytes.subarray(offset, offset + length))!;
      const { station, epochMs, moreToCome, satelliteCount, smoothing, smoothingInterval } = header;
      return [
        vector,
        station,
        epochMs,
        Number(moreToCome),
        satelliteCount,
        Number(smoothing),
        smoothingInterval,
      ];
    });
    const gps = ['DF003', 'DF004', 'DF005', 'DF006', 'DF007', 'DF008'];
    const glonass = ['DF003', 'DF034', 'DF005', 'DF035', 'DF036', 'DF037'];
    expect(ours).toEqual(
      vectors.map(({ name: vector, type, fields_pyrtcm_scaled }) => [
        vector,
        ...(type < 1009 ? gps : glonass).map((field) => fields_pyrtcm_scaled?.[field]),
      ]),
    );
  });
});
