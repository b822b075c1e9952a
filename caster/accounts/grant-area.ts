// Whether a place lies in the area of a grant. Made once per area, asked for every position: no allocation then.

import { distanceKm } from '../rtcm/geodesy.ts';
import type { AreaCorner, GrantArea } from './grant-limits.ts';

export interface Area {
  contains(latitudeDeg: number, longitudeDeg: number): boolean;
}

/** Areas kept because many grants have the same: as many as there are service specs in use, as a rule. */
const AREAS_KEPT_MAX = 1000;
const kept = new Map<string, Area>();

/** The area ready to be asked; equal ones share what was made of the first, since each grant brings a copy of its own. */
export function areaOf(area: GrantArea): Area {
  const text = JSON.stringify(area);
  let made = kept.get(text);
  if (made === undefined) {
    made = 'polygon' in area ? new PolygonArea([area.polygon, ...(area.holes ?? [])]) : new CircleArea(area);
    if (kept.size >= AREAS_KEPT_MAX) for (const oldest of kept.keys()) if (kept.delete(oldest)) break;
    kept.set(text, made);
  }
  return made;
}

class CircleArea implements Area {
  readonly #longitudeDeg: number;
  readonly #latitudeDeg: number;
  readonly #radiusKm: number;

  constructor({ center, radiusKm }: { readonly center: AreaCorner; readonly radiusKm: number }) {
    [this.#longitudeDeg, this.#latitudeDeg] = center;
    this.#radiusKm = radiusKm;
  }

  contains(latitudeDeg: number, longitudeDeg: number): boolean {
    return distanceKm(latitudeDeg, longitudeDeg, this.#latitudeDeg, this.#longitudeDeg) <= this.#radiusKm;
  }
}

/** What lies in an odd number of its rings is inside: in the outer one and in no hole. */
class PolygonArea implements Area {
  readonly #rings: readonly Ring[];

  constructor(rings: readonly (readonly AreaCorner[])[]) {
    this.#rings = rings.filter((corners) => corners.length > 0).map((corners) => new Ring(corners));
  }

  contains(latitudeDeg: number, longitudeDeg: number): boolean {
    let inside = false;
    for (let n = 0; n < this.#rings.length; n++) {
      if (this.#rings[n]!.contains(latitudeDeg, longitudeDeg)) inside = !inside;
    }
    return inside;
  }
}

class Ring implements Area {
  /** Longitudes as they go on without a jump, so that they may leave ±180. */
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #west: number;
  readonly #east: number;
  readonly #south: number;
  readonly #north: number;

  constructor(corners: readonly AreaCorner[]) {
    const first = corners[0]!;
    const x = [first[0]];
    const y = [first[1]];
    let [before] = first;
    for (const [longitudeDeg, latitudeDeg] of [...corners.slice(1), first]) {
      x.push(x.at(-1)! + shorterWay(longitudeDeg - before));
      y.push(latitudeDeg);
      before = longitudeDeg;
    }
    // A ring that has gone once round the Earth holds the pole that it is nearer to.
    if (Math.abs(x.at(-1)! - x[0]!) > 180) {
      const pole = y.reduce((sum, latitudeDeg) => sum + latitudeDeg) < 0 ? -90 : 90;
      x.push(x.at(-1)!, x[0]!);
      y.push(pole, pole);
    }
    this.#x = Float64Array.from(x);
    this.#y = Float64Array.from(y);
    this.#west = Math.min(...x);
    this.#east = Math.max(...x);
    this.#south = Math.min(...y);
    this.#north = Math.max(...y);
  }

  /** Counts the edges east of the place that its parallel crosses (the even-odd rule). */
  contains(latitudeDeg: number, longitudeDeg: number): boolean {
    const turns = Math.floor((longitudeDeg - this.#west) / 360);
    const x = longitudeDeg - turns * 360;
    if (x > this.#east || latitudeDeg < this.#south || latitudeDeg > this.#north) return false;
    const xs = this.#x;
    const ys = this.#y;
    const corners = xs.length;
    let inside = false;
    let from = corners - 1;
    let wasNorth = ys[from]! > latitudeDeg;
    for (let to = 0; to < corners; to++) {
      const isNorth = ys[to]! > latitudeDeg;
      if (isNorth !== wasNorth) {
        const share = (latitudeDeg - ys[from]!) / (ys[to]! - ys[from]!);
        if (x < xs[from]! + share * (xs[to]! - xs[from]!)) inside = !inside;
      }
      from = to;
      wasNorth = isNorth;
    }
    return inside;
  }
}

/**
 * An edge of exactly 360 degrees runs along a whole parallel, one of 180 as it is written; any longer one goes the
 * shorter way round.
 */
function shorterWay(differenceDeg: number): number {
  if (Math.abs(differenceDeg) <= 180 || Math.abs(differenceDeg) === 360) return differenceDeg;
  return differenceDeg - Math.round(differenceDeg / 360) * 360;
}
