// Tests a rover's lane: that the mountpoint sends past the outbox exactly while nothing waits, and that what went that
// way is in the outbox's own counts at every moment.

import { describe, expect, test } from 'vitest';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import { dechunk, epochOf, observationFrame } from '../stream/frames.ts';
import { ScriptedSocket } from './scripted-socket.ts';

const EPOCH_BYTES = 100;
const epoch = (n: number): Epoch => epochOf([observationFrame(EPOCH_BYTES - 14)], n * 1000);

/** A rover in a lane, after one epoch, with the calls of its outbox counted. */
function inLane(options: { chunked?: boolean } = {}): {
  socket: ScriptedSocket;
  first: Epoch;
  calls: { count: number };
} {
  const socket = new ScriptedSocket({ lane: true, ...options });
  const first = epoch(0);
  socket.deliver(first);
  const calls = { count: 0 };
  const deliver = socket.outbox.deliver.bind(socket.outbox);
  socket.outbox.deliver = (given) => {
    calls.count += 1;
    deliver(given);
  };
  return { socket, first, calls };
}

describe('a rover that keeps up', () => {
  test.each([{}, { chunked: true }])(
    'is not called for each epoch, and gets all the same (%o)',
    (options) => {
      const { socket, first, calls } = inLane(options);
      const all = [1, 2, 3, 4, 5].map(epoch);
      for (const one of all) socket.deliver(one);
      const wire = socket.takeWire();
      const bytes = options.chunked === true ? dechunk(wire) : wire;
      expect(bytes).toEqual(Buffer.concat([first, ...all].map((one) => one.bytes)));
      expect(calls.count).toBe(0);
    },
  );

  test('has its counts at every moment, and the worker has the same', () => {
    const { socket } = inLane();
    for (let n = 1; n < 10; n++) {
      socket.deliver(epoch(n));
      const counts = { bytesTaken: (n + 1) * EPOCH_BYTES, epochsTaken: n + 1, framesTaken: n + 1 };
      expect(socket.outbox).toMatchObject(counts);
      expect(socket.counters.read('roverBytesTaken')).toBe(counts.bytesTaken);
      expect(socket.counters.read('epochsDelivered')).toBe(counts.epochsTaken);
      expect(socket.counters.read('sendsNative')).toBe(counts.epochsTaken);
    }
  });

  test('keeps its counts when it leaves, and gets and counts nothing afterwards', () => {
    const { socket } = inLane();
    socket.deliver(epoch(1));
    socket.stream!.unsubscribe(socket.outbox);
    socket.deliver(epoch(2));
    expect(socket.outbox).toMatchObject({ epochsTaken: 2, bytesTaken: 2 * EPOCH_BYTES, framesTaken: 2 });
  });

  test('that joins late counts only what came after', () => {
    const { socket } = inLane();
    for (let n = 1; n < 7; n++) socket.deliver(epoch(n));
    const late = new ScriptedSocket();
    socket.stream!.subscribe(late.outbox);
    for (let n = 7; n < 9; n++) socket.deliver(epoch(n));
    expect([socket.outbox.epochsTaken, late.outbox.epochsTaken]).toEqual([9, 2]);
  });

  test('has its kernel asked at every fourth epoch', () => {
    const { socket } = inLane();
    for (let n = 1; n < 16; n++) socket.deliver(epoch(n));
    expect([socket.kernelQuestions, socket.sends]).toEqual([4, 16]);
  });

  test('is known to have acknowledged everything when its kernel was asked, not before', () => {
    const { socket } = inLane();
    for (let n = 1; n < 4; n++) socket.deliver(epoch(n));
    expect(socket.outbox.counts.acknowledgedAllMs).toBe(-Infinity);
    for (let n = 4; n < 7; n++) socket.deliver(epoch(n));
    expect(socket.outbox.counts.acknowledgedAllMs).toBe(4000);
  });

  test('is not known to have acknowledged anything in a round in which its kernel held something', () => {
    const { socket } = inLane();
    for (let n = 1; n < 8; n++) socket.deliver(epoch(n));
    socket.unacknowledgedBytes = EPOCH_BYTES;
    for (let n = 8; n < 20; n++) socket.deliver(epoch(n));
    expect(socket.outbox.counts.acknowledgedAllMs).toBe(4000);
  });
});

describe('a lane', () => {
  test('is left as soon as the descriptor is forgotten', () => {
    const { socket } = inLane();
    socket.destroy();
    socket.deliver(epoch(1));
    expect([socket.sends, socket.outbox.epochsTaken]).toEqual([1, 1]);
  });

  test('that takes nothing is left, and the newest epoch waits', () => {
    const { socket } = inLane();
    socket.results.push('blocked');
    socket.deliver(epoch(1));
    expect([socket.blocked.size, socket.outbox.epochsTaken, socket.outbox.isBusy]).toEqual([1, 1, true]);
    expect(socket.counters.read('sendsBlocked')).toBe(1);
    socket.outbox.retry();
    expect([socket.blocked.size, socket.outbox.epochsTaken]).toEqual([0, 2]);
  });

  test('that takes a part is left, and nothing overtakes the rest', () => {
    const { socket, first } = inLane();
    const [second, third] = [epoch(1), epoch(2)];
    socket.results.push(30);
    socket.deliver(second);
    expect(socket.outbox.bytesTaken).toBe(EPOCH_BYTES + 30);
    socket.deliver(third);
    expect(socket.sends).toBe(2);
    socket.flush();
    expect(socket.takeWire()).toEqual(Buffer.concat([first, second, third].map((one) => one.bytes)));
    expect(socket.outbox).toMatchObject({ epochsTaken: 3, bytesTaken: 3 * EPOCH_BYTES });
  });

  test('whose connection is gone counts nothing', () => {
    const { socket } = inLane();
    socket.results.push('broken');
    socket.deliver(epoch(1));
    expect(socket.outbox).toMatchObject({ epochsTaken: 1, bytesTaken: EPOCH_BYTES, framesTaken: 1 });
  });

  test('whose kernel still holds something is left, and opened again with the next epoch that it may send', () => {
    const { socket, calls } = inLane();
    socket.unacknowledgedBytes = EPOCH_BYTES;
    for (let n = 1; n < 5; n++) socket.deliver(epoch(n));
    expect([calls.count, socket.outbox.epochsTaken]).toEqual([1, 5]);
    for (let n = 5; n < 8; n++) socket.deliver(epoch(n));
    expect([calls.count, socket.outbox.epochsTaken]).toEqual([1, 8]);
  });

  test('whose kernel holds too much stays left until it no longer does', () => {
    const { socket } = inLane();
    socket.unacknowledgedBytes = 1_000_000;
    for (let n = 1; n < 7; n++) socket.deliver(epoch(n));
    expect([socket.outbox.epochsTaken, socket.outbox.epochsDropped, socket.blocked.size]).toEqual([4, 2, 1]);
    socket.unacknowledgedBytes = 0;
    socket.outbox.retry();
    expect(socket.outbox.epochsTaken).toBe(5);
  });

  test('keeps to its rover when another leaves the list in front of it', () => {
    const { socket } = inLane();
    const other = new ScriptedSocket();
    socket.stream!.subscribe(other.outbox);
    socket.deliver(epoch(1));
    socket.stream!.unsubscribe(socket.outbox);
    socket.deliver(epoch(2));
    expect([socket.outbox.epochsTaken, other.outbox.epochsTaken]).toEqual([2, 2]);
  });
});
