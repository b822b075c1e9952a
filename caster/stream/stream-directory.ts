// The streams of one worker, and the exchange of epochs with the other workers of the process: an epoch crosses to
// another worker once, and only while a rover there has the stream.
//
//   worker A (has the base)                         worker B (has rovers)
//   publishFromBase ──▶ own rovers                  first rover subscribes ──▶ want ──▶ A
//         └──────────▶ epoch ──▶ every worker       publishFromPeer ──▶ own rovers
//                      that wants the stream        last rover leaves ──▶ unwant ──▶ A
//
// `want` goes to every worker, since a base may turn up anywhere; a worker that has the base answers with what late
// joiners need, and with its newest epoch where that came in while `want` was on its way. Epochs are numbered, so that
// one which is relayed twice (wanted, no longer wanted, wanted again, all within a millisecond) is published once.
//
// A mountpoint is one stream as its base sends it, and one more for each shape that somebody has here or wants from
// here. A shape is made where the base is, from each epoch once, and is gone with the last that has it.

import { SHAPES_PER_MOUNTPOINT_MAX } from '../../config/limits.ts';
import type { DataPlaneCounters } from '../metering/data-plane-counters.ts';
import { makeReshape, type Reshape } from '../rtcm/reshape/reshape.ts';
import type { Shape } from '../rtcm/reshape/shape.ts';
import { Epoch } from './epoch.ts';
import type { DirectSending } from './fan-out.ts';
import { MountpointStream } from './mountpoint-stream.ts';
import { shapeEpoch, streamKey } from './shaped-epoch.ts';
import type { Subscriber } from './subscriber.ts';

/** Which of its mountpoint's epochs one is; the same in each shape. */
export interface EpochNumber {
  readonly generation: number;
  /** Grows with every epoch of a base; GREETING for what late joiners need, which is no epoch of its own. */
  readonly sequence: number;
}

/** An epoch on its way to another worker. */
export interface RelayedEpoch extends EpochNumber {
  readonly bytes: Buffer;
  readonly frameCount: number;
  /** Milliseconds since its last byte came in. */
  readonly ageMs: number;
  /** Its observation time, -1 where it has none. */
  readonly gpsDayMs: number;
}

export const GREETING = -1;

/** One other worker, as the directory talks to it. A stream is known to it by its key. */
export interface PeerWorker {
  want(wanted: WantedStream): void;
  unwant(stream: string): void;
  relay(stream: string, epoch: RelayedEpoch): void;
}

export interface WantedStream {
  readonly mountpoint: string;
  readonly shape?: Shape | undefined;
  /** The newest epoch that its first rover had in another shape: what came since, it wants. */
  readonly after?: EpochNumber | undefined;
}

interface Entry {
  readonly stream: MountpointStream;
  /** Peers with rovers of this stream. */
  readonly wantedBy: Set<PeerWorker>;
  /** The generation of the base on this worker; undefined while there is none. */
  ownBase: number | undefined;
  /** Makes the stream of what the base sends; undefined where that is the stream, and while there is no base here. */
  reshape: Reshape | undefined;
  /** The newest epoch that was published, wherever its base is; and when, for that of a base on this worker. */
  newest: Epoch | undefined;
  newestNumber: EpochNumber;
  newestMs: number;
}

/** An epoch that a rover missed while it changed its shape is of no use to it when it is older. */
const MISSED_EPOCH_AGE_MS_MAX = 2000;

const NONE_YET: EpochNumber = { generation: 0, sequence: GREETING };

const NO_SHAPES: ReadonlySet<Entry> = new Set();

export class StreamDirectory {
  /** By key. */
  readonly #entries = new Map<string, Entry>();
  /** By mountpoint: those of its streams that are in a shape. */
  readonly #shaped = new Map<string, Set<Entry>>();
  readonly #peers = new Set<PeerWorker>();
  /** Peers that have not said yet what they want; they may be busy, and get everything until they do. */
  readonly #unheard = new Set<PeerWorker>();
  readonly #counters: DataPlaneCounters;
  readonly #direct: DirectSending | undefined;

  /** `direct` is undefined where sockets can only be written to through Node. */
  constructor(counters: DataPlaneCounters, direct?: DirectSending) {
    this.#counters = counters;
    this.#direct = direct;
  }

  /** Those of which there is a stream, in whatever shape. */
  get mountpoints(): number {
    let count = this.#entries.size;
    for (const [mountpoint, shaped] of this.#shaped)
      count -= shaped.size - (this.#entries.has(mountpoint) ? 0 : 1);
    return count;
  }

  /** Streams in a shape, of all mountpoints, made here or come from where their base is. */
  get shapes(): number {
    let count = 0;
    for (const shaped of this.#shaped.values()) count += shaped.size;
    return count;
  }

  /**
   * The stream `subscriber` now belongs to. The caller greets it from the stream's cache. Undefined where the mountpoint
   * has as many shapes as it may have, and this would be one more. `after` is numberOf the stream of the same mountpoint
   * that it comes from: who streams already is let into any shape.
   */
  subscribe(
    mountpoint: string,
    subscriber: Subscriber,
    shape?: Shape,
    after?: EpochNumber,
  ): MountpointStream | undefined {
    const key = streamKey(mountpoint, shape);
    const isOneMore = key !== mountpoint && after === undefined && !this.#entries.has(key);
    if (isOneMore && this.#shapedOf(mountpoint).size >= SHAPES_PER_MOUNTPOINT_MAX) return undefined;
    const { stream } = this.#entryOf(mountpoint, shape);
    // The subscriber has heard of that base: no older one is let through to it any more.
    if (after !== undefined) stream.admitGeneration(after.generation);
    stream.subscribe(subscriber);
    if (stream.subscriberCount === 1) for (const peer of this.#peers) peer.want({ mountpoint, shape, after });
    return stream;
  }

  /** Of its newest epoch. */
  numberOf(stream: string): EpochNumber | undefined {
    return this.#entries.get(stream)?.newestNumber;
  }

  /** The newest epoch of the stream, where it is newer than that of this number and not stale. */
  newestAfter(stream: string, { generation, sequence }: EpochNumber): Epoch | undefined {
    const { newest, newestNumber } = this.#entries.get(stream) ?? {};
    if (newest === undefined || newestNumber?.generation !== generation) return undefined;
    const isStale = performance.now() - newest.receivedMs > MISSED_EPOCH_AGE_MS_MAX;
    return newestNumber.sequence > sequence && !isStale ? newest : undefined;
  }

  unsubscribe(stream: string, subscriber: Subscriber): void {
    const entry = this.#entries.get(stream);
    if (entry === undefined) return;
    entry.stream.unsubscribe(subscriber);
    if (entry.stream.subscriberCount > 0) return;
    // From here on nothing of the stream is heard: what it said of its base may be old when the next rover comes.
    if (entry.ownBase === undefined) {
      entry.stream.cache.clear();
      entry.newest = undefined;
    }
    for (const peer of this.#peers) peer.unwant(stream);
    this.#forgetIfUnused(entry);
  }

  /** A base begins on this worker. */
  openBase(mountpoint: string, generation: number): void {
    const entry = this.#entryOf(mountpoint, undefined);
    for (const each of [entry, ...this.#shapedOf(mountpoint)]) {
      each.ownBase = generation;
      each.newest = undefined;
      each.newestNumber = { generation, sequence: 0 };
      each.reshape = reshapeFor(each.stream);
      each.stream.admitGeneration(generation);
    }
  }

  closeBase(mountpoint: string, generation: number): void {
    const entry = this.#entries.get(mountpoint);
    if (entry?.ownBase !== generation) return;
    for (const each of [entry, ...this.#shapedOf(mountpoint)]) {
      each.ownBase = undefined;
      each.newest = undefined;
      each.reshape = undefined;
      if (each.stream.subscriberCount === 0) each.stream.cache.clear();
      this.#forgetIfUnused(each);
    }
  }

  /** False where this base no longer has the mountpoint, here or anywhere: it should end. */
  publishFromBase(mountpoint: string, generation: number, epoch: Epoch): boolean {
    const entry = this.#entries.get(mountpoint);
    if (entry?.ownBase !== generation) return false;
    const shaped = this.#shapedOf(mountpoint);
    // A newer base on another worker is heard of only in those streams that are wanted from there.
    if (!entry.stream.admitGeneration(generation)) return false;
    for (const { stream } of shaped) if (!stream.admitGeneration(generation)) return false;
    const number = { generation, sequence: entry.newestNumber.sequence + 1 };
    this.#publish(entry, number, epoch);
    for (const each of shaped) {
      const inShape = this.#shape(each, epoch);
      if (inShape !== undefined) this.#publish(each, number, inShape);
    }
    return true;
  }

  #shape({ reshape }: Entry, epoch: Epoch): Epoch | undefined {
    const beganMs = performance.now();
    const inShape = shapeEpoch(reshape!, epoch);
    this.#counters.add('epochsReshaped', 1);
    this.#counters.add('reshapeSeconds', (performance.now() - beganMs) / 1000);
    return inShape;
  }

  #publish(entry: Entry, number: EpochNumber, epoch: Epoch): void {
    entry.newestMs = performance.now();
    entry.newestNumber = number;
    entry.stream.publish(epoch);
    this.#counters.observeFanout((performance.now() - epoch.receivedMs) / 1000);
    if (this.#peers.size === 0) return;
    entry.newest = epoch;
    for (const peer of entry.wantedBy) {
      peer.relay(entry.stream.key, relayOf(epoch, number));
      this.#counters.add('epochsRelayed', 1);
    }
    for (const peer of this.#unheard) {
      if (!entry.wantedBy.has(peer)) peer.relay(entry.stream.key, relayOf(epoch, number));
    }
  }

  /** An epoch (or, before the first, a greeting) from another worker. */
  publishFromPeer(stream: string, relayed: RelayedEpoch): void {
    const { generation, sequence, bytes, frameCount, ageMs, gpsDayMs } = relayed;
    const entry = this.#entries.get(stream);
    if (entry === undefined || entry.stream.subscriberCount === 0) return;
    if (!entry.stream.admitGeneration(generation)) return;
    const { newestNumber } = entry;
    if (sequence !== GREETING) {
      if (newestNumber.generation === generation && sequence <= newestNumber.sequence) return;
      entry.newestNumber = { generation, sequence };
    }
    const epoch = new Epoch(bytes, frameCount, performance.now() - ageMs, gpsDayMs);
    if (sequence !== GREETING) entry.newest = epoch;
    entry.stream.publish(epoch);
    this.#counters.observeFanout((performance.now() - epoch.receivedMs) / 1000);
  }

  addPeer(peer: PeerWorker): void {
    this.#peers.add(peer);
    for (const { stream } of this.#entries.values()) {
      if (stream.subscriberCount > 0) peer.want({ mountpoint: stream.mountpoint, shape: stream.shape });
    }
  }

  /** Until `peerHeard` this peer counts as wanting every stream that there is. */
  awaitPeer(peer: PeerWorker): void {
    this.#unheard.add(peer);
  }

  peerHeard(peer: PeerWorker): void {
    this.#unheard.delete(peer);
  }

  removePeer(peer: PeerWorker): void {
    this.#peers.delete(peer);
    this.#unheard.delete(peer);
    for (const entry of this.#entries.values()) {
      entry.wantedBy.delete(peer);
      this.#forgetIfUnused(entry);
    }
  }

  /** `wantedMs` is when the peer's rover joined, on this worker's clock. */
  peerWants(peer: PeerWorker, wanted: WantedStream, nowMs: number, wantedMs: number): void {
    const { mountpoint, shape, after } = wanted;
    const isNew = !this.#entries.has(streamKey(mountpoint, shape));
    const entry = this.#entryOf(mountpoint, shape);
    entry.wantedBy.add(peer);
    const { ownBase, stream } = entry;
    if (ownBase === undefined) return;
    const greeting = stream.cache.greeting(nowMs);
    if (greeting !== undefined) {
      const { bytes, frameCount } = greeting;
      const about = { generation: ownBase, sequence: GREETING, ageMs: 0, gpsDayMs: -1 };
      peer.relay(stream.key, { ...about, bytes, frameCount });
    }
    const { newest, newestNumber, newestMs } = entry;
    const isMissed = newestMs >= wantedMs || (after && this.newestAfter(stream.key, after)) !== undefined;
    if (newest === undefined || !isMissed || (this.#unheard.has(peer) && !isNew)) return;
    peer.relay(stream.key, relayOf(newest, newestNumber));
    this.#counters.add('epochsRelayed', 1);
  }

  peerUnwants(peer: PeerWorker, stream: string): void {
    const entry = this.#entries.get(stream);
    if (entry === undefined) return;
    entry.wantedBy.delete(peer);
    this.#forgetIfUnused(entry);
  }

  #shapedOf(mountpoint: string): ReadonlySet<Entry> {
    return this.#shaped.get(mountpoint) ?? NO_SHAPES;
  }

  #entryOf(mountpoint: string, shape: Shape | undefined): Entry {
    const key = streamKey(mountpoint, shape);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const stream = new MountpointStream(mountpoint, this.#direct, key === mountpoint ? undefined : shape);
    const entry: Entry = {
      stream,
      wantedBy: new Set(),
      ownBase: undefined,
      reshape: undefined,
      newest: undefined,
      newestNumber: NONE_YET,
      newestMs: 0,
    };
    this.#entries.set(key, entry);
    if (stream.shape !== undefined) this.#begin(entry);
    return entry;
  }

  /** A shape begins in the midst of a stream: with what that has said of its base and its satellites. */
  #begin(entry: Entry): void {
    const { stream } = entry;
    const shaped = this.#shaped.get(stream.mountpoint);
    if (shaped === undefined) this.#shaped.set(stream.mountpoint, new Set([entry]));
    else shaped.add(entry);
    const source = this.#entries.get(stream.mountpoint);
    if (source?.ownBase === undefined) return;
    entry.ownBase = source.ownBase;
    entry.reshape = reshapeFor(stream);
    stream.admitGeneration(source.ownBase);
    const nowMs = performance.now();
    for (const { bytes, receivedMs } of source.stream.cache.newest(nowMs)) {
      const kept = shapeEpoch(entry.reshape!, new Epoch(bytes, 1, receivedMs));
      if (kept !== undefined) stream.cache.observe(kept);
    }
    // Not for who begins it here, and has it already; for another worker it may have come too late.
    if (source.newest === undefined) return;
    entry.newest = shapeEpoch(entry.reshape!, source.newest);
    entry.newestNumber = source.newestNumber;
    entry.newestMs = source.newestMs;
  }

  #forgetIfUnused(entry: Entry): void {
    const { stream, wantedBy, ownBase } = entry;
    const isSource = stream.shape === undefined && ownBase !== undefined;
    if (stream.subscriberCount > 0 || wantedBy.size > 0 || isSource) return;
    this.#entries.delete(stream.key);
    stream.end();
    const shaped = this.#shaped.get(stream.mountpoint);
    if (shaped?.delete(entry) === true && shaped.size === 0) this.#shaped.delete(stream.mountpoint);
  }
}

function reshapeFor({ shape }: MountpointStream): Reshape | undefined {
  return shape === undefined ? undefined : makeReshape(shape);
}

function relayOf(epoch: Epoch, number: EpochNumber): RelayedEpoch {
  const { bytes, frameCount, receivedMs, gpsDayMs } = epoch;
  return { ...number, bytes, frameCount, ageMs: performance.now() - receivedMs, gpsDayMs };
}
