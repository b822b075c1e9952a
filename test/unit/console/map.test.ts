// Tests what the map reckons: places from what bases say, views that stay under the hand, and points that become one.

import { describe, expect, test } from 'vitest';
import { clustersOf, clusterStep, CLUSTER_APART_PX } from '../../../console/screens/map/clusters.ts';
import { distanceKm, placeOf } from '../../../console/screens/map/geodesy.ts';
import { graticuleOf, scaleBarOf } from '../../../console/screens/map/graticule.ts';
import {
  fitted,
  fromScreen,
  panned,
  toScreen,
  viewOf,
  viewText,
  worldOf,
  zoomed,
} from '../../../console/screens/map/view.ts';

const SIZE = { width: 1000, height: 600 };

describe('the place of a base', () => {
  // WTZR in the log of the International GNSS Service: 49.1442 N, 12.8789 E.
  test.each([
    { ecefM: [4_075_580.3, 931_853.9, 4_801_568.2] as const, latitudeDeg: 49.1442, longitudeDeg: 12.8789 },
    { ecefM: [0, 0, 6_356_752.314] as const, latitudeDeg: 90, longitudeDeg: 0 },
    { ecefM: [0, -6_378_137, 0] as const, latitudeDeg: 0, longitudeDeg: -90 },
  ])('is $latitudeDeg, $longitudeDeg for $ecefM', ({ ecefM, latitudeDeg, longitudeDeg }) => {
    const place = placeOf(ecefM);
    expect(place?.latitudeDeg).toBeCloseTo(latitudeDeg, 4);
    expect(place?.longitudeDeg).toBeCloseTo(longitudeDeg, 4);
  });

  test('is none where a base says zeros', () => {
    expect(placeOf([0, 0, 0])).toBeUndefined();
  });
});

test('Paris is 344 km from London', () => {
  const london = { latitudeDeg: 51.5074, longitudeDeg: -0.1278 };
  expect(distanceKm(london, { latitudeDeg: 48.8566, longitudeDeg: 2.3522 })).toBeCloseTo(343.6, 0);
});

describe('a view', () => {
  const view = { ...worldOf({ latitudeDeg: 47, longitudeDeg: 8 }), scale: 1e6 };

  test('keeps under the pointer what it is zoomed to', () => {
    const at = { x: 900, y: 100 };
    const before = fromScreen(view, SIZE, at);
    const after = toScreen(zoomed(view, SIZE, 7.3, at), SIZE, before);
    expect(after.x).toBeCloseTo(at.x, 3);
    expect(after.y).toBeCloseTo(at.y, 3);
  });

  test('moves with the hand', () => {
    const point = worldOf({ latitudeDeg: 47, longitudeDeg: 8 });
    const moved = toScreen(panned(view, SIZE, { x: 30, y: -20 }), SIZE, point);
    expect(moved.x).toBeCloseTo(530, 3);
    expect(moved.y).toBeCloseTo(280, 3);
  });

  test('never leaves the world', () => {
    const farOff = panned({ ...view, scale: 1000 }, SIZE, { x: 1e6, y: 1e6 });
    const corner = fromScreen(farOff, SIZE, { x: 0, y: 0 });
    expect(corner.x).toBeGreaterThanOrEqual(0);
    expect(corner.y).toBeGreaterThanOrEqual(0);
  });

  test('that is fitted shows every point', () => {
    const points = [
      { latitudeDeg: 54, longitudeDeg: 8 },
      { latitudeDeg: 47.4, longitudeDeg: 15 },
      { latitudeDeg: 51, longitudeDeg: 6 },
    ].map(worldOf);
    const all = fitted(points, SIZE);
    for (const point of points) {
      const { x, y } = toScreen(all, SIZE, point);
      expect(x >= 0 && x <= SIZE.width && y >= 0 && y <= SIZE.height).toBe(true);
    }
  });

  test('comes back out of the address as it went in', () => {
    const back = viewOf(viewText(view), SIZE)!;
    expect(Math.abs(back.x - view.x) * view.scale).toBeLessThan(1);
    expect(back.scale / view.scale).toBeCloseTo(1, 2);
  });

  test.each(['', 'x', '1,2', '1,2,3,4', '47,8,Infinity'])('is none in the address %o', (text) => {
    expect(viewOf(text, SIZE)).toBeUndefined();
  });
});

describe('clusters', () => {
  const points = Array.from({ length: 400 }, (_unused, index) =>
    worldOf({
      latitudeDeg: 45 + ((index * 7919) % 400) / 100,
      longitudeDeg: 5 + ((index * 104_729) % 700) / 100,
    }),
  );

  test('have every point once', () => {
    const members = clustersOf(points, clusterStep(10_000)).flatMap((cluster) => cluster.members);
    expect(members).toHaveLength(points.length);
    expect(new Set(members).size).toBe(points.length);
  });

  test('of which none covers another, at any scale', () => {
    for (const scale of [2000, 9000, 30_000, 123_456]) {
      const clusters = clustersOf(points, clusterStep(scale));
      const nearest = clusters.flatMap((one, index) =>
        clusters.slice(index + 1).map((other) => Math.hypot(one.x - other.x, one.y - other.y) * scale),
      );
      expect(Math.min(...nearest)).toBeGreaterThanOrEqual(CLUSTER_APART_PX * 0.999);
    }
  });

  test('fall apart into single points when the map is near enough', () => {
    expect(clustersOf(points, clusterStep(5e6))).toHaveLength(
      new Set(points.map(({ x, y }) => `${x} ${y}`)).size,
    );
  });
});

test('degrees stand at round steps, and the bar is as long as it says', () => {
  const view = { ...worldOf({ latitudeDeg: 60, longitudeDeg: 10 }), scale: 100_000 };
  const { stepDeg, meridians } = graticuleOf(view, SIZE);
  expect(stepDeg).toBe(0.5);
  expect(meridians.map(({ deg }) => deg)).toEqual([8.5, 9, 9.5, 10, 10.5, 11, 11.5]);
  // At 60 degrees a degree of longitude is half as long as at the equator: 200 m a pixel here.
  const { meters, px } = scaleBarOf(view);
  expect(meters / px).toBeCloseTo(200.4, 0);
});
