import { describe, expect, test } from 'vitest';
import { createObservationHeader, readObservationHeader } from '../../../caster/rtcm/observation-header.ts';
import { legacyFrame, msmFrame, otherFrame, type TestFrame } from './observation-frames.ts';

function epochKeyOf({ bytes, messageNumber }: TestFrame, leapSeconds?: number): number {
  const header = createObservationHeader();
  expect(readObservationHeader(bytes, messageNumber, header, leapSeconds)).toBe(true);
  return header.epochKey;
}

describe('one time scale for all systems', () => {
  // Thursday 08:23:09 GPS time, as a real stream had it: 376 989 s of the week, 31 389 s of the day.
  const WEEK_MS = 376_989_000;
  const DAY_MS = 31_389_000;
  // UTC was 18 s behind, Moscow three hours ahead of UTC.
  const GLONASS_DAY_MS = DAY_MS - 18_000 + 10_800_000;

  test.each([
    ['GPS', msmFrame(1077, WEEK_MS, 1)],
    ['Galileo', msmFrame(1097, WEEK_MS, 1)],
    ['SBAS', msmFrame(1107, WEEK_MS, 1)],
    ['QZSS', msmFrame(1117, WEEK_MS, 1)],
    ['NavIC', msmFrame(1137, WEEK_MS, 1)],
    ['BeiDou, 14 s behind', msmFrame(1127, WEEK_MS - 14_000, 1)],
    ['GLONASS with its day of the week', msmFrame(1087, 4 * 2 ** 27 + GLONASS_DAY_MS, 1)],
    ['GLONASS whose day of the week is unknown (DF416 = 7)', msmFrame(1087, 7 * 2 ** 27 + GLONASS_DAY_MS, 1)],
    ['GPS in a legacy message', legacyFrame(1004, WEEK_MS, 1)],
    ['GLONASS in a legacy message', legacyFrame(1012, GLONASS_DAY_MS, 1)],
    ['SBAS with the time of day in the field of the week', msmFrame(1104, DAY_MS, 1)],
  ])('%s gives the same epoch', (_system, frame) => {
    expect(epochKeyOf(frame)).toBe(DAY_MS);
  });

  test('BeiDou that runs below zero in the first seconds of the week is the first seconds of the day', () => {
    expect(epochKeyOf(msmFrame(1127, 2 ** 30 - 14_000 + 3000, 1))).toBe(3000);
  });

  test('GLONASS wraps where the Moscow day begins', () => {
    expect(epochKeyOf(legacyFrame(1012, 0, 1))).toBe(21 * 3_600_000 + 18_000);
  });

  test('a leap second of GLONASS is no error', () => {
    expect(epochKeyOf(legacyFrame(1012, 86_400_500, 1), 17)).toBe(21 * 3_600_000 + 17_500);
  });

  test('the leap seconds are the caller’s', () => {
    expect(epochKeyOf(legacyFrame(1012, GLONASS_DAY_MS, 1), 15)).toBe(DAY_MS - 3000);
  });
});

describe('the cheap header', () => {
  test.each([
    ['an MSM', msmFrame(1074, 5000, 1, 4095), true],
    ['an MSM that is the last', msmFrame(1074, 5000, 0, 4095), false],
    ['a legacy GPS message', legacyFrame(1004, 5000, 1, 4095), true],
    ['a legacy GPS message that is the last', legacyFrame(1001, 5000, 0, 4095), false],
    ['a legacy GLONASS message', legacyFrame(1012, 5000, 1, 4095), true],
    ['a legacy GLONASS message that is the last', legacyFrame(1009, 5000, 0, 4095), false],
  ])('of %s has the station and whether more will come', (_what, { bytes, messageNumber }, moreToCome) => {
    const header = createObservationHeader();
    readObservationHeader(bytes, messageNumber, header);
    expect(header).toMatchObject({ isObservation: true, station: 4095, moreToCome });
  });

  test.each([1005, 1019, 1070, 1078, 1138, 1230, 4072])('says that %d is no observation', (messageNumber) => {
    const header = createObservationHeader();
    readObservationHeader(otherFrame(messageNumber, 40).bytes, messageNumber, header);
    expect(header.isObservation).toBe(false);
  });

  test('says that an observation without room for its header is none', () => {
    const header = createObservationHeader();
    readObservationHeader(otherFrame(1077, 7).bytes, 1077, header);
    expect(header.isObservation).toBe(false);
  });
});
