// The time by which rights are judged: it never goes back. It is the wall clock, but no earlier than what was ever seen
// (kept with the state), nor than what the cloud has signed, and it runs on steadily while the wall clock is behind. So a
// clock that is set back lengthens nothing, it is only told. One that was wrongly ahead stays ahead: a car should set its
// clock from a source that it can verify.

export interface ClockSources {
  /** ms since 1970, as the car's clock says. */
  readonly wall: () => number;
  /** ms, never set by anybody. */
  readonly steady: () => number;
}

export const SYSTEM_CLOCK: ClockSources = { wall: () => Date.now(), steady: () => performance.now() };

/** What daily corrections of a clock come to; less is not told. */
const SET_BACK_TOLD_MS = 60_000;

export class RightClock {
  readonly #sources: ClockSources;
  #baseMs: number;
  #steadyMs: number;
  #isBehind = false;

  constructor(seenMs: number, sources: ClockSources = SYSTEM_CLOCK) {
    this.#sources = sources;
    this.#baseMs = Math.max(seenMs, sources.wall());
    this.#steadyMs = sources.steady();
  }

  now(): number {
    const ranMs = this.#baseMs + (this.#sources.steady() - this.#steadyMs);
    const wallMs = this.#sources.wall();
    if (wallMs > ranMs) this.#set(wallMs);
    return Math.max(ranMs, wallMs);
  }

  /** A time that somebody trustworthy has seen already. */
  atLeast(ms: number): void {
    if (ms > this.now()) this.#set(ms);
  }

  /** How far the wall clock is behind; undefined where it is not. */
  setBackMs(): number | undefined {
    const behindMs = this.now() - this.#sources.wall();
    return behindMs > SET_BACK_TOLD_MS ? Math.round(behindMs) : undefined;
  }

  /** The same, once each time that it comes to be. */
  newlySetBackMs(): number | undefined {
    const behindMs = this.setBackMs();
    const wasBehind = this.#isBehind;
    this.#isBehind = behindMs !== undefined;
    return wasBehind ? undefined : behindMs;
  }

  #set(ms: number): void {
    this.#baseMs = ms;
    this.#steadyMs = this.#sources.steady();
  }
}
