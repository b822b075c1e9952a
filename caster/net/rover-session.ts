// A rover that is being streamed to: its place among a mountpoint's subscribers, its outbox, the positions it sends
// up, and the timeouts that end it. One object per rover and no closures, since there are thousands.
//
//   begin ──▶ streaming ──▶ closing (FIN sent, or nothing to wait for) ──▶ closed
//              │  ▲ the nearest base changed: leave one mountpoint, join the other
//              └──┘

import { ROVER_KERNEL_BYTES_MIN, ROVER_KERNEL_EPOCHS, ROVER_KERNEL_SECONDS } from '../../config/limits.ts';
import type { RoverGrant } from '../accounts/admission.ts';
import { CHUNK_END, ChunkedDecoder } from '../ntrip/chunked.ts';
import { GgaReader, parseGga } from '../ntrip/gga.ts';
import type { RoverRequest } from '../ntrip/request.ts';
import { chooseNearest, type NearestRule } from '../stream/nearest.ts';
import { Epoch } from '../stream/epoch.ts';
import type { MountpointStream } from '../stream/mountpoint-stream.ts';
import { CLOSE_REASON_NAMES, type CloseReason } from './close-reason.ts';
import type { House } from './house.ts';
import { Outbox } from './outbox.ts';
import { descriptorOf, type Peer, type PeerSocket } from './peer-socket.ts';
import { SEND_QUEUE_UNKNOWN } from './native-socket.ts';

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
  readonly #nearest: NearestRule | undefined;
  readonly #startedMs: number;
  #gga: GgaReader | undefined;
  #position: Position | undefined;
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
    this.#nearest = house.settings.mountpoints.get(grant.mountpoint)?.nearest;
    this.#upstream = request.chunkedBody ? new ChunkedDecoder() : undefined;
    this.#startedMs = this.#progressMs = house.clock.nowMs;
    house.sessions.set(grant.sessionId, this);
    house.counters.add('roversOpened', 1);
    // One that must be handed to another base when its own goes away cannot wait for the rovers' slower sweep.
    if (this.#nearest === undefined) {
      house.connections.remove(socket);
      house.rovers.add(socket);
    }
    if (this.#nearest === undefined) {
      this.#join(grant.mountpoint);
      this.#outbox.open(head, this.#stream?.cache.greeting(house.clock.nowMs));
    } else {
      this.#outbox.open(head, undefined);
      this.#position = request.ntripGga === undefined ? undefined : parseGga(request.ntripGga);
      this.#follow();
    }
  }

  onData(chunk: Buffer): void {
    this.#house.counters.add('roverBytesReceived', chunk.length);
    if (this.#nearest === undefined) return;
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
    const newestMs = Math.max(this.#startedMs, this.#stream?.lastEpochMs ?? 0);
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
      // A reset frees what the kernel still holds for a peer that takes nothing; TLS sockets know no reset.
      if (this.#socket.encrypted === true) this.#socket.destroy();
      else this.#socket.resetAndDestroy();
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
    (this.#nearest === undefined ? house.rovers : house.connections).remove(this.#socket);
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

  #join(mountpoint: string): void {
    this.#stream = this.#house.streams.subscribe(mountpoint, this.#outbox);
    this.#boundKernelShare(this.#stream);
  }

  /**
   * Goes over to the live base nearest to where the rover last said it was; many say it only once, so a base that
   * goes away is noticed here too. Writes are whole epochs, so the change falls between two.
   */
  #follow(): void {
    if (this.#nearest === undefined || this.#position === undefined || this.#closeReason !== undefined)
      return;
    const current = this.#stream?.name;
    const chosen = chooseNearest(this.#nearest, this.#house.directory.positions, this.#position, current);
    if (chosen === undefined || chosen === current) return;
    if (current !== undefined) this.#house.streams.unsubscribe(current, this.#outbox);
    this.#join(chosen);
    const nowMs = this.#house.clock.nowMs;
    const greeting = this.#stream!.cache.greeting(nowMs);
    if (greeting !== undefined) this.#outbox.deliver(new Epoch(greeting.bytes, greeting.frameCount, nowMs));
  }

  /**
   * The kernel would take minutes of corrections at 2 kB/s. What it may hold, sent or not, is about four epochs, and
   * two seconds of the stream at least: on a slow link that much is always under way. The outbox keeps to it; the
   * kernel's own bound on what is not yet sent serves where the outbox cannot ask (TLS).
   */
  #boundKernelShare(stream: MountpointStream): void {
    const bytes = Math.max(
      ROVER_KERNEL_BYTES_MIN,
      stream.typicalEpochBytes * ROVER_KERNEL_EPOCHS,
      stream.typicalBytesPerSecond * ROVER_KERNEL_SECONDS,
    );
    this.#outbox.kernelBytesMax = bytes;
    const descriptor = descriptorOf(this.#socket);
    if (descriptor >= 0) this.#house.native?.boundUnsentBytes(descriptor, Math.ceil(bytes));
  }

  #isStalled(nowMs: number, stallMs: number): boolean {
    const unacknowledged = this.#askUnacknowledged();
    if (unacknowledged === SEND_QUEUE_UNKNOWN) {
      if (!this.#outbox.isBusy) this.#progressMs = nowMs;
    } else {
      const acknowledged = this.#outbox.bytesHandedOver - unacknowledged;
      if (unacknowledged === 0 || acknowledged > this.#acknowledgedBytes) this.#progressMs = nowMs;
      this.#acknowledgedBytes = acknowledged;
    }
    return nowMs - this.#progressMs >= stallMs;
  }

  #askUnacknowledged(): number {
    const descriptor = descriptorOf(this.#socket);
    if (this.#house.native === undefined || this.#socket.encrypted === true || descriptor < 0) {
      return SEND_QUEUE_UNKNOWN;
    }
    return this.#house.native.unacknowledgedBytes(descriptor);
  }
}
