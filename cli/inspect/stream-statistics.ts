// Looks at every byte of a stream once and keeps counts, so that a recording of any size fits: bytes to frames to
// messages, epochs, satellites and stations. It must never keep a frame.

import { type EpochAlignment } from '../../caster/rtcm/epoch-alignment.ts';
import { ephemerisSatellite } from '../../caster/rtcm/ephemeris-id.ts';
import { NO_MESSAGE_NUMBER } from '../../caster/rtcm/frame-layout.ts';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { LockTimes } from '../../caster/rtcm/health/lock-times.ts';
import { readLegacyHeader } from '../../caster/rtcm/legacy-header.ts';
import { messageType } from '../../caster/rtcm/message-types.ts';
import { readMsmHeader } from '../../caster/rtcm/msm-header.ts';
import { createObservationHeader, readObservationHeader } from '../../caster/rtcm/observation-header.ts';
import { decodeText } from '../../caster/rtcm/station-messages.ts';
import { EpochStatistics } from './epoch-statistics.ts';
import { type LiveStatistics } from './live-statistics.ts';
import { MessageStatistics } from './message-statistics.ts';
import { type EphemerisReport, type StreamReport } from './report.ts';
import { StationStatistics } from './station-statistics.ts';
import { SystemStatistics } from './system-statistics.ts';

const TEXTS_MAX = 20;
const LIVE_STEP_MS = 100;

export class StreamStatistics {
  readonly #header = createObservationHeader();
  readonly #messages = new MessageStatistics();
  readonly #systems = new SystemStatistics();
  readonly #locks = new LockTimes();
  readonly #stations = new StationStatistics();
  readonly #epochs: EpochStatistics;
  readonly #live: LiveStatistics | undefined;
  readonly #ephemerides = new Map<number, { count: number; readonly satellites: Set<number> }>();
  readonly #texts = new Set<string>();
  readonly #scanner = new FrameScanner((frame, messageNumber) => this.#takeFrame(frame, messageNumber));
  #bytes = 0;
  #frameBytes = 0;
  #emptyFrames = 0;
  #unfinishedBytes = 0;

  /** `live` for a stream that comes as it is measured; `alignment` as of EpochStatistics. */
  constructor(options: { live?: LiveStatistics; alignment?: EpochAlignment | undefined } = {}) {
    this.#live = options.live;
    this.#epochs = new EpochStatistics(options.alignment);
  }

  get frames(): number {
    return this.#scanner.framesValid;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Epochs that have begun. */
  get epochCount(): number {
    return this.#epochs.count;
  }

  push(bytes: Buffer): void {
    this.#bytes += bytes.length;
    this.#scanner.push(bytes);
  }

  /** The stream is over: what is left of a frame whose end never came may hide others. */
  end(): void {
    this.#unfinishedBytes = this.#scanner.pendingBytes;
    while (this.#scanner.pendingBytes > 0) this.#scanner.giveUpIncomplete();
  }

  report(): StreamReport {
    const epochs = this.#epochs.report();
    const streamMs = this.#epochs.streamMs;
    const live = this.#live?.report(epochs?.intervalMs ?? null) ?? null;
    // The last epoch lasts as long as the others.
    const recordedMs = streamMs === undefined ? null : streamMs + (epochs?.intervalMs ?? 0);
    const durationMs = live === null ? recordedMs : live.watchedMs;
    return {
      bytes: this.#bytes,
      frames: this.#scanner.framesValid,
      emptyFrames: this.#emptyFrames,
      bytesOutsideFrames: this.#scanner.bytesSkipped,
      crcErrors: this.#scanner.crcErrors,
      unfinishedBytes: this.#unfinishedBytes,
      durationMs,
      bitsPerSecond:
        durationMs === null || durationMs <= 0 ? null : Math.round((this.#frameBytes * 8000) / durationMs),
      stations: this.#stations.report(),
      epochs,
      systems: this.#systems.report(),
      messages: this.#messages.report(),
      ephemerides: this.#ephemerisReport(),
      texts: [...this.#texts],
      live,
    };
  }

  #takeFrame(frame: Buffer, messageNumber: number): void {
    this.#frameBytes += frame.length;
    this.#live?.takeFrame();
    if (messageNumber === NO_MESSAGE_NUMBER) {
      this.#emptyFrames++;
      return;
    }
    const { family } = messageType(messageNumber);
    this.#stations.take(frame, messageNumber, family);
    const header = this.#header;
    if (readObservationHeader(frame, messageNumber, header)) {
      this.#messages.takeObservation(messageNumber, frame.length, header.epochKey);
      if (this.#epochs.take(header)) this.#systems.endEpoch();
      this.#live?.takeObservation(header.epochKey, this.#epochs.count);
      this.#takeSatellites(frame);
      const slips = this.#locks.take(frame, messageNumber, header.station, this.#epochs.streamMs ?? 0);
      this.#systems.addSlips(header.system, slips);
      return;
    }
    this.#messages.takeOther(messageNumber, frame.length, this.#streamMs());
    if (family === 'ephemeris') this.#takeEphemeris(frame, messageNumber);
    else if (messageNumber === 1029) this.#takeText(frame);
  }

  /** When a message without an epoch comes: by the epochs around it, or live in steps that hide the network's jitter. */
  #streamMs(): number | undefined {
    if (this.#live === undefined) return this.#epochs.streamMs;
    return Math.round(this.#live.elapsedMs / LIVE_STEP_MS) * LIVE_STEP_MS;
  }

  #takeSatellites(frame: Buffer): void {
    const msm = readMsmHeader(frame);
    if (msm.ok) {
      this.#systems.takeMsm(msm.header);
      return;
    }
    const legacy = readLegacyHeader(frame);
    if (legacy !== undefined) this.#systems.takeLegacy(frame, legacy);
  }

  #takeEphemeris(frame: Buffer, messageNumber: number): void {
    const entry = this.#ephemerides.get(messageNumber) ?? { count: 0, satellites: new Set() };
    this.#ephemerides.set(messageNumber, entry);
    entry.count++;
    const satellite = ephemerisSatellite(frame, messageNumber);
    if (satellite !== undefined) entry.satellites.add(satellite);
  }

  #takeText(frame: Buffer): void {
    const text = decodeText(frame)?.text;
    if (text !== undefined && this.#texts.size < TEXTS_MAX) this.#texts.add(text);
  }

  #ephemerisReport(): EphemerisReport[] {
    return [...this.#ephemerides]
      .sort(([a], [b]) => a - b)
      .map(([message, { count, satellites }]) => {
        const { name, system = null } = messageType(message);
        return { message, name, system, count, satellites: [...satellites].sort((a, b) => a - b) };
      });
  }
}
