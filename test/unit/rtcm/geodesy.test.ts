import { describe, expect, test } from 'vitest';
import { distanceKm, geodeticOfEcef } from '../../../caster/rtcm/geodesy.ts';

describe('from Earth-centered coordinates to WGS 84', () => {
  test.each([
    ['the equator at Greenwich', [6378137, 0, 0], [0, 0, 0]],
    ['the equator at 90 degrees east, 100 m up', [0, 6378237, 0], [0, 90, 100]],
    ['the north pole', [0, 0, 6356752.314245], [90, 0, 0]],
    ['the south pole, 10 m down', [0, 0, -6356742.314245], [-90, 0, -10]],
  ])('%s is where it should be', (_place, [x, y, z], [latitudeDeg, longitudeDeg, heightM]) => {
    const position = geodeticOfEcef(x!, y!, z!)!;
    expect(position.latitudeDeg).toBeCloseTo(latitudeDeg!, 9);
    expect(position.longitudeDeg).toBeCloseTo(longitudeDeg!, 9);
    expect(position.heightM).toBeCloseTo(heightM!, 4);
  });

  test('the example station of the standard lies in Indiana', () => {
    // The closed form, from latitude, longitude and height back to the coordinates, is done here by other formulas.
    const [x, y, z] = [1114104.5999, -4850729.7108, 3975521.4643];
    const { latitudeDeg, longitudeDeg, heightM } = geodeticOfEcef(x, y, z)!;
    const [latitude, longitude] = [(latitudeDeg * Math.PI) / 180, (longitudeDeg * Math.PI) / 180];
    const [a2, b2] = [6378137 ** 2, 6356752.314245 ** 2];
    const n = a2 / Math.sqrt(a2 * Math.cos(latitude) ** 2 + b2 * Math.sin(latitude) ** 2);
    expect((n + heightM) * Math.cos(latitude) * Math.cos(longitude)).toBeCloseTo(x, 4);
    expect((n + heightM) * Math.cos(latitude) * Math.sin(longitude)).toBeCloseTo(y, 4);
    expect(((b2 / a2) * n + heightM) * Math.sin(latitude)).toBeCloseTo(z, 4);
  });

  test.each([
    [0, 0, 0],
    [-0.0001, -0.0001, -0.0001],
    [NaN, 1, 1],
  ])('coordinates %d %d %d of a base that does not know its position give none', (x, y, z) => {
    expect(geodeticOfEcef(x, y, z)).toBeUndefined();
  });
});

describe('distance', () => {
  test('a quarter of the equator is a quarter of the mean circle', () => {
    expect(distanceKm(0, 0, 0, 90)).toBeCloseTo(10_007.557, 2);
  });

  test('the way over the date line is the short one', () => {
    expect(distanceKm(0, 179.9, 0, -179.9)).toBeCloseTo(22.239, 2);
  });

  test('from Warsaw to Poznan is within half a percent of the distance on the ellipsoid', () => {
    // 279.352 km by Vincenty's formula (geopy's documentation of the same two points).
    const km = distanceKm(52.2296756, 21.0122287, 52.406374, 16.9251681);
    expect(Math.abs(km / 279.352 - 1)).toBeLessThan(0.005);
  });

  test('between antipodes is half the circle, not NaN', () => {
    expect(distanceKm(30, 20, -30, -160)).toBeCloseTo(20_015.114, 2);
  });
});
