// Messages of one epoch that other encoders (a Septentrio PolaRx5, RTKLIB) have made at two MSM levels from the same
// observations: from the higher one the reshape must make the lower one. Exact ties go either way there, since those
// encoders round from numbers of their own; everything else is equal.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMsmCells } from '../../../caster/rtcm/codec/msm-cells.ts';
import { decodeMsm } from '../../../caster/rtcm/codec/msm-decoder.ts';
import { encodeMsm } from '../../../caster/rtcm/codec/msm-encoder.ts';
import { lowerLevel } from '../../../caster/rtcm/reshape/lower-level.ts';
import { makeReshape } from '../../../caster/rtcm/reshape/reshape.ts';
import { type PlainCell, type PlainMsm, readMsm } from '../../unit/rtcm/reshape/plain-msm.ts';
import { RECORDINGS_PRESENT, SKIP_NOTE } from '../recordings.ts';

interface Pair {
  readonly label: string;
  readonly from_frame_hex: string;
  readonly to_frame_hex: string;
}

const FILE = path.resolve(import.meta.dirname, '../../../../shared/data/vectors/downconversion_pairs.json');

const pairs: readonly Pair[] = RECORDINGS_PRESENT
  ? (JSON.parse(readFileSync(FILE, 'utf8')) as { pairs: Pair[] }).pairs
  : [];

/** What a value of the higher level is divided by. */
const DIVISORS: Readonly<Record<string, number>> = { code: 32, phase: 4, cnr: 16 };

/** By the encoder itself for the levels that no service spec asks for. */
function lowered(frame: Buffer, level: number): Buffer {
  const cells = createMsmCells();
  decodeMsm(frame, cells);
  lowerLevel(cells, level);
  cells.tail.bits = 0;
  const into = Buffer.alloc(1029);
  return into.subarray(0, encodeMsm(cells, into, 0) as number);
}

function reshaped(frame: Buffer, level: 4 | 5): Buffer {
  const epoch = {
    bytes: frame,
    frameCount: 1,
    frameEnds: [frame.length],
    messageNumbers: [(frame[3]! << 4) | (frame[4]! >>> 4)],
    closedBy: 'flush' as const,
    observation: true,
    gpsDayMs: 0,
  };
  return makeReshape({ msmLevelMax: level }).take(epoch)!.bytes;
}

/** `ours` with the value of theirs wherever the source lay exactly between the two. */
function withTheirTies(ours: PlainMsm, theirs: PlainMsm, source: PlainMsm): PlainMsm {
  const cells = ours.cells.map((cell, index) => {
    const settled: PlainCell = { ...cell };
    for (const [name, divisor] of Object.entries(DIVISORS)) {
      const isTie = Math.abs(source.cells[index]![name]! % divisor) === divisor / 2;
      if (!isTie || cell[name] === undefined) continue;
      expect(Math.abs(cell[name] - theirs.cells[index]![name]!)).toBeLessThanOrEqual(1);
      settled[name] = theirs.cells[index]![name]!;
    }
    return settled;
  });
  return { ...ours, cells };
}

describe.skipIf(!RECORDINGS_PRESENT)(`messages that others have encoded at two levels${SKIP_NOTE}`, () => {
  const labels = [...new Set(pairs.map(({ label }) => label))];

  test('there are 101 of them', () => {
    expect(pairs).toHaveLength(101);
  });

  test.each(labels)('%s: the lower one comes out of the higher one, but for exact ties', (label) => {
    for (const pair of pairs.filter((one) => one.label === label)) {
      const source = Buffer.from(pair.from_frame_hex, 'hex');
      const theirs = readMsm(Buffer.from(pair.to_frame_hex, 'hex'));
      const ours = readMsm(lowered(source, theirs.number % 10));
      // Whether more messages follow depends on where in its own epoch each was sent.
      expect(withTheirTies(ours, theirs, readMsm(source))).toEqual({ ...theirs, more: ours.more });
    }
  });

  test.each(labels.filter((label) => /MSM[45]$/.test(label)))(
    '%s: the reshape of a stream gives the same',
    (label) => {
      const level = label.endsWith('4') ? 4 : 5;
      for (const pair of pairs.filter((one) => one.label === label)) {
        const source = Buffer.from(pair.from_frame_hex, 'hex');
        expect(readMsm(reshaped(source, level))).toEqual({ ...readMsm(lowered(source, level)), more: 0 });
      }
    },
  );
});
