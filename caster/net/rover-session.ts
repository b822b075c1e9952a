// A rover that is being streamed to: its place among a mountpoint's subscribers, its outbox, the positions it sends
// up, and the timeouts that end it. One object per rover and no closures, since there are thousands.
//
//   begin ──▶ streaming ──▶ closing (FIN sent, or nothing to wait for) ──▶ closed
//              │  ▲ the nearest base changed: leave one mountpoint, join the other
//              └──┘

import {
  POSITION_REPORT_PERIOD_MS,
  ROVER_KERNEL_BYTES_MIN,
  ROVER_KERNEL_EPOCHS,
  ROVER_KERNEL_SECONDS,
  ROVER_UPSTREAM_BYTES_PER_SWEEP_MAX,
} from '../../config/limits.ts';
import type { RoverGrant } from '../accounts/admission.ts';
import type { RoverFix } from '../accounts/open-sessions.ts';
import type { GrantLimits } from '../accounts/grant-limits.ts';
import { CHUNK_END, ChunkedDecoder } from '../ntrip/chunked.ts';
import { type Gga, GgaReader, parseGga } from '../ntrip/gga.ts';
import type { RoverRequest } from '../ntrip/request.ts';
import type { LiveDirectory } from '../stream/live-directory.ts';
import type { Shape } from '../rtcm/reshape/shape.ts';
import { chooseNearest, type NearestRule } from '../stream/nearest.ts';
import { Epoch } from '../stream/epoch.ts';
import type { MountpointStream } from '../stream/mountpoint-stream.ts';
import type { EpochNumber } from '../stream/stream-directory.ts';
import { streamKey } from '../stream/shaped-epoch.ts';
import { CLOSE_REASON_NAMES, type CloseReason } from './close-reason.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { House, LiveSession } from './house.ts';
import { LimitWatch } from './limit-watch.ts';
import { Outbox } from './outbox.ts';
import { descriptorOf, type Peer, type PeerSocket, resetSocket } from './peer-socket.ts';
import { SEND_QUEUE_UNKNOWN } from './native-socket.ts';
import type { SessionFacts } from './session-facts.ts';

/** Bounds in steps, so that they do not change with every epoch. */
const KERNEL_SHARE_STEP_BYTES = 4096;

/** A GGA of this quality says where the receiver was, or nothing at all: no limit is held against it. */
const NO_FIX = 0;

export class RoverSession implements Peer, LiveSession {
  readonly #house: House;
  readonly #socket: PeerSocket;
  readonly #sessionId: string;
  /** As granted; with the nearest base it is another that is served. */
  readonly #mountpoint: string;
  readonly #outbox: Outbox;
  readonly #chunked: boolean;
  /** The one that has the base, where what was granted is a shape of it. */
  #of: string | undefined;
  #nearest: NearestRule | undefined;
  /** Whose account it is, as far as the nearest base hangs on it. */
  #customerId: string | null | undefined;
  /** Whether the nearest base is served: by the grant, or because the mountpoint is such a one. */
  #isNearest = false;
  /** Undefined where it gets what the base sends. */
  #shape: Shape | undefined;
  #watch: LimitWatch | undefined;
  readonly #startedMs: number;
  /** When it was let in, or last went over to another base. */
  #waitsSinceMs: number;
  /** Only while a position is wanted. */
  #reader: GgaReader | undefined;
  #position: Gga | undefined;
  /** Wall time. */
  #positionAtMs = 0;
  #nextReportMs = -Infinity;
  /** What the nearest base was last chosen by. */
  #seen: { position?: Gga; directory?: LiveDirectory; rule?: NearestRule | undefined } = {};
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
    // Not the grant itself: an area in it may be large, and is shared once it has been read.
    this.#sessionId = grant.sessionId;
    this.#mountpoint = grant.mountpoint;
    this.#chunked = chunked;
    this.#outbox = new Outbox(socket, house, chunked, house.ledger.place(grant.record));
    this.#of = grant.limits.of;
    this.#nearest = grant.limits.nearest;
    this.#customerId = grant.limits.customerId;
    this.#isNearest = this.#rule() !== undefined;
    this.#shape = grant.limits.shape;
    this.#upstream = request.chunkedBody ? new ChunkedDecoder() : undefined;
    this.#startedMs = performance.now();
    this.#waitsSinceMs = this.#progressMs = house.clock.nowMs;
    house.sessions.set(grant.sessionId, this);
    house.counters.add('roversOpened', 1);
    if (!this.#isNearest) {
      house.connections.remove(socket);
      house.rovers.add(socket);
      const stream = this.#join(this.#of ?? grant.mountpoint);
      this.#outbox.open(head, stream?.cache.greeting(performance.now()));
      if (stream === undefined) {
        this.close('too_many_shapes');
        return;
      }
    } else {
      this.#outbox.open(head, undefined);
    }
    const position = request.ntripGga === undefined ? undefined : parseGga(request.ntripGga);
    if (this.#hold(grant.limits) && position !== undefined) this.#takePosition(position);
  }

  onData(chunk: Buffer): void {
    this.#house.counters.add('roverBytesReceived', chunk.length);
    this.#upstreamBytes += chunk.length;
    // Positions are a few hundred bytes a second; who floods is read on at the next sweep.
    if (this.#upstreamBytes > ROVER_UPSTREAM_BYTES_PER_SWEEP_MAX) this.#socket.pause();
    if (this.#closeReason !== undefined) return;
    if (this.#upstream === undefined) this.#hear(chunk);
    else this.#upstream.push(chunk, (bytes) => this.#hear(bytes));
  }

  /** Of a rover of whom nothing hangs on its position only so many are read as are reported. */
  #hear(bytes: Buffer): void {
    const isNeeded = this.#isNearest || this.#watch?.needsPositions === true;
    if (!isNeeded && this.#house.clock.nowMs < this.#nextReportMs) {
      // Half a sentence must not be gone on with after a gap.
      this.#reader = undefined;
      return;
    }
    const position = (this.#reader ??= new GgaReader()).push(bytes);
    if (position !== undefined && this.#closeReason === undefined) this.#takePosition(position);
  }

  #takePosition(position: Gga): void {
    const { clock } = this.#house;
    this.#position = position;
    this.#positionAtMs = Date.now();
    if (clock.nowMs >= this.#nextReportMs) {
      this.#nextReportMs = clock.nowMs + POSITION_REPORT_PERIOD_MS;
      this.#house.reportPosition({ sessionId: this.#sessionId, fix: this.#fix()! });
    }
    if (position.quality !== NO_FIX) this.#watch?.sawPosition(position);
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
    // Of thousands that keep up nothing more is looked at than must be: what is not in the cache is what costs.
    if (this.#upstreamBytes > 0) this.#readOn();
    if (this.#isSilent(nowMs, timing.roverSilentMs)) {
      const { shape, mountpoint } = this.#stream ?? {};
      const isEmpty = shape !== undefined && this.#house.directory.sending.has(mountpoint!);
      this.close(isEmpty ? 'shape_empty' : 'rover_silent');
    } else if (this.#isStalled(nowMs, timing.stallMs)) {
      this.close('stalled');
    }
  }

  #readOn(): void {
    this.#upstreamBytes = 0;
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** Counted since it was let in or went over to another base at most; a shape with few epochs is not silent between. */
  #isSilent(nowMs: number, roverSilentMs: number): boolean {
    const sinceMs = Math.max(this.#waitsSinceMs, this.#stream?.lastEpochMs ?? 0);
    return roverSilentMs > 0 && nowMs - sinceMs >= roverSilentMs + (this.#shape?.intervalS ?? 0) * 1000;
  }

  drain(): void {
    this.close('shutdown');
  }

  /** Takes other limits over, between two epochs; what is already beyond them ends at once. */
  useLimits(limits: GrantLimits): void {
    if (this.#closeReason !== undefined) return;
    if (!this.#hold(limits)) return;
    const table = this.#table;
    this.#of = limits.of;
    this.#nearest = limits.nearest;
    this.#customerId = limits.customerId;
    this.#seen = {};
    this.#isNearest = this.#rule() !== undefined;
    if (this.#table !== table) {
      table.remove(this.#socket);
      this.#table.add(this.#socket);
    }
    this.#shape = limits.shape;
    if (this.#isNearest) this.#follow();
    this.#goTo(this.#isNearest ? this.#stream?.mountpoint : (this.#of ?? this.#mountpoint));
  }

  facts(): SessionFacts {
    const { bytesTaken, epochsTaken, framesTaken, epochsDropped } = this.#outbox;
    const unacknowledged = this.#askUnacknowledged();
    return {
      sessionId: this.#sessionId,
      servedMountpoint: this.#stream?.mountpoint,
      bytes: bytesTaken,
      epochs: epochsTaken,
      frames: framesTaken,
      epochsDropped,
      unacknowledgedBytes: unacknowledged === SEND_QUEUE_UNKNOWN ? undefined : unacknowledged,
      fix: this.#fix(),
    };
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
    this.#table.remove(this.#socket);
    house.sessions.delete(this.#sessionId);
    house.counters.countClosed(CLOSE_REASON_NAMES.indexOf(reason));
    house.reportEnd({
      sessionId: this.#sessionId,
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
    this.#watch?.stop();
    this.#outbox.abandon();
    if (this.#stream !== undefined) this.#house.streams.unsubscribe(this.#stream.key, this.#outbox);
    this.#stream = undefined;
  }

  /** One that must be handed to another base when its own goes away cannot wait for the rovers' slower sweep. */
  get #table(): ConnectionTable {
    return this.#isNearest ? this.#house.connections : this.#house.rovers;
  }

  #rule(): NearestRule | undefined {
    return this.#nearest ?? this.#house.settings.mountpoints.get(this.#mountpoint)?.nearest;
  }

  /** False where the rover is beyond them, and has been ended. */
  #hold(limits: GrantLimits): boolean {
    const { untilMs, area, gga } = limits;
    if (this.#watch === undefined && untilMs === undefined && area === undefined && gga === undefined)
      return true;
    const position = this.#position?.quality === NO_FIX ? undefined : this.#position;
    (this.#watch ??= new LimitWatch(this, this.#house)).use(limits, position);
    return this.#closeReason === undefined;
  }

  #fix(): RoverFix | undefined {
    if (this.#position === undefined) return undefined;
    const { latitudeDeg, longitudeDeg, heightM, quality, satellites, hdop, ageS } = this.#position;
    const place = { latitudeDeg, longitudeDeg, heightM };
    return { ...place, quality, satellites, hdop, correctionAgeS: ageS, atMs: this.#positionAtMs };
  }

  /** Undefined where the mountpoint has no room for another shape. */
  #join(mountpoint: string, after?: EpochNumber): MountpointStream | undefined {
    const stream = this.#house.streams.subscribe(mountpoint, this.#outbox, this.#shape, after);
    this.#stream = stream;
    if (stream !== undefined) this.#boundKernelShare(stream, true);
    return stream;
  }

  /**
   * Goes over to the live base nearest to where the rover last said it was; many say it only once, so a base that
   * goes away is noticed here too. Writes are whole epochs, so the change falls between two.
   */
  #follow(): void {
    if (!this.#isNearest || this.#position === undefined || this.#closeReason !== undefined) return;
    const { directory } = this.#house;
    const rule = this.#rule();
    const position = this.#position;
    // Neither it nor the bases have moved since the last look, and the rule is the same.
    const seen = this.#seen;
    if (seen.position === position && seen.directory === directory && seen.rule === rule) return;
    this.#seen = { position, directory, rule };
    const current = this.#stream?.mountpoint;
    const ask = { position, current, customerId: this.#customerId };
    this.#goTo(rule === undefined ? current : chooseNearest(rule, directory.positions, ask));
  }

  /** Leaves the stream it has for that of this mountpoint in its shape, or for none. */
  #goTo(chosen: string | undefined): void {
    const { streams, clock } = this.#house;
    const current = this.#stream;
    if (current?.key === (chosen && streamKey(chosen, this.#shape))) return;
    const after = current?.mountpoint === chosen ? streams.numberOf(current!.key) : undefined;
    if (current !== undefined) streams.unsubscribe(current.key, this.#outbox);
    this.#stream = undefined;
    this.#waitsSinceMs = clock.nowMs;
    if (chosen === undefined) return;
    const stream = this.#join(chosen, after);
    if (stream === undefined) {
      this.close('too_many_shapes');
      return;
    }
    const nowMs = performance.now();
    const known = after === undefined ? undefined : current?.cache;
    const greeting = stream.cache.greeting(nowMs, known);
    if (greeting !== undefined) this.#outbox.deliver(new Epoch(greeting.bytes, greeting.frameCount, nowMs));
    // Of two shapes from another worker, one may have come that far and the other not.
    const missed = after && streams.newestAfter(stream.key, after);
    if (missed !== undefined) this.#outbox.deliver(missed);
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
    const { isInLane, acknowledgedAllMs } = outbox.counts;
    // Its lane says enough, and long before a stall it is looked at again.
    if (isInLane && nowMs - acknowledgedAllMs < stallMs / 2) return false;
    const unacknowledged = this.#askUnacknowledged();
    const acknowledged = outbox.bytesHandedOver - Math.max(0, unacknowledged);
    const nothingOpen = unacknowledged === SEND_QUEUE_UNKNOWN ? !outbox.isBusy : unacknowledged === 0;
    if (nothingOpen && !outbox.isBusy) this.#progressMs = nowMs;
    else if (acknowledgedAllMs > this.#progressMs) {
      // Whatever it acknowledged between that and now, nobody looked: the next look tells whether it goes on.
      this.#progressMs = acknowledgedAllMs;
      this.#acknowledgedBytes = acknowledged;
      return false;
    } else if (acknowledged > this.#acknowledgedBytes) this.#progressMs = nowMs;
    this.#acknowledgedBytes = acknowledged;
    return nowMs - this.#progressMs >= stallMs;
  }

  #askUnacknowledged(): number {
    const descriptor = descriptorOf(this.#socket);
    if (this.#house.native === undefined || descriptor < 0) return SEND_QUEUE_UNKNOWN;
    return this.#house.native.unacknowledgedBytes(descriptor);
  }
}
