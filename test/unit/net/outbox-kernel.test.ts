// Tests how much an outbox lets the kernel hold for a rover that does not acknowledge.

import { describe, expect, test } from 'vitest';
import { SEND_QUEUE_UNKNOWN } from '../../../caster/net/native-socket.ts';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import { epochOf, observationFrame } from '../stream/frames.ts';
import { ScriptedSocket } from './scripted-socket.ts';

describe('the kernel’s share', () => {
  const small = (n: number): Epoch => epochOf([observationFrame(86)], n * 1000);

  test('is asked about at every fourth epoch while the rover keeps up', () => {
    const socket = new ScriptedSocket();
    for (let n = 0; n < 16; n++) socket.outbox.deliver(small(n));
    expect([socket.kernelQuestions, socket.sends]).toEqual([4, 16]);
  });

  test.each([
    [900, 0],
    [901, 1],
  ])('of 1000 bytes with %s of them in use leaves %s epochs of 100 bytes waiting', (held, waiting) => {
    const socket = new ScriptedSocket();
    socket.outbox.kernelBytesMax = 1000;
    socket.unacknowledgedBytes = held;
    socket.outbox.deliver(small(0));
    expect([socket.blocked.size, socket.sends]).toEqual([waiting, 1 - waiting]);
  });

  test('is always room for four epochs as large as the one that comes', () => {
    const socket = new ScriptedSocket();
    socket.outbox.kernelBytesMax = 1000;
    socket.unacknowledgedBytes = 3000;
    socket.outbox.deliver(epochOf([observationFrame(986)], 0));
    expect(socket.sends).toBe(1);
  });

  test('that is empty takes an epoch of any size', () => {
    const socket = new ScriptedSocket();
    socket.outbox.kernelBytesMax = 10;
    socket.outbox.deliver(small(0));
    expect(socket.sends).toBe(1);
  });

  test('that nobody can tell stops nothing', () => {
    const socket = new ScriptedSocket();
    socket.unacknowledgedBytes = SEND_QUEUE_UNKNOWN;
    for (let n = 0; n < 8; n++) socket.outbox.deliver(small(n));
    expect(socket.sends).toBe(8);
  });

  test('that was found full is asked about before every send until it no longer is', () => {
    const socket = new ScriptedSocket();
    socket.outbox.kernelBytesMax = 1000;
    socket.unacknowledgedBytes = 2000;
    socket.outbox.deliver(small(0));
    socket.outbox.retry();
    socket.outbox.retry();
    expect([socket.kernelQuestions, socket.sends, socket.counters.read('sendsBlocked')]).toEqual([3, 0, 3]);
    socket.unacknowledgedBytes = 0;
    socket.outbox.retry();
    expect([socket.sends, socket.blocked.size]).toEqual([1, 0]);
    for (let n = 1; n < 4; n++) socket.outbox.deliver(small(n));
    expect(socket.kernelQuestions).toBe(4);
  });

  test('that is full has the newest epoch wait in the place of older ones', () => {
    const socket = new ScriptedSocket();
    socket.outbox.kernelBytesMax = 1000;
    socket.unacknowledgedBytes = 2000;
    const all = [0, 1, 2].map(small);
    for (const epoch of all) socket.outbox.deliver(epoch);
    socket.unacknowledgedBytes = 0;
    socket.outbox.retry();
    expect(socket.takeWire()).toEqual(all[2]!.bytes);
    expect(socket.outbox.epochsDropped).toBe(2);
  });
});
