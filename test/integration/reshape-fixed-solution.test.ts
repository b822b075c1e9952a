// RTKLIB as judge of shapes: a rover against a base whose stream has gone through a reshape must find its place to
// centimeters and with fixed ambiguities, as it does against the stream as it was sent.
import { afterAll, describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../caster/rtcm/codec/codec.ts';
import { messageNumberOf } from '../../caster/rtcm/frame-layout.ts';
import { messageFamily } from '../../caster/rtcm/message-types.ts';
import { type Shape } from '../../caster/rtcm/reshape/shape.ts';
import { createConstellation } from '../../caster/simulator/constellation.ts';
import { type Ecef } from '../../caster/simulator/earth-frame.ts';
import { createReceiver, type Receiver, truePositionEcef } from '../../caster/simulator/receiver.ts';
import { simulateEpoch } from '../../caster/simulator/simulate-epoch.ts';
import { reshaped } from '../unit/rtcm/reshape/streams.ts';
import { seededRandom } from '../unit/rtcm/seeded-random.ts';
import { readObservations } from './simulator-rtklib/rinex.ts';
import { missingPrograms, openWorkshop } from './simulator-rtklib/rtklib.ts';

const missing = missingPrograms();
const SKIPPED = missing.length > 0 ? ` (skipped: ${missing.join(' and ')} not on PATH)` : '';
const workshop = openWorkshop();
afterAll(() => workshop.remove());

const START = '2026/03/10 03:58:00';
const START_GPS_S = (Date.UTC(2026, 2, 10, 3, 58) - Date.UTC(1980, 0, 6)) / 1000;
const SECONDS = 300;
const CONVERGED_S = 60;
const BASE = { latitudeDeg: 31.2, longitudeDeg: 121.5, heightM: 25, stationId: 12, seed: 1 };
const ROVER = { latitudeDeg: 31.25, longitudeDeg: 121.53, heightM: 60, stationId: 13, seed: 2 };

/** RTKLIB's bits for pos1-navsys. */
const GPS_GALILEO = 1 + 8;
const ALL_SYSTEMS = GPS_GALILEO + 4 + 32;

const MODEL = {
  'pos1-posmode': 'kinematic',
  'pos1-elmask': '15',
  'pos1-ionoopt': 'brdc',
  'pos1-tropopt': 'saas',
  'pos2-armode': 'continuous',
  'pos2-gloarmode': 'on',
};

interface Recording {
  readonly receiver: Receiver;
  readonly stream: readonly Buffer[];
}

function record(options: typeof BASE & { readonly role: 'base' | 'rover' }): Recording {
  const constellation = createConstellation({
    seed: 7,
    systems: ['GPS', 'GLO', 'GAL', 'BDS'],
    atmosphere: true,
    startGpsTimeS: START_GPS_S - 3600,
  });
  const receiver = createReceiver({ constellation, ...options });
  const stream = Array.from({ length: SECONDS }, (_, second) =>
    simulateEpoch(receiver, START_GPS_S + second),
  );
  return { receiver, stream: stream.flatMap(({ frames }) => frames) };
}

const recordings = missing.length > 0 ? undefined : made();

function made() {
  const base = record({ ...BASE, role: 'base' });
  const rover = record({ ...ROVER, role: 'rover' });
  return { base, rover, roverFiles: workshop.convert('rover', rover.stream, START) };
}

function reshapedBase(shape: Shape): Buffer[] {
  const frames = recordings!.base.stream.map((bytes) => ({ bytes, messageNumber: messageNumberOf(bytes) }));
  return reshaped(shape, frames).map(({ bytes }) => bytes);
}

function distanceM(a: Ecef, b: Ecef): number {
  return Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

/** What rnx2rtkp makes of a base's stream: shares of the epochs once it has converged; without a solution is neither. */
function solved(name: string, stream: readonly Buffer[], frequencies: string, navsys: number) {
  const { base, rover, roverFiles } = recordings!;
  const files = workshop.convert(name, stream, START);
  const settings = { ...MODEL, 'pos1-frequency': frequencies, 'pos1-navsys': String(navsys) };
  const position = truePositionEcef(base.receiver, START_GPS_S);
  const truth = truePositionEcef(rover.receiver, START_GPS_S);
  const firstMs = ((START_GPS_S % 604_800) + CONVERGED_S) * 1000;
  const fixes = workshop
    .solve(settings, roverFiles, { files, position })
    .filter(({ towMs }) => towMs >= firstMs);
  const expected = SECONDS - CONVERGED_S;
  return {
    epochs: readObservations(files.observations).epochs,
    fixed: fixes.filter(({ quality }) => quality === 1).length / expected,
    within5Cm: fixes.filter((fix) => distanceM(fix.position, truth) < 0.05).length / expected,
  };
}

/** MSM4 whose phases are off by up to half a meter each, another one every time. */
function withWrongPhases(stream: readonly Buffer[]): Buffer[] {
  const random = seededRandom(1);
  const codec = new RtcmCodec();
  return stream.map((frame) => {
    if (messageFamily(messageNumberOf(frame)) !== 'msm' || codec.decode(frame) !== 'msm') return frame;
    const { phase, cellCount } = codec.msm;
    for (let index = 0; index < cellCount; index++) phase[index] = phase[index]! + random.below(1790) - 895;
    const into = Buffer.alloc(frame.length);
    return codec.encode('msm', into, 0) === frame.length ? into : frame;
  });
}

describe.skipIf(missing.length > 0)(`a rover 6 km from a reshaped base is fixed${SKIPPED}`, () => {
  test.each<[name: string, shape: Shape, frequencies: string, navsys: number]>([
    ['as received', {}, 'l1+l2', ALL_SYSTEMS],
    ['MSM5', { msmLevelMax: 5 }, 'l1+l2', ALL_SYSTEMS],
    ['MSM4', { msmLevelMax: 4 }, 'l1+l2', ALL_SYSTEMS],
    [
      'GPS and Galileo on L1 and L5',
      { constellations: ['GPS', 'GAL'], bands: ['L1', 'L5', 'E1', 'E5a'] },
      'l1+l2+l5',
      GPS_GALILEO,
    ],
    [
      'GPS and Galileo on L1 and L5 as MSM4',
      { constellations: ['GPS', 'GAL'], bands: ['L1', 'L5', 'E1', 'E5a'], msmLevelMax: 4 },
      'l1+l2+l5',
      GPS_GALILEO,
    ],
    ['every 5 s', { intervalS: 5 }, 'l1+l2', ALL_SYSTEMS],
    ['every 5 s as MSM4', { intervalS: 5, msmLevelMax: 4 }, 'l1+l2', ALL_SYSTEMS],
  ])('%s', (name, shape, frequencies, navsys) => {
    const stream = reshapedBase(shape);
    const { fixed, within5Cm, epochs } = solved(name.replaceAll(/\W+/g, '-'), stream, frequencies, navsys);
    expect(epochs).toHaveLength(SECONDS / (shape.intervalS ?? 1));
    expect(fixed).toBeGreaterThan(0.95);
    expect(within5Cm).toBeGreaterThan(0.95);
  });

  test('the judge can say no: not where the phases of the MSM4 are wrong', () => {
    const stream = withWrongPhases(reshapedBase({ msmLevelMax: 4 }));
    const { fixed, within5Cm } = solved('wrong', stream, 'l1+l2', ALL_SYSTEMS);
    expect(Math.max(fixed, within5Cm)).toBeLessThan(0.1);
  });
});
