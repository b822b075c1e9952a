// The frames, read back by msm7-reader.ts; convbin reads them in test/integration/simulator-rtklib.test.ts.
import { describe, expect, test } from 'vitest';
import { createConstellation } from '../../../caster/simulator/constellation.ts';
import { encodeMsm7Epoch } from '../../../caster/simulator/msm7-frames.ts';
import { type SatelliteObservation } from '../../../caster/simulator/observation.ts';
import { createReceiver, type ReceiverOptions } from '../../../caster/simulator/receiver.ts';
import { simulateEpoch } from '../../../caster/simulator/simulate-epoch.ts';
import { SIGNALS, type SimulatedSystem } from '../../../caster/simulator/simulated-signals.ts';
import { readMsm7 } from './msm7-reader.ts';
import { messageNumber } from './raw-bits.ts';

const START_S = 2409 * 604_800 + 187_200;
const SYSTEMS = ['GPS', 'GLO', 'GAL', 'BDS'] as const;
const OBSERVATION_MESSAGES = [1077, 1087, 1097, 1127];

function receiver(systems: readonly SimulatedSystem[] = SYSTEMS, options: Partial<ReceiverOptions> = {}) {
  const constellation = createConstellation({ seed: 7, systems, startGpsTimeS: START_S });
  const place = { latitudeDeg: 31.2, longitudeDeg: 121.5, heightM: 25 };
  return createReceiver({ constellation, ...place, stationId: 12, seed: 1, ...options });
}

function observationFrames(frames: readonly Buffer[]): readonly Buffer[] {
  return frames.filter((frame) => OBSERVATION_MESSAGES.includes(messageNumber(frame)));
}

describe('an epoch in MSM7', () => {
  const epoch = simulateEpoch(receiver(), START_S);
  const messages = observationFrames(epoch.frames).map(readMsm7);

  test('has one message per system, in this order', () => {
    expect(messages.map((message) => message.messageNumber)).toEqual(OBSERVATION_MESSAGES);
  });

  test('says in every message but the last that more follow', () => {
    expect(messages.map((message) => message.multiple)).toEqual([1, 1, 1, 0]);
  });

  test('ends with an observation message, so that the epoch is complete when its last frame is', () => {
    expect(messageNumber(epoch.frames.at(-1)!)).toBe(1127);
  });

  test('carries the epoch in each system own time: week, Moscow day, week, week less 14 s', () => {
    const tuesdayMoscowMs = 2 * 2 ** 27 + ((7 * 60 - 1) * 60 + 42) * 1000;
    expect(messages.map((message) => message.epoch)).toEqual([
      187_200_000,
      tuesdayMoscowMs,
      187_200_000,
      187_186_000,
    ]);
  });

  test('declares a steered clock, as the simulated one is', () => {
    expect(messages.map((message) => message.clockSteering)).toEqual([1, 1, 1, 1]);
  });

  test('gives GLONASS channels in the extended satellite information', () => {
    const channels = epoch.observations
      .filter(({ satellite }) => satellite.system === 'GLO')
      .map(({ satellite }) => satellite.channel + 7);
    expect(messages[1]!.extendedInfo).toEqual(channels);
  });

  test('has a cell for each observed signal and no other', () => {
    const observed = SYSTEMS.map((system) =>
      epoch.observations
        .filter(({ satellite }) => satellite.system === system)
        .flatMap(({ satellite, signals }) =>
          signals.map(({ signal }) => `${satellite.satelliteId}/${signal.id}`),
        )
        .sort(),
    );
    const sent = messages.map(({ cells }) =>
      cells.map((cell) => `${cell.satelliteId}/${cell.signalId}`).sort(),
    );
    expect(sent).toEqual(observed);
  });

  test('leaves cells of signals that a satellite does not send empty', () => {
    const gps = messages[0]!;
    expect(gps.cells.length).toBeLessThan(gps.satelliteIds.length * gps.signalIds.length);
  });

  const pairs = SYSTEMS.flatMap((system, index) =>
    messages[index]!.cells.map((cell) => {
      const satellite = epoch.observations.find(
        (o) => o.satellite.system === system && o.satellite.satelliteId === cell.satelliteId,
      );
      return { cell, measured: satellite!.signals.find(({ signal }) => signal.id === cell.signalId)! };
    }),
  );

  test('carries code to half of 2^-29 ms, 0.28 mm', () => {
    const errors = pairs.map(({ cell, measured }) => Math.abs(cell.pseudorangeM - measured.pseudorangeM));
    expect(Math.max(...errors)).toBeLessThan(0.00028);
  });

  test('carries phase to half of 2^-31 ms, 0.07 mm', () => {
    const errors = pairs.map(({ cell, measured }) => Math.abs(cell.phaseRangeM - measured.phaseRangeM));
    expect(Math.max(...errors)).toBeLessThan(0.00007);
  });

  test('carries rates to half of 0.1 mm/s', () => {
    const errors = pairs.map(({ cell, measured }) =>
      Math.abs(cell.phaseRangeRateMps - measured.phaseRangeRateMps),
    );
    expect(Math.max(...errors)).toBeLessThan(0.0000501);
  });

  test('carries signal strength to half of 1/16 dB-Hz', () => {
    const errors = pairs.map(({ cell, measured }) => Math.abs(cell.cnrDbHz - measured.cnrDbHz));
    expect(Math.max(...errors)).toBeLessThanOrEqual(1 / 32);
  });
});

describe('splitting', () => {
  const signals = { BDS: SIGNALS.BDS.map(({ code }) => code), GAL: SIGNALS.GAL.map(({ code }) => code) };
  const epoch = simulateEpoch(receiver(['BDS', 'GAL'], { signals, elevationMaskDeg: 0 }), START_S);
  const messages = observationFrames(epoch.frames).map(readMsm7);

  test('no message has more than 64 cells in its mask', () => {
    expect(Math.max(...messages.map((m) => m.satelliteIds.length * m.signalIds.length))).toBeLessThanOrEqual(
      64,
    );
  });

  test('BeiDou with five signals takes two messages, between which no satellite is lost or doubled', () => {
    const beidou = messages.filter((message) => message.messageNumber === 1127);
    const seen = epoch.observations.filter(({ satellite }) => satellite.system === 'BDS');
    expect(beidou).toHaveLength(2);
    expect(beidou.flatMap(({ satelliteIds }) => satelliteIds)).toEqual(
      seen.map(({ satellite }) => satellite.satelliteId).sort((a, b) => a - b),
    );
  });

  test('only the very last message ends the epoch', () => {
    expect(messages.map((message) => message.multiple)).toEqual([...messages.slice(1).map(() => 1), 0]);
  });
});

describe('rough range', () => {
  const sample = simulateEpoch(receiver(['GPS']), START_S).observations[0]!;
  const send = (pseudorangeM: number) => {
    const moved: SatelliteObservation = {
      ...sample,
      signals: [{ ...sample.signals[0]!, pseudorangeM, phaseRangeM: pseudorangeM }],
    };
    return readMsm7(encodeMsm7Epoch({ stationId: 1, gpsMs: START_S * 1000, leapSeconds: 18 }, [moved])[0]!);
  };

  test('a remainder that rounds up to a whole millisecond is carried into it', () => {
    const message = send(299_792.458 * (75 + 1023.7 / 1024));
    expect([message.roughMs, message.roughRemainder]).toEqual([[76], [0]]);
  });

  test('and the whole range stays right', () => {
    const rangeM = 299_792.458 * (75 + 1023.7 / 1024);
    expect(send(rangeM).cells[0]!.pseudorangeM).toBeCloseTo(rangeM, 3);
  });
});

test('a receiver that sees nothing sends no observations', () => {
  const buried = simulateEpoch(receiver(['GPS'], { elevationMaskDeg: 89.9 }), START_S);
  expect(observationFrames(buried.frames)).toEqual([]);
});
