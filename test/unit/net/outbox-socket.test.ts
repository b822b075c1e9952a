// Tests an outbox on real sockets whose peer reads slowly or not at all: the kernel decides, by every way that bytes
// can take.

import { once } from 'node:events';
import { type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { allocateCounters, DataPlaneCounters } from '../../../caster/metering/data-plane-counters.ts';
import { loadNativeSocket } from '../../../caster/net/native-socket.ts';
import { looseRecord } from '../../../caster/metering/ledger/record-counts.ts';
import { Outbox } from '../../../caster/net/outbox.ts';
import { type PeerSocket } from '../../../caster/net/peer-socket.ts';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import { dechunk, epochOf, observationFrame, splitFrames, stationFrame } from '../stream/frames.ts';
import { makeCertificate, socketPair, tlsPair } from './socket-pair.ts';

const loaded = loadNativeSocket();
const certificate = makeCertificate();

interface Way {
  readonly native: boolean;
  readonly tls: boolean;
  readonly chunked: boolean;
}

const ways: [string, Way][] = [
  ['native send', { native: true, tls: false, chunked: false }],
  ['native send, chunked', { native: true, tls: false, chunked: true }],
  ['Node’s own writes', { native: false, tls: false, chunked: false }],
  ['TLS', { native: true, tls: true, chunked: true }],
];

function outboxOn(socket: Socket, { native, tls, chunked }: Way): { outbox: Outbox; blocked: Set<Outbox> } {
  const blocked = new Set<Outbox>();
  const house = {
    native: native && loaded.ok ? loaded.native : undefined,
    counters: new DataPlaneCounters(allocateCounters()),
    blocked,
    hurry: () => undefined,
  };
  // An outbox looks at nothing that a peer would have added but this.
  const peerSocket = Object.assign(socket, { encrypted: tls }) as PeerSocket;
  return { outbox: new Outbox(peerSocket, house, chunked, looseRecord()), blocked };
}

/** A second apart, with a station message of its own in every tenth; sixty of them are 3.6 MB. */
function largeEpochs(count: number, fromMs: number): Epoch[] {
  return Array.from({ length: count }, (_epoch, n) => {
    const frames = Array.from({ length: 58 }, () => observationFrame(1015));
    return epochOf(n % 10 === 0 ? [...frames, stationFrame(1006, n / 10)] : frames, fromMs + n * 1000);
  });
}

describe.each(ways)('over %s', (_name, way) => {
  test('a peer that reads only after a while gets whole frames, in order, counted byte for byte', async (context) => {
    if (way.native && !way.tls && !loaded.ok) context.skip(`koffi: ${loaded.detail}`);
    if (way.tls && certificate === undefined) context.skip('openssl is not installed');
    const pair = way.tls ? await tlsPair(certificate!) : await socketPair();
    try {
      const { outbox, blocked } = outboxOn(pair.near, way);
      const early = largeEpochs(60, 0);
      const late = largeEpochs(200, 1_000_000);
      for (const epoch of early) {
        outbox.deliver(epoch);
        await new Promise((resolve) => setImmediate(resolve));
      }
      // No kernel holds as much as this: some must be dropped.
      for (const epoch of late) outbox.deliver(epoch);
      const last = epochOf([observationFrame()], 9_000_000);
      outbox.deliver(last);
      expect(outbox.isBusy).toBe(true);

      const received: Buffer[] = [];
      pair.far.on('data', (chunk: Buffer) => received.push(chunk));
      const ended = once(pair.far, 'end');
      pair.far.resume();
      while (outbox.isBusy || blocked.size > 0) {
        for (const waiting of blocked) waiting.retry();
        await delay(5);
      }
      pair.near.end();
      await ended;

      const bytes = Buffer.concat(received);
      const payload = way.chunked ? dechunk(bytes) : bytes;
      const frames = splitFrames(payload).map((frame) => frame.toString('hex'));
      const offered = [...early, ...late, last].flatMap((epoch) => splitFrames(epoch.bytes));
      const places = new Map(offered.map((frame, place) => [frame.toString('hex'), place]));
      const unknown = frames.filter((frame) => !places.has(frame));
      expect(unknown).toEqual([]);
      expect(new Set(frames).size).toBe(frames.length);
      expect(payload.subarray(-last.bytes.length)).toEqual(last.bytes);
      expect(outbox.epochsTaken + outbox.epochsDropped).toBe(early.length + late.length + 1);
      expect(outbox.epochsDropped).toBeGreaterThan(0);
      expect(outbox).toMatchObject({ bytesTaken: payload.length, framesTaken: frames.length });
      const order = frames.map((frame) => places.get(frame)!);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    } finally {
      await pair.close();
    }
  });
});
