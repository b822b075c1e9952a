// `inspect --diff` of recordings and what a reshape makes of them, against the figures of independent decoders and
// against a slow second comparison that shares no code with it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { messageType } from '../../caster/rtcm/message-types.ts';
import { type Shape } from '../../caster/rtcm/reshape/shape.ts';
import { compareRecordings } from '../../cli/inspect/diff/compare-recordings.ts';
import { type DiffReport } from '../../cli/inspect/diff/diff-report.ts';
import { type FieldReport } from '../../cli/inspect/diff/field-tally.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { type TestFrame } from '../unit/rtcm/observation-frames.ts';
import { type PlainCell, readMsm } from '../unit/rtcm/reshape/plain-msm.ts';
import { reshaped } from '../unit/rtcm/reshape/streams.ts';
import {
  framesOf,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from './recordings.ts';

const folder = useTempFolder();
/** GPS - UTC on the day of those recordings that are older than 2017. */
const OLD_LEAP_SECONDS: Readonly<Record<string, number>> = {
  'gpsd_rtcm3_2.bin': 17,
  'testglo_1004_1012_1hz.rtcm3': 15,
};
const LONG = 1_500_000;

/** Without the largest, and without gmsd7, whose first epoch a caster cuts until it knows the time of its BeiDou. */
const names = recordingNames('').filter(
  (name) => !name.startsWith('gmsd7') && RECORDINGS_PRESENT && recordingBytes(name).length < LONG,
);

async function diff(
  name: string,
  shape: Shape,
): Promise<{ report: DiffReport; before: TestFrame[]; after: TestFrame[] }> {
  const before = framesOf(recordingBytes(name));
  const after = reshaped(shape, before, OLD_LEAP_SECONDS[name]);
  const files = [before, after].map((frames, index) => {
    const file = path.join(folder, `${index}.rtcm3`);
    writeFileSync(file, Buffer.concat(frames.map(({ bytes }) => bytes)));
    return file;
  });
  return { report: await compareRecordings(files[0]!, files[1]!), before, after };
}

const fieldOf = ({ fields }: DiffReport, name: string): FieldReport =>
  fields.find(({ family, field }) => family === 'msm' && field === name)!;

describe.skipIf(!RECORDINGS_PRESENT)(`inspect --diff of recordings${SKIP_NOTE}`, () => {
  test.each(names)(
    '%s through a shape that asks for nothing differs in repaired bits alone',
    async (name) => {
      const { report } = await diff(name, {});
      const { epochs, messages, fields, findings } = report;
      expect([findings, epochs.onlyBefore.count, epochs.onlyAfter.count]).toEqual([[], 0, 0]);
      expect(messages.map(({ count, equal, lastBitChanged }) => count - equal - lastBitChanged)).toEqual(
        messages.map(() => 0),
      );
      expect(fields.map(({ equal, ...rest }) => rest.rounded + rest.different + rest.lowered)).toEqual(
        fields.map(() => 0),
      );
    },
  );

  test.each(names)('%s with levels lowered and GPS alone has no finding', async (name) => {
    const { report, after } = await diff(name, { msmLevelMax: 4, constellations: ['GPS'], intervalS: 2 });
    if (after.length === 0) return;
    expect(report.findings).toEqual([]);
  });

  test('the cells, satellites and dropped messages of Septentrio MSM7 are those that pyrtcm counts', async () => {
    const name = 'sept_msm7_1hz.rtcm3';
    const { report } = await diff(name, { msmLevelMax: 4, constellations: ['GPS', 'GLO', 'GAL'] });
    const { msm } = recordingFacts(name);
    const signals = (message: string): number[] =>
      Object.values(msm[message]!.signals).map(([, cells]) => cells);
    const told = (system: string, side: 'both' | 'onlyBefore'): number[] =>
      report.signals.filter((signal) => signal.system === system).map((signal) => signal[side]);
    expect(told('GPS', 'both')).toEqual(signals('1077'));
    expect(told('GLO', 'both')).toEqual(signals('1087'));
    expect(told('BDS', 'onlyBefore')).toEqual(signals('1127'));
    expect(told('QZS', 'onlyBefore')).toEqual(signals('1117'));
    expect(
      report.satellites.filter(({ system }) => system === 'BDS').map(({ onlyBefore }) => onlyBefore),
    ).toEqual(Object.values(msm['1127']!.satellites));
    expect(report.messages).toMatchObject(
      ['1077', '1087', '1097', '1117', '1127'].map((number, index) => ({
        before: Number(number),
        after: index < 3 ? Number(number) - 3 : null,
        count: msm[number]!.messages,
      })),
    );
    expect(report.epochs.inBoth).toBe(56);
  });

  test('as many epochs of fw206 are repaired as have no last message by the independent count', async () => {
    const name = 'fw206_msm5_split_1hz.rtcm3';
    const { report } = await diff(name, {});
    const types = Object.values(recordingFacts(name).msm);
    const closed = types.reduce((sum, { multiple_message_bit: bits }) => sum + (bits['0'] ?? 0), 0);
    const epochs = Math.max(...types.map((type) => type.epochs));
    expect(report.epochs.lastBit).toEqual({
      wrongBefore: epochs - closed,
      wrongAfter: 0,
      repaired: epochs - closed,
      broken: 0,
    });
  });

  test.each([
    'sept_msm7_1hz.rtcm3',
    'javad_msm7_sbas_1hz.rtcm3',
    'encode_none_trimble_msm7.rtcm3',
    'aamakinen_mixed_levels_1hz.rtcm3',
  ])(
    '%s as MSM4: what is equal and what is rounded, by how much, is what a second comparison finds',
    async (name) => {
      const { report, before, after } = await diff(name, { msmLevelMax: 4 });
      const slow = slowComparison(before, after);
      for (const field of ['pseudorange', 'phase range', 'signal strength'] as const) {
        const { equal, rounded, different, roundedMax } = fieldOf(report, field);
        expect([field, equal, rounded, different]).toEqual([
          field,
          slow[field].equal,
          slow[field].rounded,
          0,
        ]);
        expect(roundedMax ?? 0).toBeCloseTo(slow[field].largest, 6);
      }
    },
  );
});

interface SlowCount {
  equal: number;
  rounded: number;
  largest: number;
}

/** Cell by cell, by what the fields mean, in floating point; satellites and times are the names of cells. */
function slowComparison(
  before: readonly TestFrame[],
  after: readonly TestFrame[],
): Record<'pseudorange' | 'phase range' | 'signal strength', SlowCount> {
  const [old, young] = [cellsOf(before), cellsOf(after)];
  const counts = {
    pseudorange: { equal: 0, rounded: 0, largest: 0 },
    'phase range': { equal: 0, rounded: 0, largest: 0 },
    'signal strength': { equal: 0, rounded: 0, largest: 0 },
  };
  for (const [key, cell] of young) {
    const source = old.get(key)!;
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) {
      const [a, b] = [valueOf(source, name), valueOf(cell, name)];
      const difference = Number.isNaN(a) && Number.isNaN(b) ? 0 : Math.abs(a - b);
      if (difference === 0) counts[name].equal++;
      else counts[name].rounded++;
      counts[name].largest = Math.max(counts[name].largest, difference);
    }
  }
  return counts;
}

type LeveledCell = PlainCell & { readonly level: number };

function cellsOf(frames: readonly TestFrame[]): Map<string, LeveledCell> {
  const cells = new Map<string, LeveledCell>();
  for (const { bytes, messageNumber } of frames) {
    if (messageType(messageNumber).family !== 'msm') continue;
    const { station, epochRaw, cells: own } = readMsm(bytes);
    const level = messageNumber % 10;
    const block = messageNumber - level;
    for (const cell of own)
      cells.set(`${block} ${station} ${epochRaw} ${cell.sat} ${cell.sig}`, { ...cell, level });
  }
  return cells;
}

/** In millimeters less the rough range, which no level changes, or dB-Hz; NaN for none. */
function valueOf(cell: LeveledCell, name: 'pseudorange' | 'phase range' | 'signal strength'): number {
  const isFine = cell.level > 5;
  const lightMmPerMs = 299_792_458;
  if (name === 'signal strength') return cell.cnr === 0 ? NaN : cell.cnr! / (isFine ? 16 : 1);
  if (cell.ms === 255) return NaN;
  const [value, bits, scale] =
    name === 'pseudorange'
      ? [cell.code!, isFine ? 20 : 15, isFine ? 29 : 24]
      : [cell.phase!, isFine ? 24 : 22, isFine ? 31 : 29];
  return value === -(2 ** (bits - 1)) ? NaN : (value / 2 ** scale) * lightMmPerMs;
}
