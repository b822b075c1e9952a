// Tests what a live stream's frames say of how well its base does: missing epochs, lost constellations, wrong clocks,
// cycle slips, stations that move.

import { describe, expect, test } from 'vitest';
import { StreamHealth, type StreamHealthSnapshot } from '../../../../caster/rtcm/health/stream-health.ts';
import { messageNumberOf, positionFrame } from '../../../support/frames.ts';
import {
  epochFieldOf,
  gpsWeekMs,
  msm4Frame,
  skyEpoch,
  type SkySystem,
} from '../../../support/observations.ts';

const AT_MS = Date.UTC(2026, 10, 25, 12, 0, 0);
const ALL: readonly SkySystem[] = ['GPS', 'GLO', 'GAL', 'BDS'];

/** A base whose frames come as long after their time as `lateMs` says. */
function base(lateMs = 0) {
  const health = new StreamHealth();
  const clock = { ms: AT_MS };
  const send = (...frames: Buffer[]): void => {
    for (const frame of frames)
      health.observe(frame, messageNumberOf(frame), clock.ms - AT_MS, clock.ms + lateMs);
  };
  return {
    send,
    clock,
    /** An epoch a second. */
    run: (seconds: number, systems: readonly SkySystem[] = ALL): void => {
      for (let second = 0; second < seconds; second++, clock.ms += 1000) send(...skyEpoch(clock.ms, systems));
    },
    look: (): StreamHealthSnapshot => health.snapshot(clock.ms - AT_MS),
  };
}

describe('the rate of a stream', () => {
  test('is learned, and what is missing by it is counted', () => {
    const { run, clock, look } = base();
    run(10);
    clock.ms += 4000;
    run(10);
    clock.ms += 1000;
    run(5);
    expect(look()).toMatchObject({ epochs: 25, intervalMs: 1000, epochsMissing: 5, gaps: 2, timeJumps: 0 });
    expect(look().lastMinute).toEqual({ epochs: 25, missing: 5, slips: 0 });
  });

  test('that changes is followed: from then on nothing is missing', () => {
    const { run, send, clock, look } = base();
    run(20);
    const every5s = (epochs: number): void => {
      for (let epoch = 0; epoch < epochs; epoch++, clock.ms += 5000) send(...skyEpoch(clock.ms, ALL));
    };
    every5s(10);
    const { epochsMissing } = look();
    every5s(20);
    expect(look()).toMatchObject({ intervalMs: 5000, epochsMissing });
  });

  test('knows no gap where time goes back or on by hours', () => {
    const { run, clock, look } = base();
    run(10);
    clock.ms += 3 * 3_600_000;
    run(10);
    clock.ms -= 2000;
    run(10);
    expect(look()).toMatchObject({ epochsMissing: 0, timeJumps: 2 });
  });

  test('of the last minute is forgotten after it', () => {
    const { run, clock, look } = base();
    run(10);
    clock.ms += 70_000;
    expect(look().lastMinute).toEqual({ epochs: 0, missing: 0, slips: 0 });
  });
});

describe('a constellation', () => {
  const lost = ({ systems }: StreamHealthSnapshot): string[] =>
    systems.filter(({ isLost }) => isLost).map(({ system }) => system);

  test('has its satellites and signals, now and usually', () => {
    const { run, look } = base();
    run(31);
    expect(look().systems).toEqual(
      [
        ['GPS', 9],
        ['GLO', 7],
        ['GAL', 6],
        ['BDS', 8],
      ].map(([system, satellites]) => ({
        ...{ system, satellites, signals: 2, usualSatellites: satellites, usualSignals: 2, isLost: false },
      })),
    );
  });

  test('that does not come for ten seconds is lost, and what was usual stays known', () => {
    const { run, look } = base();
    run(30);
    run(9, ['GPS', 'GLO', 'GAL']);
    expect(lost(look())).toEqual([]);
    run(3, ['GPS', 'GLO', 'GAL']);
    expect(lost(look())).toEqual(['BDS']);
    expect(look().systems.at(-1)).toMatchObject({ system: 'BDS', satellites: 0, usualSatellites: 8 });
  });

  test('that comes again is back after three epochs', () => {
    const { run, look } = base();
    run(30);
    run(20, ['GPS']);
    run(2);
    expect(lost(look())).toEqual(['GLO', 'GAL', 'BDS']);
    run(3);
    expect(lost(look())).toEqual([]);
  });

  test('whose messages have become empty is lost, too', () => {
    const { run, send, clock, look } = base();
    run(30);
    for (let second = 0; second < 13; second++, clock.ms += 1000) {
      const [gps] = skyEpoch(clock.ms, ['GPS', 'GAL']);
      send(gps!, msm4Frame({ message: 1094, epoch: gpsWeekMs(clock.ms), satellites: 0 }));
    }
    expect(lost(look())).toContain('GAL');
  });

  test('of three satellites may set without a word', () => {
    const { run, send, clock, look } = base();
    for (let second = 0; second < 30; second++, clock.ms += 1000) {
      const [gps] = skyEpoch(clock.ms, ['GPS', 'GAL']);
      send(gps!, msm4Frame({ message: 1114, epoch: gpsWeekMs(clock.ms), satellites: 3 }));
    }
    run(30, ['GPS']);
    expect(look().systems).toMatchObject([
      { system: 'GPS' },
      { system: 'QZS', satellites: 0, isLost: false },
    ]);
  });

  test('that is sent every thirty seconds only is not lost between', () => {
    const { run, look } = base();
    for (let times = 0; times < 12; times++) {
      run(1);
      run(29, ['GPS', 'GLO', 'GAL']);
    }
    expect(lost(look())).toEqual([]);
  });
});

describe('the time of observations', () => {
  test('is as old as its way was long', () => {
    const { run, look } = base(350);
    run(10);
    expect(look()).toMatchObject({ ageMs: 350, clockFault: null });
  });

  test.each([
    ['an hour ahead', -3_600_000, 'ahead', 3_600_000],
    ['18 s ahead, as GPS time said to be UTC is', -18_000, 'ahead', 18_000],
    ['a minute behind', 60_000, 'behind', -60_000],
    ['a day behind', 86_400_000, 'wrong_day', -86_400_000],
    ['two days and a second ahead', -172_801_000, 'wrong_day', 172_801_000],
  ])('that is %s is a fault after five epochs', (_what, lateMs, kind, offsetMs) => {
    const { run, look } = base(lateMs);
    run(5);
    expect(look().clockFault).toBeNull();
    run(1);
    expect(look().clockFault).toEqual({ kind, system: 'GPS', offsetMs });
  });

  test('that is right again ends the fault after five epochs', () => {
    const { run, clock, look } = base();
    clock.ms += 60_000;
    run(1);
    const { run: runLate, clock: lateClock, send, look: lookLate } = base(60_000);
    runLate(10);
    expect(lookLate().clockFault?.kind).toBe('behind');
    for (let epoch = 0; epoch < 7; epoch++, lateClock.ms += 1000)
      send(...skyEpoch(lateClock.ms + 60_000, ALL));
    expect(lookLate().clockFault).toBeNull();
    expect(look().clockFault).toBeNull();
  });

  test('of GLONASS with leap seconds of before 2017 is apart from the others', () => {
    const { send, clock, look } = base();
    for (let second = 0; second < 12; second++, clock.ms += 1000) {
      const [gps] = skyEpoch(clock.ms, ['GPS', 'GLO']);
      // 17 instead of 18: UTC is taken to be a second later than it is.
      send(gps!, msm4Frame({ message: 1084, epoch: epochFieldOf('GLO', clock.ms + 1000), satellites: 7 }));
    }
    expect(look().clockFault).toEqual({ kind: 'systems_apart', system: 'GLO', offsetMs: 1000 });
  });

  test('of GLONASS alone is judged by the day', () => {
    const { run, look } = base(-7000);
    run(10, ['GLO']);
    expect(look().clockFault).toEqual({ kind: 'ahead', system: 'GLO', offsetMs: 7000 });
  });
});

describe('cycle slips', () => {
  const locked = (unixMs: number, locks: readonly number[], station = 1): Buffer =>
    msm4Frame({ message: 1074, epoch: gpsWeekMs(unixMs), satellites: 3, locks, station });

  function slipsOf(...epochs: (readonly number[])[]): number {
    const { send, clock, look } = base();
    for (const locks of epochs) {
      send(locked(clock.ms, locks));
      clock.ms += 1000;
    }
    return look().slips;
  }

  test('are the signals whose lock time has fallen back', () => {
    expect(slipsOf([5, 5, 9, 9, 15, 15], [6, 0, 9, 8, 15, 15], [6, 1, 9, 9, 15, 15])).toBe(2);
  });

  test('are none while lock times stay or grow', () => {
    expect(slipsOf([0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4, 5], [5, 5, 5, 5, 5, 5])).toBe(0);
  });

  test('are none where a satellite has set and comes up again', () => {
    const { send, clock, look } = base();
    send(locked(clock.ms, [15, 15, 15, 15, 15, 15]));
    for (let second = 0; second < 70; second++) {
      clock.ms += 1000;
      send(msm4Frame({ message: 1074, epoch: gpsWeekMs(clock.ms), satellites: 2 }));
    }
    clock.ms += 1000;
    send(locked(clock.ms, [15, 15, 15, 15, 0, 0]));
    expect(look().slips).toBe(0);
  });

  test('are told apart by station', () => {
    const { send, clock, look } = base();
    for (let second = 0; second < 4; second++, clock.ms += 1000)
      send(locked(clock.ms, [15, 15, 15, 15, 15, 15], 1), locked(clock.ms, [3, 3, 3, 3, 3, 3], 2));
    expect(look().slips).toBe(0);
  });
});

describe('a station', () => {
  test('that says to be elsewhere has moved, by so much', () => {
    const { send, look } = base();
    send(positionFrame(7, 48, 11), positionFrame(7, 48, 11));
    expect(look()).toMatchObject({ moves: 0, stations: 1, place: { station: 7 } });
    // A second of latitude is 30.9 m there.
    send(positionFrame(7, 48 + 1 / 3600, 11));
    const { moves, lastMove } = look();
    expect(moves).toBe(1);
    expect(lastMove!.station).toBe(7);
    expect(lastMove!.distanceM).toBeCloseTo(30.9, 1);
  });

  test('that is off by a few centimeters has not', () => {
    const { send, look } = base();
    send(positionFrame(7, 48, 11), positionFrame(7, 48 + 5e-7, 11));
    expect(look().moves).toBe(0);
  });

  test('that creeps away has moved when it is far enough from where it was', () => {
    const { send, look } = base();
    for (let step = 0; step <= 8; step++) send(positionFrame(7, 48 + step * 5e-7, 11));
    // 0.44 m in steps of 0.056 m.
    expect(look().moves).toBe(4);
  });

  test('is compared with itself, where a stream has several', () => {
    const { send, look } = base();
    for (let times = 0; times < 3; times++) send(positionFrame(7, 48, 11), positionFrame(8, 49, 12));
    expect(look()).toMatchObject({ moves: 0, stations: 2 });
  });
});
