// Tests what becomes of epochs that come at once, as from a base that catches up: they are of one age and wait together.

import { describe, expect, test } from 'vitest';
import { BURST_BYTES_MAX, BURST_MS } from '../../../config/limits.ts';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import { epochOf, observationFrame } from '../stream/frames.ts';
import { ScriptedSocket } from './scripted-socket.ts';

const bytesOf = (...all: Epoch[]): Buffer => Buffer.concat(all.map(({ bytes }) => bytes));

describe('a burst', () => {
  const burst = (count: number, fill = 4): Epoch[] =>
    Array.from({ length: count }, (_epoch, n) => epochOf([observationFrame(fill)], n));

  test('epochs that came within BURST_MS of the first that waits all wait and go out in order', () => {
    const all = burst(20);
    const socket = new ScriptedSocket();
    socket.results.push(...Array.from({ length: 20 }, () => 'blocked' as const));
    for (const epoch of all) socket.outbox.deliver(epoch);
    expect(socket.takeWire()).toHaveLength(0);
    socket.outbox.retry();
    socket.flush();
    expect(socket.takeWire()).toEqual(bytesOf(...all));
    expect(socket.outbox.epochsDropped).toBe(0);
  });

  test.each([
    [BURST_MS - 1, 0],
    [BURST_MS, 1],
  ])('an epoch %s ms younger than the first that waits drops %s', (ageMs, dropped) => {
    const [first, second] = [epochOf([observationFrame()], 500), epochOf([observationFrame()], 500 + ageMs)];
    const socket = new ScriptedSocket();
    socket.results.push('blocked', 'blocked');
    socket.outbox.deliver(first);
    socket.outbox.deliver(second);
    expect(socket.outbox.epochsDropped).toBe(dropped);
  });

  test('a younger epoch drops what of a burst waits, but not the one that was given to the socket', () => {
    const all = burst(5);
    const newest = epochOf([observationFrame()], 5000);
    const socket = new ScriptedSocket();
    socket.results.push(...Array.from({ length: 2 }, () => 'blocked' as const));
    for (const epoch of [...all, newest]) socket.outbox.deliver(epoch);
    socket.flush();
    expect(socket.takeWire()).toEqual(bytesOf(all[0]!, newest));
    expect(socket.outbox.epochsDropped).toBe(4);
  });

  test('a burst of more than BURST_BYTES_MAX is dropped for its newest epoch', () => {
    const frames = Array.from({ length: 64 }, () => observationFrame(1015));
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    const fits = Math.floor(BURST_BYTES_MAX / bytes);
    const socket = new ScriptedSocket();
    socket.results.push('blocked', 'blocked');
    // One is in the socket's queue, one waits, as many as fit wait behind it, and one is too many.
    const all = Array.from({ length: fits + 3 }, (_epoch, n) => epochOf(frames, n / fits));
    for (const epoch of all.slice(0, -1)) socket.outbox.deliver(epoch);
    expect(socket.outbox.epochsDropped).toBe(0);
    socket.outbox.deliver(all.at(-1)!);
    expect(socket.outbox.epochsDropped).toBe(fits + 1);
    socket.flush();
    expect(socket.takeWire()).toEqual(bytesOf(all[0]!, all.at(-1)!));
  });

  test('the room of a burst is free again once its epochs have gone out', () => {
    const frames = Array.from({ length: 64 }, () => observationFrame(1015));
    const socket = new ScriptedSocket();
    for (let round = 0; round < 3; round++) {
      socket.results.push(...Array.from({ length: 15 }, () => 'blocked' as const));
      for (let n = 0; n < 15; n++) socket.outbox.deliver(epochOf(frames, round * 1000 + n));
      socket.outbox.retry();
      socket.flush();
    }
    expect(socket.outbox.epochsDropped).toBe(0);
    expect(socket.outbox.epochsTaken).toBe(45);
  });

  test('the room of a burst is free again once it was dropped', () => {
    const frames = Array.from({ length: 64 }, () => observationFrame(1015));
    const socket = new ScriptedSocket();
    socket.results.push(...Array.from({ length: 26 }, () => 'blocked' as const));
    for (let n = 0; n < 13; n++) socket.outbox.deliver(epochOf(frames, n));
    for (let n = 0; n < 13; n++) socket.outbox.deliver(epochOf(frames, 1000 + n));
    socket.outbox.retry();
    socket.flush();
    expect(socket.outbox).toMatchObject({ epochsTaken: 14, epochsDropped: 12 });
  });

  test('a burst goes on where a part of one of its epochs had to go through the queue of the socket', () => {
    const all = burst(4);
    const socket = new ScriptedSocket();
    socket.results.push('blocked', 'blocked', 'blocked', 'blocked', 'whole', 6);
    for (const epoch of all) socket.outbox.deliver(epoch);
    socket.outbox.retry();
    socket.flush();
    expect(socket.takeWire()).toEqual(bytesOf(...all));
  });
});
