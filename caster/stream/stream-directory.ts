// The mountpoints of one worker, and the exchange of epochs with the other workers of the process: an epoch crosses
// to another worker once, and only while a rover there has the mountpoint.
//
//   worker A (has the base)                         worker B (has rovers)
//   publishFromBase ──▶ own rovers                  first rover subscribes ──▶ want ──▶ A
//         └──────────▶ epoch ──▶ every worker       publishFromPeer ──▶ own rovers
//                      that wants the mountpoint    last rover leaves ──▶ unwant ──▶ A
//
// `want` goes to every worker, since a base may turn up anywhere; a worker that has the base answers with what late
// joiners need.

import type { DataPlaneCounters } from '../metering/data-plane-counters.ts';
import { Epoch } from './epoch.ts';
import { MountpointStream } from './mountpoint-stream.ts';
import type { Subscriber } from './subscriber.ts';

/** One other worker, as the directory talks to it. */
export interface PeerWorker {
  want(mountpoint: string): void;
  unwant(mountpoint: string): void;
  relay(
    mountpoint: string,
    generation: number,
    bytes: Buffer,
    frameCount: number,
    ageMs: number,
    gpsDayMs: number,
  ): void;
}

interface Entry {
  readonly stream: MountpointStream;
  /** Peers with rovers of this mountpoint. */
  readonly wantedBy: Set<PeerWorker>;
  /** The generation of the base on this worker; undefined while there is none. */
  ownBase: number | undefined;
}

export class StreamDirectory {
  readonly #entries = new Map<string, Entry>();
  readonly #peers = new Set<PeerWorker>();
  /** Peers that have not said yet what they want; they may be busy, and get everything until they do. */
  readonly #unheard = new Set<PeerWorker>();
  readonly #counters: DataPlaneCounters;

  constructor(counters: DataPlaneCounters) {
    this.#counters = counters;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The stream `subscriber` now belongs to. The caller greets it from the stream's cache. */
  subscribe(mountpoint: string, subscriber: Subscriber): MountpointStream {
    const entry = this.#entryOf(mountpoint);
    entry.stream.subscribe(subscriber);
    if (entry.stream.subscriberCount === 1) for (const peer of this.#peers) peer.want(mountpoint);
    return entry.stream;
  }

  unsubscribe(mountpoint: string, subscriber: Subscriber): void {
    const entry = this.#entries.get(mountpoint);
    if (entry === undefined) return;
    entry.stream.unsubscribe(subscriber);
    if (entry.stream.subscriberCount > 0) return;
    // From here on nothing of the stream is heard: what it said of its base may be old when the next rover comes.
    if (entry.ownBase === undefined) entry.stream.cache.clear();
    for (const peer of this.#peers) peer.unwant(mountpoint);
    this.#forgetIfUnused(entry);
  }

  /** A base begins on this worker. */
  openBase(mountpoint: string, generation: number): void {
    const entry = this.#entryOf(mountpoint);
    entry.ownBase = generation;
    entry.stream.admitGeneration(generation);
  }

  closeBase(mountpoint: string, generation: number): void {
    const entry = this.#entries.get(mountpoint);
    if (entry?.ownBase !== generation) return;
    entry.ownBase = undefined;
    if (entry.stream.subscriberCount === 0) entry.stream.cache.clear();
    this.#forgetIfUnused(entry);
  }

  /** False where this base no longer has the mountpoint, here or anywhere: it should end. */
  publishFromBase(mountpoint: string, generation: number, epoch: Epoch): boolean {
    const entry = this.#entries.get(mountpoint);
    if (entry?.ownBase !== generation || !entry.stream.admitGeneration(generation)) return false;
    entry.stream.publish(epoch);
    this.#counters.observeFanout((performance.now() - epoch.receivedMs) / 1000);
    const { bytes, frameCount, receivedMs, gpsDayMs } = epoch;
    for (const peer of entry.wantedBy) {
      peer.relay(mountpoint, generation, bytes, frameCount, performance.now() - receivedMs, gpsDayMs);
      this.#counters.add('epochsRelayed', 1);
    }
    for (const peer of this.#unheard) {
      if (entry.wantedBy.has(peer)) continue;
      peer.relay(mountpoint, generation, bytes, frameCount, performance.now() - receivedMs, gpsDayMs);
    }
    return true;
  }

  /** An epoch (or, before the first, a greeting) from another worker. */
  publishFromPeer(
    mountpoint: string,
    generation: number,
    bytes: Buffer,
    frameCount: number,
    ageMs: number,
    gpsDayMs = -1,
  ): void {
    const entry = this.#entries.get(mountpoint);
    if (entry === undefined || entry.stream.subscriberCount === 0) return;
    if (!entry.stream.admitGeneration(generation)) return;
    const epoch = new Epoch(bytes, frameCount, performance.now() - ageMs, gpsDayMs);
    entry.stream.publish(epoch);
    this.#counters.observeFanout((performance.now() - epoch.receivedMs) / 1000);
  }

  addPeer(peer: PeerWorker): void {
    this.#peers.add(peer);
    for (const [mountpoint, entry] of this.#entries)
      if (entry.stream.subscriberCount > 0) peer.want(mountpoint);
  }

  /** Until `peerHeard` this peer counts as wanting every mountpoint. */
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

  peerWants(peer: PeerWorker, mountpoint: string, nowMs: number): void {
    const entry = this.#entryOf(mountpoint);
    entry.wantedBy.add(peer);
    if (entry.ownBase === undefined) return;
    const greeting = entry.stream.cache.greeting(nowMs);
    if (greeting === undefined) return;
    peer.relay(mountpoint, entry.ownBase, greeting.bytes, greeting.frameCount, 0, -1);
  }

  peerUnwants(peer: PeerWorker, mountpoint: string): void {
    const entry = this.#entries.get(mountpoint);
    if (entry === undefined) return;
    entry.wantedBy.delete(peer);
    this.#forgetIfUnused(entry);
  }

  #entryOf(mountpoint: string): Entry {
    let entry = this.#entries.get(mountpoint);
    if (entry === undefined) {
      entry = { stream: new MountpointStream(mountpoint), wantedBy: new Set(), ownBase: undefined };
      this.#entries.set(mountpoint, entry);
    }
    return entry;
  }

  #forgetIfUnused(entry: Entry): void {
    if (entry.stream.subscriberCount > 0 || entry.wantedBy.size > 0 || entry.ownBase !== undefined) return;
    this.#entries.delete(entry.stream.name);
  }
}
