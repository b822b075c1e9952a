// Meridians and parallels at whole steps, and a bar that says how long a kilometer is here. Pure.

import { fromScreen, placeAt, toScreen, worldOf, type Size, type View } from './view.ts';

const STEPS_DEG = [
  ...[30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002],
  ...[0.0001, 0.000_05, 0.000_02],
] as const;
const APART_PX_MIN = 110;
const EQUATOR_M = 40_075_017;
const BAR_PX_MAX = 130;

export interface GridLine {
  readonly px: number;
  readonly deg: number;
}

export interface Graticule {
  readonly stepDeg: number;
  readonly meridians: readonly GridLine[];
  readonly parallels: readonly GridLine[];
}

function multiples(step: number, from: number, to: number): number[] {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_unused, index) =>
    Number(((first + index) * step).toFixed(6)),
  );
}

export function graticuleOf(view: View, size: Size): Graticule {
  const degreePx = view.scale / 360;
  const stepDeg = STEPS_DEG.findLast((step) => step * degreePx >= APART_PX_MIN) ?? STEPS_DEG[0];
  const northWest = placeAt(fromScreen(view, size, { x: 0, y: 0 }));
  const southEast = placeAt(fromScreen(view, size, { x: size.width, y: size.height }));
  const { latitudeDeg, longitudeDeg } = placeAt(view);
  const meridians = multiples(stepDeg, northWest.longitudeDeg, southEast.longitudeDeg).map((deg) => ({
    deg,
    px: toScreen(view, size, worldOf({ latitudeDeg, longitudeDeg: deg })).x,
  }));
  const parallels = multiples(stepDeg, southEast.latitudeDeg, northWest.latitudeDeg).map((deg) => ({
    deg,
    px: toScreen(view, size, worldOf({ latitudeDeg: deg, longitudeDeg })).y,
  }));
  return { stepDeg, meridians, parallels };
}

export interface ScaleBar {
  readonly meters: number;
  readonly px: number;
}

/** The longest of 1, 2 or 5 times a power of ten that fits, at the latitude of the middle. */
export function scaleBarOf(view: View): ScaleBar {
  const meterPx = view.scale / (EQUATOR_M * Math.cos((placeAt(view).latitudeDeg * Math.PI) / 180));
  const power = 10 ** Math.floor(Math.log10(BAR_PX_MAX / meterPx));
  const times = [5, 2, 1].find((one) => one * power * meterPx <= BAR_PX_MAX) ?? 1;
  return { meters: times * power, px: times * power * meterPx };
}
