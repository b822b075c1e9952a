// A base that pushes: bytes -> (chunks undone) -> frames -> epochs -> the mountpoint's rovers on this worker and on
// the others. Nothing but whole valid frames goes on, unless the mountpoint is set to raw.

import {
  BASE_BAD_FRAMES_PER_SWEEP_MAX,
  EPOCH_BYTES_MAX,
  INCOMPLETE_FRAME_GIVE_UP_MS,
} from '../../config/limits.ts';
import type { BaseGrant } from '../accounts/admission.ts';
import { SessionCounts } from '../metering/ledger/record-counts.ts';
import { ChunkedDecoder } from '../ntrip/chunked.ts';
import { EpochAssembler } from '../rtcm/epoch-assembler.ts';
import { FrameScanner } from '../rtcm/frame-scanner.ts';
import { StreamHealth } from '../rtcm/health/stream-health.ts';
import { StationFacts } from '../rtcm/station-facts.ts';
import { Epoch } from '../stream/epoch.ts';
import { CLOSE_REASON_NAMES, type CloseReason } from './close-reason.ts';
import type { BaseReport, House } from './house.ts';
import { type Peer, type PeerSocket, resetSocket } from './peer-socket.ts';
import type { SessionFacts } from './session-facts.ts';

export class BaseSession implements Peer {
  readonly #house: House;
  readonly #socket: PeerSocket;
  readonly #grant: BaseGrant;
  readonly #raw: boolean;
  readonly #chunked: ChunkedDecoder | undefined;
  readonly #scanner: FrameScanner;
  readonly #assembler: EpochAssembler;
  readonly #facts = new StationFacts();
  readonly #health = new StreamHealth();
  readonly #startedMs: number;
  #receivedMs: number;
  /** The same on the clock of the day. */
  #receivedUnixMs = 0;
  #lastFrameMs: number;
  /** Of a body whose length the request names; a real stream has none. */
  #bytesLeft: number;
  readonly #counts: SessionCounts;
  #badCrcCounted = 0;
  #badCrcAtSweep = 0;
  #skippedCounted = 0;
  #closeReason: CloseReason | undefined;
  #closingSinceMs = 0;

  /** `body` says how the request frames what follows: in chunks, by length, or until the end of the connection. */
  constructor(
    house: House,
    socket: PeerSocket,
    grant: BaseGrant,
    body: { readonly chunkedBody: boolean; readonly contentLength: number | undefined },
  ) {
    this.#house = house;
    this.#socket = socket;
    this.#grant = grant;
    this.#counts = new SessionCounts(house.ledger.place(grant.record));
    this.#raw = house.settings.mountpoints.get(grant.mountpoint)?.raw ?? false;
    this.#chunked = body.chunkedBody ? new ChunkedDecoder() : undefined;
    // Some devices name a length of 0 and stream all the same.
    this.#bytesLeft =
      body.contentLength === undefined || body.contentLength === 0 ? Infinity : body.contentLength;
    this.#startedMs = this.#receivedMs = this.#lastFrameMs = performance.now();
    this.#scanner = new FrameScanner((bytes, messageNumber) => this.#takeFrame(bytes, messageNumber));
    const { epochHoldMs, rideAlongMs } = house.settings.timing;
    this.#assembler = new EpochAssembler({
      epochHoldMs,
      rideAlongMs,
      epochBytesMax: EPOCH_BYTES_MAX,
      onEpoch: ({ bytes, frameCount, gpsDayMs }) => this.#publish(bytes, frameCount, gpsDayMs),
    });
    house.streams.openBase(grant.mountpoint, grant.generation);
    house.bases.set(grant.sessionId, this);
    house.sessions.set(grant.sessionId, this);
    house.counters.add('basesOpened', 1);
  }

  onData(received: Buffer): void {
    if (this.#closeReason !== undefined) return;
    const chunk = received.length <= this.#bytesLeft ? received : received.subarray(0, this.#bytesLeft);
    this.#bytesLeft -= chunk.length;
    this.#receivedMs = performance.now();
    this.#receivedUnixMs = Date.now();
    this.#counts.addBytes(chunk.length);
    this.#house.counters.add('baseBytesReceived', chunk.length);
    if (this.#chunked === undefined) {
      this.#takeBytes(chunk);
      if (this.#bytesLeft === 0) this.close('peer_closed');
      return;
    }
    const { state } = this.#chunked.push(chunk, (bytes) => this.#takeBytes(bytes));
    if (state === 'end') this.close('peer_closed');
    else if (state === 'bad') this.close('stream_malformed');
  }

  onEnd(): void {
    this.#leave('peer_closed');
  }

  /**
   * Every tick of the coarse clock: epochs that wait for frames that do not come, a false header that holds frames up.
   * True while something is held.
   */
  onTick(nowMs: number): boolean {
    this.#assembler.tick(nowMs);
    if (this.#scanner.pendingBytes > 0 && nowMs - this.#receivedMs >= INCOMPLETE_FRAME_GIVE_UP_MS) {
      this.#scanner.giveUpIncomplete();
    }
    return this.#assembler.pendingBytes > 0;
  }

  onSweep(nowMs: number): void {
    const { timing } = this.#house.settings;
    if (this.#closeReason !== undefined) {
      if (nowMs - this.#closingSinceMs >= timing.drainMs) this.#socket.destroy();
    } else if (nowMs - this.#lastFrameMs >= timing.baseIdleMs) {
      this.close('base_silent');
    }
    this.#badCrcAtSweep = this.#scanner.crcErrors;
  }

  drain(): void {
    this.close('shutdown');
  }

  close(reason: CloseReason): void {
    if (this.#closeReason !== undefined) return;
    this.#leave(reason);
    // Who sends garbage at full speed is not listened to until it has read our farewell; who is silent may be gone.
    if (reason === 'stream_garbage' || reason === 'base_silent') resetSocket(this.#socket);
    else this.#socket.end();
  }

  onDestroying(): void {
    // Nothing that the kernel could say is of use here.
  }

  onClosed(broken: boolean): void {
    this.finish(broken);
    this.#house.connections.remove(this.#socket);
    this.#house.counters.countClosed(CLOSE_REASON_NAMES.indexOf(this.#closeReason!));
  }

  /** Passes on what is held and reports the session's end; for a base that hung up while it was being admitted, too. */
  finish(broken: boolean): void {
    this.#leave(broken ? 'peer_reset' : 'peer_closed');
    const reason = this.#closeReason!;
    const house = this.#house;
    house.sessions.delete(this.#grant.sessionId);
    house.reportEnd({
      sessionId: this.#grant.sessionId,
      reason,
      durationMs: Math.round(performance.now() - this.#startedMs),
      bytes: this.#counts.bytes,
      epochs: this.#counts.epochs,
      frames: this.#counts.frames,
      epochsDropped: 0,
      framesDropped: 0,
      unacknowledgedBytes: 0,
    });
  }

  facts(): SessionFacts {
    return {
      sessionId: this.#grant.sessionId,
      servedMountpoint: this.#grant.mountpoint,
      bytes: this.#counts.bytes,
      epochs: this.#counts.epochs,
      frames: this.#counts.frames,
      epochsDropped: 0,
      unacknowledgedBytes: undefined,
      fix: undefined,
    };
  }

  report(nowMs: number): BaseReport {
    return {
      sessionId: this.#grant.sessionId,
      mountpoint: this.#grant.mountpoint,
      silentMs: Math.max(0, Math.round(nowMs - this.#lastFrameMs)),
      bytes: this.#counts.bytes,
      epochs: this.#counts.epochs,
      frames: this.#counts.frames,
      crcErrors: this.#scanner.crcErrors,
      bytesSkipped: this.#scanner.bytesSkipped,
      facts: this.#facts.snapshot(nowMs),
      health: this.#health.snapshot(nowMs),
    };
  }

  #takeBytes(bytes: Buffer): void {
    this.#scanner.push(bytes);
    this.#countRejected();
    if (this.#scanner.crcErrors - this.#badCrcAtSweep >= BASE_BAD_FRAMES_PER_SWEEP_MAX) {
      this.close('stream_garbage');
      return;
    }
    if (this.#assembler.pendingBytes > 0) this.#house.clock.hurry();
    if (!this.#raw) return;
    this.#lastFrameMs = this.#receivedMs;
    this.#publish(copyOf(bytes), 0, -1);
  }

  #takeFrame(bytes: Buffer, messageNumber: number): void {
    this.#counts.addFrames(1);
    this.#lastFrameMs = this.#receivedMs;
    this.#house.counters.add('framesReceived', 1);
    this.#facts.observe(bytes, messageNumber, this.#receivedMs);
    this.#health.observe(bytes, messageNumber, this.#receivedMs, this.#receivedUnixMs);
    if (!this.#raw) this.#assembler.pushFrame(bytes, messageNumber, this.#receivedMs);
  }

  #publish(bytes: Buffer, frameCount: number, gpsDayMs: number): void {
    this.#counts.addEpoch(0, this.#receivedMs);
    this.#house.counters.add('epochsReceived', 1);
    const epoch = new Epoch(bytes, frameCount, this.#receivedMs, gpsDayMs);
    const { mountpoint, generation } = this.#grant;
    if (!this.#house.streams.publishFromBase(mountpoint, generation, epoch)) this.close('base_replaced');
  }

  #countRejected(): void {
    const { crcErrors, bytesSkipped } = this.#scanner;
    this.#house.counters.add('framesBadCrc', crcErrors - this.#badCrcCounted);
    this.#house.counters.add('bytesSkipped', bytesSkipped - this.#skippedCounted);
    this.#badCrcCounted = crcErrors;
    this.#skippedCounted = bytesSkipped;
  }

  /** What the base had begun to say is passed on, unless a newer base speaks already. */
  #leave(reason: CloseReason): void {
    if (this.#closeReason !== undefined) return;
    if (reason !== 'base_replaced') {
      // What looked like the head of a frame was none, and frames may stand behind it.
      while (this.#scanner.pendingBytes > 0) this.#scanner.giveUpIncomplete();
      this.#assembler.flush();
    }
    this.#closeReason ??= reason;
    this.#closingSinceMs = this.#house.clock.nowMs;
    this.#house.streams.closeBase(this.#grant.mountpoint, this.#grant.generation);
    this.#house.bases.delete(this.#grant.sessionId);
  }
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
