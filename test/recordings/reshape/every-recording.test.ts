// Every recording through many shapes, message by message against a plain reader and the rules of the task: what goes
// out is what was asked for, with the values that the base sent, and every epoch is closed once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc24q } from '../../../caster/rtcm/crc24q.ts';
import { messageType } from '../../../caster/rtcm/message-types.ts';
import { createObservationHeader, readObservationHeader } from '../../../caster/rtcm/observation-header.ts';
import { type Shape } from '../../../caster/rtcm/reshape/shape.ts';
import { bandOf } from '../../../caster/rtcm/signals.ts';
import { type TestFrame } from '../../unit/rtcm/observation-frames.ts';
import { type PlainCell, type PlainMsm, readMsm } from '../../unit/rtcm/reshape/plain-msm.ts';
import { reshapedEpochs } from '../../unit/rtcm/reshape/streams.ts';
import { framesOf, recordingBytes, recordingNames, RECORDINGS_PRESENT, SKIP_NOTE } from '../recordings.ts';

/** GPS - UTC on the day of those recordings that are older than 2017. */
const OLD_LEAP_SECONDS: Readonly<Record<string, number>> = {
  'gmsd7_netr9_msm7_1hz.rtcm3': 16,
  'gpsd_rtcm3_2.bin': 17,
  'testglo_1004_1012_1hz.rtcm3': 15,
};

/** The longest recordings repeat themselves. */
const FRAMES_MAX = 2000;

const SHAPES: readonly Shape[] = [
  { msmLevelMax: 4 },
  { msmLevelMax: 5 },
  { constellations: ['GPS', 'GAL'], msmLevelMax: 4 },
  { constellations: ['GLO', 'BDS', 'QZS'] },
  { bands: ['L1', 'G1', 'E1', 'B1I', 'B1C'] },
  { bands: ['L2', 'L5', 'G2', 'E5b', 'E5a', 'B2I', 'B3'], msmLevelMax: 5 },
  { messagesDropped: [1019, 1020, 1042, 1045, 1046], msmLevelMax: 4 },
];

const INVALID_FINE: Readonly<Record<string, number>> = { code: -(2 ** 19), phase: -(2 ** 23), cnr: 0 };
const INVALID_SHORT: Readonly<Record<string, number>> = { code: -(2 ** 14), phase: -(2 ** 21), cnr: 0 };
const DIVISORS: Readonly<Record<string, number>> = { code: 32, phase: 4, cnr: 16 };
const FIELD_MAX: Readonly<Record<string, number>> = { code: 2 ** 14 - 1, phase: 2 ** 21 - 1, cnr: 63 };

/** Whether `short` is what `fine` may become; `name` is code, phase or cnr. */
function isRounded(name: string, fine: number, short: number): boolean {
  const isInvalid = fine === INVALID_FINE[name];
  if (isInvalid || short === INVALID_SHORT[name]) return isInvalid && short === INVALID_SHORT[name];
  const errorMax = DIVISORS[name]! / 2;
  const atTheEnd = Math.abs(short) === FIELD_MAX[name]! || (name === 'cnr' && short === 1);
  return Math.abs(short * DIVISORS[name]! - fine) <= (atTheEnd ? 2 * errorMax : errorMax);
}

/** Names of the fields in which a cell is not what the base sent. */
function changedFields(cell: PlainCell, source: PlainCell, isRoundedLevel: boolean): string[] {
  return Object.keys(cell).filter((name) => {
    if (!isRoundedLevel || !['code', 'phase', 'cnr', 'lock'].includes(name))
      return cell[name] !== source[name];
    if (name === 'lock') return cell[name] !== Math.min(15, source[name]! >> 5);
    return !isRounded(name, source[name]!, cell[name]!);
  });
}

function isMsm({ messageNumber }: TestFrame): boolean {
  return messageType(messageNumber).family === 'msm';
}

/** Which cell of which message: levels apart, since a base may send several. */
function cellKey(message: PlainMsm, cell: PlainCell): string {
  const block = message.number - (message.number % 10);
  return `${block} ${message.station} ${message.epochRaw} ${cell.sat} ${cell.sig}`;
}

type SentCells = Map<string, { cell: PlainCell; level: number }[]>;

/** All versions of each cell that the base sent. */
function cellsByKey(frames: readonly TestFrame[]): SentCells {
  const byKey: SentCells = new Map();
  for (const frame of frames.filter(isMsm)) {
    const message = readMsm(frame.bytes);
    for (const cell of message.cells) {
      const key = cellKey(message, cell);
      byKey.set(key, [...(byKey.get(key) ?? []), { cell, level: message.number % 10 }]);
    }
  }
  return byKey;
}

/** Where the ephemerides go, GLONASS keeps the channels that only MSM5 and MSM7 have besides. */
function levelMaxOf(shape: Shape, number: number): number {
  const keepsChannels =
    messageType(number).system === 'GLO' && shape.messagesDropped?.includes(1020) === true;
  return keepsChannels ? 5 : (shape.msmLevelMax ?? 7);
}

/** Whether the shape asks for a signal of a message with this number. */
function isAskedFor(shape: Shape, number: number, sig: number): boolean {
  const system = messageType(number).system!;
  const band = bandOf(system, sig);
  if (shape.constellations?.includes(system) === false) return false;
  return shape.bands === undefined || (shape.bands as readonly string[]).includes(band);
}

const header = createObservationHeader();

function observationsOf(frames: readonly TestFrame[]): { station: number; more: boolean }[] {
  return frames.flatMap(({ bytes, messageNumber }) =>
    readObservationHeader(bytes, messageNumber, header)
      ? [{ station: header.station, more: header.moreToCome }]
      : [],
  );
}

describe.skipIf(!RECORDINGS_PRESENT).each(recordingNames(''))(`%s${SKIP_NOTE}`, (name) => {
  const leapSeconds = OLD_LEAP_SECONDS[name];
  let frames: readonly TestFrame[] = [];
  let sent: SentCells = new Map();

  beforeAll(() => {
    frames = framesOf(recordingBytes(name)).slice(0, FRAMES_MAX);
    sent = cellsByKey(frames);
  });

  afterAll(() => {
    frames = [];
    sent = new Map();
  });

  test.each(SHAPES)(
    '%j: frames are whole and each epoch is closed once, by its last observation',
    (shape) => {
      for (const epoch of reshapedEpochs(shape, frames, leapSeconds)) {
        for (const { bytes } of epoch) expect(crc24q(bytes, 0, bytes.length)).toBe(0);
        const observations = observationsOf(epoch);
        for (const station of new Set(observations.map((one) => one.station))) {
          const bits = observations.filter((one) => one.station === station).map(({ more }) => more);
          expect(bits).toEqual([...new Array<boolean>(bits.length - 1).fill(true), false]);
        }
      }
    },
  );

  test.each(SHAPES)('%j: every cell has the values that the base sent', (shape) => {
    const wrong: string[] = [];
    for (const frame of reshapedEpochs(shape, frames, leapSeconds).flat().filter(isMsm)) {
      const message = readMsm(frame.bytes);
      const level = message.number % 10;
      for (const cell of message.cells) {
        const sources = sent.get(cellKey(message, cell)) ?? [];
        const fields = sources.map((source) =>
          changedFields(cell, source.cell, source.level >= 6 && level < 6),
        );
        if (!fields.some((changed) => changed.length === 0))
          wrong.push(`${message.number} ${cellKey(message, cell)}: ${fields.join(' | ')}`);
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  test.each(SHAPES)('%j: all cells that are asked for go out, and no others', (shape) => {
    const out = new Set<string>();
    for (const frame of reshapedEpochs(shape, frames, leapSeconds).flat().filter(isMsm)) {
      const message = readMsm(frame.bytes);
      expect(message.number % 10).toBeLessThanOrEqual(levelMaxOf(shape, message.number));
      for (const cell of message.cells) out.add(cellKey(message, cell));
    }
    const asked = new Set<string>();
    for (const frame of frames.filter(isMsm)) {
      const message = readMsm(frame.bytes);
      for (const cell of message.cells)
        if (isAskedFor(shape, message.number, cell.sig)) asked.add(cellKey(message, cell));
    }
    expect([...out].filter((key) => !asked.has(key)).slice(0, 5)).toEqual([]);
    expect([...asked].filter((key) => !out.has(key)).slice(0, 5)).toEqual([]);
  });

  test('other messages go out byte for byte where nothing is asked of them', () => {
    const others = (list: readonly TestFrame[]): string[] =>
      list
        .filter(
          ({ messageNumber }) => !['msm', 'legacy-observation'].includes(messageType(messageNumber).family),
        )
        .map(({ bytes }) => bytes.toString('hex'));
    const shape: Shape = { msmLevelMax: 4, intervalS: 5 };
    expect(others(reshapedEpochs(shape, frames, leapSeconds).flat())).toEqual(others(frames));
  });
});
