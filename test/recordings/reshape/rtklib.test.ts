// RTKLIB as judge: convbin reads what a reshape made of a recording as it reads the recording itself, but for what was
// taken out, and with the values that rounding to the lower level leaves.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { messageFamily } from '../../../caster/rtcm/message-types.ts';
import { setMoreToCome } from '../../../caster/rtcm/reshape/frame-flags.ts';
import { type Shape } from '../../../caster/rtcm/reshape/shape.ts';
import { type SatelliteSystem } from '../../../caster/rtcm/satellite-system.ts';
import { missingPrograms, openWorkshop } from '../../integration/simulator-rtklib/rtklib.ts';
import { reshaped } from '../../unit/rtcm/reshape/streams.ts';
import {
  framesOf,
  recordingBytes,
  recordingFacts,
  RECORDINGS_PRESENT,
  type ScannedFrame,
  SKIP_NOTE,
} from '../recordings.ts';
import { readRinex, type Rinex } from './rinex.ts';

const missing = missingPrograms().filter((program) => program === 'convbin');
const skipped = missing.length > 0 ? ' (skipped: no convbin)' : SKIP_NOTE;
const CAN_RUN = missing.length === 0 && RECORDINGS_PRESENT;

/** Streams tell the time of the week and not the week; any with the right leap seconds will do for a comparison. */
const WEEK = '2024/03/10 00:00:00';
const OLD: Readonly<Record<string, { readonly week: string; readonly leapSeconds: number }>> = {
  'testglo_1004_1012_1hz.rtcm3': { week: '2010/03/14 00:00:00', leapSeconds: 15 },
};

/** MSM7 of four receivers, MSM5, MSM4, and levels and kinds mixed. */
const RECORDINGS = [
  'str17_septentrio_msm7_1hz.rtcm3',
  'sept_msm7_1hz.rtcm3',
  'encode_none_trimble_msm7.rtcm3',
  'f9p_mixed_nmea_ubx_158s.bin',
  'javad_msm7_sbas_1hz.rtcm3',
  'imu_msm4_2xbds_1hz.rtcm3',
  'str24_msm4_1hz.rtcm3',
  'piksi_msm5_5hz.rtcm3',
  'testglo_1004_1012_1hz.rtcm3',
];

/** What half a step of the lower level is at most, with the rounding of RINEX (and RTKLIB's quarters of a dB-Hz). */
const TOLERANCES: Readonly<Record<string, number>> = { C: 0.0101, L: 0.0031, D: 0.0011, S: 0.76 };

const LETTERS: Readonly<Record<string, SatelliteSystem>> = {
  G: 'GPS',
  R: 'GLO',
  E: 'GAL',
  C: 'BDS',
  J: 'QZS',
  S: 'SBAS',
  I: 'IRN',
};

/** By shape: what of a satellite's codes it keeps, as system and frequency of RINEX 3.04. */
const BAND_SHAPES: readonly (readonly [bands: NonNullable<Shape['bands']>, kept: readonly string[]])[] = [
  [
    ['L1', 'E1', 'G1', 'B1I'],
    ['G1', 'J1', 'S1', 'E1', 'R1', 'C2'],
  ],
  [
    ['L2', 'E5b', 'B3', 'G2'],
    ['G2', 'J2', 'E7', 'C6', 'R2'],
  ],
  [
    ['L1', 'L5', 'E5a'],
    ['G1', 'G5', 'J1', 'J5', 'S1', 'S5', 'E5'],
  ],
];

const FINDINGS_MAX = 5;

const workshop = openWorkshop();
const sources = new Map<string, Rinex>();

afterAll(() => workshop.remove());

function rinexOf(name: string, stream: readonly Buffer[]): Rinex {
  const label = name.replaceAll(/[^a-z0-9]/g, '-');
  const { observations } = workshop.convert(label, stream, OLD[name]?.week ?? WEEK);
  return readRinex(readFileSync(observations, 'latin1'));
}

function sourceOf(name: string): Rinex {
  const known = sources.get(name);
  if (known !== undefined) return known;
  const rinex = rinexOf(name, [recordingBytes(name)]);
  sources.set(name, rinex);
  return rinex;
}

function reshapedRinex(name: string, shape: Shape): Rinex {
  const frames = reshaped(shape, framesOf(recordingBytes(name)), OLD[name]?.leapSeconds);
  return rinexOf(
    name,
    frames.map(({ bytes }) => bytes),
  );
}

/** Of a recording's RINEX what `keeps` says, without what nothing is left of. */
function filtered(rinex: Rinex, keeps: (satellite: string, code: string) => boolean): Rinex {
  const epochs = new Map<string, Map<string, Map<string, number>>>();
  for (const [time, satellites] of rinex.epochs) {
    const left = new Map<string, Map<string, number>>();
    for (const [satellite, values] of satellites) {
      const kept = new Map([...values].filter(([code]) => keeps(satellite, code)));
      if (kept.size > 0) left.set(satellite, kept);
    }
    if (left.size > 0) epochs.set(time, left);
  }
  return { epochs };
}

/**
 * What RTKLIB has read of the recording and not, or with another value than rounding leaves, of its reshape. That it
 * reads more of the reshape is what closing every epoch is for.
 */
function missingFrom(ours: Rinex, theirs: Rinex): string[] {
  const found: string[] = [];
  for (const [time, satellites] of theirs.epochs) {
    const epoch = ours.epochs.get(time);
    if (epoch === undefined) found.push(`${time}: lost`);
    else
      for (const [satellite, values] of satellites)
        compare(epoch.get(satellite), values, `${time} ${satellite}`, found);
  }
  return found.slice(0, FINDINGS_MAX);
}

function compare(
  ours: ReadonlyMap<string, number> | undefined,
  theirs: ReadonlyMap<string, number>,
  place: string,
  found: string[],
): void {
  for (const [code, value] of theirs) {
    const own = ours?.get(code);
    if (own === undefined || Math.abs(own - value) > TOLERANCES[code[0]!]!)
      found.push(`${place} ${code}: ${own} instead of ${value}`);
  }
}

/** Of the minute. */
function secondsOf(time: string): number {
  return Number(time.slice(6));
}

/** First letters of the satellites that were read. */
function systemsOf(rinex: Rinex): Set<string> {
  return new Set(
    [...rinex.epochs.values()].flatMap((epoch) => [...epoch.keys()].map((satellite) => satellite[0]!)),
  );
}

describe.skipIf(!CAN_RUN).each(CAN_RUN ? RECORDINGS : [])(`convbin reads %s${skipped}`, (name) => {
  test('at MSM5 with every epoch and value', () => {
    const expected = sourceOf(name);
    expect(expected.epochs.size).toBeGreaterThan(20);
    expect(missingFrom(reshapedRinex(name, { msmLevelMax: 5 }), expected)).toEqual([]);
  });

  test('at MSM4 with every epoch and value but Doppler, and GLONASS at MSM5 for its channels', () => {
    const expected = filtered(sourceOf(name), (satellite, code) => code[0] !== 'D' || satellite[0] === 'R');
    const ours = reshapedRinex(name, { msmLevelMax: 4, glonassChannelsKept: true });
    const withoutRates = filtered(ours, (satellite, code) => code[0] !== 'D' || satellite[0] === 'R');
    expect(missingFrom(withoutRates, expected)).toEqual([]);
  });

  // Without GPS before it, RTKLIB guesses the day of GLONASS and may lose the first epoch by that.
  test.each([['G', 'E'], ['G', 'R', 'C'], ['G'], ['E', 'J', 'S'], ['R']])(
    'with the constellations that were asked for: %s %s %s',
    (...letters) => {
      const expected = filtered(sourceOf(name), (satellite) => letters.includes(satellite[0]!));
      const constellations = letters.map((letter) => LETTERS[letter]!);
      const ours = reshapedRinex(name, { constellations });
      expect(missingFrom(ours, expected)).toEqual([]);
      expect([...systemsOf(ours)].filter((letter) => !letters.includes(letter))).toEqual([]);
    },
  );

  // Everything in a message of the legacy kind is told relative to its first band.
  test.each(BAND_SHAPES.filter(([bands]) => bands.includes('L1') || !name.includes('1004')))(
    'with the signals of %j and no others',
    (bands, kept) => {
      const keeps = (satellite: string, code: string): boolean => kept.includes(satellite[0]! + code[1]!);
      const ours = reshapedRinex(name, { bands });
      expect(missingFrom(ours, filtered(sourceOf(name), keeps))).toEqual([]);
      expect(missingFrom(filtered(ours, keeps), ours)).toEqual([]);
    },
  );

  test('every tenth second only', () => {
    const expected = {
      epochs: new Map([...sourceOf(name).epochs].filter(([time]) => Math.abs(secondsOf(time) % 10) < 0.025)),
    };
    expect(missingFrom(reshapedRinex(name, { intervalS: 10 }), expected)).toEqual([]);
  });
});

describe.skipIf(!CAN_RUN)(`convbin reads streams with a constellation whose clock is wrong${skipped}`, () => {
  test.each<[name: string, week: string, leapSeconds: number, shape: Shape, expected: object]>([
    [
      'missing_gps_msm4_1104_1hz.rtcm3',
      WEEK,
      18,
      { constellations: ['GPS', 'GLO', 'GAL'] },
      { source: ['S'], reshaped: ['E', 'G', 'R'] },
    ],
    [
      'gmsd7_netr9_msm7_1hz.rtcm3',
      '2012/10/14 00:00:00',
      16,
      { constellations: ['GPS', 'GLO', 'QZS'] },
      { source: ['C'], reshaped: ['G', 'J', 'R'] },
    ],
  ])('%s: the others are read once it is left out', (name, week, leapSeconds, shape, expected) => {
    const systems = (stream: readonly Buffer[]): string[] => {
      const { observations } = workshop.convert('wrong-clock', stream, week);
      return [...systemsOf(readRinex(readFileSync(observations, 'latin1')))].sort();
    };
    const frames = reshaped(shape, framesOf(recordingBytes(name)), leapSeconds);
    const ours = systems(frames.map(({ bytes }) => bytes));
    expect({ source: systems([recordingBytes(name)]), reshaped: ours }).toEqual(expected);
  });
});

describe.skipIf(!CAN_RUN)(`convbin reads a stream that does not close its epochs${skipped}`, () => {
  const name = 'fw206_msm5_split_1hz.rtcm3';

  test('and of its reshape every epoch, with what it could read before', () => {
    const epochs = recordingFacts(name).msm['1075']!.epochs;
    const source = sourceOf(name);
    const ours = reshapedRinex(name, { msmLevelMax: 5 });
    expect(source.epochs.size).toBeLessThan(epochs);
    expect(ours.epochs.size).toBe(epochs);
    expect(missingFrom(ours, source)).toEqual([]);
  });
});

describe.skipIf(!CAN_RUN)(
  `convbin reads the reshape of a stream whose multiple message bit is wrong${skipped}`,
  () => {
    const name = 'str24_msm4_1hz.rtcm3';
    const EPOCHS_TO_LEARN = 2;

    /** The recording, with the bit of every observation set or cleared. */
    function withBit(more: boolean): ScannedFrame[] {
      return framesOf(recordingBytes(name)).map(({ bytes, messageNumber }) => {
        const copy = Buffer.from(bytes);
        if (messageFamily(messageNumber) === 'msm') setMoreToCome(copy, 0, copy.length, messageNumber, more);
        return { bytes: copy, messageNumber };
      });
    }

    function bytesOf(frames: readonly { readonly bytes: Buffer }[]): Buffer[] {
      return frames.map(({ bytes }) => bytes);
    }

    test.each([
      ['always set', true],
      ['never set', false],
    ])('%s: every epoch comes back whole', (_, more) => {
      const ours = rinexOf(name, bytesOf(reshaped({ msmLevelMax: 5 }, withBit(more))));
      const learned = new Map([...sourceOf(name).epochs].slice(EPOCHS_TO_LEARN));
      expect(missingFrom(ours, { epochs: learned })).toEqual([]);
    });

    test('which it cannot read itself: it writes no file, or cuts each epoch into pieces', () => {
      expect(() => rinexOf(name, bytesOf(withBit(true)))).toThrow('ENOENT');
      expect(missingFrom(rinexOf(name, bytesOf(withBit(false))), sourceOf(name))).not.toEqual([]);
    });
  },
);
