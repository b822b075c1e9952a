import { describe, expect, test } from 'vitest';
import { messageFamily, messageType, msmLevel, systemOf } from '../../../caster/rtcm/message-types.ts';
import { BANDS, bandOf, signalOf } from '../../../caster/rtcm/signals.ts';
import { SATELLITE_SYSTEMS } from '../../../caster/rtcm/satellite-system.ts';

describe('message types', () => {
  test.each([
    [1004, 'legacy-observation', 'GPS'],
    [1012, 'legacy-observation', 'GLO'],
    [1005, 'station', undefined],
    [1230, 'station', 'GLO'],
    [1020, 'ephemeris', 'GLO'],
    [1042, 'ephemeris', 'BDS'],
    [1046, 'ephemeris', 'GAL'],
    [1029, 'text', undefined],
    [1032, 'network', undefined],
    [1062, 'ssr', 'GPS'],
    [1063, 'ssr', 'GLO'],
    [1263, 'ssr', 'BDS'],
    [4076, 'ssr', undefined],
    [1071, 'msm', 'GPS'],
    [1137, 'msm', 'IRN'],
    [4001, 'proprietary', undefined],
    [4094, 'proprietary', undefined],
  ])('%d is of family %s and system %s', (messageNumber, family, system) => {
    expect([messageFamily(messageNumber), systemOf(messageNumber)]).toEqual([family, system]);
  });

  test.each([-1, 0, 1070, 1078, 1080, 1138, 1018, 4000, 4096, 1.5, NaN])(
    '%d is of family other',
    (messageNumber) => {
      expect(messageFamily(messageNumber)).toBe('other');
    },
  );

  test('there are 49 multiple signal messages', () => {
    const numbers = Array.from({ length: 4096 }, (_, number) => number);
    expect(numbers.filter((number) => messageFamily(number) === 'msm')).toHaveLength(49);
  });

  test('the level of an MSM is its last digit, and 0 for other messages', () => {
    expect([1071, 1124, 1137, 1005].map(msmLevel)).toEqual([1, 4, 7, 0]);
  });

  test('proprietary messages carry the name of their owner', () => {
    expect(messageType(4094).name).toContain('Trimble');
  });
});

describe('signals', () => {
  test.each([
    ['GPS', 24, '5X', 'L5'],
    ['GLO', 9, '2P', 'G2'],
    ['GAL', 20, '8X', 'E5'],
    ['BDS', 25, '7D', 'B2b'],
    ['BDS', 32, '1X', 'B1C'],
    ['QZS', 10, '6L', 'L6'],
    ['SBAS', 24, '5X', 'L5'],
    ['IRN', 22, '5A', 'L5'],
  ] as const)('%s signal %d is %s in band %s', (system, id, code, band) => {
    expect(signalOf(system, id)).toEqual({ code, band });
  });

  test.each([
    ['GLO', 14],
    ['BDS', 20],
    ['BDS', 27],
    ['QZS', 3],
    ['GPS', 0],
    ['GPS', 33],
  ] as const)('%s signal %d, on which decoders do not agree, is of band other', (system, id) => {
    expect(bandOf(system, id)).toBe('other');
  });

  test('every band of the list is that of some signal', () => {
    const used = new Set(
      SATELLITE_SYSTEMS.flatMap((system) => Array.from({ length: 33 }, (_, id) => bandOf(system, id))),
    );
    expect(BANDS.filter((band) => !used.has(band))).toEqual([]);
  });
});
