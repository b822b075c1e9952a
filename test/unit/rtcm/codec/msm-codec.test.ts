import { describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../../../caster/rtcm/codec/codec.ts';
import { type MsmCells } from '../../../../caster/rtcm/codec/msm-cells.ts';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { FRAME_BYTES_MAX } from '../../../../caster/rtcm/frame-layout.ts';
import { readMsmHeader } from '../../../../caster/rtcm/msm-header.ts';
import { seededRandom } from '../seeded-random.ts';
import { frameOfShape, type MsmShape, plainCells, randomShape, randomValues } from './msm-frames.ts';

const into = Buffer.alloc(FRAME_BYTES_MAX);

/** Satellite 7 has no signal 16. */
const SHAPE: MsmShape = {
  messageNumber: 1087,
  satelliteIds: [5, 7, 33],
  signalIds: [2, 16],
  cellMask: [true, true, true, false, true, true],
};

function decoded(frame: Buffer): RtcmCodec {
  const codec = new RtcmCodec();
  expect(codec.decode(frame)).toBe('msm');
  return codec;
}

function encoded(codec: RtcmCodec): Buffer | string {
  const length = codec.encode('msm', into, 0);
  return typeof length === 'number' ? Buffer.from(into.subarray(0, length)) : length;
}

describe('an MSM frame', () => {
  test.each([1, 2, 3])('of any shape and values comes back with the same bytes (seed %d)', (seed) => {
    const random = seededRandom(seed);
    const codec = new RtcmCodec();
    for (let count = 0; count < 2000; count++) {
      const frame = frameOfShape(randomShape(random), randomValues(random));
      expect(codec.decode(frame)).toBe('msm');
      expect(encoded(codec)).toEqual(frame);
    }
  });

  test('is decoded into columns whose cells point to satellites and signals', () => {
    let next = 0;
    const { msm } = decoded(frameOfShape(SHAPE, (bits) => (bits < 4 ? 0 : next++ % 16)));
    expect(plainCells(msm)).toMatchObject({
      block: 1080,
      system: 'GLO',
      level: 7,
      satelliteIds: [5, 7, 33],
      signalIds: [2, 16],
      cellRows: [0, 0, 1, 2, 2],
      cellColumns: [0, 1, 0, 0, 1],
      // Station, epoch and the reserved bits took 0, 1 and 2.
      roughMs: [3, 4, 5],
      extended: [6, 7, 8],
      roughFraction: [9, 10, 11],
      roughRate: [12, 13, 14],
      code: [15, 0, 1, 2, 3],
      phase: [4, 5, 6, 7, 8],
      lock: [9, 10, 11, 12, 13],
      halfCycle: [0, 0, 0, 0, 0],
      cnr: [14, 15, 0, 1, 2],
      rate: [3, 4, 5, 6, 7],
    });
  });

  test('with ids that no table knows keeps them and their values', () => {
    const shape = { ...SHAPE, satelliteIds: [1, 63, 64], signalIds: [1, 32] };
    expect(plainCells(decoded(frameOfShape(shape, () => 1)).msm)).toMatchObject({
      satelliteIds: [1, 63, 64],
      signalIds: [1, 32],
    });
  });

  test('keeps what stands behind its last field', () => {
    const codec = decoded(frameOfShape({ ...SHAPE, tail: '1011001110001' }, () => 0));
    expect(codec.msm.tail.bits).toBeGreaterThanOrEqual(13);
  });

  test('of more than 64 bits of cell mask is refused', () => {
    const payload = Buffer.alloc(1023, 0xff);
    payload.writeUInt16BE((1077 << 4) | 15, 0);
    expect(new RtcmCodec().decode(buildFrame(payload))).toBe('cell-mask-too-long');
  });

  test('that ends anywhere before its last field is refused', () => {
    const frame = frameOfShape(SHAPE, () => 1);
    const payload = frame.subarray(3, -3);
    for (let bytes = 2; bytes < payload.length; bytes++) {
      expect(new RtcmCodec().decode(buildFrame(payload.subarray(0, bytes)))).toBe('too-short');
    }
  });

  test('that shows another length than it has is refused', () => {
    const frame = frameOfShape(SHAPE, () => 1);
    expect(new RtcmCodec().decode(frame.subarray(0, -1))).toBe('not-a-frame');
  });
});

describe('encoding cells', () => {
  const changes: readonly (readonly [what: string, change: (cells: MsmCells) => void, refusal: string])[] = [
    ['satellites out of order', ({ satelliteIds }) => (satelliteIds[1] = 4), 'ids-out-of-order'],
    ['a satellite twice', ({ satelliteIds }) => (satelliteIds[1] = 5), 'ids-out-of-order'],
    ['satellite 65', ({ satelliteIds }) => (satelliteIds[2] = 65), 'ids-out-of-order'],
    ['signal 0', ({ signalIds }) => (signalIds[0] = 0), 'ids-out-of-order'],
    ['signal 33', ({ signalIds }) => (signalIds[1] = 33), 'ids-out-of-order'],
    ['more satellites than there can be', (cells) => (cells.satelliteCount = 65), 'ids-out-of-order'],
    ['a negative number of cells', (cells) => (cells.cellCount = -1), 'ids-out-of-order'],
    ['a cell twice', ({ cellColumns }) => (cellColumns[1] = 0), 'cells-out-of-order'],
    ['a cell of no signal', ({ cellColumns }) => (cellColumns[4] = 2), 'cells-out-of-order'],
    ['a cell of no satellite', ({ cellRows }) => (cellRows[4] = 3), 'cells-out-of-order'],
    ['a code range of 21 bits', ({ code }) => (code[2] = 2 ** 19), 'value-out-of-range'],
    ['a phase range of 25 bits', ({ phase }) => (phase[2] = -(2 ** 23) - 1), 'value-out-of-range'],
    ['a negative lock time', ({ lock }) => (lock[0] = -1), 'value-out-of-range'],
    ['a rough range of 9 bits', ({ roughMs }) => (roughMs[0] = 256), 'value-out-of-range'],
    ['a station of 13 bits', (cells) => (cells.station = 4096), 'value-out-of-range'],
    ['an epoch of 31 bits', (cells) => (cells.epochRaw = 2 ** 30), 'value-out-of-range'],
    ['level 8', (cells) => (cells.level = 8), 'value-out-of-range'],
    ['the number of another message', (cells) => (cells.block = 1000), 'value-out-of-range'],
    ['the number of another system', (cells) => (cells.block = 1070), 'value-out-of-range'],
    ['too long a tail', ({ tail }) => (tail.bits = 8000), 'payload-too-long'],
  ];

  test.each(changes)('with %s is refused by name', (_, change, refusal) => {
    const codec = decoded(frameOfShape(SHAPE, () => 1));
    change(codec.msm);
    expect(encoded(codec)).toBe(refusal);
  });

  test('of 13 satellites and 5 signals is refused, since DF396 ends at 64', () => {
    const codec = decoded(frameOfShape(SHAPE, () => 1));
    codec.msm.satelliteCount = 13;
    codec.msm.signalCount = 5;
    expect(encoded(codec)).toBe('cell-mask-too-long');
  });

  test('into a buffer without room is refused', () => {
    const codec = decoded(frameOfShape(SHAPE, () => 1));
    const length = codec.encode('msm', into, 0) as number;
    expect(codec.encode('msm', new Uint8Array(length + 9), 10)).toBe('no-room');
  });

  test('writes nothing outside its frame', () => {
    const frame = frameOfShape(SHAPE, () => 1);
    const room = Buffer.alloc(frame.length + 20, 0xa5);
    expect(decoded(frame).encode('msm', room, 7)).toBe(frame.length);
    expect(room).toEqual(Buffer.concat([Buffer.alloc(7, 0xa5), frame, Buffer.alloc(13, 0xa5)]));
  });

  test('that were thinned in place makes a shorter frame with the masks of what is left', () => {
    const codec = decoded(frameOfShape(SHAPE, (bits) => (bits === 1 ? 1 : 3)));
    const { msm } = codec;
    // Satellite 7 goes: its row, and its only cell.
    for (const column of [msm.satelliteIds, msm.roughMs, msm.extended, msm.roughFraction, msm.roughRate]) {
      column.copyWithin(1, 2, 3);
    }
    msm.satelliteCount = 2;
    for (const column of [msm.code, msm.phase, msm.lock, msm.halfCycle, msm.cnr, msm.rate]) {
      column.copyWithin(2, 3, 5);
    }
    msm.cellRows.set([0, 0, 1, 1]);
    msm.cellColumns.set([0, 1, 0, 1]);
    msm.cellCount = 4;
    msm.tail.bits = 0;
    const result = readMsmHeader(encoded(codec) as Buffer);
    expect(result.ok && result.header).toMatchObject({ satellites: [5, 33], signals: [2, 16], cellCount: 4 });
  });

  test.each([4, 5])(
    'at any values never throws, and what it writes is decoded as it was (seed %d)',
    (seed) => {
      const random = seededRandom(seed);
      const codec = new RtcmCodec();
      const reader = new RtcmCodec();
      let written = 0;
      for (let count = 0; count < 3000; count++) {
        codec.decode(frameOfShape(randomShape(random), randomValues(random)));
        spoil(codec.msm, random);
        const frame = encoded(codec);
        if (typeof frame === 'string') continue;
        written++;
        expect(reader.decode(frame)).toBe('msm');
        expect(visible(reader.msm)).toEqual(visible(codec.msm));
      }
      expect(written).toBeGreaterThan(100);
    },
  );
});

/** Two changes of any kind, most of them wrong. */
function spoil(cells: MsmCells, random: ReturnType<typeof seededRandom>): void {
  const columns = [
    cells.satelliteIds,
    cells.signalIds,
    cells.cellRows,
    cells.cellColumns,
    cells.code,
    cells.lock,
  ];
  for (let change = 0; change < 2; change++) {
    const column = columns[random.below(columns.length)]!;
    column[random.below(column.length)] = random.below(70) - 2;
    if (random.below(3) === 0) cells.level = random.below(9);
    if (random.below(5) === 0) cells.cellCount = random.below(70);
    if (random.below(5) === 0) cells.satelliteCount = random.below(70);
  }
}

/** Everything that the level sends. The tail grows by the padding that the encoder adds. */
function visible(cells: MsmCells): unknown {
  const { roughMs, extended, roughRate, code, phase, lock, halfCycle, cnr, rate, tail, ...always } =
    plainCells(cells);
  expect(tail).toBeTypeOf('number');
  const { level } = cells;
  return {
    ...always,
    roughMs: level >= 4 ? roughMs : [],
    extended: level === 5 || level === 7 ? extended : [],
    roughRate: level === 5 || level === 7 ? roughRate : [],
    code: level === 2 ? [] : code,
    phase: level === 1 ? [] : phase,
    lock: level === 1 ? [] : lock,
    halfCycle: level === 1 ? [] : halfCycle,
    cnr: level >= 4 ? cnr : [],
    rate: level === 5 || level === 7 ? rate : [],
  };
}
