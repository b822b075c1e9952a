// Every field of decoded MSM against the raw integers that pyrtcm reads from the same bytes.
import { describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../../caster/rtcm/codec/codec.ts';
import { type MsmCells } from '../../../caster/rtcm/codec/msm-cells.ts';
import { MSM_LEVELS } from '../../../caster/rtcm/codec/msm-layout.ts';
import { messageFamily } from '../../../caster/rtcm/message-types.ts';
import {
  framesOf,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from '../recordings.ts';
import { codecFacts, codecVectors, columnsOf, type MsmExpectation, msmInTheirWords } from './expectations.ts';

function decoded(codec: RtcmCodec, frame: Buffer): MsmExpectation {
  expect(codec.decode(frame)).toBe('msm');
  return msmInTheirWords(codec.msm);
}

/** Columns without a single value are not in the JSON. */
function withoutEmpty(expectation: MsmExpectation): object {
  const full = (columns: MsmExpectation['sat']): object =>
    Object.fromEntries(Object.entries(columns).filter(([, values]) => values.length > 0));
  return { ...expectation, sat: full(expectation.sat), cell: full(expectation.cell) };
}

/** Counts as the JSON has them: "DF405==-524288" and so on, those that are 0 left out. */
const FLAGGED: readonly (readonly [field: string, value: number])[] = [
  ['DF397', 255],
  ['DF399', -8192],
  ['DF400', -16384],
  ['DF401', -2097152],
  ['DF403', 0],
  ['DF404', -16384],
  ['DF405', -524288],
  ['DF406', -8388608],
  ['DF408', 0],
  ['DF420', 1],
];

function countFlagged(cells: MsmCells, counts: Record<string, number>): void {
  const { satelliteFields, cellFields } = MSM_LEVELS[cells.level]!;
  for (const [field, value] of FLAGGED) {
    const satellite = satelliteFields.find((one) => one.field === field);
    const cell = cellFields.find((one) => one.field === field);
    const times =
      countOf(satellite && cells[satellite.column].subarray(0, cells.satelliteCount), value) +
      countOf(cell && cells[cell.column].subarray(0, cells.cellCount), value);
    const name = `${field}==${value}`;
    if (times > 0) counts[name] = (counts[name] ?? 0) + times;
  }
}

function countOf(values: Int32Array | undefined, value: number): number {
  return values?.filter((one) => one === value).length ?? 0;
}

const withMsm = recordingNames('').filter((name) => Object.keys(recordingFacts(name).msm).length > 0);

describe.skipIf(!RECORDINGS_PRESENT)(`MSM values of recordings${SKIP_NOTE}`, () => {
  test.each(withMsm)('%s: every field of the sampled messages is what pyrtcm reads', (name) => {
    const codec = new RtcmCodec();
    const bytes = recordingBytes(name);
    const samples = codecFacts(name).sample_msm_messages_raw_integers;
    const ours = samples.map(({ offset, frame_length }) => {
      const { reserved7, ...rest } = decoded(codec, bytes.subarray(offset, offset + frame_length));
      expect(reserved7).toBeTypeOf('number');
      return withoutEmpty(rest);
    });
    expect(ours).toEqual(
      samples.map(({ satellites, cells, ...sample }) => ({
        type: sample.type,
        station: sample.station,
        epoch_raw30: sample.epoch_raw30,
        multiple: sample.multiple,
        iods: sample.iods,
        clk_steer: sample.clk_steer,
        ext_clk: sample.ext_clk,
        smooth: sample.smooth,
        smooth_int: sample.smooth_int,
        sat: columnsOf(satellites),
        cell: columnsOf(cells),
      })),
    );
  });

  test.each(withMsm)(
    '%s: cells and invalid or flagged values of all its messages are as many as pyrtcm counts',
    (name) => {
      const codec = new RtcmCodec();
      const ours: Partial<Record<string, { cells: number; flagged: Record<string, number> }>> = {};
      for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
        if (codec.decode(bytes) !== 'msm') continue;
        const sum = (ours[messageNumber] ??= { cells: 0, flagged: {} });
        sum.cells += codec.msm.cellCount;
        countFlagged(codec.msm, sum.flagged);
      }
      expect(ours).toEqual(
        Object.fromEntries(
          Object.entries(codecFacts(name).msm).map(([number, facts]) => [
            number,
            { cells: facts.total_cells, flagged: facts.invalid_or_flagged_field_counts },
          ]),
        ),
      );
    },
  );

  test.each(withMsm)('%s: the header fields of all its messages have the values that pyrtcm sees', (name) => {
    const codec = new RtcmCodec();
    const ours: Partial<Record<string, Record<string, Set<number | string>>>> = {};
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      if (codec.decode(bytes) !== 'msm') continue;
      const seen = (ours[messageNumber] ??= {
        iods: new Set(),
        reserved7: new Set(),
        clock_steering: new Set(),
        ext_clock: new Set(),
        smoothing: new Set(),
      });
      seen['iods']!.add(codec.msm.iods);
      seen['reserved7']!.add(codec.msm.reserved);
      seen['clock_steering']!.add(codec.msm.clockSteering);
      seen['ext_clock']!.add(codec.msm.externalClock);
      seen['smoothing']!.add([Number(codec.msm.smoothing), codec.msm.smoothingInterval].join());
    }
    expect(ours).toEqual(
      Object.fromEntries(
        Object.entries(codecFacts(name).msm).map(([number, facts]) => [
          number,
          {
            iods: new Set(facts.iods),
            reserved7: new Set(facts.reserved7),
            clock_steering: new Set(facts.clock_steering),
            ext_clock: new Set(facts.ext_clock),
            smoothing: new Set(facts.smoothing.map((pair) => pair.join())),
          },
        ]),
      ),
    );
  });

  test.each(recordingNames('vectors'))('%s: every field of every MSM is what pyrtcm reads', (name) => {
    const codec = new RtcmCodec();
    const bytes = recordingBytes(name);
    const vectors = codecVectors(name).filter(({ type }) => messageFamily(type) === 'msm');
    const ours = vectors.map(({ offset, length }) =>
      withoutEmpty(decoded(codec, bytes.subarray(offset, offset + length))),
    );
    expect(ours).toEqual(
      vectors.map(({ msm_raw }) => {
        const { type, station, epoch_raw30, multiple, iods, reserved7, ...rest } = msm_raw!;
        const { clk_steer, ext_clk, smooth, smooth_int, sat, cell } = rest;
        const header = { type, station, epoch_raw30, multiple, iods, reserved7 };
        return withoutEmpty({
          ...header,
          clk_steer,
          ext_clk,
          smooth,
          smooth_int,
          sat,
          cell,
        } as MsmExpectation);
      }),
    );
  });
});
