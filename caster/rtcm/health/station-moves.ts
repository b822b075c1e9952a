// Whether a station is still where it said it was (1005, 1006): a base that comes up in another place gives every rover
// a wrong position, and nothing else tells of it.

import { geodeticOfEcef } from '../geodesy.ts';
import { decodeStationPosition, type StationPosition } from '../station-messages.ts';

export interface StationPlace {
  readonly station: number;
  readonly ecefM: readonly [x: number, y: number, z: number];
}

export interface StationMove {
  readonly station: number;
  readonly distanceM: number;
}

/** What reference positions differ by when they are measured anew is less, and what rovers notice is about as much. */
export const STATION_MOVED_M_MIN = 0.1;
/** Stations that are told apart; network streams carry a few. */
const STATIONS_MAX = 16;

export class StationMoves {
  readonly #places = new Map<number, StationPlace>();
  #newest: StationPlace | null = null;
  count = 0;
  last: StationMove | null = null;

  /** Where the station that spoke last is; null before any did. */
  get newest(): StationPlace | null {
    return this.#newest;
  }

  /** How many stations have said where they are. */
  get stations(): number {
    return this.#places.size;
  }

  take(frame: Uint8Array): void {
    const message = decodeStationPosition(frame);
    const place = message === undefined ? undefined : placeOf(message);
    if (place === undefined) return;
    this.#newest = place;
    const before = this.#places.get(place.station);
    if (before === undefined) {
      if (this.#places.size < STATIONS_MAX) this.#places.set(place.station, place);
      return;
    }
    const distanceM = distanceBetweenM(before, place);
    // Compared with where it was first, so that it cannot creep away.
    if (distanceM < STATION_MOVED_M_MIN) return;
    this.#places.set(place.station, place);
    this.count++;
    this.last = { station: place.station, distanceM };
  }
}

export function distanceBetweenM(a: StationPlace, b: StationPlace): number {
  return Math.hypot(a.ecefM[0] - b.ecefM[0], a.ecefM[1] - b.ecefM[1], a.ecefM[2] - b.ecefM[2]);
}

/** Undefined for the center of the Earth, which a base names that does not know where it is. */
function placeOf({
  station,
  ecefXTenthMm,
  ecefYTenthMm,
  ecefZTenthMm,
}: StationPosition): StationPlace | undefined {
  const ecefM = [ecefXTenthMm / 10_000, ecefYTenthMm / 10_000, ecefZTenthMm / 10_000] as const;
  return geodeticOfEcef(...ecefM) === undefined ? undefined : { station, ecefM };
}
