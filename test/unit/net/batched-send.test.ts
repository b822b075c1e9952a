// Tests the one call for many sockets on real connections: each gets what send(2) would have given it, with the answer
// that send(2) would have given, whatever has become of the others; and what the kernel holds for a worker is given
// back by its successor.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { allocateKernelContext, sendOneByOne } from '../../../caster/net/batched-send.ts';
import {
  loadNativeSocket,
  type NativeSocket,
  SEND_BLOCKED,
  SEND_BROKEN,
} from '../../../caster/net/native-socket.ts';
import { descriptorOf } from '../../../caster/net/peer-socket.ts';
import { socketPair } from './socket-pair.ts';

const loaded = loadNativeSocket();
const EPOCH = Buffer.alloc(2000, 0xd3);
const open: { near: Socket; far: Socket }[] = [];

afterEach(() => {
  for (const { near, far } of open.splice(0)) {
    near.destroy();
    far.destroy();
  }
});

async function pair(): Promise<{ near: Socket; far: Socket }> {
  const made = await socketPair();
  made.near.on('error', () => undefined);
  made.far.on('error', () => undefined);
  open.push(made);
  return made;
}

function numberOf(socket: Socket): number {
  return descriptorOf(socket);
}

function sendTo(
  { sendEach }: Pick<NativeSocket, 'sendEach'>,
  descriptors: number[],
  bytes = EPOCH,
): number[] {
  const taken = new Int32Array(descriptors.length);
  sendEach(Int32Array.from(descriptors), descriptors.length, bytes, taken);
  return [...taken];
}

describe.skipIf(!loaded.ok)('the same bytes to many sockets', () => {
  const native = loaded.ok ? loaded.native : (undefined as never);

  test('reach each of more than one call takes', async () => {
    const pairs = await Promise.all(Array.from({ length: 300 }, pair));
    const received = pairs.map(() => 0);
    pairs.forEach(({ far }, n) => far.on('data', (bytes) => (received[n]! += bytes.length)).resume());
    const taken = sendTo(
      native,
      pairs.map(({ near }) => numberOf(near)),
    );
    expect(new Set(taken)).toEqual(new Set([EPOCH.length]));
    await expect.poll(() => new Set(received)).toEqual(new Set([EPOCH.length]));
  });

  test('are the bytes of a part of a larger buffer, too', async () => {
    const { near, far } = await pair();
    const whole = Buffer.from(Array.from({ length: 999 }, (_byte, n) => n % 251));
    const part = whole.subarray(100, 200);
    const heard = once(far.resume(), 'data');
    expect(sendTo(native, [numberOf(near)], part)).toEqual([100]);
    expect((await heard)[0]).toEqual(part);
  });

  test('get the answer of send(2) from each: taken, in part, refused, broken, no socket at all', async () => {
    const [well, full, gone] = await Promise.all([pair(), pair(), pair()]);
    full.far.pause();
    while (native.send(numberOf(full.near), EPOCH, EPOCH.length) > 0);
    gone.far.resetAndDestroy();
    await expect.poll(() => native.send(numberOf(gone.near), EPOCH, EPOCH.length)).toBe(SEND_BROKEN);
    const numbers = [numberOf(well.near), numberOf(full.near), numberOf(gone.near), -1, numberOf(well.near)];
    const answers = [EPOCH.length, SEND_BLOCKED, SEND_BROKEN, SEND_BROKEN, EPOCH.length];
    expect(sendTo(native, numbers)).toEqual(answers);
    expect(sendTo({ sendEach: sendOneByOne(native.send) }, numbers)).toEqual(answers);
    const { near } = await pair();
    const large = Buffer.alloc(50_000_000);
    const [taken] = sendTo(native, [numberOf(near)], large);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(large.length);
  });
});

test.skipIf(!loaded.ok)('twenty threads of one number leave no more in the kernel than one', () => {
  // aio-nr: requests that the contexts of all processes have room for.
  const held = (): number => Number(readFileSync('/proc/sys/fs/aio-nr', 'latin1'));
  const place = allocateKernelContext();
  loadNativeSocket(place);
  const before = held();
  for (let start = 0; start < 20; start++) loadNativeSocket(place);
  expect(held() - before).toBeLessThan(4 * 512);
});
