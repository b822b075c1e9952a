// What `inspect --diff` says of two recordings that are made so that one thing is different.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { BitWriter } from '../../../caster/rtcm/bit-writer.ts';
import { buildFrame } from '../../../caster/rtcm/frame-builder.ts';
import { compareRecordings } from '../../../cli/inspect/diff/compare-recordings.ts';
import { type DiffReport } from '../../../cli/inspect/diff/diff-report.ts';
import { diffText } from '../../../cli/inspect/diff/diff-text.ts';
import { lockMsOf } from '../../../cli/inspect/diff/lock-time.ts';
import { positionFrame } from '../../support/frames.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { otherFrame, type TestFrame } from '../rtcm/observation-frames.ts';
import { writeMsm } from '../rtcm/reshape/plain-msm.ts';

type Cell = Readonly<Record<string, number>>;

const folder = useTempFolder();
const LIGHT_MM_PER_MS = 299_792_458;

/** One satellite's one signal, in the middle of every field. */
const FINE: Cell = {
  ...{ sat: 7, sig: 2, ms: 70, extended: 0, fraction: 300, roughRate: 20 },
  ...{ code: 3200, phase: 4000, lock: 320, half: 0, cnr: 640, rate: 5 },
};
const SHORT: Cell = { ...FINE, code: 100, phase: 1000, lock: 10, cnr: 40 };

function msm(number: number, epochRaw: number, cell: Cell = FINE, more = 0): Buffer {
  return writeMsm({ number, epochRaw, more, cells: [cell] }).bytes;
}

async function diff(
  before: readonly (Buffer | TestFrame)[],
  after: readonly (Buffer | TestFrame)[],
): Promise<DiffReport> {
  const files = [before, after].map((frames, index) => {
    const file = path.join(folder, `${index}.rtcm3`);
    writeFileSync(file, Buffer.concat(frames.map((frame) => ('bytes' in frame ? frame.bytes : frame))));
    return file;
  });
  return compareRecordings(files[0]!, files[1]!);
}

const seconds = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => (from + index) * 1000);

const fieldOf = (report: DiffReport, name: string): DiffReport['fields'][number] | undefined =>
  report.fields.find(({ field }) => field === name);

describe('a comparison of recordings', () => {
  test('says that a recording and its copy are the same', async () => {
    const frames = [positionFrame(1, 47, 8), ...seconds(0, 5).map((time) => msm(1077, time))];
    const report = await diff(frames, frames);
    expect([report.same, report.findings, report.epochs.inBoth]).toEqual([true, [], 5]);
    expect(diffText(report, false)).toContain('The same: 6 frames, byte for byte.');
  });

  test('names the epochs that only one has, however many follow one another', async () => {
    const epochs = (times: number[]): Buffer[] => times.map((time) => msm(1077, time));
    const before = epochs(seconds(0, 200));
    const after = epochs([...seconds(0, 3), ...seconds(150, 203)]);
    const { epochs: told } = await diff(before, after);
    expect([told.inBoth, told.onlyBefore.count, told.onlyAfter.count]).toEqual([53, 147, 3]);
    expect(told.onlyBefore.times[0]).toEqual({ gpsDayMs: 3000, station: 1 });
    expect(told.onlyAfter.times.map(({ gpsDayMs }) => gpsDayMs)).toEqual([200_000, 201_000, 202_000]);
  });

  test('keeps pairing where time goes back and an epoch before that is missing', async () => {
    const epochs = (times: number[]): Buffer[] => times.map((time) => msm(1077, time));
    const { epochs: told } = await diff(
      epochs([100_000, 101_000, 50_000, 51_000, 52_000]),
      epochs([100_000, 50_000, 51_000, 52_000]),
    );
    expect([told.inBoth, told.onlyBefore.count, told.onlyAfter.count]).toEqual([4, 1, 0]);
  });

  test('pairs the epochs of each station with its own', async () => {
    const of = (station: number, time: number): TestFrame =>
      writeMsm({ number: 1077, epochRaw: time, more: 0, station, cells: [FINE] });
    const before = seconds(0, 30).flatMap((time) => [of(1, time), of(2, time)]);
    const after = seconds(0, 30).map((time) => of(2, time));
    const { epochs: told, fields } = await diff(before, after);
    expect([told.inBoth, told.onlyBefore.count, told.onlyAfter.count]).toEqual([30, 30, 0]);
    expect(new Set(told.onlyBefore.times.map(({ station }) => station))).toEqual(new Set([1]));
    expect(fields.every(({ different }) => different === 0)).toBe(true);
  });

  test('takes a value within half a step of the lower level for rounded', async () => {
    const { fields, findings } = await diff([msm(1077, 0, { ...FINE, code: 3216 })], [msm(1074, 0, SHORT)]);
    const code = fields.find(({ field }) => field === 'pseudorange')!;
    expect([code.rounded, code.different, findings]).toEqual([1, 0, []]);
    expect(code.roundedMax).toBeCloseTo((16 / 2 ** 29) * LIGHT_MM_PER_MS, 9);
  });

  test('takes one step more for different, and shows where', async () => {
    const { fields, findings, examples } = await diff(
      [msm(1077, 0, { ...FINE, code: 3217 })],
      [msm(1074, 0, SHORT)],
    );
    const code = fields.find(({ field }) => field === 'pseudorange')!;
    expect([code.rounded, code.different]).toEqual([0, 1]);
    expect(code.differentMax).toBeCloseTo((17 / 2 ** 29) * LIGHT_MM_PER_MS, 9);
    expect(findings).toEqual([{ code: 'differs_beyond_rounding', count: 1, field: 'pseudorange' }]);
    expect(examples).toMatchObject([
      { satellite: 'G07', signal: '1C', messageBefore: 1077, messageAfter: 1074 },
    ]);
  });

  test('forgives a whole step where the short field ends, as no value may become the invalid pattern', async () => {
    const before = msm(1077, 0, { ...FINE, code: -524_287, phase: 8_388_607, cnr: 1023 });
    const after = msm(1074, 0, { ...SHORT, code: -16_383, phase: 2_097_151, cnr: 63 });
    const report = await diff([before], [after]);
    expect(report.findings).toEqual([]);
    expect(fieldOf(report, 'pseudorange')?.rounded).toBe(1);
  });

  test('on one level forgives nothing, and tells the phase in cycles of its carrier', async () => {
    const report = await diff([msm(1077, 0)], [msm(1077, 0, { ...FINE, phase: 4001 })]);
    const phase = fieldOf(report, 'phase range')!;
    // 2^-31 ms of the GPS L1 carrier, 1575.42 MHz.
    expect([phase.different, phase.cyclesMax]).toEqual([1, 1575.42e6 / 1000 / 2 ** 31]);
  });

  test('does not call a range different that is only split another way', async () => {
    const step = 2 ** 19;
    const report = await diff(
      [msm(1077, 0, { ...FINE, fraction: 300, code: 200_000, phase: 1_000_000 })],
      [msm(1077, 0, { ...FINE, fraction: 301, code: 200_000 - step, phase: 1_000_000 - 4 * step })],
    );
    expect(fieldOf(report, 'pseudorange')).toMatchObject({ equal: 1, different: 0 });
    expect(fieldOf(report, 'rough range fraction')).toMatchObject({ equal: 0, different: 1 });
  });

  test('counts values that became invalid as such', async () => {
    const report = await diff([msm(1077, 0)], [msm(1074, 0, { ...SHORT, phase: -(2 ** 21), cnr: 0 })]);
    expect(report.findings).toEqual([
      { code: 'became_invalid', count: 1, field: 'phase range' },
      { code: 'became_invalid', count: 1, field: 'signal strength' },
    ]);
  });

  test('an indicator that is lower tells of a slip and is no finding; a higher one hides it and is', async () => {
    const lower = await diff([msm(1077, 0)], [msm(1077, 0, { ...FINE, lock: 319 })]);
    const higher = await diff([msm(1077, 0)], [msm(1077, 0, { ...FINE, lock: 321 })]);
    expect(fieldOf(lower, 'lock time')).toMatchObject({ lowered: 1, different: 0 });
    expect(higher.findings).toEqual([{ code: 'differs_beyond_rounding', count: 1, field: 'lock time' }]);
  });

  // RTCM 10403.3, tables 3.5-74 and 3.5-75.
  test.each([
    [0, false, 0],
    [1, false, 32],
    [15, false, 524_288],
    [63, true, 63],
    [64, true, 64],
    [65, true, 66],
    [96, true, 128],
    [97, true, 132],
    [480, true, 524_288],
    [703, true, 66_060_288],
    [704, true, 67_108_864],
  ])('lock time indicator %i (long: %s) is at least %i ms', (indicator, isFine, ms) => {
    expect(lockMsOf(indicator, isFine)).toBe(ms);
  });

  test('pairs the parts of a message by their satellites, and levels by their number', async () => {
    const part = (number: number, sat: number): Buffer =>
      msm(number, 0, { ...(number === 1074 ? SHORT : FINE), sat }, sat === 9 ? 0 : 1);
    const { messages, satellites } = await diff(
      [part(1077, 5), part(1074, 5), part(1077, 9)],
      [part(1077, 9), part(1077, 5)],
    );
    expect(messages).toMatchObject([
      { before: 1074, after: null, count: 1 },
      { before: 1077, after: 1077, count: 2, equal: 2 },
    ]);
    expect(satellites).toMatchObject([
      { name: 'G05', both: 1, onlyBefore: 1 },
      { name: 'G09', both: 1 },
    ]);
  });

  test('tells a repaired and a broken last-message bit apart', async () => {
    const epoch = (time: number, ...bits: number[]): Buffer[] =>
      bits.map((bit, index) => msm(index === 0 ? 1077 : 1097, time, FINE, bit));
    const right = [...epoch(0, 1, 0), ...epoch(1000, 1, 0), ...epoch(2000, 1, 0)];
    const wrong = [...epoch(0, 1, 0), ...epoch(1000, 1, 1), ...epoch(2000, 1, 0)];
    const repaired = await diff(wrong, right);
    const broken = await diff(right, wrong);
    expect(repaired.epochs.lastBit).toEqual({ wrongBefore: 1, wrongAfter: 0, repaired: 1, broken: 0 });
    expect(repaired.findings).toEqual([]);
    expect(broken.findings).toEqual([{ code: 'last_bit_broken', count: 1, field: null }]);
  });

  test('an epoch that was sent in pieces, with another clock for BeiDou, is still one', async () => {
    const gps = (time: number, more: number): Buffer => msm(1077, time, FINE, more);
    const bds = (time: number): Buffer => msm(1127, time, FINE, 0);
    // BeiDou's field counts 14 s less; this base sends GPS time in it.
    const before = seconds(0, 5).flatMap((time) => [gps(time, 1), bds(time)]);
    const after = [gps(0, 0), bds(0), ...before.slice(2)];
    const { epochs: told, messages } = await diff(before, after);
    expect([told.inBoth, told.onlyBefore.count, told.onlyAfter.count]).toEqual([5, 0, 0]);
    expect(messages).toMatchObject([
      { count: 5, lastBitChanged: 1 },
      { count: 5, equal: 5 },
    ]);
  });

  test('compares legacy messages with the shorter ones that are made of them', async () => {
    const legacy = (number: 1004 | 1002, phase1: number): Buffer => {
      const writer = new BitWriter(40);
      const words = [
        ...[
          [number, 12],
          [1, 12],
          [0, 30],
          [0, 1],
          [1, 5],
          [0, 4],
        ],
        ...[
          [9, 6],
          [0, 1],
          [1000, 24],
          [phase1, 20],
          [100, 7],
          [70, 8],
          [180, 8],
        ],
      ];
      const second = [
        [0, 2],
        [10, 14],
        [20, 20],
        [90, 7],
        [160, 8],
      ];
      for (const [value, bits] of number === 1004 ? [...words, ...second] : words) {
        writer.writeUnsigned(value!, bits!);
      }
      return buildFrame(writer.toBytes());
    };
    const report = await diff([legacy(1004, 50)], [legacy(1002, 52)]);
    expect(report.messages).toMatchObject([{ before: 1004, after: 1002, count: 1 }]);
    expect(report.signals).toMatchObject([
      { system: 'GPS', band: 'L2', both: 0, onlyBefore: 1 },
      { system: 'GPS', band: 'L1', both: 1 },
    ]);
    expect(fieldOf(report, 'phase less pseudorange, first band')).toMatchObject({
      different: 1,
      differentMax: 1,
    });
    expect(fieldOf(report, 'signal strength, second band')).toMatchObject({ onlyBefore: 1 });
  });

  test('flags of a station that were cleared are told by field and are no finding; a moved one is', async () => {
    const flagged = positionFrame(1, 47, 8);
    const cleared = Buffer.from(flagged);
    // DF023 is the last bit of its byte.
    cleared[6] = cleared[6]! & 0xfe;
    const [epoch, next] = [msm(1077, 0), msm(1077, 1000)];
    const flags = await diff([flagged, epoch, next], [buildFrame(cleared.subarray(3, -3)), epoch, next]);
    expect(flags.others).toMatchObject([
      { message: 1005, changed: 1, equal: 0, fields: [{ field: 'DF023', count: 1, before: 1, after: 0 }] },
    ]);
    expect([flags.same, flags.findings]).toEqual([false, []]);
    const moved = await diff([flagged, epoch], [positionFrame(1, 47.0001, 8), epoch]);
    expect(moved.findings).toEqual([{ code: 'other_message_changed', count: 1, field: '1005' }]);
  });

  test('messages nobody knows are equal or not, though they come at another place', async () => {
    const own = otherFrame(4090, 20);
    const other = otherFrame(4090, 21);
    const epochs = seconds(0, 4).map((time) => msm(1077, time));
    const before = [own, epochs[0]!, own, epochs[1]!, own, ...epochs.slice(2)];
    const after = [epochs[0]!, own, own, epochs[1]!, other, ...epochs.slice(2)];
    const { others } = await diff(before, after);
    expect(others).toMatchObject([{ message: 4090, equal: 2, changed: 1, onlyBefore: 0, onlyAfter: 0 }]);
  });

  test('a message that is missing for long is missing, not changed into one much later', async () => {
    const epochs = seconds(0, 100).map((time) => msm(1077, time));
    const first = otherFrame(4090, 20);
    const last = otherFrame(4090, 21);
    const { others } = await diff([first, ...epochs], [...epochs, last]);
    expect(others).toMatchObject([{ changed: 0, onlyBefore: 1, onlyAfter: 1 }]);
  });
});
