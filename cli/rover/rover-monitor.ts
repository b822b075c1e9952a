// What a rover has received, over all of its connections: counts, rates since the last look, age.

import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { NO_MESSAGE_NUMBER } from '../../caster/rtcm/frame-layout.ts';
import { createObservationHeader, readObservationHeader } from '../../caster/rtcm/observation-header.ts';
import { EpochStatistics } from '../inspect/epoch-statistics.ts';
import { LiveStatistics } from '../inspect/live-statistics.ts';

/** What came since the status before. */
export interface RoverStatus {
  readonly sinceMs: number;
  readonly bytes: number;
  readonly frames: number;
  readonly epochs: number;
  readonly bitsPerSecond: number;
  /** Null where no epoch came, or where its time means nothing. */
  readonly ageMs: number | null;
  readonly silenceMs: number;
  readonly messages: Readonly<Record<string, number>>;
}

export interface RoverSummary {
  readonly connections: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly frames: number;
  readonly epochs: number;
  readonly crcErrors: number;
  readonly bytesOutsideFrames: number;
  readonly firstFrameAfterMs: number | null;
  readonly ageMs: { readonly min: number; readonly median: number; readonly max: number } | null;
  readonly messages: Readonly<Record<string, number>>;
}

interface Counts {
  bytes: number;
  frames: number;
  epochs: number;
  readonly messages: Map<number, number>;
}

export class RoverMonitor {
  readonly #header = createObservationHeader();
  readonly #startMs = performance.now();
  readonly #total = newCounts();
  #recent = newCounts();
  #recentSinceMs = performance.now();
  #epochs = new EpochStatistics();
  #epochsBefore = 0;
  #live = new LiveStatistics();
  #firstFrameAfterMs: number | undefined;
  #scanner = this.#newScanner();
  #crcErrors = 0;
  #bytesOutside = 0;
  #connections = 0;

  get frames(): number {
    return this.#total.frames;
  }

  /** Whether a frame has come on this connection. */
  hasFrame(): boolean {
    return this.#scanner.framesValid > 0;
  }

  /** Milliseconds between the caster's consent and the first frame of this connection. */
  get firstFrameAfterMs(): number | undefined {
    return this.#live.firstFrameAfterMs;
  }

  /** Epochs whose last message has come. */
  get epochsComplete(): number {
    return this.#epochsBefore + this.#epochs.completeCount;
  }

  /** A connection was accepted: half a frame of the one before is no start of anything. */
  begin(): void {
    this.#crcErrors += this.#scanner.crcErrors;
    this.#bytesOutside += this.#scanner.bytesSkipped + this.#scanner.pendingBytes;
    this.#epochsBefore += this.#epochs.completeCount;
    this.#epochs = new EpochStatistics();
    this.#scanner = this.#newScanner();
    this.#live = new LiveStatistics();
    this.#connections++;
  }

  take(bytes: Buffer): void {
    this.#total.bytes += bytes.length;
    this.#recent.bytes += bytes.length;
    this.#scanner.push(bytes);
    this.#firstFrameAfterMs ??= this.#live.firstFrameAfterMs;
  }

  /** What came since the call before. */
  status(): RoverStatus {
    const nowMs = performance.now();
    const sinceMs = nowMs - this.#recentSinceMs;
    const { bytes, frames, epochs, messages } = this.#recent;
    this.#recent = newCounts();
    this.#recentSinceMs = nowMs;
    return {
      sinceMs: Math.round(sinceMs),
      bytes,
      frames,
      epochs,
      bitsPerSecond: Math.round((bytes * 8000) / Math.max(1, sinceMs)),
      ageMs: epochs === 0 ? null : (this.#live.ageMs ?? null),
      silenceMs: Math.round(this.#live.silenceMs),
      messages: byNumber(messages),
    };
  }

  summary(): RoverSummary {
    return {
      connections: this.#connections,
      durationMs: Math.round(performance.now() - this.#startMs),
      bytes: this.#total.bytes,
      frames: this.#total.frames,
      epochs: this.#total.epochs,
      crcErrors: this.#crcErrors + this.#scanner.crcErrors,
      bytesOutsideFrames: this.#bytesOutside + this.#scanner.bytesSkipped,
      firstFrameAfterMs: this.#firstFrameAfterMs === undefined ? null : Math.round(this.#firstFrameAfterMs),
      ageMs: this.#live.report(null).ageMs,
      messages: byNumber(this.#total.messages),
    };
  }

  #newScanner(): FrameScanner {
    return new FrameScanner((frame, messageNumber) => this.#takeFrame(frame, messageNumber));
  }

  #takeFrame(frame: Buffer, messageNumber: number): void {
    this.#live.takeFrame();
    const isObservation = readObservationHeader(frame, messageNumber, this.#header);
    const beginsEpoch = isObservation && this.#epochs.take(this.#header);
    if (isObservation) this.#live.takeObservation(this.#header.epochKey, this.#epochs.count);
    for (const counts of [this.#total, this.#recent]) {
      counts.frames++;
      if (beginsEpoch) counts.epochs++;
      if (messageNumber !== NO_MESSAGE_NUMBER) {
        counts.messages.set(messageNumber, (counts.messages.get(messageNumber) ?? 0) + 1);
      }
    }
  }
}

function newCounts(): Counts {
  return { bytes: 0, frames: 0, epochs: 0, messages: new Map() };
}

function byNumber(messages: ReadonlyMap<number, number>): Record<string, number> {
  return Object.fromEntries(
    [...messages].sort(([a], [b]) => a - b).map(([number, count]) => [number, count]),
  );
}
