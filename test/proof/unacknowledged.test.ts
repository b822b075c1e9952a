// Proves what DESIGN §5.4 says of the kernel's share: what a rover has not acknowledged can be asked for on a live
// socket and up to the last moment of a dying one; and shows which bound really keeps that share to four epochs.
//
//   written by us ──▶ │ not sent yet │ sent, not acknowledged │ acknowledged: in the rover's kernel │ read
//                     └ SIOCOUTQNSD ─┘
//                     └────────────── SIOCOUTQ ──────────────┘└──── TCP_INFO tcpi_bytes_acked ──────────┘
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { descriptorOf } from './descriptor.ts';
import {
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  send,
  setSocketOption,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_NOTSENT_LOWAT,
  tcpInfo,
  unacknowledgedBytes,
  unsentBytes,
} from './libc.ts';
import { connectPair, type SocketPair, turnUntil } from './socket-pair.ts';

const FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;
const EPOCH = Buffer.alloc(2000, 0xd3);
const BOUND_BYTES = 4 * EPOCH.length;

let pair: SocketPair;
let fd = -1;

/** A rover whose program does not read and whose kernel has little room for it. */
function limitReceiver(): void {
  setSocketOption(descriptorOf(pair.theirs), SOL_SOCKET, SO_RCVBUF, 4096);
}

/** Sends epochs until the kernel refuses one or has `epochsMax`; returns the bytes it took. */
function fillKernel(epochsMax = 100_000): number {
  let taken = 0;
  for (let epoch = 0; epoch < epochsMax; epoch += 1) {
    const now = send(fd, EPOCH, EPOCH.length, FLAGS);
    if (now < 0) break;
    taken += now;
  }
  return taken;
}

/** Waits, by the kernel's own clock, until the rover has acknowledged nothing for a while. */
function untilAcknowledgementsStop(): Promise<void> {
  return turnUntil('the last acknowledgement is 100 ms old', () => tcpInfo(fd).lastAckMs >= 100);
}

beforeEach(async () => {
  pair = await connectPair();
  fd = descriptorOf(pair.ours);
});

afterEach(() => {
  pair.close();
});

describe('what the kernel has not had acknowledged', () => {
  test('falls to nothing once the rover has it in its kernel, read or not', async () => {
    send(fd, EPOCH, EPOCH.length, FLAGS);
    await turnUntil('the epoch is acknowledged', () => unacknowledgedBytes(fd) === 0);
    expect(tcpInfo(fd).ackedBytes).toBe(EPOCH.length);
    expect(pair.theirs.bytesRead).toBe(0);
  });

  test('stays above nothing while the window of a rover that stopped reading is full', async () => {
    limitReceiver();
    const taken = fillKernel(10);
    await untilAcknowledgementsStop();
    expect(unacknowledgedBytes(fd)).toBeGreaterThan(0);
    pair.theirs.resume();
    await turnUntil('the rover acknowledges the rest', () => unacknowledgedBytes(fd) === 0);
    expect(tcpInfo(fd).ackedBytes).toBe(taken);
  });

  test('makes up, with what TCP_INFO calls acknowledged, every byte the kernel took', async () => {
    limitReceiver();
    const taken = fillKernel();
    await untilAcknowledgementsStop();
    expect(tcpInfo(fd).ackedBytes + unacknowledgedBytes(fd)).toBe(taken);
    expect(tcpInfo(fd).unsentBytes).toBe(unsentBytes(fd));
  });

  test.each([
    {
      ending: 'the rover resets the connection',
      end: () => {
        pair.theirs.resetAndDestroy();
      },
    },
    {
      ending: 'the rover goes away with bytes unread',
      end: () => {
        pair.theirs.destroy();
      },
    },
    {
      ending: 'we hang up',
      end: () => {
        pair.ours.destroy();
      },
    },
  ])('can still be asked for while the socket is destroyed, when $ending', async ({ end }) => {
    limitReceiver();
    const taken = fillKernel();
    await untilAcknowledgementsStop();
    const before = unacknowledgedBytes(fd);
    // Node closes the descriptor before it emits 'error' or 'close'; `_destroy` is the last to see it open.
    const seen: { during?: number; afterwards?: number } = {};
    const destroy = pair.ours._destroy.bind(pair.ours);
    pair.ours._destroy = (error, callback) => {
      seen.during = unacknowledgedBytes(descriptorOf(pair.ours));
      destroy(error, callback);
    };
    pair.ours.on('close', () => (seen.afterwards = descriptorOf(pair.ours)));
    pair.ours.resume();
    end();
    await turnUntil('the socket closes', () => seen.afterwards !== undefined);
    expect(seen).toEqual({ during: before, afterwards: -1 });
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(taken);
  });
});

describe('the share of the kernel towards a rover that does not read', () => {
  test('is the best part of a minute of corrections where nothing bounds it', () => {
    limitReceiver();
    // 2 kB a second.
    expect(fillKernel() / EPOCH.length).toBeGreaterThan(60);
  });

  // Both limits count whole kernel buffers: while the last one (up to 64 kB) has room, more goes into it unasked.
  test.each([
    { name: 'TCP_NOTSENT_LOWAT', level: IPPROTO_TCP, option: TCP_NOTSENT_LOWAT, value: BOUND_BYTES },
    { name: 'SO_SNDBUF', level: SOL_SOCKET, option: SO_SNDBUF, value: BOUND_BYTES },
  ])('is not held to four epochs by $name, but to one kernel buffer more', ({ level, option, value }) => {
    limitReceiver();
    setSocketOption(fd, level, option, value);
    fillKernel();
    expect(unacknowledgedBytes(fd)).toBeGreaterThan(BOUND_BYTES);
    expect(unsentBytes(fd)).toBeLessThanOrEqual(BOUND_BYTES + 65_536);
  });

  test('is held to four epochs, all of them whole, by asking SIOCOUTQ before each send', async () => {
    limitReceiver();
    let taken = 0;
    let dropped = 0;
    let unacknowledgedMax = 0;
    for (let epoch = 0; epoch < 1000; epoch += 1) {
      if (unacknowledgedBytes(fd) + EPOCH.length > BOUND_BYTES) {
        dropped += 1;
        continue;
      }
      expect(send(fd, EPOCH, EPOCH.length, FLAGS)).toBe(EPOCH.length);
      taken += EPOCH.length;
      unacknowledgedMax = Math.max(unacknowledgedMax, unacknowledgedBytes(fd));
    }
    expect(unacknowledgedMax).toBeLessThanOrEqual(BOUND_BYTES);
    expect(dropped).toBeGreaterThan(900);
    pair.theirs.resume();
    await turnUntil('the rover acknowledges the rest', () => unacknowledgedBytes(fd) === 0);
    await turnUntil('the rover has read everything', () => pair.theirs.bytesRead === taken);
    expect(taken % EPOCH.length).toBe(0);
  });
});
