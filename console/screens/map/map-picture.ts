// What is drawn: everything that a picture of the map is made of, and how words are written on it.

import type { Cluster } from './clusters.ts';
import type { Graticule, ScaleBar } from './graticule.ts';
import type { Land } from './land.ts';
import type { Bases, BasePoint, MapPoint, RoverPoint } from './map-points.ts';
import type { SignKind } from './signs.tsx';
import type { Size, View, WorldPoint } from './view.ts';

export interface MapColors {
  readonly sea: string;
  readonly land: string;
  readonly coast: string;
  readonly grid: string;
  readonly text: string;
  readonly halo: string;
  readonly line: string;
  readonly signs: Readonly<Record<SignKind, string>>;
}

export interface MapPicture {
  readonly view: View;
  readonly size: Size;
  readonly land: readonly Land[];
  readonly graticule: Graticule;
  readonly scaleBar: ScaleBar;
  readonly bases: Bases;
  readonly roverClusters: readonly Cluster<RoverPoint>[];
  readonly baseClusters: readonly Cluster<BasePoint>[];
  readonly pointed: Cluster<MapPoint> | undefined;
  readonly colors: MapColors;
  readonly fontFamily: string;
  readonly words: {
    readonly number: (value: number) => string;
    readonly degrees: (deg: number, step: number) => string;
    readonly length: (meters: number) => string;
  };
}

export function writeIn(
  canvas: CanvasRenderingContext2D,
  { fontFamily }: MapPicture,
  px: number,
  weight = 400,
): void {
  canvas.font = `${weight} ${px}px ${fontFamily}`;
  canvas.textBaseline = 'middle';
}

/** Readable on whatever is below it. */
export function write(
  canvas: CanvasRenderingContext2D,
  { colors }: MapPicture,
  text: string,
  at: WorldPoint,
): void {
  canvas.lineJoin = 'round';
  canvas.lineWidth = 3;
  canvas.strokeStyle = colors.halo;
  canvas.strokeText(text, at.x, at.y);
  canvas.fillStyle = colors.text;
  canvas.fillText(text, at.x, at.y);
}
