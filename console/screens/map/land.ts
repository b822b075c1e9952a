// The coast lines of Natural Earth (public domain), from our own server, loaded when the first map opens. Borders of
// states are not drawn: which ones are right is not for a caster to say.

import { geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import landUrl from 'world-atlas/land-50m.json?url';
import { mercator } from './view.ts';

/** An island or a continent, in the coordinates of the world, and the box around it. */
export interface Land {
  readonly outline: Path2D;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

type Topology = Parameters<typeof feature>[0];

let loading: Promise<readonly Land[]> | undefined;

/** Of a map without coasts everything else can still be seen: whoever could not load them tries again at the next map. */
export function loadLand(): Promise<readonly Land[]> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<readonly Land[]> {
  const response = await fetch(landUrl, { credentials: 'omit' });
  if (!response.ok) throw new Error(`the coast lines were answered with ${response.status}`);
  const topology = (await response.json()) as Topology;
  const whole = feature(topology, topology.objects['land']!);
  const shapes = whole.type === 'FeatureCollection' ? whole.features : [whole];
  return shapes.flatMap(({ geometry }) =>
    geometry.type === 'MultiPolygon' ? geometry.coordinates.map((coordinates) => landOf(coordinates)) : [],
  );
}

function landOf(coordinates: number[][][]): Land {
  const polygon = { type: 'Polygon', coordinates } as const;
  const outline = new Path2D();
  // A path takes the calls of a canvas; it has begun already.
  geoPath(mercator, Object.assign(outline, { beginPath: () => undefined }))(polygon);
  const [[left, top], [right, bottom]] = geoPath(mercator).bounds(polygon);
  return { outline, left, top, right, bottom };
}
