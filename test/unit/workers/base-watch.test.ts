// Tests what is told of bases that are not well: each thing once when it begins and once when it is over.

import { expect, test } from 'vitest';
import type { BaseReport } from '../../../caster/net/house.ts';
import { type StreamHealthSnapshot, StreamHealth } from '../../../caster/rtcm/health/stream-health.ts';
import { StationFacts } from '../../../caster/rtcm/station-facts.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { createLog } from '../../../platform/observe/log.ts';
import { BaseWatch } from '../../../workers/base-watch.ts';

const SILENT_MS = 10_000;
const WELL = new StreamHealth().snapshot(0);
const facts = new StationFacts().snapshot(0);
const GALILEO = { system: 'GAL', satellites: 6, signals: 2, usualSatellites: 6.4, usualSignals: 2 } as const;

function report(health: Partial<StreamHealthSnapshot> = {}, given: Partial<BaseReport> = {}): BaseReport {
  return {
    ...{ sessionId: 'ses_base', mountpoint: 'BASE1', silentMs: 300, facts },
    ...{ bytes: 0, epochs: 0, frames: 0, crcErrors: 0, bytesSkipped: 0, health: { ...WELL, ...health } },
    ...given,
  };
}

function placeAt(xM: number, station = 1): StreamHealthSnapshot['place'] {
  return { station, ecefM: [xM, 1_000_000, 4_800_000] };
}

function watched() {
  const journal = new Journal(createLog({ level: 'silent', node: 'node-1' }));
  const watch = new BaseWatch(journal);
  return {
    watch,
    take: (...reports: BaseReport[]): void => watch.take(reports, ({ silentMs }) => silentMs >= SILENT_MS),
    told: () => journal.recent().map(({ event, fields }) => ({ event, ...fields })),
  };
}

test('a base that is well is not spoken of', () => {
  const { take, told, watch } = watched();
  for (let times = 0; times < 3; times++)
    take(report({ place: placeAt(4_000_000), stations: 1, systems: [{ ...GALILEO, isLost: false }] }));
  expect(told()).toEqual([]);
  expect(watch.faulty()).toEqual({ silent: 0, incomplete: 0, constellation_lost: 0, clock_wrong: 0 });
});

test('silence is told once, and that it is over', () => {
  const { take, told, watch } = watched();
  for (const silentMs of [9000, 10_000, 11_000]) take(report({}, { silentMs }));
  expect(watch.faulty().silent).toBe(1);
  take(report());
  take(report());
  expect(told()).toMatchObject([
    { event: 'base_silent', mountpoint: 'BASE1', session: 'ses_base', silentMs: 10_000 },
    { event: 'base_heard', mountpoint: 'BASE1', session: 'ses_base' },
  ]);
});

test('epochs that are missing are told of once when they are many, and when hardly any is', () => {
  const { take, told, watch } = watched();
  const minute = (epochs: number, missing: number): BaseReport =>
    report({ lastMinute: { epochs, missing, slips: 0 } }, { crcErrors: 7 });
  // A tenth is not more than a tenth, and one alone is a pause.
  for (const [epochs, missing] of [
    [54, 6],
    [1, 1],
    [53, 7],
    [40, 20],
  ] as const)
    take(minute(epochs, missing));
  expect(watch.faultsOf('ses_base')).toEqual(['incomplete']);
  for (const missing of [5, 2, 1, 0]) take(minute(60 - missing, missing));
  expect(told()).toMatchObject([
    { event: 'base_incomplete', mountpoint: 'BASE1', session: 'ses_base', missing: 7, due: 60, crcErrors: 7 },
    { event: 'base_complete', mountpoint: 'BASE1', session: 'ses_base' },
  ]);
  expect([watch.faultsOf('ses_base'), watch.faultsOf('ses_other')]).toEqual([[], []]);
});

test('a constellation that is lost is told once, and that it is back', () => {
  const { take, told, watch } = watched();
  for (const isLost of [false, true, true]) take(report({ systems: [{ ...GALILEO, isLost }] }));
  expect(watch.faulty().constellation_lost).toBe(1);
  take(report({ systems: [{ ...GALILEO, isLost: false }] }));
  expect(told()).toMatchObject([
    { event: 'constellation_lost', system: 'GAL', usualSatellites: 6 },
    { event: 'constellation_back', system: 'GAL' },
  ]);
});

test('a wrong clock is told once for each fault, however the offset changes', () => {
  const { take, told, watch } = watched();
  for (const offsetMs of [3000, 3100, 3200])
    take(report({ clockFault: { kind: 'ahead', system: 'GPS', offsetMs } }));
  expect(watch.faulty().clock_wrong).toBe(1);
  take(report({ clockFault: { kind: 'systems_apart', system: 'GLO', offsetMs: 1000 } }));
  take(report());
  expect(told()).toMatchObject([
    { event: 'observation_clock_wrong', fault: 'ahead', system: 'GPS', offsetMs: 3000 },
    { event: 'observation_clock_wrong', fault: 'systems_apart', system: 'GLO', offsetMs: 1000 },
    { event: 'observation_clock_right' },
  ]);
});

test('a station that has moved is told once, with how far', () => {
  const { take, told, watch } = watched();
  take(report({ place: placeAt(4_000_000), stations: 1 }));
  const moved = { stations: 1, moves: 1, lastMove: { station: 1, distanceM: 25 } };
  for (let times = 0; times < 3; times++) take(report({ place: placeAt(4_000_025), ...moved }));
  expect(told()).toMatchObject([
    { event: 'station_moved', station: 1, distanceM: 25, ecefM: '4000025 1000000 4800000' },
  ]);
  expect(watch.moves).toBe(1);
});

test('a base that is started anew in another place has moved', () => {
  const { take, told, watch } = watched();
  take(report({ place: placeAt(4_000_000), stations: 1 }));
  watch.forget('ses_base');
  take(report({ place: placeAt(4_000_000.05), stations: 1 }, { sessionId: 'ses_2' }));
  expect(told()).toEqual([]);
  watch.forget('ses_2');
  take(report({ place: placeAt(4_000_003), stations: 1 }, { sessionId: 'ses_3' }));
  expect(told()).toMatchObject([{ event: 'station_moved', session: 'ses_3', distanceM: 3 }]);
});

test('stations that take turns in one stream have not moved', () => {
  const { take, told } = watched();
  for (let times = 0; times < 4; times++)
    take(report({ place: placeAt(4_000_000 + 1000 * (times % 2), times % 2), stations: 2 }));
  expect(told()).toEqual([]);
});

test('what a session has left open is over with it', () => {
  const { take, told, watch } = watched();
  take(report({ systems: [{ ...GALILEO, isLost: true }] }, { silentMs: 20_000 }));
  watch.forget('ses_base');
  expect(watch.faulty()).toEqual({ silent: 0, incomplete: 0, constellation_lost: 0, clock_wrong: 0 });
  take(report({}, { sessionId: 'ses_2' }));
  expect(told()).toMatchObject([{ event: 'base_silent' }, { event: 'constellation_lost' }]);
});
