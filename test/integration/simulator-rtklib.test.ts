// RTKLIB as judge of the simulator: convbin must read the streams to the last value, rnx2rtkp must find where the
// antennas are: a noise-free one to millimeters, a base to meters, a rover against a base with fixed ambiguities.
import { afterAll, describe, expect, test } from 'vitest';
import { createConstellation } from '../../caster/simulator/constellation.ts';
import { type Ecef } from '../../caster/simulator/earth-frame.ts';
import { type SatelliteObservation } from '../../caster/simulator/observation.ts';
import {
  createCirclePath,
  createReceiver,
  type Receiver,
  type ReceiverOptions,
  truePositionEcef,
} from '../../caster/simulator/receiver.ts';
import { type SimulatedEpoch, simulateEpoch } from '../../caster/simulator/simulate-epoch.ts';
import { SIGNALS, type SimulatedSystem } from '../../caster/simulator/simulated-signals.ts';
import { readNavigationSatellites, readObservations, type RinexEpoch } from './simulator-rtklib/rinex.ts';
import { type Fix, missingPrograms, openWorkshop } from './simulator-rtklib/rtklib.ts';

const missing = missingPrograms();
const SKIPPED = missing.length > 0 ? ` (skipped: ${missing.join(' and ')} not on PATH)` : '';
const workshop = openWorkshop();
afterAll(() => workshop.remove());

const GPS_ORIGIN_MS = Date.UTC(1980, 0, 6);
const LIGHT_SPEED = 299_792_458;
const ALL: readonly SimulatedSystem[] = ['GPS', 'GLO', 'GAL', 'BDS'];
const LETTER: Readonly<Record<SimulatedSystem, string>> = { GPS: 'G', GLO: 'R', GAL: 'E', BDS: 'C' };
/** RTKLIB's bits for pos1-navsys. */
const NAVSYS: Readonly<Record<SimulatedSystem, number>> = { GPS: 1, GLO: 4, GAL: 8, BDS: 32 };
const BASE = { latitudeDeg: 31.2, longitudeDeg: 121.5, heightM: 25 };
const ROVER = { latitudeDeg: 31.25, longitudeDeg: 121.53, heightM: 60 };

interface Recording {
  readonly receiver: Receiver;
  readonly startS: number;
  readonly epochs: readonly SimulatedEpoch[];
  readonly stream: readonly Buffer[];
  /** As convbin wants it. */
  readonly startText: string;
}

/** Simulates from a calendar time in GPS time, such as `2026-03-10T04:00:00`. */
function record(
  start: string,
  count: number,
  stepS: number,
  options: Partial<ReceiverOptions> & { systems?: readonly SimulatedSystem[]; atmosphere?: boolean },
): Recording {
  const startS = (Date.parse(`${start}Z`) - GPS_ORIGIN_MS) / 1000;
  const { systems = ALL, atmosphere = true } = options;
  const constellation = createConstellation({ seed: 7, systems, atmosphere, startGpsTimeS: startS - 3600 });
  const receiver = createReceiver({ constellation, ...BASE, stationId: 12, seed: 1, ...options });
  const epochs = Array.from({ length: count }, (_, index) => simulateEpoch(receiver, startS + index * stepS));
  const startText = start.replaceAll('-', '/').replace('T', ' ');
  return { receiver, startS, epochs, stream: epochs.flatMap(({ frames }) => frames), startText };
}

function calendarTime(gpsTimeS: number): string {
  return new Date(GPS_ORIGIN_MS + Math.round(gpsTimeS * 10) * 100).toISOString().slice(0, 21);
}

function nameOf({ satellite }: SatelliteObservation): string {
  return LETTER[satellite.system] + String(satellite.satelliteId).padStart(2, '0');
}

/** `G05/C1C` of every code observation, sorted. */
function simulatedCodes({ observations }: SimulatedEpoch): string[] {
  return observations.flatMap((o) => o.signals.map(({ signal }) => `${nameOf(o)}/C${signal.code}`)).sort();
}

function readCodes({ satellites }: RinexEpoch): string[] {
  return [...satellites]
    .flatMap(([name, values]) =>
      [...values.keys()].filter((code) => code.startsWith('C')).map((code) => `${name}/${code}`),
    )
    .sort();
}

/** Made when first asked for: where RTKLIB is missing, nothing may ask. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function distanceM(a: Ecef, b: Ecef): number {
  return Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

describe.skipIf(missing.length > 0)(`convbin reads a base${SKIPPED}`, () => {
  const recording = record('2026-03-10T04:10:00', 120, 1, {});
  const baseFiles = lazily(() => workshop.convert('base', recording.stream, recording.startText));
  const rinex = lazily(() => readObservations(baseFiles().observations));
  const pairs = lazily(() =>
    recording.epochs.flatMap((epoch, index) =>
      epoch.observations.flatMap((observation) =>
        observation.signals.map((measured) => {
          const values = rinex().epochs[index]?.satellites.get(nameOf(observation));
          const { signal } = measured;
          const frequencyHz = signal.frequencyHz + observation.satellite.channel * signal.channelStepHz;
          const read = (kind: string) => values?.get(kind + signal.code) ?? { value: NaN, lossOfLock: NaN };
          return { observation, measured, read, wavelengthM: LIGHT_SPEED / frequencyHz };
        }),
      ),
    ),
  );

  test('every epoch, at its time', () => {
    expect(rinex().epochs.map(({ time }) => time)).toEqual(
      recording.epochs.map((_, second) => calendarTime(recording.startS + second)),
    );
  });

  test('the systems, satellites and signals of every epoch', () => {
    expect(rinex().epochs.map(readCodes)).toEqual(recording.epochs.map(simulatedCodes));
    expect(new Set(pairs().map(({ observation }) => observation.satellite.system)).size).toBe(4);
  });

  test('pseudoranges to a millimeter', () => {
    const errors = pairs().map(({ measured, read }) => Math.abs(read('C').value - measured.pseudorangeM));
    expect(Math.max(...errors)).toBeLessThan(0.001);
  });

  test('carrier phases to half a millimeter', () => {
    const errors = pairs().map(({ measured, read, wavelengthM }) =>
      Math.abs(read('L').value * wavelengthM - measured.phaseRangeM),
    );
    expect(Math.max(...errors)).toBeLessThan(0.0005);
  });

  test('Doppler to a millimeter per second, of the opposite sign', () => {
    const errors = pairs().map(({ measured, read, wavelengthM }) =>
      Math.abs(read('D').value * wavelengthM + measured.phaseRangeRateMps),
    );
    expect(Math.max(...errors)).toBeLessThan(0.001);
  });

  test('signal strengths to the step of the message and of the file', () => {
    const errors = pairs().map(({ measured, read }) => Math.abs(read('S').value - measured.cnrDbHz));
    expect(Math.max(...errors)).toBeLessThan(0.2);
  });

  test('a loss of lock where a satellite is seen first and nowhere else', () => {
    const lost = pairs().filter(({ read }) => read('L').lossOfLock === 1);
    const begun = pairs().filter(({ observation }) => observation.lockMs === 0);
    expect(lost).toEqual(begun);
  });

  test('the position of the base to the tenth of a millimeter', () => {
    const { x, y, z } = truePositionEcef(recording.receiver, recording.startS);
    expect(rinex().approximatePosition).toEqual([x, y, z]);
  });

  test('the channels of the GLONASS satellites', () => {
    const glonass = recording.epochs[0]!.observations.filter(({ satellite }) => satellite.system === 'GLO');
    expect(glonass.map((observation) => rinex().channels.get(nameOf(observation)))).toEqual(
      glonass.map(({ satellite }) => satellite.channel),
    );
  });

  test('broadcast data of every satellite seen', () => {
    const seen = [...new Set(pairs().map(({ observation }) => nameOf(observation)))].sort();
    expect(readNavigationSatellites(baseFiles().navigation)).toEqual(seen);
  });
});

describe.skipIf(missing.length > 0)(`convbin loses nothing${SKIPPED}`, () => {
  /** The signals of BeiDou that RTKLIB 2.4.3 knows. */
  const KNOWN = /^(?!C\d\d\/C[15])/;

  test.each([
    ['at the change of the GPS week, and 14 s later of the BeiDou week', '2026-03-14T23:59:40', 40, 1, {}],
    ['at the change of the Moscow day', '2026-03-10T21:00:08', 20, 1, {}],
    ['at a rate of ten epochs a second', '2026-03-10T04:10:00', 50, 0.1, {}],
    [
      'where BeiDou takes several messages an epoch',
      '2026-03-10T04:10:00',
      5,
      1,
      { signals: { BDS: SIGNALS.BDS.map(({ code }) => code) }, elevationMaskDeg: 2 },
    ],
  ])('%s', (_, start, count, stepS, options) => {
    const recording = record(start, count, stepS, options);
    const files = workshop.convert('whole', recording.stream, recording.startText);
    const { epochs } = readObservations(files.observations);
    const read = epochs.map((epoch) => [epoch.time, ...readCodes(epoch)]);
    const simulated = recording.epochs.map((epoch, index) => [
      calendarTime(recording.startS + index * stepS),
      ...simulatedCodes(epoch).filter((code) => KNOWN.test(code)),
    ]);
    expect(read).toEqual(simulated);
  });
});

describe.skipIf(missing.length > 0)(`rnx2rtkp finds a single receiver${SKIPPED}`, () => {
  const single = { 'pos1-posmode': 'single', 'pos1-elmask': '10' };

  // Each recording runs over a change of that system's broadcast data: both must choose the same issue.
  test.each([
    ['GPS', '2026-03-10T04:59:30'],
    ['GLO', '2026-03-10T04:59:48'],
    ['GAL', '2026-03-10T04:59:30'],
    ['BDS', '2026-03-10T04:29:44'],
  ] as const)('by %s alone to 5 mm, where there is neither air nor noise', (system, start) => {
    const quiet = { codeNoiseM: 0, phaseNoiseM: 0, atmosphere: false };
    const recording = record(start, 60, 1, { ...quiet, systems: [system] });
    const files = workshop.convert(`quiet-${system}`, recording.stream, recording.startText);
    const noModels = { 'pos1-ionoopt': 'off', 'pos1-tropopt': 'off', 'pos1-navsys': String(NAVSYS[system]) };
    const fixes = workshop.solve({ ...single, ...noModels }, files);
    const truth = truePositionEcef(recording.receiver, recording.startS);
    expect(fixes).toHaveLength(60);
    expect(Math.max(...fixes.map(({ position }) => distanceM(position, truth)))).toBeLessThan(0.005);
  });

  test('by all systems to a few meters, with air and noise as outdoors', () => {
    const recording = record('2026-03-10T04:10:00', 120, 1, {});
    const files = workshop.convert('single', recording.stream, recording.startText);
    const models = { 'pos1-ionoopt': 'brdc', 'pos1-tropopt': 'saas', 'pos1-navsys': '45' };
    const fixes = workshop.solve({ ...single, ...models }, files);
    const truth = truePositionEcef(recording.receiver, recording.startS);
    expect(fixes).toHaveLength(120);
    expect(Math.max(...fixes.map(({ position }) => distanceM(position, truth)))).toBeLessThan(8);
  });
});

describe.skipIf(missing.length > 0)(`rnx2rtkp fixes a rover against a base${SKIPPED}`, () => {
  const START = '2026-03-10T03:58:00';
  const SECONDS = 480;
  const CONVERGED_S = 60;
  const differential = {
    'pos1-frequency': 'l1+l2',
    'pos1-elmask': '15',
    'pos1-ionoopt': 'brdc',
    'pos1-tropopt': 'saas',
    'pos2-armode': 'continuous',
    'pos2-gloarmode': 'on',
  };

  const base = record(START, SECONDS, 1, {});
  const baseFiles = lazily(() => workshop.convert('rtk-base', base.stream, base.startText));

  function solveRover(
    name: string,
    systems: readonly SimulatedSystem[],
    mode: string,
    path?: ReceiverOptions['path'],
  ) {
    const rover = record(START, SECONDS, 1, {
      ...ROVER,
      stationId: 13,
      seed: 2,
      role: 'rover',
      ...(path ? { path } : {}),
    });
    const files = workshop.convert(name, rover.stream, rover.startText);
    const navsys = systems.reduce((sum, system) => sum + NAVSYS[system], 0);
    const position = truePositionEcef(base.receiver, base.startS);
    const settings = { ...differential, 'pos1-posmode': mode, 'pos1-navsys': String(navsys) };
    const fixes = workshop.solve(settings, files, { files: baseFiles(), position });
    // Epochs without a solution count as failures.
    const firstMs = ((rover.startS % 604_800) + CONVERGED_S) * 1000;
    const share = (good: (fix: Fix) => boolean) =>
      fixes.filter((fix) => fix.towMs >= firstMs && good(fix)).length / (SECONDS - CONVERGED_S);
    return {
      fixed: share(({ quality }) => quality === 1),
      within3Cm: share((fix) => horizontalErrorM(rover, fix) < 0.03),
    };
  }

  function horizontalErrorM(rover: Recording, fix: Fix): number {
    const second = Math.round((fix.towMs - (rover.startS % 604_800) * 1000) / 1000);
    const { ecef } = rover.epochs[second]!.position;
    const up = rover.receiver.originFrame.up;
    const error = { x: fix.position.x - ecef.x, y: fix.position.y - ecef.y, z: fix.position.z - ecef.z };
    const vertical = error.x * up.x + error.y * up.y + error.z * up.z;
    return Math.sqrt(Math.max(0, error.x ** 2 + error.y ** 2 + error.z ** 2 - vertical ** 2));
  }

  test('the baseline is one of field work, five to ten kilometers', () => {
    const rover = record(START, 1, 1, { ...ROVER });
    const lengthM = distanceM(rover.epochs[0]!.position.ecef, base.epochs[0]!.position.ecef);
    expect(lengthM).toBeGreaterThan(5000);
    expect(lengthM).toBeLessThan(10_000);
  });

  test.each([
    ['standing, static, GPS + Galileo + BeiDou', ['GPS', 'GAL', 'BDS'], 'static', undefined],
    ['moving at 5 m/s, kinematic, all four systems', ALL, 'kinematic', createCirclePath(100, 5)],
    ['moving at 20 m/s, kinematic, GPS alone', ['GPS'], 'kinematic', createCirclePath(500, 20)],
    ['standing, kinematic, GLONASS alone', ['GLO'], 'kinematic', undefined],
    ['standing, kinematic, BeiDou alone', ['BDS'], 'kinematic', undefined],
    ['standing, kinematic, Galileo alone', ['GAL'], 'kinematic', undefined],
  ] as const)('%s', (name, systems, mode, path) => {
    const { fixed, within3Cm } = solveRover(name.replaceAll(/\W+/g, '-'), systems, mode, path);
    expect(fixed).toBeGreaterThan(0.92);
    expect(within3Cm).toBeGreaterThan(0.98);
  });

  test('the judge can say no: a moving rover taken for a standing one is not fixed', () => {
    const { fixed, within3Cm } = solveRover('wrong', ['GPS'], 'static', createCirclePath(100, 5));
    expect(Math.max(fixed, within3Cm)).toBeLessThan(0.1);
  });
});
