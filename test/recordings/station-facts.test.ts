// What a stream says about its base, over recordings, against figures of independent decoders.
import { describe, expect, test } from 'vitest';
import { messageFamily } from '../../caster/rtcm/message-types.ts';
import { StationFacts, type StationFactsSnapshot } from '../../caster/rtcm/station-facts.ts';
import {
  framesOf,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from './recordings.ts';

/** Plays a 1 Hz recording: the clock goes on by a second before each message of `paceType`. */
function play(name: string, paceType: number): StationFactsSnapshot {
  const facts = new StationFacts();
  let nowMs = 1000;
  for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
    if (messageNumber === paceType) nowMs += 1000;
    facts.observe(bytes, messageNumber, nowMs);
  }
  return facts.snapshot(nowMs);
}

const SEMI_MAJOR_M = 6378137;
const SEMI_MINOR_M = 6356752.314245;

/** The textbook way from latitude, longitude and height to Earth-centered coordinates: a closed form, unlike ours. */
function ecefOf(latitudeDeg: number, longitudeDeg: number, heightM: number): [number, number, number] {
  const [latitude, longitude] = [(latitudeDeg * Math.PI) / 180, (longitudeDeg * Math.PI) / 180];
  const [a2, b2] = [SEMI_MAJOR_M ** 2, SEMI_MINOR_M ** 2];
  const n = a2 / Math.sqrt(a2 * Math.cos(latitude) ** 2 + b2 * Math.sin(latitude) ** 2);
  const across = (n + heightM) * Math.cos(latitude);
  return [
    across * Math.cos(longitude),
    across * Math.sin(longitude),
    ((b2 / a2) * n + heightM) * Math.sin(latitude),
  ];
}

describe.skipIf(!RECORDINGS_PRESENT)(`station facts of recordings${SKIP_NOTE}`, () => {
  test('a Trimble base with MSM4 is described as its owner would describe it', () => {
    // 153 epochs of a second hold 15 messages each of 1006, 1008, 1013 and 1230, and 16 of 1033.
    expect(play('trimble_msm4_1hz.rtcm3', 1074)).toMatchObject({
      frames: 688,
      bytes: 70497,
      format: 'RTCM 3.2',
      formatDetails: '1006(10),1008(10),1013(10),1033(10),1074(1),1084(1),1094(1),1124(1),1230(10)',
      systems: ['GPS', 'GLO', 'GAL', 'BDS'],
      carrier: 2,
      station: 349,
      antenna: '',
      antennaSerial: '',
      receiver: 'TRIMBLE BD970',
      firmware: '5.11,16/DEC/2015',
      receiverSerial: '5716C02380',
      // The recording is of December 2017.
      leapSeconds: 18,
    });
  });

  test('a legacy base has its edition, rates and systems', () => {
    // 1006 every 10 s, 1008 and 1033 more rarely: 148 epochs hold 15 of 1006 and of 1032.
    expect(play('1012_before_1004_1hz.rtcm3', 1012)).toMatchObject({
      format: 'RTCM 3.1',
      formatDetails: '1004(1),1006(10),1008(30),1012(1),1030(30),1031(30),1032(10),1033(60)',
      systems: ['GPS', 'GLO'],
      carrier: 2,
      station: 55,
    });
  });

  test('messages that come in parts have the rate of the whole', () => {
    expect(play('fw206_msm5_split_1hz.rtcm3', 1085).formatDetails).toBe(
      '1006(10),1008(10),1075(1),1085(1),1095(1),1125(1)',
    );
  });

  test('rates come from the epochs themselves, however the network delays them', () => {
    expect(play('piksi_msm5_5hz.rtcm3', 1075).formatDetails).toContain(
      '1075(0.2),1085(0.2),1095(0.2),1125(0.2)',
    );
  });

  test('a system whose messages are all empty is not claimed', () => {
    // Every 1117 of this recording has no satellite.
    expect(play('javad_msm7_sbas_1hz.rtcm3', 1087)).toMatchObject({
      format: 'RTCM 3.3',
      systems: ['GPS', 'GLO', 'GAL', 'BDS', 'SBAS'],
    });
  });

  test.each(recordingNames(''))(
    '%s: the position is that of a position message, on the ellipsoid',
    (name) => {
      const messages = ['1005', '1006'].flatMap(
        (number) => (recordingFacts(name).station_messages[number] ?? []) as Record<string, number>[],
      );
      const { position } = play(name, 0);
      const expected = messages.map((message) =>
        ['x', 'y', 'z'].map((axis) => message[`ecef_${axis}_0.1mm`]! / 10_000),
      );
      const ours =
        position === null ? null : ecefOf(position.latitudeDeg, position.longitudeDeg, position.heightM);
      const found = expected.some(
        (xyz) => ours !== null && Math.hypot(...xyz.map((m, i) => m - ours[i]!)) < 1e-4,
      );
      expect(found).toBe(expected.length > 0);
    },
  );

  test.each(recordingNames(''))('%s: frames per type are those of the independent counters', (name) => {
    const { messages } = play(name, 0);
    const ours = Object.fromEntries(messages.map(({ messageNumber, frames }) => [messageNumber, frames]));
    expect(ours).toEqual(recordingFacts(name).message_counts);
  });

  test.each(recordingNames(''))('%s: systems are those whose observations have satellites', (name) => {
    const { msm, legacy_observations } = recordingFacts(name);
    const blocks = ['GPS', 'GLO', 'GAL', 'SBAS', 'QZS', 'BDS', 'IRN'];
    const expected = new Set<string>();
    for (const [number, { satellites }] of Object.entries(msm)) {
      if (Object.keys(satellites).length > 0) expected.add(blocks[Math.floor(Number(number) / 10) - 107]!);
    }
    for (const number of Object.keys(legacy_observations))
      expected.add(Number(number) < 1009 ? 'GPS' : 'GLO');
    expect(new Set(play(name, 0).systems)).toEqual(expected);
  });

  test('the bit rate is that of the bytes over the time they took', () => {
    // 70 497 bytes in 153 s.
    const { bitsPerSecond } = play('trimble_msm4_1hz.rtcm3', 1074);
    expect(Math.abs(bitsPerSecond - (70_497 * 8) / 153)).toBeLessThan(200);
  });

  test('observation types are exactly the families that the epochs are made of', () => {
    const { msm, legacy_observations } = recordingFacts('pyrtcm_uscl00chl0_one_of_each.rtcm3');
    const { messages } = play('pyrtcm_uscl00chl0_one_of_each.rtcm3', 0);
    const observations = messages
      .map(({ messageNumber }) => messageNumber)
      .filter((number) => ['msm', 'legacy-observation'].includes(messageFamily(number)))
      .map(String);
    expect(new Set(observations)).toEqual(
      new Set([...Object.keys(msm), ...Object.keys(legacy_observations)]),
    );
  });
});
