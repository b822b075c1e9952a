// Tests the exchange of epochs between workers: each epoch crosses once to whoever wants it, an older base is not
// heard after a newer one, and nothing is left behind.

import { describe, expect, test } from 'vitest';
import { allocateCounters, DataPlaneCounters } from '../../../caster/metering/data-plane-counters.ts';
import {
  type PeerWorker,
  type RelayedEpoch,
  StreamDirectory,
  type WantedStream,
} from '../../../caster/stream/stream-directory.ts';
import { epochOf, observationFrame, splitFrames, stationFrame } from './frames.ts';
import { RecordingSubscriber } from './recording-subscriber.ts';

/** Another worker, as one directory sees it: what it was told. */
class FakePeer implements PeerWorker {
  readonly told: string[] = [];
  readonly relayed: { generation: number; frames: Buffer[]; ageMs: number }[] = [];

  want({ mountpoint }: WantedStream): void {
    this.told.push(`want ${mountpoint}`);
  }

  unwant(mountpoint: string): void {
    this.told.push(`unwant ${mountpoint}`);
  }

  relay(mountpoint: string, { generation, bytes, frameCount, ageMs }: RelayedEpoch): void {
    const frames = splitFrames(bytes);
    expect(frames).toHaveLength(frameCount);
    this.told.push(`epoch ${mountpoint}`);
    this.relayed.push({ generation, frames, ageMs });
  }
}

let sequence = 0;

/** The next epoch that another worker relays. */
function relayed(generation: number, bytes: Buffer, frameCount: number, ageMs: number): RelayedEpoch {
  return { generation, sequence: (sequence += 1), bytes, frameCount, ageMs, gpsDayMs: -1 };
}

function withPeers(count: number): {
  directory: StreamDirectory;
  peers: FakePeer[];
  counters: DataPlaneCounters;
} {
  const counters = new DataPlaneCounters(allocateCounters());
  const directory = new StreamDirectory(counters);
  const peers = Array.from({ length: count }, () => new FakePeer());
  for (const peer of peers) directory.addPeer(peer);
  return { directory, peers, counters };
}

describe('what this worker wants', () => {
  test('is told to every other when its first rover comes and when its last one goes', () => {
    const { directory, peers } = withPeers(2);
    const [one, other] = [new RecordingSubscriber(), new RecordingSubscriber()];
    directory.subscribe('A', one);
    directory.subscribe('A', other);
    directory.unsubscribe('A', one);
    directory.unsubscribe('A', other);
    expect(peers.map(({ told }) => told)).toEqual([
      ['want A', 'unwant A'],
      ['want A', 'unwant A'],
    ]);
  });

  test('is told to a worker that comes later', () => {
    const { directory } = withPeers(0);
    directory.subscribe('A', new RecordingSubscriber());
    directory.openBase('B', 1);
    const late = new FakePeer();
    directory.addPeer(late);
    expect(late.told).toEqual(['want A']);
  });
});

describe('an epoch of a base here', () => {
  test('goes to the rovers here and to each worker that wants it, once', () => {
    const { directory, peers, counters } = withPeers(3);
    const rover = new RecordingSubscriber();
    directory.openBase('A', 1);
    directory.subscribe('A', rover);
    directory.peerWants(peers[0]!, { mountpoint: 'A' }, 0, Infinity);
    directory.peerWants(peers[2]!, { mountpoint: 'A' }, 0, Infinity);
    directory.peerWants(peers[2]!, { mountpoint: 'A' }, 0, Infinity);
    const epoch = epochOf([observationFrame()]);
    expect(directory.publishFromBase('A', 1, epoch)).toBe(true);
    expect(rover.epochs).toEqual([epoch]);
    expect(peers.map(({ relayed }) => relayed.length)).toEqual([1, 0, 1]);
    expect(counters.read('epochsRelayed')).toBe(2);
  });

  test('goes to no worker that wants it no more, or that is gone', () => {
    const { directory, peers } = withPeers(2);
    directory.openBase('A', 1);
    for (const peer of peers) directory.peerWants(peer, { mountpoint: 'A' }, 0, Infinity);
    directory.peerUnwants(peers[0]!, 'A');
    directory.removePeer(peers[1]!);
    directory.publishFromBase('A', 1, epochOf([observationFrame()]));
    expect(peers.flatMap(({ relayed }) => relayed)).toEqual([]);
  });

  test('is relayed with the time it has been here', () => {
    const { directory, peers } = withPeers(1);
    directory.openBase('A', 1);
    directory.peerWants(peers[0]!, { mountpoint: 'A' }, 0, Infinity);
    directory.publishFromBase('A', 1, epochOf([observationFrame()], performance.now() - 300));
    expect(peers[0]!.relayed[0]!.ageMs).toBeGreaterThanOrEqual(300);
    expect(peers[0]!.relayed[0]!.ageMs).toBeLessThan(3000);
  });

  test('tells an older base that it should end', () => {
    const { directory } = withPeers(0);
    const rover = new RecordingSubscriber();
    directory.subscribe('A', rover);
    directory.openBase('A', 1);
    directory.openBase('A', 2);
    expect(directory.publishFromBase('A', 1, epochOf([observationFrame()]))).toBe(false);
    expect(rover.epochs).toEqual([]);
  });

  test('leaves nothing behind where it comes after its base was closed', () => {
    const { directory } = withPeers(0);
    directory.openBase('A', 1);
    directory.closeBase('A', 1);
    directory.publishFromBase('A', 1, epochOf([observationFrame()]));
    expect(directory.mountpoints).toBe(0);
  });
});

describe('what late joiners need', () => {
  test('is sent to a worker as soon as it wants the mountpoint', () => {
    const { directory, peers } = withPeers(1);
    const station = stationFrame(1006, 7);
    directory.openBase('A', 5);
    directory.publishFromBase('A', 5, epochOf([station, observationFrame()]));
    directory.peerWants(peers[0]!, { mountpoint: 'A' }, 0, Infinity);
    expect(peers[0]!.relayed).toMatchObject([{ generation: 5, frames: [station] }]);
  });

  test('is not sent where the base is elsewhere, as that worker does it', () => {
    const { directory, peers } = withPeers(1);
    directory.subscribe('A', new RecordingSubscriber());
    const station = epochOf([stationFrame(1006, 7)]);
    directory.publishFromPeer('A', relayed(1, station.bytes, 1, 0));
    directory.peerWants(peers[0]!, { mountpoint: 'A' }, 0, Infinity);
    expect(peers[0]!.relayed).toEqual([]);
  });

  test('is not sent where there is nothing', () => {
    const { directory, peers } = withPeers(1);
    directory.openBase('A', 1);
    directory.peerWants(peers[0]!, { mountpoint: 'A' }, 0, Infinity);
    expect(peers[0]!.relayed).toEqual([]);
  });

  test('does not count as an epoch of the mountpoint’s typical size', () => {
    const { directory } = withPeers(0);
    const stream = directory.subscribe('A', new RecordingSubscriber());
    const greeting = epochOf(Array.from({ length: 60 }, (_frame, id) => stationFrame(1006, id, 200)));
    directory.publishFromPeer('A', relayed(1, greeting.bytes, greeting.frameCount, 0));
    const epoch = epochOf([observationFrame()]);
    for (let n = 0; n < 5; n++) directory.publishFromPeer('A', relayed(1, epoch.bytes, 1, 0));
    expect(stream!.typicalEpochBytes).toBeCloseTo(epoch.bytes.length);
  });
});

describe('an epoch from another worker', () => {
  const epoch = epochOf([observationFrame()]);

  test('goes to the rovers here and to no further worker', () => {
    const { directory, peers } = withPeers(2);
    const rover = new RecordingSubscriber();
    directory.subscribe('A', rover);
    directory.peerWants(peers[1]!, { mountpoint: 'A' }, 0, Infinity);
    directory.publishFromPeer('A', relayed(1, epoch.bytes, 1, 40));
    expect(rover.epochs.map(({ bytes }) => bytes)).toEqual([epoch.bytes]);
    expect(peers.flatMap(({ relayed }) => relayed)).toEqual([]);
  });

  test('keeps its age', () => {
    const { directory } = withPeers(0);
    const stream = directory.subscribe('A', new RecordingSubscriber());
    directory.publishFromPeer('A', relayed(1, epoch.bytes, 1, 5000));
    const ageMs = performance.now() - stream!.lastEpochMs;
    expect(ageMs).toBeGreaterThanOrEqual(5000);
    expect(ageMs).toBeLessThan(8000);
  });

  test('that nobody here wants any more leaves nothing behind', () => {
    const { directory } = withPeers(0);
    directory.publishFromPeer('A', relayed(1, epoch.bytes, 1, 0));
    expect(directory.mountpoints).toBe(0);
  });

  test('silences an older base on this worker', () => {
    const { directory } = withPeers(0);
    const rover = new RecordingSubscriber();
    directory.subscribe('A', rover);
    directory.openBase('A', 1);
    directory.publishFromPeer('A', relayed(2, epoch.bytes, 1, 0));
    expect(directory.publishFromBase('A', 1, epochOf([observationFrame()]))).toBe(false);
    expect(rover.epochs.map(({ bytes }) => bytes)).toEqual([epoch.bytes]);
  });

  test('of an older base is not heard once a newer base has begun here, even before that has said anything', () => {
    const { directory } = withPeers(0);
    const rover = new RecordingSubscriber();
    directory.subscribe('A', rover);
    directory.openBase('A', 2);
    directory.publishFromPeer('A', relayed(1, epoch.bytes, 1, 0));
    expect(rover.epochs).toEqual([]);
  });
});

describe('the end of a base', () => {
  test('of an older one does not end the newer one', () => {
    const { directory, peers } = withPeers(1);
    directory.openBase('A', 1);
    directory.openBase('A', 2);
    directory.closeBase('A', 1);
    directory.publishFromBase('A', 2, epochOf([stationFrame(1006, 7)]));
    directory.peerWants(peers[0]!, { mountpoint: 'A' }, 0, Infinity);
    expect(peers[0]!.relayed).toMatchObject([{ generation: 2 }]);
  });

  test('leaves the rovers where they are, for the next one', () => {
    const { directory } = withPeers(0);
    const rover = new RecordingSubscriber();
    directory.subscribe('A', rover);
    directory.openBase('A', 1);
    directory.closeBase('A', 1);
    directory.openBase('A', 2);
    directory.publishFromBase('A', 2, epochOf([observationFrame()]));
    expect(rover.epochs).toHaveLength(1);
  });
});

describe('an epoch that is published while a rover’s wish is on its way', () => {
  test('is relayed when the wish comes, and one that was there before the rover is not', () => {
    const { directory, peers } = withPeers(1);
    directory.openBase('A', 1);
    directory.publishFromBase('A', 1, epochOf([observationFrame()]));
    const wantedMs = performance.now();
    directory.peerWants(peers[0]!, { mountpoint: 'A' }, 0, wantedMs);
    expect(peers[0]!.relayed).toEqual([]);
    directory.peerUnwants(peers[0]!, 'A');
    const frame = observationFrame();
    directory.publishFromBase('A', 1, epochOf([frame]));
    directory.peerWants(peers[0]!, { mountpoint: 'A' }, 0, wantedMs);
    expect(peers[0]!.relayed).toMatchObject([{ frames: [frame] }]);
  });

  test('is published once where it is relayed twice', () => {
    const { directory } = withPeers(1);
    const subscriber = new RecordingSubscriber();
    directory.subscribe('A', subscriber);
    const epoch = relayed(1, epochOf([observationFrame()]).bytes, 1, 0);
    directory.publishFromPeer('A', epoch);
    directory.publishFromPeer('A', epoch);
    expect(subscriber.epochs).toHaveLength(1);
  });

  test('of a base that begins anew is not taken for an old one', () => {
    const { directory } = withPeers(1);
    const subscriber = new RecordingSubscriber();
    directory.subscribe('A', subscriber);
    const epoch = { ...relayed(1, epochOf([observationFrame()]).bytes, 1, 0), sequence: 9 };
    directory.publishFromPeer('A', epoch);
    directory.publishFromPeer('A', { ...epoch, generation: 2, sequence: 1 });
    expect(subscriber.epochs).toHaveLength(2);
  });
});
