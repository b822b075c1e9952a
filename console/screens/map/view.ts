// Which part of the world the map shows. The world is Mercator's square from 0 to 1, down and to the right; a view is
// what stands in the middle of the canvas and how many pixels the world is wide. Pure.

import { geoMercator } from 'd3-geo';
import type { Place } from './geodesy.ts';

export interface WorldPoint {
  readonly x: number;
  readonly y: number;
}

export interface View extends WorldPoint {
  /** Pixels that the whole world would be wide. */
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Half a meter a pixel at the equator: two rovers on one machine are told apart. */
export const SCALE_MAX = 8e7;
/** A view at zoom 0 shows the world 256 pixels wide, as maps on the web count. */
const TILE_PX = 256;
/** Mercator ends there. */
const LATITUDE_MAX_DEG = 85.05;
/** Around what the map shows all of. */
const MARGIN_PX = 60;
/** A single place is shown with its surroundings. */
const FIT_SCALE_MAX = 400_000;
/** The curves of coasts need no points between those that they have. */
const NO_RESAMPLING = 0;

export const mercator = geoMercator()
  .scale(1 / (2 * Math.PI))
  .translate([0.5, 0.5])
  .precision(NO_RESAMPLING);

export function worldOf({ latitudeDeg, longitudeDeg }: Place): WorldPoint {
  const latitude = Math.max(-LATITUDE_MAX_DEG, Math.min(LATITUDE_MAX_DEG, latitudeDeg));
  const [x, y] = mercator([longitudeDeg, latitude])!;
  return { x, y };
}

export function placeAt({ x, y }: WorldPoint): Place {
  const [longitudeDeg, latitudeDeg] = mercator.invert!([x, y])!;
  return { latitudeDeg, longitudeDeg };
}

export function toScreen(view: View, size: Size, { x, y }: WorldPoint): WorldPoint {
  return { x: (x - view.x) * view.scale + size.width / 2, y: (y - view.y) * view.scale + size.height / 2 };
}

export function fromScreen(view: View, size: Size, { x, y }: WorldPoint): WorldPoint {
  return { x: view.x + (x - size.width / 2) / view.scale, y: view.y + (y - size.height / 2) / view.scale };
}

/** Neither beyond the edge of the world, nor nearer or farther than makes sense. */
function within(view: View, size: Size): View {
  const scale = Math.min(SCALE_MAX, Math.max(view.scale, size.width, size.height));
  const [halfWidth, halfHeight] = [size.width / 2 / scale, size.height / 2 / scale];
  const clamp = (value: number, half: number): number => Math.max(half, Math.min(1 - half, value));
  return { scale, x: clamp(view.x, halfWidth), y: clamp(view.y, halfHeight) };
}

/** What is under `at` stays under it. */
export function zoomed(view: View, size: Size, factor: number, at: WorldPoint): View {
  const fixed = fromScreen(view, size, at);
  const scale = within({ ...view, scale: view.scale * factor }, size).scale;
  return within(
    {
      scale,
      x: fixed.x - (at.x - size.width / 2) / scale,
      y: fixed.y - (at.y - size.height / 2) / scale,
    },
    size,
  );
}

export function panned(view: View, size: Size, byPx: WorldPoint): View {
  return within({ ...view, x: view.x - byPx.x / view.scale, y: view.y - byPx.y / view.scale }, size);
}

/** All of `points`; the whole world where there are none. */
export function fitted(points: readonly WorldPoint[], size: Size, scaleMax = FIT_SCALE_MAX): View {
  if (points.length === 0) return within({ x: 0.5, y: 0.4, scale: 0 }, size);
  let [left, top, right, bottom] = [1, 1, 0, 0];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const scale = Math.min(
    (size.width - 2 * MARGIN_PX) / Math.max(right - left, Number.EPSILON),
    (size.height - 2 * MARGIN_PX) / Math.max(bottom - top, Number.EPSILON),
    scaleMax,
  );
  return within({ x: (left + right) / 2, y: (top + bottom) / 2, scale }, size);
}

/** As it stands in the address: `47.0512,8.3087,9.5`. */
export function viewText(view: View): string {
  const { latitudeDeg, longitudeDeg } = placeAt(view);
  return [latitudeDeg.toFixed(5), longitudeDeg.toFixed(5), Math.log2(view.scale / TILE_PX).toFixed(2)].join(
    ',',
  );
}

/** Undefined for a text that is none. */
export function viewOf(text: string, size: Size): View | undefined {
  const [latitudeDeg = NaN, longitudeDeg = NaN, zoom = NaN, ...rest] = text.split(',').map(Number);
  if (text === '' || rest.length > 0 || ![latitudeDeg, longitudeDeg, zoom].every(Number.isFinite)) {
    return undefined;
  }
  return within({ ...worldOf({ latitudeDeg, longitudeDeg }), scale: TILE_PX * 2 ** zoom }, size);
}
