// Tests that every byte is counted when the kernel has taken it, and nothing else: per rover and for the worker.

import { describe, expect, test } from 'vitest';
import { epochOf, observationFrame } from '../stream/frames.ts';
import { ScriptedSocket, type SendResult } from './scripted-socket.ts';

const HEAD = Buffer.from('HTTP/1.1 200 OK\r\n\r\n');

function delivered(results: SendResult[], chunked = false): ScriptedSocket {
  const socket = new ScriptedSocket({ chunked });
  socket.results.push(...results);
  socket.outbox.deliver(epochOf([observationFrame(100), observationFrame(100)]));
  return socket;
}

const EPOCH_BYTES = 2 * (100 + 8 + 6);
/** `e4 CR LF`, the epoch, CR LF. */
const CHUNK_OVERHEAD_BYTES = EPOCH_BYTES.toString(16).length + 4;

test('an epoch taken whole counts with all its bytes at once', () => {
  const { outbox, counters } = delivered(['whole']);
  expect(outbox).toMatchObject({ bytesTaken: EPOCH_BYTES, epochsTaken: 1, framesTaken: 2 });
  expect(counters.read('roverBytesTaken')).toBe(EPOCH_BYTES);
});

test('the framing of chunks is no payload', () => {
  const socket = delivered(['whole'], true);
  expect(socket.takeWire()).toHaveLength(EPOCH_BYTES + CHUNK_OVERHEAD_BYTES);
  expect(socket.outbox.bytesTaken).toBe(EPOCH_BYTES);
});

test.each([1, 50, EPOCH_BYTES - 1])('of an epoch of which the kernel took %s bytes these count', (taken) => {
  expect(delivered([taken]).outbox.bytesTaken).toBe(taken);
});

test.each([1, CHUNK_OVERHEAD_BYTES, 50, EPOCH_BYTES + CHUNK_OVERHEAD_BYTES - 1])(
  'of a chunk of which the kernel took %s bytes never more than went out counts, and all once the rest is out',
  (taken) => {
    const socket = delivered([taken], true);
    expect(socket.outbox.bytesTaken).toBe(Math.max(0, taken - CHUNK_OVERHEAD_BYTES));
    socket.flush();
    expect(socket.outbox.bytesTaken).toBe(EPOCH_BYTES);
    expect(socket.counters.read('roverBytesTaken')).toBe(EPOCH_BYTES);
  },
);

test('bytes in the queue of the socket count only when Node says that they are written', () => {
  const socket = delivered([10]);
  socket.take();
  expect(socket.outbox.bytesTaken).toBe(10);
  socket.done();
  expect(socket.outbox.bytesTaken).toBe(EPOCH_BYTES);
});

test('a reply head counts as nothing', () => {
  const socket = new ScriptedSocket();
  socket.outbox.open(HEAD, undefined);
  socket.flush();
  expect(socket.outbox.bytesTaken).toBe(0);
});

test('bytes of a write that failed do not count', () => {
  const socket = new ScriptedSocket({ native: false });
  socket.outbox.deliver(epochOf([observationFrame(100)]));
  socket.fail();
  expect(socket.outbox.bytesTaken).toBe(0);
});

test('the worker’s counters are the sum over its outboxes', () => {
  const socket = new ScriptedSocket();
  socket.results.push('whole', 'blocked', 'blocked', 7);
  for (let n = 0; n < 4; n++) socket.outbox.deliver(epochOf([observationFrame(n)], n * 1000));
  socket.flush();
  const { outbox, counters } = socket;
  expect({
    roverBytesTaken: counters.read('roverBytesTaken'),
    epochsDelivered: counters.read('epochsDelivered'),
    epochsDropped: counters.read('epochsDropped'),
    framesDropped: counters.read('framesDropped'),
  }).toEqual({
    roverBytesTaken: outbox.bytesTaken,
    epochsDelivered: outbox.epochsTaken,
    epochsDropped: outbox.epochsDropped,
    framesDropped: outbox.framesDropped,
  });
});

test('each answer of the kernel is counted by its kind', () => {
  const socket = new ScriptedSocket();
  socket.results.push('whole', 'blocked', 7);
  for (let n = 0; n < 2; n++) socket.outbox.deliver(epochOf([observationFrame(n)], n * 1000));
  socket.outbox.retry();
  const { counters } = socket;
  expect(
    ['sendsNative', 'sendsBlocked', 'sendsShort'].map((name) => counters.read(name as 'sendsNative')),
  ).toEqual([1, 1, 1]);
});

describe('what the kernel has had', () => {
  test('is known while a write is only partly taken, so that a slow rover is seen to get on', () => {
    const socket = delivered([10]);
    socket.takeSome(30);
    expect([socket.outbox.bytesTaken, socket.outbox.bytesHandedOver]).toEqual([10, 40]);
    socket.takeSome(50);
    expect(socket.outbox.bytesHandedOver).toBe(90);
    socket.flush();
    expect([socket.outbox.bytesTaken, socket.outbox.bytesHandedOver]).toEqual([EPOCH_BYTES, EPOCH_BYTES]);
  });

  test('is what was taken where nothing is queued', () => {
    expect(delivered(['whole']).outbox.bytesHandedOver).toBe(EPOCH_BYTES);
  });

  test('is never less than what was taken, also while a reply head is queued that is no payload', () => {
    const socket = new ScriptedSocket();
    socket.outbox.open(HEAD, undefined);
    expect(socket.outbox.bytesHandedOver).toBe(0);
  });
});

describe('a write that fails', () => {
  test('takes nothing away from the count of writes that the kernel took before it', () => {
    const socket = new ScriptedSocket({ native: false });
    const first = epochOf([observationFrame(100)], 0);
    socket.outbox.deliver(first);
    socket.take();
    // The queue is empty again, so the next one goes into it before Node has called back for the first.
    socket.outbox.deliver(epochOf([observationFrame(100)], 1));
    socket.done();
    socket.fail();
    expect(socket.outbox.bytesTaken).toBe(first.bytes.length);
  });

  test('does not let what waits count as delivered to a connection that is gone', () => {
    const socket = new ScriptedSocket({ native: false });
    socket.outbox.deliver(epochOf([observationFrame()], 0));
    socket.outbox.deliver(epochOf([observationFrame()], 1000));
    socket.fail();
    expect(socket.outbox.epochsTaken).toBe(1);
  });
});
