// A connection that has just been accepted, on a real socket, with a house whose answers the test gives.

import { once } from 'node:events';
import { type ConfigInput } from '../../../config/schema.ts';
import { type Verdict } from '../../../caster/accounts/admission.ts';
import { type Arrival, Handshake } from '../../../caster/net/handshake.ts';
import { attachPeer, type PeerSocket } from '../../../caster/net/peer-socket.ts';
import { configWith, fakeHouse, type FakeHouse } from './fake-house.ts';
import { socketPair } from './socket-pair.ts';

export interface ConnectedHandshake extends FakeHouse {
  readonly near: PeerSocket;
  /** Sends bytes as the device. */
  readonly send: (bytes: string) => void;
  /** Waits until the house is asked for the first time. */
  readonly asked: () => Promise<FakeHouse['asks'][number]>;
  /** What the device has got when the caster closes. */
  readonly reply: () => Promise<string>;
  /** The device hangs up; resolves when the socket is gone. */
  readonly hangUp: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const ARRIVAL: Arrival = { address: '192.0.2.7', enterForwarded: undefined };

/** Mountpoint A is open and takes a base; whatever is asked stays unanswered. */
export async function connectHandshake(
  overrides: ConfigInput = {},
  arrival: Partial<Arrival> = {},
): Promise<ConnectedHandshake> {
  const mountpoints: ConfigInput['mountpoints'] = [
    { name: 'A', sourcePassword: 'choose-one', access: 'open' },
  ];
  const fake = fakeHouse(configWith({ mountpoints, ...overrides }));
  const { near: socket, far, close } = await socketPair();
  const near = attachPeer(socket, (made) => new Handshake(fake.house, made, { ...ARRIVAL, ...arrival }));
  fake.house.connections.add(near);
  const chunks: Buffer[] = [];
  const ended = once(far, 'end');
  far.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  return {
    ...fake,
    near,
    close,
    send: (bytes) => far.write(bytes),
    asked: async () => {
      while (fake.asks.length === 0) await new Promise((resolve) => setImmediate(resolve));
      return fake.asks[0]!;
    },
    reply: async () => {
      await ended;
      return Buffer.concat(chunks).toString('latin1');
    },
    hangUp: async () => {
      far.end();
      if (!near.closed) await once(near, 'close');
    },
  };
}

/** What the caster says to `request` where admission says `verdict`. */
export async function replyTo(request: string, verdict: Verdict): Promise<string> {
  const connection = await connectHandshake();
  try {
    connection.send(request);
    const { answer } = await connection.asked();
    answer(verdict);
    return await connection.reply();
  } finally {
    await connection.close();
  }
}
