// Tests every transition that the head of caster/net/outbox.ts draws, with a scripted kernel.

import { describe, expect, test } from 'vitest';
import { encodeChunk } from '../../../caster/ntrip/chunked.ts';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import { epochOf, observationFrame, stationFrame } from '../stream/frames.ts';
import { ScriptedSocket } from './scripted-socket.ts';

const HEAD = Buffer.from('ICY 200 OK\r\n\r\n');

/** Epochs of two frames each, one second apart: no two are of one burst. */
function epochs(count: number): Epoch[] {
  return Array.from({ length: count }, (_epoch, n) =>
    epochOf([observationFrame(), observationFrame()], n * 1000),
  );
}

const bytesOf = (...all: Epoch[]): Buffer => Buffer.concat(all.map(({ bytes }) => bytes));

describe('idle', () => {
  test('an epoch that the kernel takes whole goes out in one send and leaves nothing behind', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.outbox.deliver(epoch);
    expect(socket.takeWire()).toEqual(epoch.bytes);
    expect([socket.sends, socket.writesOpen, socket.outbox.isBusy]).toEqual([1, 0, false]);
  });

  test('a hundred epochs in a row that the kernel takes go out in order, one send each', () => {
    const all = epochs(100);
    const socket = new ScriptedSocket();
    for (const epoch of all) socket.outbox.deliver(epoch);
    expect(socket.takeWire()).toEqual(bytesOf(...all));
    expect(socket.sends).toBe(100);
  });

  test('of an epoch that the kernel takes in part, the rest goes to the queue of the socket at once', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.results.push(7);
    socket.outbox.deliver(epoch);
    expect(socket.takeWire()).toEqual(epoch.bytes.subarray(0, 7));
    expect(socket.outbox.isBusy).toBe(true);
    socket.flush();
    expect(socket.takeWire()).toEqual(epoch.bytes.subarray(7));
    expect(socket.outbox.isBusy).toBe(false);
  });

  test('an epoch of which the kernel takes nothing waits whole, and the worker is told to come back soon', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.results.push('blocked');
    socket.outbox.deliver(epoch);
    expect(socket.takeWire()).toHaveLength(0);
    expect([...socket.blocked]).toEqual([socket.outbox]);
    expect([socket.outbox.isBusy, socket.hurried, socket.writesOpen]).toEqual([true, 1, 0]);
  });

  test('an epoch behind a reply head that the kernel has taken goes out by send in the same tick', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket({ takesAtOnce: true });
    socket.outbox.open(HEAD, undefined);
    socket.outbox.deliver(epoch);
    expect(socket.takeWire()).toEqual(Buffer.concat([HEAD, epoch.bytes]));
    expect(socket.sends).toBe(1);
  });

  test('an epoch behind a reply head that still waits never overtakes it', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.outbox.open(HEAD, undefined);
    socket.outbox.deliver(epoch);
    socket.flush();
    expect(socket.takeWire()).toEqual(Buffer.concat([HEAD, epoch.bytes]));
  });
});

describe('blocked', () => {
  test('at a tick at which the kernel still takes nothing the epoch goes on waiting', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.results.push('blocked', 'blocked');
    socket.outbox.deliver(epoch);
    socket.outbox.retry();
    expect(socket.takeWire()).toHaveLength(0);
    expect(socket.blocked.size).toBe(1);
  });

  test('at a tick at which the kernel takes it the epoch goes out and the outbox is no longer blocked', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.results.push('blocked');
    socket.outbox.deliver(epoch);
    socket.outbox.retry();
    expect(socket.takeWire()).toEqual(epoch.bytes);
    expect([socket.blocked.size, socket.outbox.isBusy]).toEqual([0, false]);
  });

  test('at a tick at which the kernel takes a part the rest goes to the queue of the socket', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.results.push('blocked', 9);
    socket.outbox.deliver(epoch);
    socket.outbox.retry();
    expect(socket.blocked.size).toBe(0);
    socket.flush();
    expect(socket.takeWire()).toEqual(epoch.bytes);
  });

  test('a newer epoch takes the place of the one that waits, which is counted as dropped', () => {
    const [older, newer] = epochs(2) as [Epoch, Epoch];
    const socket = new ScriptedSocket();
    socket.results.push('blocked');
    socket.outbox.deliver(older);
    socket.outbox.deliver(newer);
    expect(socket.takeWire()).toEqual(newer.bytes);
    expect([socket.outbox.epochsDropped, socket.outbox.framesDropped]).toEqual([1, 2]);
  });

  test('a tick within the loop over blocked outboxes may block the same outbox again', () => {
    const socket = new ScriptedSocket();
    socket.results.push('blocked', 'blocked', 'blocked');
    socket.outbox.deliver(epochOf([observationFrame()], 0));
    for (const outbox of socket.blocked) outbox.retry();
    expect(socket.takeWire()).toHaveLength(0);
    expect([...socket.blocked]).toEqual([socket.outbox]);
  });
});

describe('busy', () => {
  function busySocket(first: Epoch): ScriptedSocket {
    const socket = new ScriptedSocket();
    socket.results.push(5);
    socket.outbox.deliver(first);
    return socket;
  }

  test('an epoch waits while the queue of the socket is not empty, without a send', () => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = busySocket(first);
    socket.outbox.deliver(second);
    expect([socket.sends, socket.outbox.isBusy]).toEqual([1, true]);
  });

  test('of many epochs only the newest waits', () => {
    const [first, ...later] = epochs(5) as [Epoch, ...Epoch[]];
    const socket = busySocket(first);
    for (const epoch of later) socket.outbox.deliver(epoch);
    socket.flush();
    expect(socket.takeWire()).toEqual(bytesOf(first, later.at(-1)!));
    expect(socket.outbox.epochsDropped).toBe(3);
  });

  test('the flush of the queue sends what waits without waiting for a tick', () => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = busySocket(first);
    socket.outbox.deliver(second);
    socket.take();
    socket.done();
    expect(socket.takeWire()).toEqual(bytesOf(first, second));
    expect(socket.outbox.isBusy).toBe(false);
  });

  test('an epoch that comes after the kernel took the queue and before Node says so goes out at once', () => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = busySocket(first);
    socket.take();
    socket.outbox.deliver(second);
    expect(socket.takeWire()).toEqual(bytesOf(first, second));
  });

  test('the flush may meet a full kernel: what waits is then blocked', () => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = busySocket(first);
    socket.outbox.deliver(second);
    socket.results.push('blocked');
    socket.flush();
    expect(socket.takeWire()).toEqual(first.bytes);
    expect([socket.blocked.size, socket.outbox.isBusy]).toEqual([1, true]);
  });

  test('the flush may meet a kernel that takes a part: the outbox is busy again', () => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = busySocket(first);
    socket.outbox.deliver(second);
    socket.results.push(3);
    socket.take();
    socket.done();
    expect(socket.outbox.isBusy).toBe(true);
    socket.flush();
    expect(socket.takeWire()).toEqual(bytesOf(first, second));
  });
});

describe('an outbox without native send', () => {
  test.each([
    ['without koffi', { native: false }],
    ['on TLS, koffi or not', { native: true, encrypted: true }],
  ])('writes everything through the socket: %s', (_why, options) => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = new ScriptedSocket(options);
    socket.outbox.open(HEAD, undefined);
    socket.outbox.deliver(first);
    socket.flush();
    socket.outbox.deliver(second);
    socket.flush();
    expect(socket.takeWire()).toEqual(Buffer.concat([HEAD, bytesOf(first, second)]));
    expect(socket.sends).toBe(0);
  });

  test('keeps only the newest epoch while a write is open', () => {
    const all = epochs(6);
    const socket = new ScriptedSocket({ native: false });
    for (const epoch of all) socket.outbox.deliver(epoch);
    socket.flush();
    expect(socket.takeWire()).toEqual(bytesOf(all[0]!, all[5]!));
    expect(socket.outbox.epochsDropped).toBe(4);
  });

  test('waits on TLS for the callback, since an empty queue says nothing there', () => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = new ScriptedSocket({ encrypted: true, takesAtOnce: true });
    socket.outbox.deliver(first);
    socket.outbox.deliver(second);
    expect(socket.takeWire()).toEqual(first.bytes);
    socket.done();
    expect(socket.takeWire()).toEqual(second.bytes);
  });
});

describe('a reply head', () => {
  const greeting = (): { bytes: Buffer; frameCount: number } => {
    const frames = [stationFrame(1006, 1), stationFrame(1033, 1)];
    return { bytes: Buffer.concat(frames), frameCount: 2 };
  };

  test('goes out in one write with what late joiners need', () => {
    const socket = new ScriptedSocket();
    const late = greeting();
    socket.outbox.open(HEAD, late);
    expect(socket.writesOpen).toBe(1);
    socket.flush();
    expect(socket.takeWire()).toEqual(Buffer.concat([HEAD, late.bytes]));
  });

  test('is followed by what late joiners need as one chunk where the stream is chunked', () => {
    const socket = new ScriptedSocket({ chunked: true });
    const late = greeting();
    socket.outbox.open(HEAD, late);
    socket.flush();
    expect(socket.takeWire()).toEqual(Buffer.concat([HEAD, encodeChunk(late.bytes)]));
  });

  test('is no payload, and what late joiners need is', () => {
    const socket = new ScriptedSocket();
    const late = greeting();
    socket.outbox.open(HEAD, late);
    socket.flush();
    expect(socket.outbox).toMatchObject({ bytesTaken: late.bytes.length, framesTaken: 2, epochsTaken: 0 });
  });
});

describe('a connection that is gone', () => {
  test('takes nothing more from the tick on in which its descriptor closes', () => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = new ScriptedSocket();
    socket.outbox.deliver(first);
    socket.destroy();
    socket.outbox.deliver(second);
    expect([socket.sends, socket.kernelQuestions, socket.outbox.epochsTaken]).toEqual([1, 1, 1]);
  });

  test('counts nothing for an epoch that met a broken connection', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.results.push('broken');
    socket.outbox.deliver(epoch);
    expect(socket.outbox).toMatchObject({ bytesTaken: 0, epochsTaken: 0, framesTaken: 0 });
  });

  test('is no longer blocked and holds nothing after abandon', () => {
    const [epoch] = epochs(1) as [Epoch];
    const socket = new ScriptedSocket();
    socket.results.push('blocked');
    socket.outbox.deliver(epoch);
    socket.outbox.abandon();
    socket.outbox.retry();
    expect(socket.takeWire()).toHaveLength(0);
    expect([socket.blocked.size, socket.outbox.isBusy, socket.outbox.epochsDropped]).toEqual([0, false, 1]);
  });

  test('abandon still lets what has begun to go out be finished', () => {
    const [first, second] = epochs(2) as [Epoch, Epoch];
    const socket = new ScriptedSocket();
    socket.results.push(4);
    socket.outbox.deliver(first);
    socket.outbox.deliver(second);
    socket.outbox.abandon();
    socket.flush();
    expect(socket.takeWire()).toEqual(first.bytes);
    expect(socket.outbox.bytesTaken).toBe(first.bytes.length);
  });
});
