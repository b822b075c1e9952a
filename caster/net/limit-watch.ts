// Holds one rover to the limits of its grant: until when, where, and how often it must say where it is. Made only for
// rovers that have such limits; costs nothing between two positions and two deadlines.

import { type Area, areaOf } from '../accounts/grant-area.ts';
import type { GrantLimits } from '../accounts/grant-limits.ts';
import type { CloseReason } from './close-reason.ts';
import type { CoarseClock } from './coarse-clock.ts';
import type { Deadlines, Due } from './deadlines.ts';

interface Place {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

/** What a watch looks at and acts on. */
export interface Watched {
  close(reason: CloseReason): void;
}

export class LimitWatch implements Due {
  deadline = -1;
  readonly #rover: Watched;
  readonly #clock: CoarseClock;
  readonly #deadlines: Deadlines;
  /** On the monotonic clock. */
  #untilMs = Infinity;
  #ggaWithinMs = Infinity;
  /** When the last position came, or one was first demanded. */
  #heardMs = 0;
  #area: Area | undefined;

  constructor(rover: Watched, parts: { readonly clock: CoarseClock; readonly deadlines: Deadlines }) {
    this.#rover = rover;
    this.#clock = parts.clock;
    this.#deadlines = parts.deadlines;
  }

  /** Whether every position counts, and not one now and then. */
  get needsPositions(): boolean {
    return this.#area !== undefined || this.#ggaWithinMs !== Infinity;
  }

  /** Takes other limits over; `place` is where the rover last was. Ends the rover at once where it is beyond them. */
  use(limits: GrantLimits, place: Place | undefined): void {
    const nowMs = this.#clock.exactMs();
    if (this.#ggaWithinMs === Infinity) this.#heardMs = nowMs;
    this.#untilMs = limits.untilMs === undefined ? Infinity : nowMs + limits.untilMs - Date.now();
    this.#ggaWithinMs = limits.gga?.withinMs ?? Infinity;
    this.#area = limits.area === undefined ? undefined : areaOf(limits.area);
    if (this.#lookAtTime(nowMs) && place !== undefined) this.#lookAtPlace(place);
  }

  sawPosition(place: Place): void {
    this.#heardMs = this.#clock.exactMs();
    this.#lookAtPlace(place);
  }

  onDue(nowMs: number): void {
    this.#lookAtTime(nowMs);
  }

  stop(): void {
    this.#deadlines.clear(this);
  }

  #lookAtPlace({ latitudeDeg, longitudeDeg }: Place): void {
    if (this.#area?.contains(latitudeDeg, longitudeDeg) === false) this.#rover.close('left_area');
  }

  /** False where it has ended the rover. */
  #lookAtTime(nowMs: number): boolean {
    const ggaUntilMs = this.#heardMs + this.#ggaWithinMs;
    if (nowMs >= this.#untilMs) this.#rover.close('grant_expired');
    else if (nowMs >= ggaUntilMs) this.#rover.close('gga_missing');
    else {
      const nextMs = Math.min(this.#untilMs, ggaUntilMs);
      if (nextMs === Infinity) this.#deadlines.clear(this);
      else this.#deadlines.set(this, nextMs);
      return true;
    }
    return false;
  }
}
