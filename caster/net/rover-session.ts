// A rover that is being streamed to: its place among a mountpoint's subscribers, its outbox, the positions it sends
// up, and the timeouts that end it. One object per rover and no closures, since there are thousands.
//
//   begin ──▶ streaming ──▶ closing (FIN sent, or nothing to wait for) ──▶ closed
//              │  ▲ the nearest base changed: leave one mountpoint, join the other
//              └──┘

import {
  ROVER_KERNEL_BYTES_MIN,
  ROVER_KERNEL_EPOCHS,
  ROVER_KERNEL_SECONDS,
  ROVER_UPSTREAM_BYTES_PER_SWEEP_MAX,
} from '../../config/limits.ts';
import type { RoverGrant } from '../accounts/admission.ts';
import { CHUNK_END, ChunkedDecoder } from '../ntrip/chunked.ts';
import { GgaReader, parseGga } from '../ntrip/gga.ts';
import type { RoverRequest } from '../ntrip/request.ts';
import type { LiveDirectory } from '../stream/live-directory.ts';
import { chooseNearest } from '../stream/nearest.ts';
import { Epoch } from '../stream/epoch.ts';
import type { MountpointStream } from '../stream/mountpoint-stream.ts';
import { CLOSE_REASON_NAMES, type CloseReason } from './close-reason.ts';
import type { DataPlaneSettings, House } from './house.ts';
import { Outbox } from './outbox.ts';
import { descriptorOf, type Peer, type PeerSocket, resetSocket } from './peer-socket.ts';
import { SEND_QUEUE_UNKNOWN } from './native-socket.ts';

/** Bounds in steps, so that they do not change with every epoch. */
const KERNEL_SHARE_STEP_BYTES = 4096;

interface Position {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

export class RoverSession implements Peer {
  readonly #house: House;
  readonly #socket: PeerSocket;
  readonly #grant: RoverGrant;
  readonly #outbox: Outbox;
  readonly #chunked: boolean;
  readonly #isNearest: boolean;
  readonly #startedMs: number;
  /** When it was let in, or last went over to another base. */
  #waitsSinceMs: number;
  #gga: GgaReader | undefined;
  #position: Position | undefined;
  /** What the nearest base was last chosen by. */
  #seen: { position?: Position; directory?: LiveDirectory; settings?: DataPlaneSettings } = {};
  #upstreamBytes = 0;
  /** Only where the rover said that what it sends up is chunked. */
  readonly #upstream: ChunkedDecoder | undefined;
  #stream: MountpointStream | undefined;
  #closeReason: CloseReason | undefined;
  #closingSinceMs = 0;
  #progressMs: number;
  #acknowledgedBytes = 0;
  #unacknowledgedBytes = 0;

  /** `head` is the accept reply; it goes out in one write with what late joiners need. */
  constructor(
    house: House,
    socket: PeerSocket,
    grant: RoverGrant,
    request: RoverRequest,
    head: Buffer,
    chunked: boolean,
  ) {
    this.#house = house;
    this.#socket = socket;
    this.#grant = grant;
    this.#chunked = chunked;
    this.#outbox = new Outbox(socket, house, chunked);
    this.#isNearest = house.settings.mountpoints.get(grant.mountpoint)?.nearest !== undefined;
    this.#upstream = request.chunkedBody ? new ChunkedDecoder() : undefined;
    this.#startedMs = performance.now();
    this.#waitsSinceMs = this.#progressMs = house.clock.nowMs;
    house.sessions.set(grant.sessionId, this);
    house.counters.add('roversOpened', 1);
    // One that must be handed to another base when its own goes away cannot wait for the rovers' slower sweep.
    if (!this.#isNearest) {
      house.connections.remove(socket);
      house.rovers.add(socket);
      const stream = this.#join(grant.mountpoint);
      this.#outbox.open(head, stream.cache.greeting(performance.now()));
    } else {
      this.#outbox.open(head, undefined);
      this.#position = request.ntripGga === undefined ? undefined : parseGga(request.ntripGga);
      this.#follow();
    }
  }

  onData(chunk: Buffer): void {
    this.#house.counters.add('roverBytesReceived', chunk.length);
    this.#upstreamBytes += chunk.length;
    // Positions are a few hundred bytes a second; who floods is read on at the next sweep.
    if (this.#upstreamBytes > ROVER_UPSTREAM_BYTES_PER_SWEEP_MAX) this.#socket.pause();
    if (!this.#isNearest) return;
    if (this.#upstream === undefined) this.#takePosition(chunk);
    else this.#upstream.push(chunk, (bytes) => this.#takePosition(bytes));
  }

  #takePosition(chunk: Buffer): void {
    this.#position = (this.#gga ??= new GgaReader()).push(chunk) ?? this.#position;
    if (this.#stream === undefined) this.#follow();
  }

  onEnd(): void {
    this.#leave('peer_closed');
  }

  onSweep(nowMs: number): void {
    const { timing } = this.#house.settings;
    if (this.#closeReason !== undefined) {
      if (nowMs - this.#closingSinceMs >= timing.drainMs) this.#socket.destroy();
      return;
    }
    this.#follow();
    if (this.#stream !== undefined) this.#boundKernelShare(this.#stream, false);
    this.#upstreamBytes = 0;
    if (this.#socket.isPaused()) this.#socket.resume();
    const newestMs = Math.max(this.#waitsSinceMs, this.#stream?.lastEpochMs ?? 0);
    if (timing.roverSilentMs > 0 && nowMs - newestMs >= timing.roverSilentMs) {
      this.close('rover_silent');
    } else if (this.#isStalled(nowMs, timing.stallMs)) {
      this.close('stalled');
    }
  }

  drain(): void {
    this.close('shutdown');
  }

  /** Ends the session: what has begun to go out is finished, what has not is dropped. The first reason wins. */
  close(reason: CloseReason): void {
    if (this.#closeReason !== undefined) return;
    this.#leave(reason);
    if (reason === 'stalled') {
      resetSocket(this.#socket);
      return;
    }
    if (this.#chunked) this.#socket.end(CHUNK_END);
    else this.#socket.end();
  }

  onDestroying(): void {
    this.#unacknowledgedBytes = Math.max(0, this.#askUnacknowledged());
    this.#outbox.forgetDescriptor();
  }

  onClosed(broken: boolean): void {
    this.#leave(broken ? 'peer_reset' : 'peer_closed');
    const reason = this.#closeReason!;
    const house = this.#house;
    const outbox = this.#outbox;
    (this.#isNearest ? house.connections : house.rovers).remove(this.#socket);
    house.sessions.delete(this.#grant.sessionId);
    house.counters.countClosed(CLOSE_REASON_NAMES.indexOf(reason));
    house.reportEnd({
      sessionId: this.#grant.sessionId,
      reason,
      durationMs: Math.round(performance.now() - this.#startedMs),
      bytes: outbox.bytesTaken,
      epochs: outbox.epochsTaken,
      frames: outbox.framesTaken,
      epochsDropped: outbox.epochsDropped,
      framesDropped: outbox.framesDropped,
      unacknowledgedBytes: this.#unacknowledgedBytes,
    });
  }

  #leave(reason: CloseReason): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#closingSinceMs = this.#house.clock.nowMs;
    this.#outbox.abandon();
    if (this.#stream !== undefined) this.#house.streams.unsubscribe(this.#stream.name, this.#outbox);
    this.#stream = undefined;
  }

  #join(mountpoint: string): MountpointStream {
    const stream = this.#house.streams.subscribe(mountpoint, this.#outbox);
    this.#stream = stream;
    this.#boundKernelShare(stream, true);
    return stream;
  }

  /**
   * Goes over to the live base nearest to where the rover last said it was; many say it only once, so a base that
   * goes away is noticed here too. Writes are whole epochs, so the change falls between two.
   */
  #follow(): void {
    const { settings, directory } = this.#house;
    if (!this.#isNearest || this.#position === undefined || this.#closeReason !== undefined) return;
    // Neither it nor the bases have moved since the last look, and no rule has changed.
    if (this.#seen.position === this.#position && this.#seen.directory === directory) {
      if (this.#seen.settings === settings) return;
    }
    this.#seen = { position: this.#position, directory, settings };
    const rule = settings.mountpoints.get(this.#grant.mountpoint)?.nearest;
    const current = this.#stream?.name;
    const chosen =
      rule === undefined ? current : chooseNearest(rule, directory.positions, this.#position, current);
    if (chosen === current) return;
    if (current !== undefined) this.#house.streams.unsubscribe(current, this.#outbox);
    this.#stream = undefined;
    this.#waitsSinceMs = this.#house.clock.nowMs;
    if (chosen === undefined) return;
    const stream = this.#join(chosen);
    const nowMs = performance.now();
    const greeting = stream.cache.greeting(nowMs);
    if (greeting !== undefined) this.#outbox.deliver(new Epoch(greeting.bytes, greeting.frameCount, nowMs));
  }

  /**
   * The kernel would take minutes of corrections at 2 kB/s. What it may hold, sent or not, is about four epochs, and
   * two seconds of the stream at least: on a slow link that much is always under way. The outbox keeps to it; the
   * kernel's own bound on what is not yet sent serves where the outbox cannot ask (TLS).
   */
  #boundKernelShare(stream: MountpointStream, isNew: boolean): void {
    const wanted = Math.max(
      ROVER_KERNEL_BYTES_MIN,
      stream.typicalEpochBytes * ROVER_KERNEL_EPOCHS,
      stream.typicalBytesPerSecond * ROVER_KERNEL_SECONDS,
    );
    const bytes = Math.ceil(wanted / KERNEL_SHARE_STEP_BYTES) * KERNEL_SHARE_STEP_BYTES;
    if (!isNew && bytes === this.#outbox.kernelBytesMax) return;
    this.#outbox.kernelBytesMax = bytes;
    const descriptor = descriptorOf(this.#socket);
    if (descriptor >= 0) this.#house.native?.boundUnsentBytes(descriptor, bytes);
  }

  /** Acknowledged bytes are progress; where the kernel cannot be asked, a write that is done is. */
  #isStalled(nowMs: number, stallMs: number): boolean {
    const outbox = this.#outbox;
    const unacknowledged = this.#askUnacknowledged();
    const acknowledged = outbox.bytesHandedOver - Math.max(0, unacknowledged);
    const nothingOpen = unacknowledged === SEND_QUEUE_UNKNOWN ? !outbox.isBusy : unacknowledged === 0;
    if ((nothingOpen && !outbox.isBusy) || acknowledged > this.#acknowledgedBytes) this.#progressMs = nowMs;
    this.#acknowledgedBytes = acknowledged;
    return nowMs - this.#progressMs >= stallMs;
  }

  #askUnacknowledged(): number {
    const descriptor = descriptorOf(this.#socket);
    if (this.#house.native === undefined || descriptor < 0) return SEND_QUEUE_UNKNOWN;
    return this.#house.native.unacknowledgedBytes(descriptor);
  }
}
