// Taking signals out of messages of every level, against a plain reader that filters cell by cell.
import { describe, expect, test } from 'vitest';
import { createMsmCells } from '../../../../caster/rtcm/codec/msm-cells.ts';
import { decodeMsm } from '../../../../caster/rtcm/codec/msm-decoder.ts';
import { encodeMsm } from '../../../../caster/rtcm/codec/msm-encoder.ts';
import { keepSignals } from '../../../../caster/rtcm/reshape/keep-signals.ts';
import { frameOfShape, randomShape, randomValues } from '../codec/msm-frames.ts';
import { seededRandom } from '../seeded-random.ts';
import { readMsm, writeMsm } from './plain-msm.ts';

const SEED = 31;
const MESSAGES = 3000;

function maskOf(signals: readonly number[]): number {
  return signals.reduce((mask, id) => mask | (1 << (32 - id)), 0);
}

function keptFrame(frame: Buffer, signals: readonly number[]): Buffer {
  const cells = createMsmCells();
  expect(decodeMsm(frame, cells)).toBeUndefined();
  keepSignals(cells, maskOf(signals));
  cells.tail.bits = 0;
  const into = Buffer.alloc(1029);
  return into.subarray(0, encodeMsm(cells, into, 0) as number);
}

describe('keepSignals', () => {
  test(`what is left are the wanted cells with all of their values (${MESSAGES} messages, seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    for (let count = 0; count < MESSAGES; count++) {
      const frame = frameOfShape(randomShape(random), randomValues(random));
      const before = readMsm(frame);
      const signals = Array.from({ length: 32 }, (_, index) => index + 1).filter(() => random.below(3) > 0);
      const after = readMsm(keptFrame(frame, signals));
      expect(after.cells).toEqual(before.cells.filter(({ sig }) => signals.includes(sig)));
    }
  });

  test(`satellites and signals without a cell go with those that are taken out (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    for (let count = 0; count < MESSAGES; count++) {
      const frame = frameOfShape(randomShape(random), randomValues(random));
      const before = readMsm(frame);
      if (before.signals.length === 0) continue;
      const after = readMsm(keptFrame(frame, before.signals.slice(1)));
      expect(after.satellites).toEqual([...new Set(after.cells.map(({ sat }) => sat))]);
      expect(after.signals.length).toBe(new Set(after.cells.map(({ sig }) => sig)).size);
    }
  });

  test('a message without unwanted signals is not touched, not even satellites without a cell', () => {
    const frame = frameOfShape(
      { messageNumber: 1074, satelliteIds: [3, 9], signalIds: [2], cellMask: [true, false] },
      () => 1,
    );
    const cells = createMsmCells();
    decodeMsm(frame, cells);
    expect(keepSignals(cells, maskOf([2]))).toBe(false);
    expect(cells.satelliteCount).toBe(2);
  });

  test('satellite 64 and signals 1 and 32 are signals and satellites like others', () => {
    const cells = [1, 32].map((sig) => ({ sat: 64, sig, code: sig }));
    const { bytes } = writeMsm({ number: 1077, epochRaw: 0, more: 0, cells });
    expect(readMsm(keptFrame(bytes, [1])).cells).toMatchObject([{ sat: 64, sig: 1, code: 1 }]);
    expect(readMsm(keptFrame(bytes, [32])).cells).toMatchObject([{ sat: 64, sig: 32, code: 32 }]);
  });
});
