// `inspect` over every recording, against what two independent decoders (pyrtcm, RTKLIB) say about the same bytes.
import { describe, expect, test } from 'vitest';
import { learnAlignment } from '../../../cli/inspect/learned-alignment.ts';
import { type StreamReport } from '../../../cli/inspect/report.ts';
import { StreamStatistics } from '../../../cli/inspect/stream-statistics.ts';
import { slipsIn } from '../../recordings/lock-times.ts';
import {
  recordingBytes,
  type RecordingFacts,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from '../../recordings/recordings.ts';

const names = recordingNames('');
const withObservations = names.filter((name) => patternsOf(recordingFacts(name)) > 0);
const DAY_MS = 86_400_000;

function inspect(name: string): StreamReport {
  const bytes = recordingBytes(name);
  const statistics = new StreamStatistics({ alignment: learnAlignment(bytes.subarray(0, 262_144)) });
  for (let start = 0; start < bytes.length; start += 1460)
    statistics.push(bytes.subarray(start, start + 1460));
  statistics.end();
  return statistics.report();
}

/** Epochs of the independent list, which goes by the multiple message bits alone. */
function patternsOf(facts: RecordingFacts): number {
  return facts.epoch_patterns_type_colon_multiplebit.reduce((sum, [, times]) => sum + times, 0);
}

/** Streams that lose bits, change their base within an epoch, or send two epochs a second: by other figures. */
const EPOCHS: Readonly<Record<string, (facts: RecordingFacts) => number>> = {
  'fw206_msm5_split_1hz.rtcm3': (facts) => facts.msm['1075']!.epochs,
  'navcom_legacy_1hz.rtcm3': (facts) => facts.legacy_observations['1004']!.count,
  // Every second has a chain of MSM4 and one of legacy messages.
  'hemi_1074_1004.rtcm3': (facts) => facts.msm['1074']!.epochs,
  // Two chains of two stations.
  'gpsd_f9p_rtcm_mixed.bin': (facts) => Math.max(...Object.values(facts.msm).map(({ epochs }) => epochs)),
  // One of 1004 alone and the 254 of 1012, then MSM4 and MSM7.
  'switch_legacy_msm4_msm7.rtcm3': (facts) =>
    1 + facts.legacy_observations['1012']!.count + facts.msm['1124']!.epochs + facts.msm['1127']!.epochs,
};

describe.skipIf(!RECORDINGS_PRESENT)(`inspect over recordings${SKIP_NOTE}`, () => {
  test.each(names)(
    '%s: messages, CRC errors and bytes outside of frames are counted as elsewhere',
    (name) => {
      const facts = recordingFacts(name);
      const report = inspect(name);
      expect({
        frames: report.frames,
        counts: Object.fromEntries(report.messages.map(({ message, count }) => [String(message), count])),
        crcErrors: report.crcErrors,
        bytesOutside: report.bytesOutsideFrames,
      }).toEqual({
        frames: facts.framing.frames,
        counts: facts.message_counts,
        crcErrors: facts.framing.d3_candidates_failing_crc,
        bytesOutside: facts.framing.bytes_outside_frames,
      });
    },
  );

  test.each(withObservations)('%s: the epochs are as many as elsewhere', (name) => {
    const facts = recordingFacts(name);
    expect(inspect(name).epochs?.count).toBe((EPOCHS[name] ?? patternsOf)(facts));
  });

  test.each(names)(
    '%s: each observation message has the epochs and intervals of the independent list',
    (name) => {
      const facts = recordingFacts(name);
      const ours = inspect(name).messages.flatMap(({ message, epochs, intervals }) =>
        epochs === null
          ? []
          : [{ message, epochs, intervals: sorted(intervals.map(({ ms, times }) => [ms, times])) }],
      );
      const theirs = [
        ...Object.entries(facts.msm).map(([message, { epochs, interval_ms }]) => ({
          message: Number(message),
          epochs,
          intervals: sorted(acrossWeekEnd(interval_ms)),
        })),
        ...Object.entries(facts.legacy_observations).map(([message, legacy]) => ({
          message: Number(message),
          epochs: legacy.count - zeroSteps(legacySteps(legacy)),
          intervals: sorted(acrossWeekEnd(legacySteps(legacy))),
        })),
      ];
      expect(ours).toEqual(theirs.sort((a, b) => a.message - b.message));
    },
  );

  test.each(names)('%s: satellites and signals of each system are those that pyrtcm reads', (name) => {
    const facts = recordingFacts(name);
    const report = inspect(name);
    const ours = Object.fromEntries(
      report.systems
        .filter(({ msmLevels }) => msmLevels.some((level) => level > 0))
        .map(({ system, signals }) => [
          system,
          signals.map(({ id, code, cells }) => [id, code ?? 'unknown', cells]),
        ]),
    );
    expect(ours).toEqual(signalsBySystem(facts));
  });

  test.each(names)('%s: cycle slips are those of a slow second count', (name) => {
    const slips = inspect(name).systems.reduce((sum, { cycleSlips }) => sum + cycleSlips, 0);
    expect(slips).toBe(slipsIn(recordingBytes(name)));
  });

  test.each(names)('%s: station ids, positions and descriptors are those that pyrtcm reads', (name) => {
    const facts = recordingFacts(name);
    const report = inspect(name);
    expect(Object.fromEntries(report.stations.map(({ id, frames }) => [id, frames]))).toEqual(
      framesByStation(facts),
    );
    for (const expected of stationsOf(facts)) {
      const station = report.stations.find(({ id }) => id === expected.id);
      expect(station).toMatchObject(expected.facts);
    }
  });

  test.each(names)('%s: the ephemerides are of the satellites that pyrtcm reads', (name) => {
    const { ephemerides } = recordingFacts(name);
    const ours = inspect(name).ephemerides.map(({ message, count, satellites }) => [
      String(message),
      { count, satellites },
    ]);
    expect(Object.fromEntries(ours)).toMatchObject(
      Object.fromEntries(
        Object.entries(ephemerides).map(([message, { count, satellites }]) => [
          message,
          { count, satellites },
        ]),
      ),
    );
  });
});

test.skipIf(!RECORDINGS_PRESENT)('epochs that never say they are complete are found', () => {
  // 700 epochs and 659 last messages; the file ends in the middle of the last epoch.
  expect(inspect('fw206_msm5_split_1hz.rtcm3').epochs?.unfinished).toBe(40);
});

type Steps = readonly (readonly [intervalMs: number, times: number])[];

/** The expectations have them beside the figures that the other tests read. */
function legacySteps(legacy: object): Steps {
  if (!('interval_ms' in legacy)) throw new Error('the expectations of this recording have no intervals');
  return legacy.interval_ms as Steps;
}

/** The independent list subtracts the raw fields: at the end of a week, and where one is below zero, a second is more. */
function acrossWeekEnd(steps: Steps): [number, number][] {
  const counts = new Map<number, number>();
  for (const [ms, times] of steps) {
    if (ms === 0 || Math.abs(ms) > DAY_MS) continue;
    counts.set(ms, (counts.get(ms) ?? 0) + times);
  }
  const lost = steps.filter(([ms]) => ms !== 0).reduce((sum, [, times]) => sum + times, 0) - total(counts);
  if (lost > 0) counts.set(1000, (counts.get(1000) ?? 0) + lost);
  return [...counts];
}

function total(counts: ReadonlyMap<number, number>): number {
  return [...counts.values()].reduce((sum, times) => sum + times, 0);
}

function zeroSteps(steps: Steps): number {
  return steps.find(([ms]) => ms === 0)?.[1] ?? 0;
}

function sorted(steps: readonly (readonly number[])[]): (readonly number[])[] {
  return steps.toSorted((a, b) => a[0]! - b[0]!);
}

const SYSTEM_OF_BLOCK: Readonly<Record<string, string>> = {
  '107': 'GPS',
  '108': 'GLO',
  '109': 'GAL',
  '110': 'SBAS',
  '111': 'QZS',
  '112': 'BDS',
  '113': 'IRN',
};

/** Cells by signal, summed over the message numbers of a system. */
function signalsBySystem(facts: RecordingFacts): Record<string, (string | number)[][]> {
  const systems: Record<string, Map<number, [string, number]>> = {};
  for (const [message, { signals }] of Object.entries(facts.msm)) {
    const sums = (systems[SYSTEM_OF_BLOCK[message.slice(0, 3)]!] ??= new Map());
    for (const [id, [code, cells]] of Object.entries(signals)) {
      sums.set(Number(id), [code, (sums.get(Number(id))?.[1] ?? 0) + cells]);
    }
  }
  return Object.fromEntries(
    Object.entries(systems).map(([system, sums]) => [
      system,
      [...sums].sort(([a], [b]) => a - b).map(([id, [code, cells]]) => [id, code, cells]),
    ]),
  );
}

/** The independent list leaves out texts, which have a station id as well; no recording has texts of two stations. */
function framesByStation({ station_ids, message_counts }: RecordingFacts): Record<string, number> {
  const texts = message_counts['1029'] ?? 0;
  return Object.fromEntries(Object.entries(station_ids).map(([id, frames]) => [id, frames + texts]));
}

type Fields = Readonly<Record<string, number | string | null>>;

/** What the last of each kind of station message says; a station that sends several kinds appears several times. */
function stationsOf(facts: RecordingFacts): { id: number; facts: object }[] {
  const messages = (number: string): Fields[] => (facts.station_messages[number] ?? []) as Fields[];
  const positions = messages('1006').map((fields) => ({
    id: Number(fields['DF003_station_id']),
    facts: {
      position: {
        ecefM: {
          x: Number(fields['ecef_x_0.1mm']) / 10_000,
          y: Number(fields['ecef_y_0.1mm']) / 10_000,
          z: Number(fields['ecef_z_0.1mm']) / 10_000,
        },
        antennaHeightM: Number(fields['antenna_height_0.1mm']) / 10_000,
      },
    },
  }));
  const receivers = messages('1033').map((fields) => ({
    id: Number(fields['DF003']),
    facts: {
      antenna: fields['antenna_descriptor'],
      antennaSerial: fields['antenna_serial'],
      receiver: fields['receiver_type'],
      firmware: fields['receiver_firmware'],
      receiverSerial: fields['receiver_serial'],
    },
  }));
  return [...positions, ...receivers];
}
