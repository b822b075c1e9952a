// Made-up streams through a reshape: what goes out, in which order, and which observation closes the epoch.
import { describe, expect, test } from 'vitest';
import {
  readObservationHeader,
  createObservationHeader,
} from '../../../../caster/rtcm/observation-header.ts';
import { makeReshape } from '../../../../caster/rtcm/reshape/reshape.ts';
import { type Shape } from '../../../../caster/rtcm/reshape/shape.ts';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { crc24q } from '../../../../caster/rtcm/crc24q.ts';
import { encodeStationPosition } from '../../../../caster/rtcm/station-encoders.ts';
import { decodeStationPosition } from '../../../../caster/rtcm/station-messages.ts';
import { legacyFrame, otherFrame, type TestFrame } from '../observation-frames.ts';
import { type PlainCell, readMsm, writeMsm } from './plain-msm.ts';
import { reshaped, reshapedEpochs } from './streams.ts';

const CELLS = [
  { sat: 5, sig: 2, lock: 500, code: 320, cnr: 700 },
  { sat: 5, sig: 16, lock: 400, code: 640, cnr: 600 },
  { sat: 9, sig: 2, lock: 300, code: 960, cnr: 500 },
];

/** The same, as the fields of MSM4 and MSM5 hold them. */
const SHORT_CELLS = [
  { sat: 5, sig: 2, lock: 15, code: 10, cnr: 44 },
  { sat: 5, sig: 16, lock: 12, code: 20, cnr: 38 },
  { sat: 9, sig: 2, lock: 9, code: 30, cnr: 31 },
];

const EPOCH_MS = 7_200_000;
const GLONASS_OFFSET_MS = 10_782_000;

function epochRawOf(number: number, weekMs: number): number {
  const block = number - (number % 10);
  if (block === 1080) return weekMs + GLONASS_OFFSET_MS;
  return block === 1120 ? weekMs - 14_000 : weekMs;
}

interface Wish {
  readonly more?: 0 | 1;
  readonly station?: number;
  readonly weekMs?: number;
  readonly cells?: readonly Readonly<Record<string, number>>[];
}

function msm(
  number: number,
  { more = 1, station = 1, weekMs = EPOCH_MS, cells = number % 10 < 6 ? SHORT_CELLS : CELLS }: Wish = {},
): TestFrame {
  return writeMsm({ number, station, epochRaw: epochRawOf(number, weekMs), more, cells });
}

const header = createObservationHeader();

/** "1077:1", with ":1" for more to come; other messages by their number alone. */
function pattern(frames: readonly TestFrame[]): string {
  return frames
    .map(({ bytes, messageNumber }) =>
      readObservationHeader(bytes, messageNumber, header)
        ? `${messageNumber}:${header.moreToCome ? 1 : 0}`
        : String(messageNumber),
    )
    .join(' ');
}

function expectValid(frames: readonly TestFrame[]): void {
  for (const { bytes } of frames) expect(crc24q(bytes, 0, bytes.length)).toBe(0);
}

const FIVE = [msm(1077), msm(1087), msm(1097), msm(1117), msm(1127, { more: 0 })];

describe('the last observation of an epoch', () => {
  test.each<[shape: Shape, expected: string]>([
    [{}, '1077:1 1087:1 1097:1 1117:1 1127:0'],
    [{ constellations: ['GPS', 'GLO', 'GAL', 'QZS'] }, '1077:1 1087:1 1097:1 1117:0'],
    [{ constellations: ['GPS'] }, '1077:0'],
    [{ constellations: ['BDS'] }, '1127:0'],
    [{ msmLevelMax: 4 }, '1074:1 1084:1 1094:1 1114:1 1124:0'],
    [{ msmLevelMax: 5, messagesDropped: [1125] }, '1075:1 1085:1 1095:1 1115:0'],
    [{ bands: ['L1'] }, '1077:1 1117:0'],
  ])('%j: says that no more will come', (shape, expected) => {
    const out = reshaped(shape, FIVE);
    expect(pattern(out)).toBe(expected);
    expectValid(out);
  });

  test('closes an epoch that the base has not closed', () => {
    const frames = [msm(1077), msm(1097), msm(1077, { weekMs: EPOCH_MS + 1000, more: 0 })];
    expect(pattern(reshaped({}, frames))).toBe('1077:1 1097:0 1077:0');
  });

  test('closes only once what the base closes message by message', () => {
    const reshape = makeReshape({});
    const frames = [msm(1077, { more: 0 }), msm(1097, { more: 0 })];
    const out = reshape.take({
      bytes: Buffer.concat(frames.map(({ bytes }) => bytes)),
      frameCount: 2,
      frameEnds: [frames[0]!.bytes.length, frames[0]!.bytes.length + frames[1]!.bytes.length],
      messageNumbers: [1077, 1097],
      closedBy: 'time',
      observation: true,
      gpsDayMs: EPOCH_MS,
    })!;
    expect(out.bytes.subarray(0, out.frameEnds[0])[9]! & 2).toBe(2);
    expect(out.bytes.subarray(out.frameEnds[0])[9]! & 2).toBe(0);
  });

  test('is not looked for among other messages', () => {
    const frames = [otherFrame(1005), msm(1077), otherFrame(1230), msm(1127, { more: 0 }), otherFrame(4072)];
    expect(pattern(reshaped({ constellations: ['GPS'] }, frames))).toBe('1005 1077:0 4072');
  });

  test('is one for each station', () => {
    const frames = [
      msm(1077, { station: 1 }),
      msm(1077, { station: 2 }),
      msm(1127, { station: 1, more: 0 }),
      msm(1127, { station: 2, more: 0 }),
    ];
    expect(pattern(reshaped({ constellations: ['GPS'] }, frames))).toBe('1077:0 1077:0');
  });

  test('may be of the legacy kind, whose bit of GLONASS lies elsewhere', () => {
    const frames = [
      legacyFrame(1012, EPOCH_MS + GLONASS_OFFSET_MS, 1),
      legacyFrame(1004, EPOCH_MS, 1),
      msm(1127, { more: 0 }),
    ];
    expect(pattern(reshaped({ constellations: ['GLO'] }, frames))).toBe('1012:0');
    expect(pattern(reshaped({ constellations: ['GLO', 'GPS'] }, frames))).toBe('1012:1 1004:0');
  });
});

describe('what does not change', () => {
  test('an epoch that nothing is different in is the same object', () => {
    const bytes = Buffer.concat(FIVE.map((frame) => frame.bytes));
    let end = 0;
    const epoch = {
      bytes,
      frameCount: 5,
      frameEnds: FIVE.map((frame) => (end += frame.bytes.length)),
      messageNumbers: FIVE.map(({ messageNumber }) => messageNumber),
      closedBy: 'bit' as const,
      observation: true,
      gpsDayMs: EPOCH_MS,
    };
    const wide: Shape = { constellations: ['GPS', 'GLO', 'GAL', 'QZS', 'BDS'], msmLevelMax: 7 };
    expect(makeReshape(wide).take(epoch)).toBe(epoch);
  });

  test('an epoch that nothing is left of is none', () => {
    expect(reshapedEpochs({ constellations: ['SBAS'] }, FIVE)).toEqual([]);
  });

  test('unknown and other messages go out byte for byte, in their places', () => {
    const frames = [
      otherFrame(999),
      msm(1077),
      otherFrame(4090, 40),
      otherFrame(1300, 30),
      msm(1097, { more: 0 }),
    ];
    const out = reshaped({ msmLevelMax: 4, bands: ['L1', 'E1'] }, frames);
    expect(pattern(out)).toBe('999 1074:1 4090 1300 1094:0');
    for (const index of [0, 2, 3]) expect(out[index]!.bytes.equals(frames[index]!.bytes)).toBe(true);
  });

  test('everything but the level and the rounding', () => {
    const cells = [
      { sat: 3, sig: 30, ms: 70, fraction: 900, half: 1, code: -3200, phase: -44, lock: 320, cnr: 160 },
    ];
    const [frame] = reshaped({ msmLevelMax: 4 }, [msm(1077, { more: 0, station: 4095, cells })]);
    const before = readMsm(msm(1077, { more: 0, station: 4095, cells }).bytes);
    expect(readMsm(frame!.bytes)).toEqual({
      ...before,
      number: 1074,
      cells: [{ sat: 3, sig: 30, ms: 70, fraction: 900, half: 1, code: -100, phase: -11, lock: 10, cnr: 10 }],
    });
  });
});

describe('messages at several levels', () => {
  test('what is there at the wanted level is not sent a second time', () => {
    const frames = [msm(1075), msm(1077), msm(1087), msm(1085), msm(1107, { more: 0 })];
    expect(pattern(reshaped({ msmLevelMax: 5 }, frames))).toBe('1075:1 1085:1 1105:0');
  });

  test('of two that are above, the higher is lowered', () => {
    expect(pattern(reshaped({ msmLevelMax: 4 }, [msm(1076), msm(1077, { more: 0 })]))).toBe('1074:0');
    expect(pattern(reshaped({ msmLevelMax: 5 }, [msm(1077), msm(1076, { more: 0 })]))).toBe('1075:0');
  });

  test('a message with none of the wanted signals does not stand in for one that has them', () => {
    const frames = [msm(1074, { cells: [{ sat: 5, sig: 2 }] }), msm(1077, { more: 0 })];
    expect(pattern(reshaped({ msmLevelMax: 4, bands: ['L2'] }, frames))).toBe('1074:0');
    expect(pattern(reshaped({ msmLevelMax: 4, bands: ['L1'] }, frames))).toBe('1074:0');
  });

  test('nor does an empty one', () => {
    const frames = [msm(1094, { cells: [] }), msm(1097, { more: 0 })];
    const sent = reshaped({ msmLevelMax: 4 }, frames);
    expect(sent.map(({ bytes }) => readMsm(bytes).cells.length)).toEqual([0, 3]);
  });

  test('the parts of one that was split are all sent', () => {
    const parts = [
      msm(1127),
      msm(1127, { cells: [{ sat: 33, sig: 2 }] }),
      msm(1127, { more: 0, cells: [{ sat: 60, sig: 8 }] }),
    ];
    const out = reshaped({ msmLevelMax: 4 }, parts);
    expect(pattern(out)).toBe('1124:1 1124:1 1124:0');
    expect(out.map(({ bytes }) => readMsm(bytes).satellites)).toEqual([[5, 9], [33], [60]]);
  });

  test('levels of other stations and constellations do not count', () => {
    const frames = [
      msm(1075, { station: 1 }),
      msm(1077, { station: 2 }),
      msm(1095, { station: 1, more: 0 }),
      msm(1097, { station: 2, more: 0 }),
    ];
    expect(pattern(reshaped({ msmLevelMax: 5 }, frames))).toBe('1075:1 1075:1 1095:0 1095:0');
  });

  test('as received, all of them are sent', () => {
    expect(pattern(reshaped({ constellations: ['GPS'] }, [msm(1075), msm(1077, { more: 0 })]))).toBe(
      '1075:1 1077:0',
    );
  });
});

describe('frames that cannot be decoded', () => {
  function cutShort(frame: TestFrame): TestFrame {
    return { ...frame, bytes: buildFrame(frame.bytes.subarray(3, frame.bytes.length - 9)) };
  }

  test('an observation does not go out, and the one before it closes the epoch', () => {
    const frames = [msm(1077), cutShort(msm(1097, { more: 0 }))];
    expect(pattern(reshaped({ messagesDropped: [1019] }, frames))).toBe('1077:0');
  });

  test('another message goes out as it came', () => {
    const short = { bytes: buildFrame(Buffer.from('3ed001', 'hex')), messageNumber: 1005 };
    const out = reshaped({ constellations: ['GPS'] }, [short]);
    expect(out.map(({ bytes }) => bytes.toString('hex'))).toEqual([short.bytes.toString('hex')]);
  });

  test('filler without a number goes out as it came', () => {
    const filler = { bytes: Buffer.from('d3000047ea4b', 'hex'), messageNumber: -1 };
    expect(pattern(reshaped({ msmLevelMax: 4 }, [filler]))).toBe('-1');
  });
});

describe('what a station offers', () => {
  const position = {
    station: 7,
    itrfYear: 63,
    gps: true,
    glonass: true,
    galileo: true,
    virtualStation: true,
    singleOscillator: true,
    reserved: 1,
    quarterCycle: 3,
    ecefXTenthMm: -11_141_045_999,
    ecefYTenthMm: 48_507_297_108,
    ecefZTenthMm: 39_755_214_643,
    antennaHeightTenthMm: 1234,
  };

  test.each([
    [1005, null],
    [1006, 1234],
  ])('%i loses the flags of constellations that are dropped, and nothing else', (messageNumber, height) => {
    const before = { ...position, antennaHeightTenthMm: height };
    const frame = { bytes: encodeStationPosition(before), messageNumber };
    for (const [constellations, lost] of [
      [['GPS', 'GAL'], { glonass: false }],
      [['GLO'], { gps: false, galileo: false }],
      [['BDS'], { gps: false, glonass: false, galileo: false }],
      [['GPS', 'GLO', 'GAL'], {}],
    ] as const) {
      const out = reshaped({ constellations }, [frame]);
      expectValid(out);
      expect(decodeStationPosition(out[0]!.bytes)).toEqual({ ...before, ...lost });
    }
  });
});

describe('a longer interval', () => {
  /** One GPS message a second from 7200 s on, each with the given lock time indicators of satellite 5. */
  function seconds(locks: readonly number[], number = 1077): TestFrame[] {
    return locks.map((lock, index) =>
      msm(number, { more: 0, weekMs: EPOCH_MS + index * 1000, cells: [{ sat: 5, sig: 2, lock }] }),
    );
  }

  function locksOf(frames: readonly TestFrame[]): number[] {
    return frames.map(({ bytes }) => (readMsm(bytes).cells[0] as PlainCell)['lock']!);
  }

  test('all messages of the epochs go or stay together, whatever their time is called', () => {
    const frames = [0, 1, 2, 3, 4, 5, 6].flatMap((second) =>
      [1077, 1087, 1127].map((number, index) =>
        msm(number, { more: index === 2 ? 0 : 1, weekMs: EPOCH_MS + second * 1000 }),
      ),
    );
    expect(reshapedEpochs({ intervalS: 3 }, frames).map(pattern)).toEqual(
      new Array<string>(3).fill('1077:1 1087:1 1127:0'),
    );
  });

  test('the time is that of a system with a sure clock, and not of the first message', () => {
    const frames = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((second) => [
      writeMsm({
        number: 1087,
        epochRaw: EPOCH_MS + GLONASS_OFFSET_MS + 2000 + second * 1000,
        more: 1,
        cells: CELLS,
      }),
      msm(1077, { more: 0, weekMs: EPOCH_MS + second * 1000 }),
    ]);
    const sent = reshapedEpochs({ intervalS: 4, messagesDropped: [1019] }, frames)
      .flat()
      .filter(({ messageNumber }) => messageNumber === 1077)
      .map(({ bytes }) => readMsm(bytes).epochRaw - EPOCH_MS);
    expect(sent).toEqual([0, 4000, 8000]);
  });

  test('other messages go out at once', () => {
    const frames = [...seconds([1]), otherFrame(1005), ...seconds([1, 2]).slice(1), otherFrame(1019)];
    expect(pattern(reshaped({ intervalS: 60 }, frames))).toBe('1077:0 1005 1019');
  });

  test('lock times without a slip go out as they are', () => {
    expect(locksOf(reshaped({ intervalS: 3 }, seconds([1, 2, 3, 4, 5, 6, 7])))).toEqual([1, 4, 7]);
  });

  test('a slip in an epoch between stays visible although the lock time has grown again', () => {
    expect(locksOf(reshaped({ intervalS: 3 }, seconds([2, 3, 0, 4, 5, 6, 7])))).toEqual([2, 1, 7]);
  });

  test('a slip that is visible anyway changes nothing', () => {
    expect(locksOf(reshaped({ intervalS: 3 }, seconds([90, 91, 0, 1, 2, 3, 4])))).toEqual([90, 1, 4]);
  });

  test('a slip after a lock time of zero shows as zero again', () => {
    expect(locksOf(reshaped({ intervalS: 3 }, seconds([0, 5, 0, 6, 7, 8, 9])))).toEqual([0, 0, 9]);
  });

  test('a signal that has no lock for two epochs on end has slipped between them', () => {
    expect(locksOf(reshaped({ intervalS: 3 }, seconds([0, 0, 9, 10, 11, 12, 13])))).toEqual([0, 0, 13]);
    expect(locksOf(reshaped({ intervalS: 3 }, seconds([0, 4, 9, 10, 11, 12, 13])))).toEqual([0, 10, 13]);
  });

  test('a message without lock times goes out as it came, whatever another message said of them', () => {
    const frames = [9, 3, 10].flatMap((lock, second) => {
      const weekMs = EPOCH_MS + second * 1000;
      const plain = msm(1071, { more: 0, weekMs }).bytes;
      const longer = buildFrame(Buffer.concat([plain.subarray(3, -3), Buffer.of(1)]));
      return [
        msm(1097, { weekMs, cells: [{ sat: 5 + second, sig: 2, lock }] }),
        { bytes: longer, messageNumber: 1071 },
      ];
    });
    const sent = reshaped({ intervalS: 2 }, frames).map(({ bytes }) => bytes);
    expect([sent[1], sent[3]]).toEqual([frames[1]!.bytes, frames[5]!.bytes]);
  });

  test('a slip is visible in the coarser lock time of MSM4 too', () => {
    // 100 to 90 are the same step of DF402.
    expect(
      locksOf(reshaped({ intervalS: 3, msmLevelMax: 4 }, seconds([70, 100, 64, 90, 91, 92, 93]))),
    ).toEqual([2, 1, 2]);
  });

  test('satellites, signals, stations and levels have lock times of their own', () => {
    const frames = [0, 1, 2].flatMap((second) => [
      msm(1077, { station: 1, weekMs: EPOCH_MS + second * 1000, cells: [{ sat: 5, sig: 2, lock: 10 }] }),
      msm(1075, { station: 1, weekMs: EPOCH_MS + second * 1000, cells: [{ sat: 5, sig: 2, lock: 9 }] }),
      msm(1077, { station: 2, weekMs: EPOCH_MS + second * 1000, cells: [{ sat: 5, sig: 2, lock: 8 }] }),
      msm(1097, {
        station: 2,
        weekMs: EPOCH_MS + second * 1000,
        cells: [{ sat: 5, sig: 2, lock: 7 }],
        more: 0,
      }),
      msm(1097, {
        station: 1,
        weekMs: EPOCH_MS + second * 1000,
        cells: [{ sat: 5, sig: 3, lock: 6 }],
        more: 0,
      }),
    ]);
    expect(locksOf(reshaped({ intervalS: 2 }, frames))).toEqual([10, 9, 8, 7, 6, 10, 9, 8, 7, 6]);
  });
});
