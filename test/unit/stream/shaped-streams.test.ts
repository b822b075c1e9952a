// Tests the shapes of a mountpoint: who gets which, that each is made once where the base is, and that none is left.

import { describe, expect, test } from 'vitest';
import { SHAPES_PER_MOUNTPOINT_MAX } from '../../../config/limits.ts';
import { allocateCounters, DataPlaneCounters } from '../../../caster/metering/data-plane-counters.ts';
import { type Shape } from '../../../caster/rtcm/reshape/shape.ts';
import { Epoch } from '../../../caster/stream/epoch.ts';
import { StreamDirectory } from '../../../caster/stream/stream-directory.ts';
import { msmFrame } from '../rtcm/observation-frames.ts';
import { splitFrames, stationFrame } from './frames.ts';
import { RecordingSubscriber } from './recording-subscriber.ts';
import { WorkerNetwork } from './worker-network.ts';

const GPS: Shape = { constellations: ['GPS'] };

let epochMs = 0;

/** GPS and Galileo of a second of their own, with what is put before them. */
function nextEpoch(...before: Buffer[]): Epoch {
  epochMs += 1000;
  const frames = [...before, msmFrame(1077, epochMs, 1).bytes, msmFrame(1097, epochMs, 0).bytes];
  return new Epoch(Buffer.concat(frames), frames.length, performance.now(), epochMs);
}

/** What is left of it for GPS alone: its last observation says so. */
function gpsOf(epoch: Epoch): Buffer[] {
  return [msmFrame(1077, epoch.gpsDayMs, 0).bytes];
}

const framesOf = ({ epochs }: RecordingSubscriber): Buffer[][] =>
  epochs.map(({ bytes }) => splitFrames(bytes));

function directoryWithBase(): StreamDirectory {
  const directory = new StreamDirectory(new DataPlaneCounters(allocateCounters()));
  directory.openBase('A', 1);
  return directory;
}

function rover(directory: StreamDirectory, shape?: Shape): RecordingSubscriber {
  const subscriber = new RecordingSubscriber();
  directory.subscribe('A', subscriber, shape);
  return subscriber;
}

describe('a shape', () => {
  test('goes to those who have it, and what the base sends to all others', () => {
    const directory = directoryWithBase();
    const [all, gps] = [rover(directory), rover(directory, GPS)];
    const epoch = nextEpoch();
    expect(directory.publishFromBase('A', 1, epoch)).toBe(true);
    expect(all.epochs).toEqual([epoch]);
    expect(framesOf(gps)).toEqual([gpsOf(epoch)]);
  });

  test('is made once for all who have it', () => {
    const directory = directoryWithBase();
    const [one, other] = [
      rover(directory, { constellations: ['GAL', 'GPS'], messagesDropped: [1230] }),
      rover(directory, { messagesDropped: [1230], constellations: ['GPS', 'GAL', 'GPS'] }),
    ];
    directory.publishFromBase('A', 1, nextEpoch(stationFrame(1230, 5)));
    expect(one.epochs).toHaveLength(1);
    expect(other.epochs[0]).toBe(one.epochs[0]);
    expect(directory.shapes).toBe(1);
  });

  test('is counted once for each epoch that is made into it, with the time that takes', () => {
    const counters = new DataPlaneCounters(allocateCounters());
    const directory = new StreamDirectory(counters);
    directory.openBase('A', 1);
    for (let count = 0; count < 3; count++) rover(directory, GPS);
    rover(directory, { constellations: ['GAL'] });
    for (let count = 0; count < 5; count++) directory.publishFromBase('A', 1, nextEpoch());
    expect(counters.read('epochsReshaped')).toBe(10);
    expect(counters.read('reshapeSeconds')).toBeGreaterThan(0);
  });

  test('is the epoch itself where it changes nothing of it', () => {
    const directory = directoryWithBase();
    const [all, same] = [rover(directory), rover(directory, { constellations: ['GPS', 'GAL'] })];
    directory.publishFromBase('A', 1, nextEpoch());
    expect(same.epochs[0]).toBe(all.epochs[0]);
  });

  test('that asks for nothing is no shape', () => {
    const directory = directoryWithBase();
    rover(directory, { msmLevelMax: 7 });
    expect(directory.shapes).toBe(0);
  });

  test('sends nothing where nothing is left of an epoch', () => {
    const directory = directoryWithBase();
    const glonass = rover(directory, { constellations: ['GLO'] });
    directory.publishFromBase('A', 1, nextEpoch());
    expect(glonass.epochs).toEqual([]);
  });

  test('has of a raw mountpoint nothing, whose bytes are no frames', () => {
    const directory = directoryWithBase();
    const [all, gps] = [rover(directory), rover(directory, GPS)];
    directory.publishFromBase('A', 1, new Epoch(Buffer.from('$GPGGA,'), 0, 0));
    expect([all.epochs.length, gps.epochs.length]).toEqual([1, 0]);
  });

  test('that begins in the midst of a stream knows its station messages, those that it keeps', () => {
    const directory = directoryWithBase();
    const [place, antenna] = [stationFrame(1008, 5), stationFrame(1033, 5)];
    directory.publishFromBase('A', 1, nextEpoch(place, antenna));
    const stream = directory.subscribe('A', new RecordingSubscriber(), { messagesDropped: [1033] })!;
    expect(splitFrames(stream.cache.greeting(performance.now())!.bytes)).toEqual([place]);
  });

  test('is gone with its last rover, and with its base nothing is left', () => {
    const directory = directoryWithBase();
    const gps = rover(directory, GPS);
    directory.unsubscribe('A\nconstellations=GPS', gps);
    expect([directory.shapes, directory.mountpoints]).toEqual([0, 1]);
    directory.closeBase('A', 1);
    expect(directory.mountpoints).toBe(0);
  });

  test('counts with its mountpoint as one, whether its base is here or not', () => {
    const directory = directoryWithBase();
    for (const mountpoint of ['A', 'B']) {
      directory.subscribe(mountpoint, new RecordingSubscriber(), GPS);
      directory.subscribe(mountpoint, new RecordingSubscriber(), { intervalS: 30 });
    }
    expect([directory.mountpoints, directory.shapes]).toEqual([2, 4]);
  });

  test('begins anew with each base', () => {
    const directory = directoryWithBase();
    const slow = rover(directory, { intervalS: 30 });
    const publish = (generation: number, ms: number): void => {
      const frame = msmFrame(1077, ms, 0).bytes;
      directory.publishFromBase('A', generation, new Epoch(frame, 1, performance.now(), ms));
    };
    publish(1, 60_000);
    publish(1, 61_000);
    directory.openBase('A', 2);
    publish(2, 30_000);
    expect(slow.epochs.map(({ gpsDayMs }) => gpsDayMs)).toEqual([60_000, 30_000]);
  });

  test('goes on for its rover when the base is gone and back', () => {
    const directory = directoryWithBase();
    const gps = rover(directory, GPS);
    directory.closeBase('A', 1);
    directory.openBase('A', 2);
    const epoch = nextEpoch();
    directory.publishFromBase('A', 2, epoch);
    expect(framesOf(gps)).toEqual([gpsOf(epoch)]);
  });

  test('beyond the limit of its mountpoint is refused, one that is there is not', () => {
    const directory = directoryWithBase();
    const shape = (n: number): Shape => ({ intervalS: n + 1 });
    for (let n = 0; n < SHAPES_PER_MOUNTPOINT_MAX; n++) rover(directory, shape(n));
    const late = new RecordingSubscriber();
    expect(directory.subscribe('A', late, shape(SHAPES_PER_MOUNTPOINT_MAX))).toBeUndefined();
    expect(directory.subscribe('A', late, shape(0))).toBeDefined();
  });

  test('beyond the limit is let in where its rover streams already, so that a changed spec ends nobody', () => {
    const directory = directoryWithBase();
    for (let n = 0; n < SHAPES_PER_MOUNTPOINT_MAX; n++) rover(directory, { intervalS: n + 1 });
    const after = directory.numberOf('A\ninterval=1')!;
    expect(directory.subscribe('A', new RecordingSubscriber(), GPS, after)).toBeDefined();
  });

  test('at its limit keeps nobody from what the base sends, also where the base is on another worker', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    near.openBase('A', 1);
    for (let n = 0; n < SHAPES_PER_MOUNTPOINT_MAX; n++) rover(far, { intervalS: n + 1 });
    expect(far.subscribe('A', new RecordingSubscriber(), { msmLevelMax: 7 })).toBeDefined();
  });
});

describe('a shape between workers', () => {
  test('is made where the base is, and crosses once', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    near.openBase('A', 1);
    const rovers = [rover(far, GPS), rover(far, { ...GPS })];
    network.settle();
    const epoch = nextEpoch();
    near.publishFromBase('A', 1, epoch);
    network.settle();
    expect(rovers.map(framesOf)).toEqual([[gpsOf(epoch)], [gpsOf(epoch)]]);
    expect(rovers[0]!.epochs[0]).toBe(rovers[1]!.epochs[0]);
  });

  test('loses no epoch that comes while it is asked for', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    near.openBase('A', 1);
    network.settle();
    const gps = rover(far, GPS);
    const epochs = [nextEpoch(), nextEpoch()];
    near.publishFromBase('A', 1, epochs[0]!);
    network.settle();
    near.publishFromBase('A', 1, epochs[1]!);
    network.settle();
    expect(framesOf(gps)).toEqual(epochs.map(gpsOf));
  });

  test('taken up in place of another has what came while it was asked for', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    near.openBase('A', 1);
    const gps = rover(far, GPS);
    network.settle();
    const epochs = [nextEpoch(), nextEpoch()];
    near.publishFromBase('A', 1, epochs[0]!);
    network.settle();
    near.publishFromBase('A', 1, epochs[1]!);
    const after = far.numberOf('A\nconstellations=GPS')!;
    far.unsubscribe('A\nconstellations=GPS', gps);
    const galileo = new RecordingSubscriber();
    far.subscribe('A', galileo, { constellations: ['GAL'] }, after);
    network.settle();
    expect(framesOf(galileo)).toEqual([[msmFrame(1097, epochs[1]!.gpsDayMs, 0).bytes]]);
  });

  test('knows what it has that is newer than what another had', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    near.openBase('A', 1);
    rover(far, GPS);
    const all = rover(far);
    network.settle();
    near.publishFromBase('A', 1, nextEpoch());
    network.settle();
    near.publishFromBase('A', 1, nextEpoch());
    const before = far.numberOf('A\nconstellations=GPS')!;
    network.settle();
    expect(far.newestAfter('A', before)).toBe(all.epochs[1]);
    expect(far.newestAfter('A', far.numberOf('A\nconstellations=GPS')!)).toBeUndefined();
  });

  test('greets whoever asks for it with what it keeps', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    near.openBase('A', 1);
    const [place, antenna] = [stationFrame(1008, 5), stationFrame(1033, 5)];
    near.publishFromBase('A', 1, nextEpoch(place, antenna));
    network.settle();
    const plain = rover(far, { messagesDropped: [1033] });
    network.settle();
    expect(framesOf(plain)).toEqual([[place]]);
  });

  test('is made no longer once nobody there has it', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    near.openBase('A', 1);
    const gps = rover(far, GPS);
    network.settle();
    expect(near.shapes).toBe(1);
    far.unsubscribe('A\nconstellations=GPS', gps);
    network.settle();
    expect([near.shapes, far.mountpoints]).toEqual([0, 0]);
  });

  test('follows its base to another worker, and the older base is told to end', () => {
    const network = new WorkerNetwork(3);
    const gps = rover(network.directory(2), GPS);
    network.directory(0).openBase('A', 1);
    network.settle();
    network.directory(1).openBase('A', 2);
    const epoch = nextEpoch();
    network.directory(1).publishFromBase('A', 2, epoch);
    network.settle();
    network.directory(0).publishFromBase('A', 1, nextEpoch());
    network.settle();
    expect(framesOf(gps)).toEqual([gpsOf(epoch)]);
  });

  test('taken up after a newer base has spoken lets no older one speak', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    const gps = rover(far, GPS);
    network.settle();
    far.openBase('A', 1);
    near.openBase('A', 2);
    near.publishFromBase('A', 2, nextEpoch());
    network.settle();
    const after = far.numberOf('A\nconstellations=GPS')!;
    far.unsubscribe('A\nconstellations=GPS', gps);
    const galileo = new RecordingSubscriber();
    far.subscribe('A', galileo, { constellations: ['GAL'] }, after);
    expect(far.publishFromBase('A', 1, nextEpoch())).toBe(false);
    expect(galileo.epochs).toEqual([]);
  });

  test('hands out no epoch that is old by now', () => {
    const network = new WorkerNetwork(2);
    const [near, far] = [network.directory(0), network.directory(1)];
    near.openBase('A', 1);
    rover(far, GPS);
    rover(far);
    network.settle();
    const old = nextEpoch();
    near.publishFromBase('A', 1, new Epoch(old.bytes, old.frameCount, performance.now() - 5000, 1000));
    network.settle();
    expect(far.newestAfter('A', { generation: 1, sequence: 0 })).toBeUndefined();
  });

  test('that its own rovers have too tells an older base to end', () => {
    const network = new WorkerNetwork(2);
    network.directory(0).openBase('A', 1);
    rover(network.directory(0), GPS);
    network.settle();
    network.directory(1).openBase('A', 2);
    network.directory(1).publishFromBase('A', 2, nextEpoch());
    network.settle();
    expect(network.directory(0).publishFromBase('A', 1, nextEpoch())).toBe(false);
  });
});
