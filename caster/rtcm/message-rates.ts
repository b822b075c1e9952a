// How often each message number comes in a live stream. Cheap per frame; bounded by the 4096 numbers there are.

import { DAY_MS } from './epoch-time.ts';

/** Frames of one number that come closer together than this are parts of one sending (split MSM, sets of ephemerides). */
const SENDING_GAP_MS = 50;

/** The interval follows the stream: it is the mean of about so many of the last gaps. */
const GAPS_AVERAGED = 8;

/** A number is forgotten after so many of its intervals, and not before the minimum. */
const INTERVALS_REMEMBERED = 3;
const REMEMBERED_MS_MIN = 300_000;

export interface MessageRate {
  readonly messageNumber: number;
  readonly frames: number;
  /** Mean time between sendings; null until there were two. */
  readonly intervalMs: number | null;
}

interface Entry {
  frames: number;
  lastMs: number;
  lastTimeMs: number;
  gaps: number;
  intervalMs: number;
}

export class MessageRates {
  readonly #entries = new Map<number, Entry>();

  /**
   * `nowMs` is when the frame came, `timeMs` what its interval is measured by: the epoch of an observation in
   * milliseconds of the day, which neither jitter nor bursts of the network can blur, else `nowMs` as well.
   */
  observe(messageNumber: number, nowMs: number, timeMs: number): void {
    const entry = this.#entries.get(messageNumber);
    if (entry === undefined) {
      this.#entries.set(messageNumber, {
        frames: 1,
        lastMs: nowMs,
        lastTimeMs: timeMs,
        gaps: 0,
        intervalMs: 0,
      });
      return;
    }
    entry.frames++;
    entry.lastMs = nowMs;
    let gapMs = timeMs - entry.lastTimeMs;
    if (gapMs < -DAY_MS / 2) gapMs += DAY_MS;
    if (gapMs >= 0 && gapMs < SENDING_GAP_MS) return;
    entry.lastTimeMs = timeMs;
    // A clock that was set back starts the measurement anew from its next sending.
    if (gapMs < 0) return;
    entry.gaps = Math.min(entry.gaps + 1, GAPS_AVERAGED);
    entry.intervalMs += (gapMs - entry.intervalMs) / entry.gaps;
  }

  /** The numbers that are still coming, ascending. */
  list(nowMs: number): MessageRate[] {
    const rates: MessageRate[] = [];
    for (const [messageNumber, { frames, lastMs, gaps, intervalMs }] of this.#entries) {
      if (nowMs - lastMs > Math.max(REMEMBERED_MS_MIN, INTERVALS_REMEMBERED * intervalMs)) continue;
      rates.push({ messageNumber, frames, intervalMs: gaps > 0 ? intervalMs : null });
    }
    return rates.sort((a, b) => a.messageNumber - b.messageNumber);
  }
}
