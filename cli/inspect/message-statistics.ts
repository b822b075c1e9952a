// Counts of every message number and how far its sendings are apart.

import { dayDifferenceMs } from '../../caster/rtcm/epoch-time.ts';
import { messageType } from '../../caster/rtcm/message-types.ts';
import { IntervalHistogram } from './interval-histogram.ts';
import { type MessageReport } from './report.ts';

/** Messages of one number that come closer together than this are parts of one sending. */
const SENDING_MS = 50;
const INTERVALS_REPORTED = 8;

interface Entry {
  count: number;
  bytes: number;
  epochs: number;
  lastMs: number | undefined;
  readonly intervals: IntervalHistogram;
}

export class MessageStatistics {
  readonly #entries = new Map<number, Entry>();

  /** An observation, with the epoch it is of in milliseconds of the GPS day. */
  takeObservation(messageNumber: number, bytes: number, gpsDayMs: number): void {
    const entry = this.#count(messageNumber, bytes);
    const differenceMs = entry.lastMs === undefined ? undefined : dayDifferenceMs(gpsDayMs, entry.lastMs);
    entry.lastMs = gpsDayMs;
    if (differenceMs === 0) return;
    entry.epochs++;
    if (differenceMs !== undefined) entry.intervals.add(differenceMs);
  }

  /** Any other message. `streamMs` is when it came, on a clock that does not go back; undefined where none runs. */
  takeOther(messageNumber: number, bytes: number, streamMs: number | undefined): void {
    const entry = this.#count(messageNumber, bytes);
    if (streamMs === undefined) return;
    const differenceMs = entry.lastMs === undefined ? undefined : streamMs - entry.lastMs;
    if (differenceMs !== undefined && differenceMs < SENDING_MS) return;
    entry.lastMs = streamMs;
    if (differenceMs !== undefined) entry.intervals.add(differenceMs);
  }

  /** By number. */
  report(): MessageReport[] {
    return [...this.#entries]
      .sort(([a], [b]) => a - b)
      .map(([message, { count, bytes, epochs, intervals }]) => {
        const { name, family, system = null } = messageType(message);
        return {
          message,
          name,
          family,
          system,
          count,
          bytes,
          epochs: family === 'msm' || family === 'legacy-observation' ? epochs : null,
          intervalMs: intervals.usualMs(),
          intervals: intervals.list().slice(0, INTERVALS_REPORTED),
        };
      });
  }

  #count(messageNumber: number, bytes: number): Entry {
    const entry = this.#entries.get(messageNumber) ?? {
      count: 0,
      bytes: 0,
      epochs: 0,
      lastMs: undefined,
      intervals: new IntervalHistogram(),
    };
    this.#entries.set(messageNumber, entry);
    entry.count++;
    entry.bytes += bytes;
    return entry;
  }
}
