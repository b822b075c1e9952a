// The air only has to be plausible and smooth: that an RTK engine can cope with it is judged by RTKLIB.
import { describe, expect, test } from 'vitest';
import {
  ionosphericDelayL1M,
  ionosphericScale,
  troposphericDelayM,
} from '../../../caster/simulator/atmosphere.ts';

const SHANGHAI = { latitudeDeg: 31.2, longitudeDeg: 121.5, heightM: 0 };
const ZENITH = Math.PI / 2;
const DEGREE = Math.PI / 180;

describe('troposphere', () => {
  test('delays by about 2.4 m at the zenith of the standard atmosphere', () => {
    expect(troposphericDelayM({ latitudeDeg: 45, longitudeDeg: 0, heightM: 0 }, ZENITH)).toBeCloseTo(2.4, 1);
  });

  test('delays tenfold at five degrees, as mapping functions agree', () => {
    const ratio = troposphericDelayM(SHANGHAI, 5 * DEGREE) / troposphericDelayM(SHANGHAI, ZENITH);
    expect(ratio).toBeGreaterThan(9.8);
    expect(ratio).toBeLessThan(10.4);
  });
});

describe('ionosphere', () => {
  const zenithM = (secondsOfDay: number) => ionosphericDelayL1M(SHANGHAI, ZENITH, 0, secondsOfDay);

  test('delays most at two in the afternoon, local time', () => {
    const seconds = Array.from({ length: 1440 }, (_, minute) => minute * 60);
    const peak = seconds.reduce((best, second) => (zenithM(second) > zenithM(best) ? second : best));
    const localHour = ((peak / 3600 + SHANGHAI.longitudeDeg / 15) % 24) - 14;
    expect(Math.abs(localHour)).toBeLessThan(0.1);
  });

  test('never jumps: phases stay continuous over the whole day', () => {
    const steps = Array.from({ length: 86_400 }, (_, second) =>
      Math.abs(zenithM((second + 1) % 86_400) - zenithM(second)),
    );
    expect(Math.max(...steps)).toBeLessThan(0.001);
  });

  test('is about 1.65 times as strong on L2 as on L1', () => {
    expect(ionosphericScale(1227.6e6)).toBeCloseTo((154 / 120) ** 2, 9);
  });
});
