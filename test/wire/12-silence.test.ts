// Tests whether a base that falls silent is let go by name while its rovers stay, and a rover for which nothing comes
// is let go in its turn.

import { describe, expect, test } from 'vitest';
import { LAST_CHUNK } from '../support/chunks.ts';
import { makeFrame, observationFrame, positionFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { expectEventually, logFromHere, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';

const BASE_IDLE_MS = 1000;
const ROVER_SILENT_MS = 2500;

const caster = useCaster({
  config: {
    mountpoints: [
      { name: 'TEST1', sourcePassword: 'password1', access: 'open' },
      { name: 'EMPTY', sourcePassword: 'password1', access: 'open', chunked: true },
    ],
    timing: { baseIdleMs: BASE_IDLE_MS, baseTakeOverSilentMs: 500, roverSilentMs: ROVER_SILENT_MS },
  },
});

async function join(mountpoint: string, version: 1 | 2 = 1): Promise<WirePeer> {
  const rover = await connectPeer(caster().ready.ntrip);
  rover.send(getRequest(version, mountpoint));
  await rover.readHead();
  return rover;
}

async function push(mountpoint: string): Promise<WirePeer> {
  const base = await connectPeer(caster().ready.ntrip);
  base.send(sourceRequest('password1', mountpoint));
  await base.readHead();
  return base;
}

describe('a silent base', () => {
  test('is closed as base_silent, its rovers stay, and go on with the base that comes back', async () => {
    const closed = logFromHere(caster());
    const rover = await join('TEST1');
    const base = await push('TEST1');
    const stream = Buffer.concat([positionFrame(1, 50, 8), observationFrame(1, 1000)]);
    base.send(stream);
    expect(await rover.read(stream.length)).toEqual(stream);
    expect(await base.readToEnd()).toHaveLength(0);
    const line = await closed('session_closed', ({ role }) => role === 'base');
    expect(line).toMatchObject({ level: 'warn', reason: 'base_silent', mountpoint: 'TEST1', frames: 2 });
    await expectEventually(
      async () => (await ask(caster().ready.ntrip, getRequest(1, ''))).includes('STR;TEST1'),
      false,
    );
    const again = observationFrame(1, 9000);
    const back = await push('TEST1');
    back.send(again);
    expect(await rover.read(again.length)).toEqual(again);
  });

  test('is one that sends bytes, but no frames, too', async () => {
    const closed = logFromHere(caster());
    const base = await push('TEST1');
    const noise = setInterval(() => base.send('$GPGGA,noise*00\r\n'), 100);
    await base.closed;
    clearInterval(noise);
    expect((await closed('session_closed'))['reason']).toBe('base_silent');
  });

  test('is not one that sends a frame now and then', async () => {
    const base = await push('TEST1');
    const rover = await join('TEST1');
    const text = makeFrame(
      [
        [1029, 12],
        [1, 12],
      ],
      Buffer.alloc(10),
    );
    const beat = setInterval(() => base.send(text), BASE_IDLE_MS / 3);
    // Three times as long as it might be silent.
    await rover.read(text.length * 9);
    clearInterval(beat);
    expect(base.ended).toBe(false);
  });
});

describe('a rover for which nothing comes', () => {
  test('is closed as rover_silent, in chunks with the last chunk', async () => {
    const closed = logFromHere(caster());
    const joinedMs = performance.now();
    const rover = await join('EMPTY', 2);
    expect(await rover.readToEnd()).toEqual(LAST_CHUNK);
    expect(performance.now() - joinedMs).toBeGreaterThan(ROVER_SILENT_MS - 600);
    expect((await closed('session_closed', ({ role }) => role === 'rover'))['reason']).toBe('rover_silent');
  });

  test('is not one whose base sends', async () => {
    const rover = await join('TEST1');
    const base = await push('TEST1');
    const epoch = observationFrame(1, 1000);
    const stream = setInterval(() => base.send(epoch), 500);
    await rover.read(epoch.length * (ROVER_SILENT_MS / 500 + 4));
    clearInterval(stream);
    expect(rover.ended).toBe(false);
  });
});
