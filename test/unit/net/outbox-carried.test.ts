// Tests what becomes of station and ephemeris frames in epochs that a slow rover never gets: the newest of each kind is
// carried into the next write, whole, once and in order.

import { describe, expect, test } from 'vitest';
import { Epoch } from '../../../caster/stream/epoch.ts';
import {
  dechunk,
  ephemerisFrame,
  epochOf,
  observationFrame,
  splitFrames,
  stationFrame,
} from '../stream/frames.ts';
import { ScriptedSocket } from './scripted-socket.ts';

/** An outbox that takes nothing while these epochs, a second apart, come in. */
function blockedWith(frames: Buffer[][], options: { chunked?: boolean } = {}): ScriptedSocket {
  const socket = new ScriptedSocket(options);
  for (const [n, of] of frames.entries()) {
    socket.results.push('blocked');
    socket.outbox.deliver(epochOf(of, n * 1000));
  }
  return socket;
}

function framesOut(socket: ScriptedSocket): Buffer[] {
  socket.outbox.retry();
  socket.flush();
  return splitFrames(socket.takeWire());
}

test('station and ephemeris frames of a dropped epoch go out in front of the next one', () => {
  const [station, ephemeris, observation] = [
    stationFrame(1006, 7),
    ephemerisFrame(1019, 3),
    observationFrame(),
  ];
  const socket = blockedWith([[station, observationFrame(), ephemeris], [observation]]);
  expect(framesOut(socket)).toEqual([station, ephemeris, observation]);
});

test('frames of several dropped epochs go out in the order in which they came', () => {
  const kept = [stationFrame(1006, 7), stationFrame(1033, 7), ephemerisFrame(1042, 9), stationFrame(1230, 7)];
  const last = observationFrame();
  const socket = blockedWith([...kept.map((frame) => [observationFrame(), frame]), [last]]);
  expect(framesOut(socket)).toEqual([...kept, last]);
});

test('of frames with the same key only the newest is carried, at the place of the newest', () => {
  const [oldPosition, receiver, newPosition, last] = [
    stationFrame(1006, 7),
    stationFrame(1033, 7),
    stationFrame(1006, 7),
    observationFrame(),
  ];
  const socket = blockedWith([[oldPosition], [receiver], [newPosition], [last]]);
  expect(framesOut(socket)).toEqual([receiver, newPosition, last]);
});

test('of frames with the same key in one dropped epoch only the last is carried', () => {
  const [first, second, last] = [ephemerisFrame(1019, 3), ephemerisFrame(1019, 3), observationFrame()];
  const socket = blockedWith([[first, second], [last]]);
  expect(framesOut(socket)).toEqual([second, last]);
});

test('of frames with the same key in one dropped epoch the last keeps its place behind others', () => {
  const [first, other, second, last] = [
    stationFrame(1006, 7),
    stationFrame(1033, 7),
    stationFrame(1006, 7),
    observationFrame(),
  ];
  const socket = blockedWith([[first, other, second], [last]]);
  expect(framesOut(socket)).toEqual([other, second, last]);
});

test('what the epoch that goes out says itself is not carried into it', () => {
  const [old, other, fresh] = [stationFrame(1006, 7), stationFrame(1008, 7), stationFrame(1006, 7)];
  const last = observationFrame();
  const socket = blockedWith([
    [old, other],
    [last, fresh],
  ]);
  expect(framesOut(socket)).toEqual([other, last, fresh]);
});

test.each([
  ['another station', stationFrame(1006, 7), stationFrame(1006, 8)],
  ['another message', stationFrame(1005, 7), stationFrame(1006, 7)],
  ['another satellite', ephemerisFrame(1019, 3), ephemerisFrame(1019, 4)],
  ['another navigation message', ephemerisFrame(1045, 3), ephemerisFrame(1046, 3)],
  ['another system', ephemerisFrame(1019, 3), ephemerisFrame(1020, 3)],
])('a frame of %s takes nobody’s place', (_what, first, second) => {
  const last = observationFrame();
  const socket = blockedWith([[first], [second], [last]]);
  expect(framesOut(socket)).toEqual([first, second, last]);
});

test('carried frames that still cannot go out are carried on, together with newer ones', () => {
  const [position, receiver] = [stationFrame(1006, 7), stationFrame(1033, 7)];
  const last = observationFrame();
  const socket = blockedWith([[position], [observationFrame()], [receiver], [observationFrame()], [last]]);
  expect(framesOut(socket)).toEqual([position, receiver, last]);
});

test('a frame that was left out for a newer one, which was dropped in its turn, comes back as the newer one', () => {
  const [old, fresh, last] = [stationFrame(1006, 7), stationFrame(1006, 7), observationFrame()];
  const socket = new ScriptedSocket();
  socket.results.push('blocked', 'blocked', 'blocked');
  socket.outbox.deliver(epochOf([old], 0));
  // The kernel refuses this write, in which `old` has already given way to `fresh`.
  socket.outbox.deliver(epochOf([fresh, observationFrame()], 1000));
  socket.outbox.deliver(epochOf([last], 2000));
  expect(framesOut(socket)).toEqual([fresh, last]);
});

test('carried frames go out once', () => {
  const [station, first, second] = [stationFrame(1006, 7), observationFrame(), observationFrame()];
  const socket = blockedWith([[station], [first]]);
  expect(framesOut(socket)).toEqual([station, first]);
  socket.outbox.deliver(epochOf([second], 9000));
  expect(framesOut(socket)).toEqual([second]);
});

test('carried frames whose write is cut by the kernel still go out whole and first', () => {
  const [station, last] = [stationFrame(1006, 7), observationFrame()];
  const socket = blockedWith([[station, observationFrame()], [last]]);
  socket.results.push(4);
  expect(framesOut(socket)).toEqual([station, last]);
});

test('carried frames and the epoch are one chunk of a chunked stream', () => {
  const [station, last] = [stationFrame(1006, 7), observationFrame()];
  const socket = blockedWith([[station, observationFrame()], [last]], { chunked: true });
  socket.outbox.retry();
  const wire = socket.takeWire();
  expect(splitFrames(dechunk(wire))).toEqual([station, last]);
  expect(wire.toString('latin1').match(/^[0-9a-f]+\r\n/)?.[0]).toBe(
    `${(station.length + last.length).toString(16)}\r\n`,
  );
});

test('a raw stream carries nothing over, as its bytes are no frames', () => {
  const last = observationFrame();
  const socket = new ScriptedSocket();
  socket.results.push('blocked');
  // A frame count of 0 is what marks an epoch as raw.
  socket.outbox.deliver(new Epoch(stationFrame(1006, 7), 0, 0));
  socket.outbox.deliver(epochOf([last], 1000));
  expect(framesOut(socket)).toEqual([last]);
});

describe('the counts', () => {
  test('a carried frame is counted as taken, and the rest of its epoch as dropped', () => {
    const socket = blockedWith([
      [stationFrame(1006, 7), observationFrame(), observationFrame()],
      [observationFrame()],
    ]);
    const out = framesOut(socket);
    expect(socket.outbox).toMatchObject({
      epochsTaken: 1,
      framesTaken: 2,
      epochsDropped: 1,
      framesDropped: 2,
    });
    expect(out).toHaveLength(socket.outbox.framesTaken);
  });

  test('the bytes of carried frames are payload', () => {
    const [station, last] = [stationFrame(1006, 7), observationFrame()];
    const socket = blockedWith([[station, observationFrame()], [last]], { chunked: true });
    framesOutOfChunks(socket);
    expect(socket.outbox.bytesTaken).toBe(station.length + last.length);
  });

  test('a carried frame that gives way to a newer one of its key is counted as dropped', () => {
    const socket = blockedWith([[stationFrame(1006, 7)], [stationFrame(1006, 7)], [observationFrame()]]);
    framesOut(socket);
    expect(socket.outbox).toMatchObject({ framesTaken: 2, framesDropped: 1 });
  });

  test('carried frames that nobody will get any more are counted as dropped', () => {
    const socket = blockedWith([[stationFrame(1006, 7), observationFrame()], [observationFrame()]]);
    socket.outbox.abandon();
    expect(socket.outbox).toMatchObject({ framesTaken: 0, framesDropped: 3 });
  });
});

test('what is carried for one rover stays bounded, whatever the base sends', () => {
  const stations = Array.from({ length: 4096 }, (_station, id) => stationFrame(1006, id));
  const last = observationFrame();
  const socket = blockedWith([stations, [last]]);
  expect(framesOut(socket).length).toBeLessThan(1000);
});

function framesOutOfChunks(socket: ScriptedSocket): Buffer[] {
  socket.outbox.retry();
  socket.flush();
  return splitFrames(dechunk(socket.takeWire()));
}
