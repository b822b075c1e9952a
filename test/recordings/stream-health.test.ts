// How well the bases of recordings did, against figures of independent decoders.

import { describe, expect, test } from 'vitest';
import { StreamHealth, type StreamHealthSnapshot } from '../../caster/rtcm/health/stream-health.ts';
import { observationFrame } from '../support/frames.ts';
import { slipsIn } from './lock-times.ts';
import {
  framesOf,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from './recordings.ts';

/** GPS - UTC of today, which a stream of today is judged by. */
const LEAP_MS = 18_000;

type MsmFacts = Readonly<
  Record<
    string,
    {
      readonly system: string;
      readonly messages: number;
      readonly epochs: number;
      readonly sats_per_msg_min_mean_max: readonly [number, number, number];
      readonly sigs_per_msg_min_max: readonly [number, number];
      readonly last_epoch_ms: number;
    }
  >
>;

/** Plays a recording as if it were `startUnixMs` when its first frame comes, all in a moment. */
function play(name: string, startUnixMs = 0): StreamHealth {
  const health = new StreamHealth();
  for (const { bytes, messageNumber } of framesOf(recordingBytes(name)))
    health.observe(bytes, messageNumber, 0, startUnixMs);
  return health;
}

const look = (name: string): StreamHealthSnapshot => play(name).snapshot(0);

/** When RTKLIB says that the first epoch was, on the clock of the day, with the leap seconds of today. */
function startOf(name: string): number {
  const { rtklib } = recordingFacts(name) as unknown as {
    rtklib: { first_epoch: [number, number, number, number, number, number] };
  };
  const [year, month, day, hour, minute, second] = rtklib.first_epoch;
  return Date.UTC(year, month - 1, day, hour, minute, 0) + second * 1000 - LEAP_MS;
}

describe.skipIf(!RECORDINGS_PRESENT)(`stream health of recordings${SKIP_NOTE}`, () => {
  test.each(recordingNames(''))('%s: cycle slips are those of a slow second count', (name) => {
    expect(look(name).slips).toBe(slipsIn(recordingBytes(name)));
  });

  test.each(recordingNames(''))('%s: no station moves', (name) => {
    // Each station has one position in every recording.
    expect(look(name).moves).toBe(0);
  });

  test.each([
    ['navcom_legacy_1hz.rtcm3', 9, 1],
    ['1012_before_1004_1hz.rtcm3', 1, 1],
    ['trimble_msm4_1hz.rtcm3', 0, 0],
    ['str24_msm4_1hz.rtcm3', 0, 0],
    ['piksi_msm5_5hz.rtcm3', 0, 0],
  ])('%s: %i epochs are missing in %i gaps, by the intervals in its facts', (name, epochsMissing, gaps) => {
    expect(look(name)).toMatchObject({ epochsMissing, gaps, timeJumps: 0 });
  });

  test.each(['trimble_msm4_1hz.rtcm3', 'jenoba_msm5_1hz.rtcm3', 'encode_none_trimble_msm7.rtcm3'])(
    '%s: usual satellites and signals are the means of its facts',
    (name) => {
      const msm = Object.values(recordingFacts(name).msm as unknown as MsmFacts);
      const health = play(name);
      // The last epoch counts when another one begins.
      health.observe(observationFrame(1, msm[0]!.last_epoch_ms + 1000), 1077, 0, 0);
      const { systems } = health.snapshot(0);
      const expected = msm
        .filter(({ sats_per_msg_min_mean_max }) => sats_per_msg_min_mean_max[2] > 0)
        .map(({ system, sats_per_msg_min_mean_max, sigs_per_msg_min_max }) => [
          system.replace('QZSS', 'QZS'),
          sats_per_msg_min_mean_max[1].toFixed(2),
          sigs_per_msg_min_max[0],
        ]);
      const ours = systems.map(({ system, usualSatellites, usualSignals }) => [
        system,
        usualSatellites.toFixed(2),
        usualSignals,
      ]);
      expect(ours.toSorted()).toEqual(expected.toSorted());
    },
  );

  test.each(['trimble_msm4_1hz.rtcm3', 'sept_msm7_1hz.rtcm3', 'imu_msm4_2xbds_1hz.rtcm3'])(
    '%s: the clock is right at the time that RTKLIB gives',
    (name) => {
      const health = new StreamHealth();
      let unixMs = startOf(name) - 1000;
      for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
        if (/^10[78][47]$/.test(`${messageNumber}`) && messageNumber < 1080) unixMs += 1000;
        health.observe(bytes, messageNumber, 0, unixMs);
      }
      const { ageMs, clockFault } = health.snapshot(0);
      expect([ageMs, clockFault]).toEqual([0, null]);
    },
  );

  test.each([
    // BeiDou times in GPS time: 604 784 000 in both fields. RTKLIB goes by BeiDou there, 14 s late.
    ['gmsd7_netr9_msm7_1hz.rtcm3', 1077, -14_000, 'BDS', 14_000],
    // Of 2009, when UTC was 15 seconds behind GPS.
    ['testglo_1004_1012_1hz.rtcm3', 1004, 0, 'GLO', 3000],
  ])('%s: one of its systems is at another time', (name, pace, startMs, system, offsetMs) => {
    const health = new StreamHealth();
    let unixMs = startOf(name) + startMs - 1000;
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      if (messageNumber === pace) unixMs += 1000;
      health.observe(bytes, messageNumber, 0, unixMs);
    }
    expect(health.snapshot(0).clockFault).toEqual({ kind: 'systems_apart', system, offsetMs });
  });
});
