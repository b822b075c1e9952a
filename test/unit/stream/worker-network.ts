// Several workers' directories and the channels between them, without threads: messages wait until the test lets them
// through, one by one, in order per channel, as between real workers.

import { allocateCounters, DataPlaneCounters } from '../../../caster/metering/data-plane-counters.ts';
import {
  type PeerWorker,
  type RelayedEpoch,
  StreamDirectory,
  type WantedStream,
} from '../../../caster/stream/stream-directory.ts';

type Message = (to: Node) => void;

interface Node {
  readonly directory: StreamDirectory;
  /** Of the other workers, what this one uses to talk to them. */
  readonly links: Map<number, Link>;
}

/** One direction of a channel, with the other worker's name for the sender. */
class Link implements PeerWorker {
  readonly queue: Message[] = [];
  /** What the receiving side knows the sender by. */
  sender: Link | undefined;

  want(wanted: WantedStream): void {
    const wantedMs = performance.now();
    this.queue.push((to) => to.directory.peerWants(this.sender!, wanted, 0, wantedMs));
  }

  unwant(stream: string): void {
    this.queue.push((to) => to.directory.peerUnwants(this.sender!, stream));
  }

  relay(stream: string, epoch: RelayedEpoch): void {
    const copy = { ...epoch, bytes: Buffer.from(epoch.bytes) };
    this.queue.push((to) => to.directory.publishFromPeer(stream, copy));
  }
}

export class WorkerNetwork {
  readonly #nodes: Node[];

  constructor(count: number) {
    this.#nodes = Array.from({ length: count }, () => newNode());
    for (let one = 0; one < count; one++) for (let other = 0; other < one; other++) this.#connect(one, other);
  }

  directory(worker: number): StreamDirectory {
    return this.#nodes[worker]!.directory;
  }

  /** Lets one message through; false where none waits. */
  pass(from: number, to: number): boolean {
    const message = this.#nodes[from]!.links.get(to)?.queue.shift();
    message?.(this.#nodes[to]!);
    return message !== undefined;
  }

  /** Lets everything through, and what follows from it. */
  settle(): void {
    for (let passed = true; passed;) {
      passed = false;
      for (const from of this.#nodes.keys())
        for (const to of this.#nodes.keys()) passed = this.pass(from, to) || passed;
    }
  }

  /** A worker dies, with all that it had and all that was on its way, and another takes its place. */
  replace(worker: number): void {
    for (const [other, node] of this.#nodes.entries()) {
      const link = node.links.get(worker);
      if (other === worker || link === undefined) continue;
      node.links.delete(worker);
      node.directory.removePeer(link);
    }
    this.#nodes[worker] = newNode();
    for (const other of this.#nodes.keys()) if (other !== worker) this.#connect(worker, other);
  }

  #connect(one: number, other: number): void {
    const [there, back] = [new Link(), new Link()];
    there.sender = back;
    back.sender = there;
    this.#nodes[one]!.links.set(other, there);
    this.#nodes[other]!.links.set(one, back);
    this.#nodes[one]!.directory.addPeer(there);
    this.#nodes[other]!.directory.addPeer(back);
  }
}

function newNode(): Node {
  return { directory: new StreamDirectory(new DataPlaneCounters(allocateCounters())), links: new Map() };
}
