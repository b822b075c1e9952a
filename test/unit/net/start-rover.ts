// A rover's session on a real socket, in a house of the test's; time is the test's, too.

import { once } from 'node:events';
import { type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { type GrantLimits } from '../../../caster/accounts/grant-limits.ts';
import { sendOneByOne } from '../../../caster/net/batched-send.ts';
import { type NativeSocket } from '../../../caster/net/native-socket.ts';
import { attachPeer } from '../../../caster/net/peer-socket.ts';
import { RoverSession } from '../../../caster/net/rover-session.ts';
import { type RoverRequest } from '../../../caster/ntrip/request.ts';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import { splitFrames } from '../stream/frames.ts';
import { configWith, fakeHouse, type FakeHouse } from './fake-house.ts';
import { makeCertificate, type SocketPair, socketPair, tlsPair } from './socket-pair.ts';

const HEAD = Buffer.from('ICY 200 OK\r\n\r\n');
export const certificate = makeCertificate();
const pairs: SocketPair[] = [];

afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close();
});

export interface Rover extends FakeHouse {
  readonly session: RoverSession;
  readonly near: Socket;
  readonly far: Socket;
  /** Publishes as the base of this mountpoint. */
  readonly publish: (mountpoint: string, epoch: Epoch) => void;
  /** Lets this much time pass, with a sweep at its end. */
  readonly wait: (durationMs: number) => void;
  /** The frames that have come to the device behind the head, once there are so many. */
  readonly frames: (count: number) => Promise<Buffer[]>;
}

interface RoverOptions {
  readonly mountpoint?: string;
  readonly overrides?: ConfigInput;
  readonly native?: NativeSocket;
  readonly tls?: boolean;
  readonly request?: Partial<RoverRequest>;
  readonly limits?: GrantLimits;
  readonly before?: (fake: FakeHouse) => void;
}

const REQUEST: RoverRequest = {
  kind: 'rover',
  version: 1,
  plainHttp: false,
  httpMinor: 0,
  mountpoint: 'A',
  path: '/A',
  credentials: { scheme: 'none' },
  userAgent: 'NTRIP test/1',
  ntripGga: undefined,
  forwardedFor: undefined,
  chunkedBody: false,
};

export async function startRover(options: RoverOptions = {}): Promise<Rover> {
  const { mountpoint = 'A', overrides = {}, native, tls = false, request = {}, limits = {} } = options;
  const mountpoints: ConfigInput['mountpoints'] = [
    { name: 'A', sourcePassword: 'choose-one', access: 'open' },
    { name: 'B', sourcePassword: 'choose-one', access: 'open' },
    { name: 'NEAR', nearest: { maxBaselineKm: 100, hysteresisKm: 1 }, access: 'open' },
  ];
  const fake = fakeHouse(configWith({ mountpoints, ...overrides }), native);
  options.before?.(fake);
  const pair = tls ? await tlsPair(certificate!) : await socketPair();
  pairs.push(pair);
  const grant = {
    ok: true,
    role: 'rover',
    sessionId: 'ses_a',
    mountpoint,
    account: undefined,
    limits,
  } as const;
  let session: RoverSession | undefined;
  const near = attachPeer(pair.near, (socket) => {
    socket.encrypted = tls;
    return (session = new RoverSession(fake.house, socket, grant, { ...REQUEST, ...request }, HEAD, false));
  });
  const received: Buffer[] = [];
  if (!tls) pair.far.on('data', (chunk: Buffer) => received.push(chunk));
  return {
    ...fake,
    session: session!,
    near,
    far: pair.far,
    publish: (name, epoch) => {
      fake.house.streams.openBase(name, 1);
      fake.house.streams.publishFromBase(name, 1, epoch);
    },
    wait: (durationMs) => {
      fake.house.clock.nowMs += durationMs;
      near.peer.onSweep(fake.house.clock.nowMs);
    },
    frames: async (count) => {
      pair.far.resume();
      for (;;) {
        const bytes = Buffer.concat(received);
        const frames = bytes.length < HEAD.length ? [] : splitWhole(bytes.subarray(HEAD.length));
        if (frames.length >= count) return frames;
        await once(pair.far, 'data');
      }
    },
  };
}

/** As splitFrames, without the last frame while it is not whole. */
function splitWhole(bytes: Buffer): Buffer[] {
  for (let end = bytes.length; end >= 0; end--) {
    try {
      return splitFrames(bytes.subarray(0, end));
    } catch {
      continue;
    }
  }
  return [];
}

/** A kernel that takes all and of which the test says what is not acknowledged. */
export function nativeWith(unacknowledged: () => number): NativeSocket {
  return {
    send: (_descriptor, _bytes, length) => length,
    sendEach: sendOneByOne((_descriptor, _bytes, length) => length),
    unacknowledgedBytes: unacknowledged,
    boundUnsentBytes: () => true,
  };
}
