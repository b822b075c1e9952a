// Which satellites the ephemeris frames of the recordings are about, against pyrtcm.
import { describe, expect, test } from 'vitest';
import { ephemerisSatellite } from '../../caster/rtcm/ephemeris-id.ts';
import { messageFamily } from '../../caster/rtcm/message-types.ts';
import {
  framesOf,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
  vectorFacts,
} from './recordings.ts';

/** First data field behind the message number, by message: the satellite id. */
const SATELLITE_FIELDS: Readonly<Record<number, string>> = {
  1019: 'DF009',
  1020: 'DF038',
  1041: 'DF516',
  1042: 'DF488',
  1044: 'DF429',
  1045: 'DF252',
  1046: 'DF252',
};

describe.skipIf(!RECORDINGS_PRESENT)(`ephemerides of recordings${SKIP_NOTE}`, () => {
  const withEphemerides = recordingNames('').filter(
    (name) => Object.keys(recordingFacts(name).ephemerides).length > 0,
  );

  test.each(withEphemerides)('%s: satellites per message are those that pyrtcm lists', (name) => {
    const ours: Partial<Record<string, { count: number; satellites: Set<number> }>> = {};
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      // pyrtcm does not know 63, the draft of 1042.
      if (messageFamily(messageNumber) !== 'ephemeris' || messageNumber === 63) continue;
      const sum = (ours[messageNumber] ??= { count: 0, satellites: new Set() });
      sum.count++;
      sum.satellites.add(ephemerisSatellite(bytes, messageNumber) ?? -1);
    }
    expect(ours).toEqual(
      Object.fromEntries(
        Object.entries(recordingFacts(name).ephemerides).map(([number, { count, satellites }]) => [
          number,
          { count, satellites: new Set(satellites) },
        ]),
      ),
    );
  });

  test.each(recordingNames('vectors'))('%s: satellite ids are those that pyrtcm reads', (name) => {
    const bytes = recordingBytes(name);
    const vectors = vectorFacts(name).index.filter(({ type }) => type in SATELLITE_FIELDS);
    const ours = vectors.map(({ name: vector, type, offset, length }) => [
      vector,
      ephemerisSatellite(bytes.subarray(offset, offset + length), type),
    ]);
    expect(ours).toEqual(
      vectors.map(({ name: vector, type, fields_pyrtcm_scaled }) => [
        vector,
        fields_pyrtcm_scaled?.[SATELLITE_FIELDS[type]!],
      ]),
    );
  });
});
