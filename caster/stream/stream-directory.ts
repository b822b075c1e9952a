// The mountpoints of one worker, and the exchange of epochs with the other workers of the process: an epoch crosses
// to another worker once, and only while a rover there has the mountpoint.
//
//   worker A (has the base)                         worker B (has rovers)
//   publishFromBase ──▶ own rovers                  first rover subscribes ──▶ want ──▶ A
//         └──────────▶ epoch ──▶ every worker       publishFromPeer ──▶ own rovers
//                      that wants the mountpoint    last rover leaves ──▶ unwant ──▶ A
//
// `want` goes to every worker, since a base may turn up anywhere; a worker that has the base answers with what late
// joiners need, and with its newest epoch where that came in while `want` was on its way. Epochs are numbered, so that
// one which is relayed twice (wanted, no longer wanted, wanted again, all within a millisecond) is published once.

import type { DataPlaneCounters } from '../metering/data-plane-counters.ts';
import { Epoch } from './epoch.ts';
import type { DirectSending } from './fan-out.ts';
import { MountpointStream } from './mountpoint-stream.ts';
import type { Subscriber } from './subscriber.ts';

/** An epoch on its way to another worker. */
export interface RelayedEpoch {
  readonly generation: number;
  /** Grows with every epoch of a base; GREETING for what late joiners need, which is no epoch of its own. */
  readonly sequence: number;
  readonly bytes: Buffer;
  readonly frameCount: number;
  /** Milliseconds since its last byte came in. */
  readonly ageMs: number;
  /** Its observation time, -1 where it has none. */
  readonly gpsDayMs: number;
}

export const GREETING = -1;

/** One other worker, as the directory talks to it. */
export interface PeerWorker {
  want(mountpoint: string): void;
  unwant(mountpoint: string): void;
  relay(mountpoint: string, epoch: RelayedEpoch): void;
}

interface Entry {
  readonly stream: MountpointStream;
  /** Peers with rovers of this mountpoint. */
  readonly wantedBy: Set<PeerWorker>;
  /** The generation of the base on this worker; undefined while there is none. */
  ownBase: number | undefined;
  /** The newest epoch of the base on this worker, when it was published, and its number. */
  newest: Epoch | undefined;
  newestMs: number;
  sequence: number;
  /** Number of the newest epoch that another worker has relayed, and the generation whose number it is. */
  heardSequence: number;
  heardGeneration: number;
}

export class StreamDirectory {
  readonly #entries = new Map<string, Entry>();
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
    entry.newest = undefined;
    entry.stream.admitGeneration(generation);
  }

  closeBase(mountpoint: string, generation: number): void {
    const entry = this.#entries.get(mountpoint);
    if (entry?.ownBase !== generation) return;
    entry.ownBase = undefined;
    entry.newest = undefined;
    if (entry.stream.subscriberCount === 0) entry.stream.cache.clear();
    this.#forgetIfUnused(entry);
  }

  /** False where this base no longer has the mountpoint, here or anywhere: it should end. */
  publishFromBase(mountpoint: string, generation: number, epoch: Epoch): boolean {
    const entry = this.#entries.get(mountpoint);
    if (entry?.ownBase !== generation || !entry.stream.admitGeneration(generation)) return false;
    entry.newestMs = performance.now();
    entry.stream.publish(epoch);
    this.#counters.observeFanout((performance.now() - epoch.receivedMs) / 1000);
    if (this.#peers.size === 0) return true;
    entry.newest = epoch;
    entry.sequence += 1;
    for (const peer of entry.wantedBy) {
      peer.relay(mountpoint, relayOf(epoch, generation, entry.sequence));
      this.#counters.add('epochsRelayed', 1);
    }
    for (const peer of this.#unheard) {
      if (!entry.wantedBy.has(peer)) peer.relay(mountpoint, relayOf(epoch, generation, entry.sequence));
    }
    return true;
  }

  /** An epoch (or, before the first, a greeting) from another worker. */
  publishFromPeer(mountpoint: string, relayed: RelayedEpoch): void {
    const { generation, sequence, bytes, frameCount, ageMs, gpsDayMs } = relayed;
    const entry = this.#entries.get(mountpoint);
    if (entry === undefined || entry.stream.subscriberCount === 0) return;
    if (!entry.stream.admitGeneration(generation)) return;
    if (sequence !== GREETING) {
      if (entry.heardGeneration === generation && sequence <= entry.heardSequence) return;
      entry.heardGeneration = generation;
      entry.heardSequence = sequence;
    }
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

  /** `wantedMs` is when the peer's rover joined, on this worker's clock. */
  peerWants(peer: PeerWorker, mountpoint: string, nowMs: number, wantedMs: number): void {
    const entry = this.#entryOf(mountpoint);
    entry.wantedBy.add(peer);
    const { ownBase, newest, newestMs, sequence } = entry;
    if (ownBase === undefined) return;
    const greeting = entry.stream.cache.greeting(nowMs);
    if (greeting !== undefined) {
      const { bytes, frameCount } = greeting;
      peer.relay(mountpoint, {
        generation: ownBase,
        sequence: GREETING,
        bytes,
        frameCount,
        ageMs: 0,
        gpsDayMs: -1,
      });
    }
    if (newest === undefined || newestMs < wantedMs || this.#unheard.has(peer)) return;
    peer.relay(mountpoint, relayOf(newest, ownBase, sequence));
    this.#counters.add('epochsRelayed', 1);
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
      entry = {
        stream: new MountpointStream(mountpoint, this.#direct),
        wantedBy: new Set(),
        ownBase: undefined,
        newest: undefined,
        newestMs: 0,
        sequence: 0,
        heardSequence: GREETING,
        heardGeneration: 0,
      };
      this.#entries.set(mountpoint, entry);
    }
    return entry;
  }

  #forgetIfUnused(entry: Entry): void {
    if (entry.stream.subscriberCount > 0 || entry.wantedBy.size > 0 || entry.ownBase !== undefined) return;
    this.#entries.delete(entry.stream.name);
    entry.stream.end();
  }
}

function relayOf(epoch: Epoch, generation: number, sequence: number): RelayedEpoch {
  const { bytes, frameCount, receivedMs, gpsDayMs } = epoch;
  return { generation, sequence, bytes, frameCount, ageMs: performance.now() - receivedMs, gpsDayMs };
}
